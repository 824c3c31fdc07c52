"""Records the changes of an import for undo: temporary triggers save the old values.

New rows of tables with increasing ids need no trigger: they are the rows between the highest id before and after.
"""

import sqlite3
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from segcli.storage import runs, table_versions
from segcli.storage.table_shapes import PARTLY_DERIVED, Shape, is_recorded, shapes

_NOTE = "INSERT INTO import_change (run_id, table_name, row_key, column_name, old_value, new_value) VALUES"


@dataclass(slots=True)
class Recording:
    """The recording of one run, in its open transaction."""

    db: sqlite3.Connection
    run_id: int
    shapes: Mapping[str, Shape]
    last: dict[str, int] = field(default_factory=dict)  # highest id before the run, per table with increasing ids
    triggers: list[str] = field(default_factory=list)

    def note(self, table: str) -> None:
        """Record the changes of a table from now on."""
        shape = self.shapes[table]
        if shape.is_counted:
            self.last[table] = _last(self.db, table)
        for number, sql in enumerate(_triggers(self, shape)):
            name = f"undo_{table}_{number}"
            self.db.execute(f"CREATE TEMP TRIGGER {name} AFTER {sql}; END")
            self.triggers.append(name)

    def finish(self, also: Iterable[str] = ()) -> None:
        """Record the added rows and the tables written to, plus the tables in `also`, for which the run read records."""
        table_versions.before_writes(self.db, self.note, ())
        for trigger in self.triggers:
            self.db.execute(f"DROP TRIGGER temp.{trigger}")
        for table, last in self.last.items():
            now = _last(self.db, table)
            if now > last and is_recorded(table):
                self.db.execute(
                    "INSERT INTO import_added (run_id, table_name, first_id, last_id) VALUES (?, ?, ?, ?)",
                    (self.run_id, table, last + 1, now),
                )
        self._complete_images()
        self.db.execute(
            "UPDATE run SET wrote = ? WHERE id = ?", (" ".join(sorted({*self._written(), *also})), self.run_id)
        )

    def _written(self) -> set[str]:
        found = self.db.execute(
            "SELECT table_name FROM import_added WHERE run_id = ?1 UNION SELECT table_name FROM import_change WHERE run_id = ?1"
            " UNION SELECT 'account' WHERE EXISTS (SELECT 1 FROM classification_change WHERE run_id = ?1)",
            (self.run_id,),
        )
        return {table for (table,) in found}

    def _complete_images(self) -> None:
        """Refresh the images of added rows in tables with their own keys: some rows were changed after they were added."""
        of_run = f"SELECT DISTINCT table_name FROM import_change WHERE run_id = {self.run_id} AND column_name IS"
        added = self.db.execute(f"{of_run} NULL AND new_value IS NOT NULL").fetchall()
        changed = set(self.db.execute(f"{of_run} NOT NULL").fetchall()) if added else set()
        for (table,) in changed.intersection(added):
            shape = self.shapes[table]
            image = f"SELECT {shape.image('t')} FROM {table} AS t WHERE {shape.has_key('t', 'import_change.row_key')}"
            self.db.execute(
                f"UPDATE import_change SET new_value = ({image})"
                f" WHERE run_id = {self.run_id} AND column_name IS NULL AND table_name = '{table}' AND new_value IS NOT NULL"
            )


def start(db: sqlite3.Connection, run_id: int, also: Collection[str] = ()) -> Recording:
    """Start recording the changes of a run, in the open transaction.

    `also` are tables that no import writes to: changed and deleted rows of them are recorded, too. The triggers of a table are
    made at the first statement that may write to it: those of all tables would take longer than a small import.
    """
    recording = Recording(db, int(run_id), shapes(db))
    tables = (table for table in recording.shapes if is_recorded(table) or table in also)
    table_versions.before_writes(db, recording.note, tables)
    return recording


def _last(db: sqlite3.Connection, table: str) -> int:
    return int(db.execute(f"SELECT coalesce(max(id), 0) FROM {table}").fetchone()[0])


def _triggers(recording: Recording, shape: Shape) -> Iterable[str]:
    """Yield the triggers of a table. There is one per column, so that only updated columns cost time."""
    table, key, run = shape.table, shape.key_of("old"), recording.run_id
    was_there = f"old.id <= {recording.last[table]}" if shape.is_counted else "1"
    if recording.last.get(table, 1):  # an empty table has nothing to change
        for column in shape.recorded:
            noted = PARTLY_DERIVED.get((table, column), "1")
            yield (
                f"UPDATE OF {column} ON main.{table} WHEN old.{column} IS NOT new.{column} AND {was_there} AND {noted} BEGIN"
                f" {_NOTE} ({run}, '{table}', {key}, '{column}', old.{column}, new.{column})"
            )
        yield (
            f"DELETE ON main.{table} WHEN {was_there} BEGIN"
            f" {_NOTE} ({run}, '{table}', {key}, NULL, {shape.image('old')}, NULL)"
        )
    if recording.last.get(table, 1):  # an id at or below the last one is a reused id of a deleted row
        again = f" WHEN new.id <= {recording.last[table]}" if shape.is_counted else ""
        yield (
            f"INSERT ON main.{table}{again} BEGIN"
            f" {_NOTE} ({run}, '{table}', {shape.key_of('new')}, NULL, NULL, {shape.image('new')})"
        )


def forget(db: sqlite3.Connection, days: int) -> None:
    """Delete the recorded changes of imports older than `days` days; those can no longer be undone."""
    before = (datetime.fromisoformat(runs.now()) - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    old = db.execute(
        "SELECT r.id FROM run AS b CROSS JOIN run AS r ON r.batch_id = b.id WHERE b.batch_id = b.id AND b.started_at < ?",
        (before,),
    ).fetchall()
    for table in ("import_added", "import_change"):
        db.executemany(f"DELETE FROM {table} WHERE run_id = ?", old)
    db.executemany("UPDATE run SET batch_id = NULL WHERE id = ?", old)
