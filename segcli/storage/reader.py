"""What an answer is read through: SQLite's connection, or that of another engine with the same manners."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol


class Rows(Protocol):
    """The rows of a statement, read as they are needed."""

    def __iter__(self) -> Iterator[Any]:
        """Yield the rows that were not read yet."""

    def fetchone(self) -> Any:  # noqa: ANN401 - cells of any type
        """Return the next row, None after the last."""

    def fetchall(self) -> list[Any]:
        """Return the rows that were not read yet."""


class Reader(Protocol):
    """A connection. It takes the part of SQLite's SQL that every engine has (docs/engines.md)."""

    def execute(self, sql: str, values: Sequence[Any] | Mapping[str, Any] = ..., /) -> Rows:
        """Run a statement and return its rows."""

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> Any:  # noqa: ANN401 - a cursor
        """Run INSERT … SELECT ?, ? for each row of values."""
