"""An .ods workbook (OpenDocument 1.3, part 3) looked through before calamine opens it: extent and error cells.

Empty cells and rows are repeated by number (`table:number-columns-repeated="16384"`), and so may filled ones be: 200 bytes
can stand for a sheet full of texts.
"""

import zipfile
from collections.abc import Mapping
from contextlib import suppress

from segcli.importing.readers.parts.spans import MOST_ROWS, Span, parse, protected

CONTENT = "content.xml"
MIME = b"application/vnd.oasis.opendocument.spreadsheet"
_MOST_COLUMNS = 16_384  # of a sheet; calamine counts no further
_CELLS = frozenset({"table:table-cell", "table:covered-table-cell"})


def errors(archive: zipfile.ZipFile, file: str) -> dict[str, dict[int, int]]:
    """Return the error cells of each sheet, by its name. Raises SegcliError if a sheet spans too many cells."""
    with suppress(KeyError):  # a manifest is missing: calamine refuses the file
        if b"encryption-data" in archive.read("META-INF/manifest.xml"):
            raise protected(file)
    book = _Book(file)
    with archive.open(CONTENT) as part:
        parse(part, book, file)
    return {name: span.errors for name, span in book.spans.items() if span.errors}


class _Book:
    """Handlers of the elements of content.xml. They follow calamine, which expands repeats and keeps every text."""

    def __init__(self, file: str) -> None:
        self.file = file
        self.spans: dict[str, Span] = {}
        self.span: Span | None = None
        self.row = self.rows = 0  # rows before the present one, and how often that is repeated
        self.cells: list[tuple[int, int, bool]] = []  # first column, repeats, is an error; of the present row
        self.column = 0
        self.size = self.sizes = 0  # characters of the present cell and row
        self.is_cell = False
        self.repeats = 1

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name in _CELLS:
            self._cell(attributes)
        elif name == "table:table-row":
            self.rows = min(_number(attributes, "table:number-rows-repeated"), MOST_ROWS - self.row)
            self.cells, self.column, self.sizes = [], 0, 0
        elif name == "table:table":
            if self.span is not None:
                raise ValueError("a table within a table")
            self.span = self.spans.setdefault(attributes.get("table:name", ""), Span())
            self.row = 0
        elif name == "text:s":
            self.size += _number(attributes, "text:c")

    def _cell(self, attributes: Mapping[str, str]) -> None:
        self.repeats = min(_number(attributes, "table:number-columns-repeated"), _MOST_COLUMNS - self.column)
        is_filled = "table:formula" in attributes or any(name.startswith("office:") for name in attributes)
        if is_filled:
            is_error = attributes.get("calcext:value-type") == "error"
            self.cells.append((self.column + 1, self.repeats, is_error))
        self.column += self.repeats
        self.size = len(attributes.get("office:string-value", "")) + len(attributes.get("table:formula", ""))
        self.is_cell = True

    def text(self, text: str) -> None:
        if self.is_cell:
            self.size += len(text)

    def end(self, name: str) -> None:
        if name in _CELLS:
            self.sizes += self.size * self.repeats
            self.is_cell = False
        elif name == "table:table-row":
            self._end_row()
        elif name == "table:table":
            self.span = None

    def _end_row(self) -> None:
        if self.span is None:
            raise ValueError("a row outside a table")
        self.span.text += self.sizes * self.rows
        if self.cells and self.rows:
            last, repeats, _ = self.cells[-1]
            self.span.columns = max(self.span.columns, last + repeats - 1)
            self.span.rows = self.row + self.rows
            self.span.count += self.rows * sum(repeats for _, repeats, _ in self.cells)
            wrong = next((column for column, _, is_error in self.cells if is_error), 0)
            if wrong:
                self.span.errors.update(dict.fromkeys(range(self.row + 1, self.row + self.rows + 1), wrong))
        self.span.refuse_large(self.file)
        self.row += self.rows


def _number(attributes: Mapping[str, str], name: str) -> int:
    """Return how often something is repeated. Raises ValueError if the attribute is no number of nine digits at most."""
    text = attributes.get(name, "1")
    if not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004 - digits
        raise ValueError(f"{name}='{text[:20]}'")
    return int(text)
