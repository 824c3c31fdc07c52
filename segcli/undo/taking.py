"""Undo of one import in the open transaction: what is unchanged since is undone, the rest is reported."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from segcli.base.text import counted
from segcli.classify import reclassify
from segcli.storage import openings
from segcli.storage.runs import STANDS
from segcli.storage.table_shapes import references, shapes
from segcli.undo import blocking, classes, derived, labels, writing
from segcli.undo.blocking import Taking
from segcli.undo.writing import Failed

_FAILED = "another record has this value now"
_WORK = {
    "undo_added": "t TEXT, key, why TEXT, PRIMARY KEY (t, key)) WITHOUT ROWID",
    "undo_field": "t TEXT, key, col TEXT, old, new, why TEXT, now, PRIMARY KEY (t, key, col)) WITHOUT ROWID",
    "undo_deleted": "t TEXT, key, image TEXT, why TEXT)",
    "undo_spent": "id INTEGER PRIMARY KEY)",
}


class Left(NamedTuple):
    """A value or row that was not undone, and why."""

    kind: str
    record: str
    field: str | None
    left_as: object
    now: object
    why: str


@dataclass(slots=True)
class Taken:
    """The result of undoing one or more runs."""

    removed: dict[str, int] = field(default_factory=dict)  # by table
    restored: dict[tuple[str, str], int] = field(default_factory=dict)  # by table and column
    returned: dict[str, int] = field(default_factory=dict)  # by table
    records: int = 0
    left: list[Left] = field(default_factory=list)

    def add(self, other: "Taken") -> None:
        """Add the result of another run."""
        for mine, theirs in ((self.removed, other.removed), (self.returned, other.returned)):
            for table, count in theirs.items():
                mine[table] = mine.get(table, 0) + count
        for place, count in other.restored.items():
            self.restored[place] = self.restored.get(place, 0) + count
        self.records += other.records
        self.left += other.left

    @property
    def summary(self) -> str:
        """Return the result as text."""
        parts = [f"{sum(self.removed.values())} removed", f"{counted(sum(self.restored.values()), 'value')} restored"]
        parts += [f"{sum(self.returned.values())} brought back"] if self.returned else []
        parts += [f"{len(self.left)} left"] if self.left else []
        return ", ".join(parts)


def take_back(db: sqlite3.Connection, run_id: int, by_run: int) -> Taken:
    """Undo a run as `by_run` and return the result. Foreign keys must not be enforced meanwhile."""
    failed: set[Failed] = set()
    while True:
        db.execute("SAVEPOINT undo_run")
        openings.clear(db)
        taking = Taking(db, run_id, shapes(db), references(db))
        _prepare(taking, failed)
        found, taken = _take(taking, by_run)
        if not found - failed:
            db.execute("RELEASE undo_run")
            _forget(db, run_id, by_run)
            return taken
        # The schema rejects some: start again without them, because others may depend on them.
        db.execute("ROLLBACK TO undo_run")
        db.execute("RELEASE undo_run")
        failed |= found


def _take(taking: Taking, by_run: int) -> tuple[set[Failed], Taken]:
    blocking.block(taking)
    derived.touch(taking)
    conflicts, reclassed = _reclass(taking, by_run)
    found = set(writing.restore(taking))
    blocking.hold(taking)
    writing.remove(taking)
    found |= set(writing.bring_back(taking))
    derived.refresh(taking)
    return found, _collect(taking, conflicts, reclassed)


def _reclass(taking: Taking, by_run: int) -> tuple[list[classes.Conflict], dict[tuple[str, str], int]]:
    """Restore the classes that the run changed; return the conflicts and the number restored per class."""
    conflicts = classes.propose(taking.db, taking.run_id)
    counted = taking.db.execute("SELECT 'class' || field, count(*) FROM temp.proposal GROUP BY field").fetchall()
    reclassify.apply(taking.db, by_run)
    return conflicts, {("account", name): count for name, count in counted}


def _prepare(taking: Taking, failed: set[Failed]) -> None:
    """Fill the temporary tables with the rows and values that the run added, changed and deleted."""
    db, run = taking.db, taking.run_id
    for name, columns in _WORK.items():
        db.execute(f"DROP TABLE IF EXISTS temp.{name}")
        db.execute(f"CREATE TEMP TABLE {name} ({columns}")
    db.execute("CREATE INDEX temp.undo_deleted_key ON undo_deleted (t, key)")
    db.execute(
        f"INSERT INTO temp.undo_spent SELECT r.id FROM run AS r WHERE r.undoes_run_id IS NOT NULL OR r.id = ?"
        f" OR NOT {STANDS.format(run='r')}",
        (run,),
    )
    _prepare_added(taking)
    _prepare_changed(db, run)
    for work, table, key in failed:
        db.execute(f"UPDATE temp.{work} SET why = ? WHERE t = ? AND key = ?", (_FAILED, table, key))


def _prepare_added(taking: Taking) -> None:
    db, run = taking.db, taking.run_id
    later = f"n.run_id > {run} AND n.run_id NOT IN (SELECT id FROM temp.undo_spent)"
    ranges = "SELECT table_name, first_id, last_id FROM import_added WHERE run_id = ?"
    for table, first, last in db.execute(ranges, (run,)).fetchall():
        db.execute(  # an id reused by a later import belongs to another row
            f"INSERT INTO temp.undo_added SELECT ?1, r.id, NULL FROM {table} AS r WHERE r.id BETWEEN ?2 AND ?3"
            f" AND NOT EXISTS (SELECT 1 FROM import_added AS n WHERE n.table_name = ?1 AND "
            f" r.id BETWEEN n.first_id AND n.last_id AND {later})"
            f" AND r.id NOT IN (SELECT n.row_key FROM import_change AS n WHERE n.table_name = ?1 AND n.column_name IS NULL"
            f" AND n.old_value IS NOT NULL AND {later})",
            (table, first, last),
        )
    keyed = "SELECT DISTINCT table_name FROM import_change WHERE run_id = ? AND column_name IS NULL AND new_value IS NOT NULL"
    for (table,) in db.execute(keyed, (run,)).fetchall():
        shape = taking.shapes[table]
        db.execute(
            "INSERT INTO temp.undo_added SELECT c.table_name, c.row_key,"
            f" iif({shape.image('r')} = c.new_value, NULL, 'it was changed since')"
            " FROM (SELECT table_name, row_key, new_value, max(id) FROM import_change WHERE run_id = ? AND table_name = ?"
            f" AND column_name IS NULL AND new_value IS NOT NULL GROUP BY row_key) AS c"
            f" CROSS JOIN {table} AS r ON {shape.has_key('r', 'c.row_key')}",
            (run, table),
        )


def _prepare_changed(db: sqlite3.Connection, run: int) -> None:
    """Collect each field's first old and last new value, and the image of each existing row that was deleted."""
    db.execute(
        """INSERT INTO temp.undo_field (t, key, col, old, new) SELECT f.table_name, f.row_key, f.column_name, f.old_value, l.new_value
             FROM (SELECT min(id) AS first_id, max(id) AS last_id FROM import_change WHERE run_id = ? AND column_name IS NOT NULL
                    GROUP BY table_name, row_key, column_name) AS g
            CROSS JOIN import_change AS f ON f.id = g.first_id CROSS JOIN import_change AS l ON l.id = g.last_id
            WHERE f.old_value IS NOT l.new_value AND NOT EXISTS
                  (SELECT 1 FROM temp.undo_added AS x WHERE x.t = f.table_name AND x.key = f.row_key)""",
        (run,),
    )
    db.execute(
        """INSERT INTO temp.undo_deleted (t, key, image) SELECT f.table_name, f.row_key, f.old_value
             FROM (SELECT min(id) AS first_id FROM import_change WHERE run_id = ? AND column_name IS NULL
                    GROUP BY table_name, row_key) AS g
            CROSS JOIN import_change AS f ON f.id = g.first_id WHERE f.old_value IS NOT NULL ORDER BY f.id""",
        (run,),
    )


