"""The versions of the tables: a number per table, raised in every transaction that writes to the table.

SQLite's authorizer reports the tables that a statement writes to, including those that its triggers and foreign keys write to,
when the statement is compiled. Setting the authorizer makes SQLite compile all cached statements again, so none is missed.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager

from segcli.storage.writing_connection import WritingConnection

_WRITES = frozenset({sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE})
_STEP_BITS = 32  # a random step keeps the versions of two copies apart that were both written to
# The ordinary tables: without the search indexes, their internal tables, and the versions themselves.
_ORDINARY = (
    "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT GLOB '*_search'"
    " AND name NOT GLOB '*_search_*' AND name <> 'table_version'"
)


class _Watch:
    """What was written to in the current transaction."""

    def __init__(self) -> None:
        self.seen: set[str] = set()
        self.see: Callable[..., int] = lambda *_: sqlite3.SQLITE_OK
        self.named: dict[
            str, set[str]
        ] = {}  # by the text of a statement given to `execute`: the tables that it can write to


_watches: dict[sqlite3.Connection, _Watch] = {}


@contextmanager
def watched(db: sqlite3.Connection) -> Iterator[Callable[[], set[str]]]:
    """Watch what is written within the block. Yield a function that returns the tables; none if no row was changed."""
    watch = _watches[db] = _Watch()
    before = db.total_changes

    def see(action: int, table: str | None, _column: str | None, place: str | None, _trigger: str | None) -> int:
        if action in _WRITES and place == "main" and table:
            if isinstance(db, WritingConnection) and db.must_prepare(table):
                return sqlite3.SQLITE_DENY
            watch.seen.add(table)
        return sqlite3.SQLITE_OK

    def written() -> set[str]:
        return watch.seen if db.total_changes != before else set()

    watch.see = see
    db.set_authorizer(see)
    try:
        yield written
    finally:
        db.set_authorizer(None)
        del _watches[db]
        if isinstance(db, WritingConnection):
            db.prepare_nothing()


def before_writes(db: sqlite3.Connection, prepare: Callable[[str], None], tables: Iterable[str]) -> None:
    """Call `prepare` with each of these tables before the first write to it from now on, in a block of `watched`."""
    if not isinstance(db, WritingConnection):
        raise TypeError("a connection of database.connect(write=True) is needed")
    db.prepare_with(prepare, tables)
    db.set_authorizer(_watches[db].see)  # statements that were compiled before must ask, too


def execute(db: sqlite3.Connection, sql: str) -> int:
    """Run a statement that often changes nothing; return the number of rows that it changed.

    The versions of the tables that it names are raised only if it changed a row.
    """
    watch = _watches.get(db)
    if watch is None:
        return db.execute(sql).rowcount
    outer, watch.seen = watch.seen, watch.named.setdefault(sql, set())
    before = db.total_changes
    try:
        return db.execute(sql).rowcount
    finally:
        if db.total_changes != before:
            outer |= watch.seen
        watch.seen = outer


def raise_of(db: sqlite3.Connection, tables: Iterable[str]) -> None:
    """Raise the versions of these tables; other names, such as those of search indexes, are ignored."""
    tables = set(tables)
    if tables:
        _raise(db, sorted(tables & {name for (name,) in db.execute(_ORDINARY)}))


def raise_all(db: sqlite3.Connection) -> None:
    """Raise the versions of all tables."""
    _raise(db, [name for (name,) in db.execute(_ORDINARY).fetchall()])


def _raise(db: sqlite3.Connection, tables: Iterable[str]) -> None:
    import secrets  # here: it costs a reading command milliseconds

    step = 1 + secrets.randbits(_STEP_BITS)
    db.executemany(
        "INSERT INTO table_version (name, number) VALUES (?, ?)"
        " ON CONFLICT (name) DO UPDATE SET number = number + excluded.number",
        [(table, step) for table in tables],
    )


def numbers(db: sqlite3.Connection) -> Mapping[str, int]:
    """Return the versions by table; a table that is not named has version 0."""
    return dict(db.execute("SELECT name, number FROM table_version"))
