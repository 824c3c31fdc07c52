"""The log of imported files: whether importing a file again can change anything."""

import sqlite3
from collections.abc import Iterable
from typing import NamedTuple

from segcli.storage.runs import STANDS

# The table of a kind, if its name differs from the kind's.
_TABLES = {
    "match": "allocation",
    "payment": "allocation",
    "purchase_invoice": "invoice",
    "purchase_invoice_line": "invoice_line",
    "sale": "invoice_line",
}
# The importable tables that other commands write to; a command that is missing here may write to any table.
_WRITTEN: dict[str, frozenset[str]] = {
    "tag": frozenset({"account"}),
    "rules apply": frozenset({"account"}),
    "classification": frozenset({"account", "classification_label", "classification_value"}),
    "selection": frozenset(),
    "list": frozenset({"contact"}),
    "payments": frozenset({"allocation", "bank_payment", "outstanding_item"}),
    "request": frozenset({"request"}),
    "subscription": frozenset({"subscription", "subscription_line"}),
    "run print-reminders": frozenset(),
    "run print-statements": frozenset(),
    "run link-entry-template": frozenset({"entry_template_link"}),
    "run link-price-list": frozenset({"price_list_link"}),
    "run print-subscriptions": frozenset({"subscription"}),
    "run update-subscription-prices": frozenset({"subscription_line"}),
}


class Before(NamedTuple):
    """An earlier import of a file: its run, and the number of rows of the file."""

    run_id: int
    rows: int


def tables(kinds: Iterable[str]) -> set[str]:
    """Return the tables that hold the records of these kinds."""
    return {_TABLES.get(kind, kind) for kind in kinds}


def before(db: sqlite3.Connection, name: str, digest: str, following: Iterable[tuple[str, str]] = ()) -> Before | None:
    """Return the last import of a file of this name, if the file is the same and importing it again would change nothing.

    That holds if the run was not undone and no later run wrote to the same tables. Later runs that imported the files in
    `following` (name and digest) do not count: the present command imports these files after this one again.
    """
    row = _last(db, name)
    if not row or row[2] != digest:
        return None
    own = set(row[3].split())
    writers = _writers(db, row[0], own)
    if writers:
        same = (_last(db, *file) for file in following)
        writers -= {found[0] for found in same if found}
    return None if writers else Before(row[0], row[1])


def _last(db: sqlite3.Connection, name: str, digest: str | None = None) -> tuple[int, int, str, str] | None:
    """Return run, rows, digest and tables of the last import of a name that was not undone; None for another digest."""
    row: tuple[int, int, str, str] | None = db.execute(
        "SELECT f.run_id, f.row_count, f.sha256, coalesce(r.wrote, '') FROM imported_file AS f JOIN run AS r ON r.id = f.run_id"
        f" WHERE f.name = ? AND {STANDS.format(run='r')} ORDER BY f.id DESC LIMIT 1",
        (name,),
    ).fetchone()
    return row if row and digest in {None, row[2]} else None


def _writers(db: sqlite3.Connection, run_id: int, own: set[str]) -> set[int]:
    """Return the later runs that wrote to the tables `own`; any later run counts if `own` is empty (an older segcli)."""
    later = db.execute("SELECT id, command, wrote FROM run WHERE id > ?", (run_id,)).fetchall()
    return {number for number, command, wrote in later if not own or _written(command, wrote, own) & own}


def _written(command: str, wrote: str | None, own: set[str]) -> frozenset[str] | set[str]:
    if wrote is not None:
        return set(wrote.split())
    known = (_WRITTEN.get(" ".join(command.split()[:words])) for words in (2, 1))
    return next((written for written in known if written is not None), own)
