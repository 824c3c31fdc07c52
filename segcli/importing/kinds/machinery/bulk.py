"""Many rows into empty tables: their indexes are built afterwards, which takes a third of the time."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from segcli.importing.kinds.machinery.stage import Stage

MANY = 10_000  # rows; fewer are in before it matters
_PRAGMAS = {
    "secure_delete": 0,  # nobody is erased here: the pages that go held empty indexes
    "cache_size": -64_000,  # 64 MB: the unique indexes that stay are filled in no order
}


@contextmanager
def loading(stage: Stage, tables: Iterable[str]) -> Iterator[None]:
    """Take the indexes of the tables that are empty away while a large stage goes in; those that forbid stay."""
    empty = [name for name in tables if is_empty(stage, name)]
    if not empty or stage.count() < MANY:
        yield
        return
    with without(stage, empty, ("index",)):
        yield


def is_empty(stage: Stage, table: str) -> bool:
    """Tell whether a table has no rows."""
    return not stage.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").fetchone()[0]


@contextmanager
def without(stage: Stage, tables: Iterable[str], what: Iterable[str], keep: Iterable[str] = ()) -> Iterator[None]:
    """Take what hangs on tables away (`what`: index, trigger) but for unique indexes and `keep`; make it again at the end.

    After an error it is not made again: the transaction is rolled back, and it is there as it was.
    """
    before = {name: stage.execute(f"PRAGMA {name}").fetchone()[0] for name in _PRAGMAS}
    for name, value in _PRAGMAS.items():
        stage.execute(f"PRAGMA {name}={value}")
    try:
        dropped = [made for name in tables for made in _drop(stage, name, set(what), set(keep))]
        yield
        stage.execute(f"PRAGMA cache_size={int(before['cache_size'])}")  # of which each sorter takes as much again
        for definition in dropped:
            stage.execute(definition)
    finally:
        for name, value in before.items():
            stage.execute(f"PRAGMA {name}={int(value)}")


def _drop(stage: Stage, table: str, what: set[str], keep: set[str]) -> Iterator[str]:
    """Drop what hangs on a table and yield what makes it again."""
    found = stage.execute(
        "SELECT type, name, sql FROM sqlite_schema WHERE tbl_name = ? AND sql IS NOT NULL AND sql NOT LIKE 'CREATE UNIQUE%'",
        table,
    ).fetchall()
    for kind, name, definition in found:
        if kind in what and name not in keep:
            stage.execute(f"DROP {kind} {name}")
            yield definition
