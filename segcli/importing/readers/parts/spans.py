"""The limits of a workbook: how far the filled cells of a sheet may span, and what an archive may unpack to.

Calamine allocates every cell between the first and the last filled one and crashes if it cannot, so each format is
looked through before calamine opens it. A cell that is formatted but empty costs calamine nothing and is not counted.
"""

import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import IO, Protocol

from segcli.base.errors import SegcliError

MOST_BYTES = 500_000_000
MOST_RATIO = 100
MOST_ENTRIES = 2_000
MOST_COLUMNS = 500
MOST_ROWS = 1_048_576
MOST_CELLS = 30_000_000
MOST_TEXT = 500_000_000  # bytes of all texts of a sheet: calamine keeps a shared text once for each cell
_CHUNK = 1 << 16
_SURELY_FINE = 2_000_000  # cells that a sheet may span regardless of how many are filled
_LEAST_FILLED = 10  # beyond that, at least one cell in this many must be filled


@dataclass(slots=True)
class Span:
    """The extent of a sheet's filled cells, and its error cells, which calamine returns as empty."""

    columns: int = 0  # number of the last filled column, from 1
    rows: int = 0  # number of the last filled row, from 1
    count: int = 0  # filled cells
    errors: dict[int, int] = field(default_factory=dict)  # row -> number of its first column with an error
    text: int = 0  # bytes of the texts that cells share, once for each cell

    def add(self, row: int, column: int, *, is_error: bool = False) -> None:
        """Add a filled cell, both numbers from 1."""
        self.count += 1
        self.columns = max(self.columns, column)
        self.rows = max(self.rows, row)
        if is_error:
            self.errors[row] = min(column, self.errors.get(row, column))

    @property
    def is_too_large(self) -> bool:
        """Tell whether the sheet spans far more cells than it fills, or more than a table has."""
        cells = self.columns * self.rows
        is_sparse = cells > MOST_CELLS or (cells > _SURELY_FINE and cells > _LEAST_FILLED * self.count)
        return self.columns > MOST_COLUMNS or self.rows > MOST_ROWS or is_sparse

    def refuse_large(self, file: str) -> None:
        """Raise SegcliError if the sheet is too large."""
        if self.is_too_large:
            raise SegcliError(
                f"{file}: a sheet spans {self.rows:,} rows and {self.columns:,} columns",
                "is there a stray cell far from the table? delete it, or write CSV",
            )
        if self.text > MOST_TEXT:
            raise SegcliError(f"{file}: the texts of a sheet have {self.text:,} bytes", "write CSV instead")


class Handlers(Protocol):
    """Handlers for the elements of a part of a workbook."""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Take the start of an element, by its name as written."""

    def end(self, name: str) -> None:
        """Take the end of an element."""

    def text(self, text: str) -> None:
        """Take a piece of text."""


def parse(part: IO[bytes], handlers: Handlers, file: str) -> None:
    """Look through a part of a workbook. Raises SegcliError if it is not well-formed or has a document type."""
    from xml.parsers import expat  # nosec - document types are refused

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = handlers.start
    parser.EndElementHandler = handlers.end
    parser.CharacterDataHandler = handlers.text
    parser.StartDoctypeDeclHandler = _refuse
    try:
        while chunk := part.read(_CHUNK):
            parser.Parse(chunk, False)  # noqa: FBT003 - not the final chunk
        parser.Parse(b"", True)  # noqa: FBT003 - the final chunk
    except (expat.ExpatError, ValueError) as error:
        raise damaged(file, error) from error


def _refuse(*_: object) -> None:
    raise ValueError("a document type (DTD) is not taken")


def check_entries(file: str, entries: Sequence[zipfile.ZipInfo]) -> None:
    """Raise SegcliError if an archive is protected or unpacks to more than a workbook has."""
    if any(entry.flag_bits & 1 for entry in entries):
        raise protected(file)
    size = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    if size > MOST_BYTES or len(entries) > MOST_ENTRIES or size / packed > MOST_RATIO:
        raise SegcliError(f"{file} unpacks to {size:,} bytes: too much for a workbook", "write CSV instead")


def protected(file: str) -> SegcliError:
    """Return the error for a workbook with a password."""
    return SegcliError(f"{file} is a protected workbook", "save it without a password")


def damaged(file: str, reason: object) -> SegcliError:
    """Return the error for a workbook that cannot be read."""
    return SegcliError(f"{file} is damaged: {reason}", "was the download cut off? save it again, as .xlsx or CSV")
