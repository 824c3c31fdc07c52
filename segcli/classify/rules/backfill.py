"""Classes that rules give for earlier days, computed month by month and stored apart from the accounts and their history.

On the first day an account holds the class that is stored for that day. On each later one it holds what the rules gave on the
day before, so that `hold` works as if the rules had been applied every month. Rules that look at the class of another file see
that day's computed class; other classes are those stored for the day. An account that did not exist yet has no class.
"""

import sqlite3
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from segcli.base.dates import add_months
from segcli.base.errors import UsageError
from segcli.classify.rules import deciding, guards
from segcli.classify.rules.compiled import RuleSet, compile_files
from segcli.classify.rules.work import Work, prepare, refuse_failures
from segcli.query import class_history, lookup, presence
from segcli.query.expressions.collecting import Collector, measure
from segcli.storage import temporary_tables, temporary_views

MOST_MONTHS = 120
# The source of the class that is stored for a day; a value restored by undo has its original source.
_SOURCE = """CASE WHEN x.added_run_id IN (SELECT n.id FROM run AS n WHERE n.started_at >= ?) THEN '' ELSE
  coalesce((SELECT r.source FROM classification_change AS h JOIN run AS r ON r.id = h.run_id WHERE h.account_id = x.id
   AND h.field = {field} AND h.new_value_id IS ({stored}) AND r.source <> 'undo' AND r.started_at < ? ORDER BY h.id DESC LIMIT 1),
  'import') END"""
_TABLES = {
    "backfill": "class_date TEXT, field INTEGER, account_id INTEGER, value_id INTEGER, PRIMARY KEY (class_date, field, account_id)",
    "backfill_held": "account_id INTEGER, field INTEGER, value_id INTEGER, PRIMARY KEY (account_id, field)",
    "backfill_found": "account_id INTEGER, field INTEGER, value_id INTEGER, PRIMARY KEY (account_id, field)",
}


def days(months: int, last: date) -> list[date]:
    """Return the ends of the months before a day, and the day itself, oldest first. Raise UsageError for too many."""
    if not 1 <= months <= MOST_MONTHS:
        raise UsageError(
            f"--backfill: {months} is not a number of months from 1 to {MOST_MONTHS}", "such as --backfill 12"
        )
    start = last.replace(day=1)
    return [*(add_months(start, -back) - timedelta(days=1) for back in reversed(range(months))), last]


def computed(
    db: sqlite3.Connection, paths: Sequence[str], over: Sequence[date], tick: Callable[[int], None], *, is_strict: bool
) -> Work:
    """Fill `temp.backfill` with the classes of the accounts on each day; return the rules as of the last one.

    Guards on stale data are checked for each day; those on the number of changes concern accounts, which do not change.
    """
    work = prepare(db, paths, over[-1], is_strict=is_strict)
    refuse_failures(work)
    for name, columns in _TABLES.items():
        temporary_tables.create(db, name, columns, "WITHOUT ROWID")
    try:
        for number, day in enumerate(over, 1):
            guards.refuse_stale(db, work.files, day)
            _one_day(work, day)
            tick(number)
    finally:
        temporary_views.lift(db)
    return work


def _one_day(work: Work, day: date) -> None:
    """Compute the classes of one day from those of the day before."""
    db = work.db
    collector = Collector()
    names = lookup.names(
        db, day, {"stored": True, "strict": work.names.is_strict}
    )  # not in the past: hold sees the mask
    sets = compile_files(work.files, names, collector)
    measure(db, collector, day)
    stored = class_history.then(db, str(day))
    db.execute("DELETE FROM temp.backfill_found")
    for number, found in enumerate(sets):
        _cast(db, stored, sets, number)
        deciding.evaluate(db, found, collector)
        _keep(db, found, stored, str(day))
    db.execute("DELETE FROM temp.backfill_held")
    db.execute("INSERT INTO temp.backfill_held SELECT * FROM temp.backfill_found")
    db.execute(
        "INSERT INTO temp.backfill SELECT ?, field, account_id, value_id FROM temp.backfill_found WHERE value_id IS NOT NULL",
        (str(day),),
    )
    for (name,) in db.execute("SELECT name FROM temp.sqlite_schema WHERE name GLOB 'score_*'").fetchall():
        db.execute(f"DROP TABLE temp.{name}")  # else the scores of every day are kept


def _cast(db: sqlite3.Connection, stored: dict[int, str], sets: Sequence[RuleSet], number: int) -> None:
    """Mask the accounts: sets before `number` have their class of this day, the others what they held the day before."""
    shown = dict(stored)
    for at, found in enumerate(sets):
        table = "backfill_found" if at < number else "backfill_held"
        here = f"FROM temp.{table} AS h WHERE h.account_id = x.id AND h.field = {found.field}"
        shown[found.field] = (
            f"CASE WHEN EXISTS (SELECT 1 {here}) THEN (SELECT h.value_id {here}) ELSE {stored[found.field]} END"
        )
    temporary_views.cast(db, shown)


def _keep(db: sqlite3.Connection, found: RuleSet, stored: dict[int, str], day: str) -> None:
    """Store the class of each account that existed: what the rules give, unless its stored class is one that they keep."""
    field, end = found.field, day + presence.NEXT_DAY
    new = f"CASE WHEN d.account_id IS NULL THEN a.class{field} ELSE d.new_value_id END"
    values: list[str] = []
    if found.file.keep:
        source = f"({_SOURCE.format(field=field, stored=stored[field])})"
        marks = ", ".join("?" * len(found.file.keep))
        new = f"CASE WHEN d.account_id IS NOT NULL AND {source} IN ({marks}) THEN {stored[field]} ELSE {new} END"
        values = [end, end, *found.file.keep]
    missing = presence.absent(day)
    db.execute(
        f"INSERT INTO temp.backfill_found SELECT a.id, {field}, {new} FROM account AS a JOIN main.account AS x ON x.id = a.id"
        f" LEFT JOIN temp.decision{field} AS d ON d.account_id = a.id WHERE NOT {missing.sql}",
        (*values, *missing.values),
    )
