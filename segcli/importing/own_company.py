"""The company of an audit file is the administration itself: it fills empty fields of the administration."""

import sqlite3
from collections.abc import Mapping
from contextlib import suppress

from segcli.base.errors import UsageError
from segcli.settings import administration

_ADDRESS = ("address", "postcode", "city", "country")


def fill(db: sqlite3.Connection, company: Mapping[str, str | None]) -> int:
    """Fill the empty fields of the administration, in the open transaction; return their number.

    An address is taken as a whole or not at all. An invalid value, such as a tax number that is not a VAT number, is ignored.
    """
    known = administration.read(db)
    has_address = any(known[name] for name in _ADDRESS[:-1])
    found: dict[str, str | None] = {}
    for name in administration.FIELDS:
        text = company.get(name)
        if text and not known[name] and not (has_address and name in _ADDRESS):
            with suppress(UsageError):
                found[name] = administration.checked(name, text)
    return len(administration.change(db, None, found))
