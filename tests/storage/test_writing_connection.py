"""A table is prepared before the first write to it, and only then; no row and no error gets lost on the way."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from segcli.storage import table_versions
from segcli.storage.writing_connection import WritingConnection

_SCHEMA = """
CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT NOT NULL);
CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER REFERENCES parent (id) ON DELETE CASCADE);
CREATE TABLE log (text TEXT);
CREATE TABLE other (id INTEGER PRIMARY KEY);
CREATE TRIGGER logged AFTER UPDATE ON parent BEGIN INSERT INTO log VALUES (new.name); END;
INSERT INTO parent VALUES (1, 'one'), (2, 'two');
INSERT INTO child VALUES (1, 1), (2, 2);
"""
TABLES = ("parent", "child", "log", "other")


@pytest.fixture
def db() -> Iterator[WritingConnection]:
    """Return a connection to four small tables, whose writes are watched."""
    with closing(sqlite3.connect(":memory:", isolation_level=None, factory=WritingConnection)) as made:
        made.executescript(_SCHEMA)
        made.execute("PRAGMA foreign_keys=ON")
        with table_versions.watched(made):
            yield made


def _prepared(db: WritingConnection) -> list[str]:
    """Have the tables prepared by a trigger that counts their new rows; return those that were, in turn."""
    found: list[str] = []

    def prepare(table: str) -> None:
        found.append(table)
        db.execute(
            f"CREATE TEMP TRIGGER new_{table} AFTER INSERT ON main.{table} BEGIN INSERT INTO seen VALUES ('{table}'); END"
        )

    db.execute("CREATE TEMP TABLE seen (name TEXT)")
    table_versions.before_writes(db, prepare, TABLES)
    return found


def _seen(db: WritingConnection) -> list[str]:
    return [name for (name,) in db.execute("SELECT name FROM seen")]


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("SELECT * FROM parent", []),
        ("INSERT INTO other VALUES (7)", ["other"]),
        ("UPDATE parent SET name = 'new' WHERE id = 1", ["log", "parent"]),
        ("DELETE FROM parent WHERE id = 2", ["child", "parent"]),
        ("INSERT INTO child SELECT id + 10, id FROM parent", ["child"]),
        ("CREATE TEMP TABLE own AS SELECT * FROM parent", []),
    ],
)
def test_what_a_statement_may_write_to_is_prepared(db: WritingConnection, sql: str, tables: list[str]) -> None:
    """Also what its triggers and foreign keys write to."""
    found = _prepared(db)
    db.execute(sql)
    assert sorted(found) == tables
    db.execute(sql.replace("(7)", "(8)").replace("+ 10", "+ 20").replace("own", "again"))
    assert sorted(found) == tables


def test_rows_of_many_are_seen_from_the_first_on(db: WritingConnection) -> None:
    """Also by a statement that was compiled before anything had to be prepared."""
    sql = "INSERT INTO other VALUES (?)"
    db.executemany(sql, [(1,)])
    found = _prepared(db)
    assert db.executemany(sql, ((n,) for n in range(2, 5))).rowcount == 3
    assert (found, _seen(db)) == (["other"], ["other"] * 3)
    assert [n for (n,) in db.execute("SELECT id FROM other ORDER BY id")] == [1, 2, 3, 4]


def test_a_statement_that_was_compiled_before_asks_too(db: WritingConnection) -> None:
    db.execute("INSERT INTO other VALUES (?)", (1,))
    found = _prepared(db)
    db.execute("INSERT INTO other VALUES (?)", (2,))
    assert (found, _seen(db)) == (["other"], ["other"])


@pytest.mark.parametrize(
    ("sql", "error"),
    [
        ("INSERT INTO parent (id) VALUES (3)", "NOT NULL constraint failed"),
        ("INSERT INTO parent VALUES (?, ?)", "Incorrect number of bindings"),
        ("INSERT INTO nowhere VALUES (1)", "no such table"),
        ("INSERT INTO", "incomplete input"),
    ],
)
def test_errors_are_those_of_sqlite(db: WritingConnection, sql: str, error: str) -> None:
    _prepared(db)
    with pytest.raises(sqlite3.Error, match=error):
        db.execute(sql)
    with pytest.raises(sqlite3.Error, match=error):
        db.executemany(sql, [()])


def test_a_read_goes_on_while_a_table_is_prepared(db: WritingConnection) -> None:
    found = _prepared(db)
    for number, _ in db.execute("SELECT id, name FROM parent ORDER BY id"):
        db.execute("INSERT INTO other VALUES (?)", (number,))
    assert (found, _seen(db)) == (["other"], ["other", "other"])


def test_nothing_is_asked_once_the_recording_ended(db: WritingConnection) -> None:
    found = _prepared(db)
    table_versions.before_writes(db, found.append, ())
    db.execute("INSERT INTO other VALUES (1)")
    assert found == []


def test_nothing_is_asked_after_a_block_that_failed() -> None:
    found: list[str] = []
    with closing(sqlite3.connect(":memory:", isolation_level=None, factory=WritingConnection)) as db:
        db.executescript(_SCHEMA)
        with pytest.raises(sqlite3.IntegrityError):
            _fail(db, found)
        with table_versions.watched(db):
            db.execute("INSERT INTO other VALUES (1)")
    assert sorted(found) == ["log", "parent"]


def _fail(db: WritingConnection, found: list[str]) -> None:
    with table_versions.watched(db):
        table_versions.before_writes(db, found.append, TABLES)
        db.execute("UPDATE parent SET name = NULL")


def test_a_plain_connection_is_refused() -> None:
    with (
        closing(sqlite3.connect(":memory:")) as db,
        table_versions.watched(db),
        pytest.raises(TypeError, match="write=True"),
    ):
        table_versions.before_writes(db, print, ("other",))
