"""Headings of a table: where they stand, and whether they can be read."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from segcli.base.errors import SegcliError

Cells = TypeVar("Cells", bound=Sequence[object])
MOST_COLUMNS = 1000
TITLES = 20  # a table begins within this many rows


def headings_at(rows: Sequence[Cells], like: Callable[[Cells], int]) -> int:
    """Return the index of the header row among the first non-blank rows; title rows above it fill one cell.

    Most rows of a table must be `like` the header. Otherwise it is a table of one column, and its first row is the
    header.
    """
    first = next((at for at, row in enumerate(rows) if filled(row) > 1), 0)
    alike = [like(row) == like(rows[first]) for row in rows[first + 1 :]]
    return first if alike and 2 * sum(alike) >= len(alike) else 0


def filled(row: Sequence[object]) -> int:
    """Return the number of non-blank cells."""
    return sum(cell is not None and not (isinstance(cell, str) and not cell.strip()) for cell in row)


def check_header(names: Sequence[str], where: str) -> None:
    """Raise SegcliError if two columns have the same name or there are too many columns."""
    refuse_many(len(names), where)
    seen: dict[str, int] = {}
    for at, name in enumerate(names, 1):
        key = name.casefold()
        if key and key in seen:
            raise SegcliError(f"{where}: columns {seen[key]} and {at} are both called '{name}'", "rename one of them")
        seen[key] = at


def refuse_many(columns: int, where: str) -> None:
    """Raise SegcliError if there are more columns than any kind of record has."""
    if columns > MOST_COLUMNS:
        raise SegcliError(f"{where}: there are {columns:,} columns", f"{MOST_COLUMNS:,} at most are read")
