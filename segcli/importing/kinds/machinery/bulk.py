"""Bulk loading into empty tables: indexes are built afterwards, which takes a third of the time."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from segcli.importing.kinds.machinery.kind_definition import CloserLookError
from segcli.importing.kinds.machinery.stage import Row, Stage

MANY = 10_000  # rows; below that it does not pay
_PRAGMAS = {
    "secure_delete": 0,  # the freed pages hold empty indexes, no personal data
    "cache_size": -64_000,  # 64 MB: the unique indexes that remain are filled in random order
}


@contextmanager
def loading(stage: Stage, tables: Iterable[str]) -> Iterator[None]:
    """Drop the non-unique indexes of empty tables while a large stage is inserted, then build them again."""
    empty = [name for name in tables if is_empty(stage, name)]
    if not empty or stage.count() < MANY:
        yield
        return
    with without(stage, empty, ("index",)):
        yield


def is_empty(stage: Stage, table: str) -> bool:
    """Tell whether a table has no rows."""
    return not stage.execute(f"SELECT EXISTS (SELECT 1 FROM {table})").fetchone()[0]


def clean(stage: Stage, rows: Iterable[Row]) -> Iterator[Row]:
    """Yield the rows. Raises CloserLookError as soon as one was rejected."""
    for row in rows:
        if stage.rejected:
            raise CloserLookError
        yield row
    if stage.rejected:
        raise CloserLookError


@contextmanager
def without(stage: Stage, tables: Iterable[str], what: Iterable[str], keep: Iterable[str] = ()) -> Iterator[None]:
    """Drop parts of the tables (`what`: index, unique index, trigger), except `keep`; recreate them at the end.

    A unique index that is built afterwards finds the duplicates then, with sqlite3.IntegrityError. Those that the table itself declares
    stay. After an error nothing is recreated here: the rollback of the transaction restores the parts.
    """
    before = {name: stage.execute(f"PRAGMA {name}").fetchone()[0] for name in _PRAGMAS}
    for name, value in _PRAGMAS.items():
        stage.execute(f"PRAGMA {name}={value}")
    try:
        dropped = [made for name in tables for made in _drop(stage, name, set(what), set(keep))]
        yield
        stage.execute(f"PRAGMA cache_size={int(before['cache_size'])}")  # each sorter allocates this much again
        for definition in dropped:
            stage.execute(definition)
    finally:
        for name, value in before.items():
            stage.execute(f"PRAGMA {name}={int(value)}")


def _drop(stage: Stage, table: str, what: set[str], keep: set[str]) -> Iterator[str]:
    """Drop parts of a table and yield the SQL that recreates them."""
    found = stage.execute("SELECT type, name, sql FROM sqlite_schema WHERE tbl_name = ? AND sql IS NOT NULL", table)
    for kind, name, definition in found.fetchall():
        part = f"unique {kind}" if definition.startswith("CREATE UNIQUE") else kind
        if part in what and name not in keep:
            stage.execute(f"DROP {kind} {name}")
            yield definition
