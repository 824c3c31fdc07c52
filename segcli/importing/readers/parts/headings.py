"""Headings of a table: where they stand, and whether they can be read."""

from collections.abc import Callable, Sequence
from typing import TypeVar

from segcli.base.errors import SegcliError

Cells = TypeVar("Cells", bound=Sequence[object])
MOST_COLUMNS = 1000
_TITLE_CELLS = 3  # most cells of a title line
_HEADING_DIGITS = 2  # most digits of a heading
TITLES = 20  # a table begins within this many rows


def headings_at(rows: Sequence[Cells], like: Callable[[Cells], int]) -> int:
    """Return the index of the header row among the first non-blank rows; title rows above it fill one cell, or a few.

    Most rows of a table must be `like` the header. Otherwise it is a table of one column, and its first row is the
    header. A title fills several cells if it has commas (As of March 31, 2026), or a label and a value.
    """
    several = [at for at, row in enumerate(rows) if filled(row) > 1]
    if not several:
        return 0
    first = next((at for at in several if not _is_title(rows, at)), several[0])
    alike = [like(row) == like(rows[first]) for row in rows[first + 1 :]]
    return first if alike and 2 * sum(alike) >= len(alike) else 0


def _is_title(rows: Sequence[Cells], at: int) -> bool:
    """Tell whether a row of two or three cells stands above a header of texts that has at least twice as many.

    The row after the header, and most of those below, must fill more cells than the title, too.
    """
    count = filled(rows[at])
    wider = next((below for below in range(at + 1, len(rows)) if filled(rows[below]) > _TITLE_CELLS), None)
    if count > _TITLE_CELLS or wider is None:
        return False
    header, under = rows[wider], rows[wider + 1 :]
    texts = [cell for cell in header if filled([cell])]
    names = [cell for cell in texts if isinstance(cell, str) and _is_name(cell.strip())]
    is_header = len(names) == len(texts) >= 2 * count
    between = rows[at + 1 : wider]
    most = 2 * sum(filled(row) > count for row in under) > len(under)
    return is_header and most and all(filled(row) <= _TITLE_CELLS for row in between)


def _is_name(text: str) -> bool:
    """Tell whether a text may be a heading: Amount, Address line 2."""
    digits, letters = sum(map(str.isdigit, text)), sum(map(str.isalpha, text))
    return text[0].isalpha() and (not digits or (digits <= _HEADING_DIGITS and letters > _HEADING_DIGITS + digits))


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
