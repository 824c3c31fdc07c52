"""Copies the tables of one SQLite file into another. Each replaces the table of the same name; other tables are kept."""

import sqlite3
from contextlib import closing
from pathlib import Path

from segcli.base.errors import UsageError

_SQL = "SELECT sql FROM {}.sqlite_schema WHERE type = 'table' AND name = ?"


def merge(made: Path, whole: Path, path: Path) -> None:
    """Copy all tables of `made` into `whole` in one transaction. `path` is the user's file, for messages.

    An equal table is not rewritten, so that the same data give the same bytes. Indexes and triggers of a table are kept if its
    columns are the same, else they are dropped with it.
    """
    with closing(sqlite3.connect(whole, isolation_level=None)) as db:
        db.execute("PRAGMA secure_delete=ON")  # replaced rows may have data of people who were anonymised later
        db.execute("ATTACH ? AS made", (str(made),))
        names = [
            row[0] for row in db.execute("SELECT name FROM made.sqlite_schema WHERE type = 'table' ORDER BY rowid")
        ]
        db.execute("BEGIN")
        for name in names:
            _refuse_other(db, name, path)
            if not _is_same(db, name):
                _replace(db, name)
        db.execute("COMMIT")


def _refuse_other(db: sqlite3.Connection, name: str, path: Path) -> None:
    """Raise UsageError if a view or an index has this name, since only tables are replaced."""
    sql = "SELECT type FROM main.sqlite_schema WHERE name = ? COLLATE NOCASE AND type IN ('view', 'index')"
    found = db.execute(sql, (name,)).fetchone()
    if found:
        raise UsageError(
            f"{path} has {'an' if found[0] == 'index' else 'a'} {found[0]} named {name}: it is not replaced",
            "choose another name with --table NAME",
        )


def _is_same(db: sqlite3.Connection, name: str) -> bool:
    if not _has_columns(db, name):
        return False
    table = _quoted(name)
    counts = f"SELECT (SELECT count(*) FROM main.{table}) = (SELECT count(*) FROM made.{table})"
    differs = f"SELECT 1 FROM (SELECT rowid, * FROM made.{table} EXCEPT SELECT rowid, * FROM main.{table}) LIMIT 1"
    return bool(db.execute(counts).fetchone()[0]) and db.execute(differs).fetchone() is None


def _has_columns(db: sqlite3.Connection, name: str) -> bool:
    """Tell whether the existing table was created by the same statement."""
    there, wanted = (db.execute(_SQL.format(schema), (name,)).fetchone() for schema in ("main", "made"))
    return bool(there == wanted)


def _replace(db: sqlite3.Connection, name: str) -> None:
    table = _quoted(name)
    if _has_columns(db, name):
        db.execute(f"DELETE FROM main.{table}")
    else:
        db.execute(f"DROP TABLE IF EXISTS main.{table}")
        db.execute(db.execute(_SQL.format("made"), (name,)).fetchone()[0])
    db.execute(f"INSERT INTO main.{table} SELECT * FROM made.{table} ORDER BY rowid")


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
