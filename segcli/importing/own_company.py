"""The company of an audit file is the administration itself: it fills empty fields of the administration.

A file of another company is told, because the two ledgers would be one.
"""

import sqlite3
from collections.abc import Mapping
from contextlib import suppress

from segcli.base.errors import UsageError
from segcli.settings import administration

_NUMBERS = {"vat_number": "VAT number", "chamber_of_commerce": "chamber of commerce number"}
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


def other(db: sqlite3.Connection, company: Mapping[str, str | None], *, has_ledger: bool) -> str:
    """Return the warning that a file is of another company than the administration, '' if it is not.

    An equal number makes it the same company, a different one another company. Without numbers on both sides the names decide,
    if there were ledger entries before this file: an administration may have a name of its own.
    """
    known = administration.read(db)
    pairs = {name: (_value(name, company.get(name)), known[name]) for name in (*_NUMBERS, "name")}
    given = {name: pair for name, pair in pairs.items() if all(pair)}
    if any(_plain(given[name][0]) == _plain(given[name][1]) for name in given if name in _NUMBERS):
        return ""
    differing = next((name for name in _NUMBERS if name in given), "")
    if not differing and not (has_ledger and "name" in given and not _is_same_name(*given["name"])):
        return ""
    of, here = (
        f"{name or 'a company'}" + (f" ({_NUMBERS[differing]} {number})" if differing else "")
        for name, number in zip(pairs["name"], given.get(differing, ("", "")), strict=True)
    )
    option = (differing or "name").replace("_", "-")
    return (
        f"the file is of {of}, the administration of {here}: the figures of two companies become one; if it is another company,"
        f" undo this import and give it a database of its own; if it is the same one, say so: segcli administration set --{option}"
    )


def _value(name: str, text: str | None) -> str | None:
    with suppress(UsageError):
        return administration.checked(name, text) if text else None
    return None


def _plain(text: str | None) -> str:
    return "".join(filter(str.isalnum, (text or "").casefold()))


def _is_same_name(one: str | None, two: str | None) -> bool:
    """Tell whether one name is the other or its beginning: Demo, Demo B.V."""
    first, second = sorted((_plain(one), _plain(two)), key=len)
    return second.startswith(first)