def _collect(taking: Taking, conflicts: list[classes.Conflict], reclassed: Mapping[tuple[str, str], int]) -> Taken:
    db = taking.db
    goes = "WHERE why IS NULL GROUP BY 1"
    removed = dict(db.execute(f"SELECT t, count(*) FROM temp.undo_added {goes}").fetchall())
    returned = dict(db.execute(f"SELECT t, count(*) FROM temp.undo_deleted {goes}").fetchall())
    fields = db.execute("SELECT t, col, count(*) FROM temp.undo_field WHERE why IS NULL GROUP BY 1, 2").fetchall()
    restored = {(table, column): count for table, column, count in fields} | dict(reclassed)
    changed = db.execute(
        "SELECT count(*) FROM (SELECT t, key FROM temp.undo_field WHERE why IS NULL UNION"
        " SELECT 'account', account_id FROM temp.proposal)"
    ).fetchone()[0]
    records = sum(removed.values()) + sum(returned.values()) + changed
    left = [
        Left("account", account, name, was, now, f"run {by} changed it since")
        for account, name, _, was, now, by in conflicts
    ]
    return Taken(removed, restored, returned, records, left + list(_left(taking)))


def _left(taking: Taking) -> list[Left]:
    rows = taking.db.execute(
        """SELECT t, key, NULL, NULL, NULL, why, NULL FROM temp.undo_added WHERE why IS NOT NULL
           UNION ALL SELECT t, key, col, new, now, why, NULL FROM temp.undo_field WHERE why IS NOT NULL
           UNION ALL SELECT t, key, NULL, NULL, NULL, why, image FROM temp.undo_deleted WHERE why IS NOT NULL ORDER BY 1, 2, 3"""
    ).fetchall()
    naming = labels.Naming(taking)
    return [Left(t, naming.of(t, key, image), column, was, now, why) for t, key, column, was, now, why, image in rows]


def _forget(db: sqlite3.Connection, run_id: int, by_run: int) -> None:
    """Delete the undone run's before-images and its imported-file entry, so that the file can be imported again."""
    db.execute("DELETE FROM imported_file WHERE run_id = ?", (run_id,))
    db.execute("UPDATE run SET wrote = (SELECT r.wrote FROM run AS r WHERE r.id = ?) WHERE id = ?", (run_id, by_run))
    for table in ("import_added", "import_change"):
        db.execute(f"DELETE FROM {table} WHERE run_id = ?", (run_id,))
