"""Undo of an import: all runs of its command together, counted and guarded, in one transaction."""

import sqlite3
from collections.abc import Iterable, Iterator

from segcli.base.text import counted
from segcli.classify import reclassify
from segcli.domain.table import Cell, Column
from segcli.storage import runs
from segcli.undo.possible import MERGE
from segcli.undo.taking import Taken, take_back

COLUMNS = (
    Column("result"),
    Column("kind"),
    Column("record", "code"),
    Column("field"),
    Column("count", "integer", total="sum"),
    Column("left_as", heading="Left as"),
    Column("is_now", heading="Is now"),
    Column("reason"),
)


def batch_of(db: sqlite3.Connection, number: int) -> list[int]:
    """Return the imports of a run's command, newest first; none if no before-images are stored."""
    found = db.execute(
        "SELECT b.id FROM run AS r JOIN run AS b ON b.batch_id = r.batch_id WHERE r.id = ? ORDER BY b.id DESC",
        (number,),
    )
    return [run for (run,) in found]


def take_back_all(db: sqlite3.Connection, batch: Iterable[int], reason: str | None) -> Taken:
    """Undo the imports, each in a run of its own, in the open transaction."""
    whole = Taken()
    for number in batch:
        by_run = runs.start(db, f"undo {number}", "undo", reason, undoes=number)
        taken = take_back(db, number, by_run)
        runs.finish(db, by_run, f"{_what(db, number)} of run {number} undone: {taken.summary}")
        whole.add(taken)
    return whole


def _what(db: sqlite3.Connection, number: int) -> str:
    command = db.execute("SELECT command FROM run WHERE id = ?", (number,)).fetchone()[0]
    return "account merge" if command.startswith(MERGE) else "import"


def guard(db: sqlite3.Connection, taken: Taken, limit: str | None) -> None:
    """Raise GuardError if more records would change than a limit: N, or N% of the records of the same tables."""
    if limit is None:
        return
    tables = {*taken.removed, *taken.returned, *(table for table, _ in taken.restored)}
    there = sum(int(db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]) for table in tables)
    there += sum(taken.removed.values())
    reclassify.guard(taken.records, there, limit, what=f"{counted(there, 'record')} would change")


def rows(taken: Taken, *, with_done: bool) -> Iterator[tuple[Cell, ...]]:
    """Yield the counts of removed, restored and returned records, then each value and record that stays."""
    if with_done:
        for table, count in taken.removed.items():
            yield "removed", _title(table), None, None, count, None, None, None
        for (table, column), count in taken.restored.items():
            yield "restored", _title(table), None, column, count, None, None, None
        for table, count in taken.returned.items():
            yield "brought back", _title(table), None, None, count, None, None, None
    for left in taken.left:
        yield "left", _title(left.kind), left.record, left.field, 1, _text(left.left_as), _text(left.now), left.why


def _title(table: str) -> str:
    return table.replace("_", " ")


def _text(value: object) -> str | None:
    return None if value is None else str(value)
