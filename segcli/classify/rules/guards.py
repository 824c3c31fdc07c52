"""Guards of rules: stale data, too many changes, too large a share of one value."""

import sqlite3
from collections.abc import Iterable, Sequence
from datetime import date

from segcli.base.errors import GuardError, SegcliError
from segcli.base.text import counted
from segcli.base.windows import window
from segcli.classify import reclassify
from segcli.classify.rules import deciding, keys
from segcli.classify.rules.compiled import RuleSet
from segcli.classify.rules.file import RuleFile, limit
from segcli.domain.catalogue import Catalogue, nearest
from segcli.settings.keys import names
from segcli.settings.plain_yaml import Node

_WINDOWS = names(keys.WINDOWS)
_NEWEST = {
    "invoice": "SELECT max(invoice_date) FROM invoice WHERE kind = 'sales' AND invoice_date <= :day",
    "purchase_invoice": "SELECT max(invoice_date) FROM invoice WHERE kind = 'purchase' AND invoice_date <= :day",
    "outstanding_item": "SELECT max(invoice_date) FROM outstanding_item WHERE invoice_date <= :day",
    "payment": "SELECT max(allocation_date) FROM allocation WHERE allocation_date <= :day",
    "subscription": "SELECT max(start_date) FROM subscription WHERE start_date <= :day",
    "request": "SELECT max(request_date) FROM request WHERE request_date <= :day",
    "import": "SELECT max(substr(started_at, 1, 10)) FROM run WHERE source = 'import'",
}


def refuse_stale(db: sqlite3.Connection, files: Iterable[RuleFile], day: date) -> None:
    """Raise GuardError if the newest row that a file needs is missing or older than allowed."""
    for file in files:
        for name, node in file.windows_need.items():
            if name not in _WINDOWS:
                raise SegcliError(f"{node.place}: '{name}' is nothing that can be needed", nearest(name, _WINDOWS))
            oldest = _oldest(node, day)
            newest = db.execute(_NEWEST[name], {"day": str(day)}).fetchone()[0]
            if newest is None or newest <= oldest:
                found = (
                    f"the newest {name.replace('_', ' ')} is of {newest}"
                    if newest
                    else f"there is no {name.replace('_', ' ')}"
                )
                raise GuardError(
                    f"{node.place}: {found}, and the rules need one of the last {node.text} before {day}: nothing was changed",
                    "has an import failed? See: segcli log",
                )


def _oldest(node: Node, day: date) -> str:
    try:
        return window((node.text,), day).first
    except ValueError as error:
        raise SegcliError(f"{node.place}: {error}") from error


def refuse_many(db: sqlite3.Connection, sets: Sequence[RuleSet], catalogue: Catalogue, limit_given: str | None) -> None:
    """Raise GuardError if more accounts would change, or would have one value, than the files allow.

    --max-changes overrides the limits of the files.
    """
    for found in sets:
        accounts = deciding.scope(db, found)
        said = limit_given or found.file.max_changes
        reclassify.guard(
            deciding.changed(db, found),
            accounts,
            said,
            "--max-changes" if limit_given else f"max_changes of {found.file.path}",
        )
        shares = deciding.shares(db, found)
        for code, node in found.file.max_share.items():
            count = shares.get(catalogue.assignable(found.field, code).id, 0)
            if reclassify.is_above(count, accounts, limit(node)):
                what = f"{count} of {counted(accounts, 'account')} would have {code}"
                raise GuardError(
                    f"{node.place}: {what}, more than {limit(node)}: nothing was changed",
                    "look at them: segcli rules plan",
                )
