"""Calculated classes of earlier days in the database: what a backfill would store, whether it is stored already, and its undo."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from pathlib import Path

from segcli.base.text import counted
from segcli.classify.rules.work import Work
from segcli.domain.catalogue import Catalogue
from segcli.domain.table import Column, Table
from segcli.query import backfilled

COLUMNS = (
    Column("class_date", "date", "Date"),
    Column("class", heading="Class"),
    Column("label"),
    Column("to", "code"),
    Column("to_name"),
    Column("accounts", "integer"),
)
_OF_RUN = "SELECT b.id FROM class_backfill AS b WHERE b.run_id = ?"
_COMPUTED = "SELECT account_id, value_id FROM temp.backfill WHERE class_date = ?1 AND field = ?2"
_STORED = f"""SELECT v.account_id, v.value_id FROM class_backfill_value AS v WHERE v.class_backfill_id =
 {backfilled.LAST.format(field="?2", day="?1")}"""


def table(db: sqlite3.Connection, catalogue: Catalogue, caption: str) -> Table:
    """Return the number of accounts per day, class and value of `temp.backfill`."""
    rows = db.execute(
        """SELECT b.class_date, 'class' || b.field, b.field, v.code, v.description, count(*) FROM temp.backfill AS b
             JOIN classification_value AS v ON v.id = b.value_id GROUP BY b.class_date, b.field, b.value_id
            ORDER BY b.class_date, b.field, v.position, v.code"""
    )
    shown = [(day, name, catalogue.label(field), *rest) for day, name, field, *rest in rows]
    return Table(
        "Backfill", COLUMNS, shown, caption, with_totals=False, keeps=("class_date", "label", "to", "accounts")
    )


def summary(db: sqlite3.Connection, work: Work, over: Sequence[date]) -> str:
    """Return what `temp.backfill` holds in words; the first one is the number of classes."""
    named = ", ".join(f"class{field}" for field in sorted(found.field for found in work.sets))
    number = int(db.execute("SELECT count(*) FROM temp.backfill").fetchone()[0])
    return f"{counted(number, 'class')} on {counted(len(over), 'day')}: {named}, {over[0]} to {over[-1]}"


def doubts(db: sqlite3.Connection, over: Iterable[date]) -> Iterator[str]:
    """Yield which of the days have no class at all, as before the first invoice."""
    found = {day for (day,) in db.execute("SELECT DISTINCT class_date FROM temp.backfill")}
    bare = [str(day) for day in over if str(day) not in found]
    if bare:
        yield f"no account has a class on {counted(len(bare), 'day')}: {bare[0]}{f' to {bare[-1]}' if len(bare) > 1 else ''}"


def is_stored(db: sqlite3.Connection, work: Work, over: Iterable[date]) -> bool:
    """Tell whether the classes of `temp.backfill` are those that count already, on every day and for every field."""
    return all(_is_same(db, str(day), found.field) for found in work.sets for day in over)


def _is_same(db: sqlite3.Connection, day: str, field: int) -> bool:
    if day not in backfilled.days(db, field):
        return False
    differs = f"SELECT EXISTS ({_COMPUTED} EXCEPT {_STORED}) OR EXISTS ({_STORED} EXCEPT {_COMPUTED})"
    return not db.execute(differs, (day, field)).fetchone()[0]


def record(db: sqlite3.Connection, work: Work, over: Sequence[date], reason: str | None) -> int:
    """Store `temp.backfill` as one run, in the open transaction; return its number."""
    from segcli.storage import runs

    files = ", ".join(Path(found.path).name for found in work.files)
    run_id = runs.start(db, f"rules apply {files} --backfill {len(over) - 1}", "rule", reason or f"as of {over[-1]}")
    days = [(run_id, found.field, str(day)) for found in work.sets for day in over]
    db.executemany("INSERT INTO class_backfill (run_id, field, class_date) SELECT ?, ?, ?", days)
    db.execute(
        """INSERT INTO class_backfill_value (class_backfill_id, account_id, value_id)
           SELECT b.id, t.account_id, t.value_id FROM class_backfill AS b JOIN temp.backfill AS t
               ON t.class_date = b.class_date AND t.field = b.field WHERE b.run_id = ? ORDER BY b.id, t.account_id""",
        (run_id,),
    )
    runs.finish(db, run_id, summary(db, work, over))
    return run_id


def is_backfill(db: sqlite3.Connection, run_id: int) -> bool:
    """Tell whether a run stored calculated classes."""
    return db.execute(_OF_RUN, (run_id,)).fetchone() is not None


def undo(db: sqlite3.Connection, run_id: int, _by_run: int) -> str:
    """Remove the calculated classes of a run; those of an earlier one count again. Return the summary."""
    removed = db.execute(f"DELETE FROM class_backfill_value WHERE class_backfill_id IN ({_OF_RUN})", (run_id,)).rowcount
    days = db.execute("SELECT count(DISTINCT class_date) FROM class_backfill WHERE run_id = ?", (run_id,)).fetchone()[0]
    db.execute("DELETE FROM class_backfill WHERE run_id = ?", (run_id,))
    return f"{counted(removed, 'class')} on {counted(days, 'day')} removed"
