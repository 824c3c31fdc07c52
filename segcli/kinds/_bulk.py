"""Many rows into empty tables: their indexes are built afterwards, which takes a third of the time."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from segcli.kinds._stage import Stage

MANY = 10_000  # rows; fewer are in before it matters


@contextmanager
def loading(stage: Stage, tables: Iterable[str]) -> Iterator[None]:
    """Take the indexes of the tables that are empty away while a large stage goes in; those that forbid stay."""
    empty = [name for name in tables if not stage.execute(f"SELECT EXISTS (SELECT 1 FROM {name})").fetchone()[0]]
    if not empty or stage.count() < MANY:
        yield
        return
    (before,) = stage.execute("PRAGMA secure_delete").fetchone()
    stage.execute("PRAGMA secure_delete=OFF")  # nobody is erased here: the pages that go held empty indexes
    try:
        dropped = [index for name in empty for index in _drop(stage, name)]
        yield
        for definition in dropped:
            stage.execute(definition)
    finally:
        stage.execute(f"PRAGMA secure_delete={int(before)}")


def _drop(stage: Stage, table: str) -> Iterator[str]:
    """Drop a table's indexes and yield what makes them again."""
    found = stage.execute(
        "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND tbl_name = ? AND sql NOT LIKE 'CREATE UNIQUE%'",
        table,
    ).fetchall()
    for name, definition in found:
        stage.execute(f"DROP INDEX {name}")
        yield definition
