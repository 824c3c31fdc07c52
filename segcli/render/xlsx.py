"""An Excel workbook in constant memory: real numbers, dates and booleans, and text that is never run as a formula."""

import shutil
from datetime import date, datetime
from pathlib import Path
from typing import IO, Any

from segcli.errors import SegcliError
from segcli.money import exponent, to_text
from segcli.overview import Cell, Column, Row, Table
from segcli.render._cells import blocks, clean, currencies, rounded
from segcli.render._style import Style

MOST_ROWS = 1_048_575  # a sheet's rows less the heading
MOST_CHARACTERS = 32_767  # of a cell; these and the exact digits: Microsoft, Excel specifications and limits
_EXACT = 10**15
_EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - a fixed creation date: the same data gives the same bytes
_FIRST_YEAR = 1901  # Excel's calendar has a 29 February 1900
_SAMPLE = 1000
_WIDEST = 60
_FORMATS = {"date": "yyyy-mm-dd", "percent": '0.0" %"'}


def render(table: Table, file: IO[bytes], style: Style) -> int:
    """Write the workbook and return the number of rows. Raises SegcliError for what a sheet cannot hold."""
    from tempfile import TemporaryDirectory

    # In a folder of its own, which goes whatever happens; and a pipe, or a file that is appended to, cannot be
    # written in the order that a workbook is.
    with TemporaryDirectory(prefix="segcli-") as folder:
        path = Path(folder) / "book.xlsx"
        count = _book(table, path, style)
        with path.open("rb") as made:
            shutil.copyfileobj(made, file)
    return count


def _book(table: Table, path: Path, style: Style) -> int:
    import xlsxwriter

    options = {"constant_memory": True, "tmpdir": str(path.parent)}
    book = xlsxwriter.Workbook(str(path), options)
    try:
        properties = {"title": clean(table.title)[:255], "comments": clean(table.caption)[:255]}
        book.set_properties({**properties, "created": _EPOCH})
        count = _Sheet(table, book, style).fill()
        book.close()
    finally:
        book.fileclosed = True  # else it is written after all, and complains, when it is collected
    return count


class _Sheet:
    """The one sheet of the book."""

    def __init__(self, table: Table, book: Any, style: Style) -> None:  # noqa: ANN401 - XlsxWriter has no types
        self._table = table
        self._book = book
        self._sheet = book.add_worksheet(_sheet_name(table.title))
        self._formats: dict[str, Any] = {}
        self._heads = [clean(column.title) for column in table.columns] if style.with_header else []
        self._widths = [len(head) + 3 for head in self._heads] or [0] * len(table.columns)  # 3: the filter's button
        self._writers = [getattr(self, f"_{column.kind}", self._text) for column in table.columns]

    def fill(self) -> int:
        """Write headings and rows; return the number of rows."""
        self._head()
        count = 0
        for block in blocks(self._table.rows):
            if count + len(block) > MOST_ROWS:
                raise SegcliError(f"a sheet of Excel holds {MOST_ROWS:,} rows, and this is more", "write csv instead")
            for number, (row, code) in enumerate(zip(block, currencies(self._table, block), strict=True), count):
                self._row(number + bool(self._heads), row, code)
            count += len(block)
        for at, size in enumerate(self._widths):
            self._sheet.set_column(at, at, min(max(size, 8), _WIDEST))
        if count and self._heads:
            self._sheet.autofilter(0, 0, count, len(self._heads) - 1)
        return count

    def _head(self) -> None:
        if self._heads:
            bold = self._book.add_format({"bold": True, "bottom": 1})
            for at, head in enumerate(self._heads):
                self._sheet.write_string(0, at, head, bold)
            self._sheet.freeze_panes(1, 0)

    def _row(self, number: int, row: Row, code: str) -> None:
        for at, (column, write, cell) in enumerate(zip(self._table.columns, self._writers, row, strict=False)):
            if cell is not None:
                currency = self._table.currency if column.is_base else code
                cell = rounded(column, cell)  # noqa: PLW2901 - what the sheet shows of it
                write(number, at, cell, currency)
                if number <= _SAMPLE:
                    self._widths[at] = max(self._widths[at], _width(column, cell, currency))

    def _format(self, pattern: str) -> Any:  # noqa: ANN401 - the same
        if pattern not in self._formats:
            self._formats[pattern] = self._book.add_format({"num_format": pattern})
        return self._formats[pattern]

    def _text(self, row: int, at: int, cell: Cell, _code: str) -> None:
        text = clean(str(cell))
        if len(text.encode("utf-16-le")) > 2 * MOST_CHARACTERS:
            name = self._table.columns[at].name
            raise SegcliError(
                f"{name}: a cell of Excel holds {MOST_CHARACTERS:,} characters, and one has {len(text):,}",
                "write csv instead",
            )
        self._sheet.write_string(row, at, text)

    def _money(self, row: int, at: int, cell: int, code: str) -> None:
        decimals = exponent(code)
        if abs(cell) >= _EXACT:  # Excel would round it: better a text that says what it is
            self._sheet.write_string(row, at, to_text(cell, code))
        else:
            pattern = f"#,##0.{'0' * decimals}" if decimals else "#,##0"
            self._sheet.write_number(row, at, cell / 10**decimals, self._format(pattern))

    def _integer(self, row: int, at: int, cell: int, _code: str) -> None:
        if abs(cell) >= _EXACT:
            self._sheet.write_string(row, at, str(cell))
        else:
            self._sheet.write_number(row, at, cell)

    def _decimal(self, row: int, at: int, cell: float, _code: str) -> None:
        if abs(cell) != float("inf"):
            self._sheet.write_number(row, at, cell)

    def _percent(self, row: int, at: int, cell: float, _code: str) -> None:
        if abs(cell) != float("inf"):
            self._sheet.write_number(row, at, cell, self._format(_FORMATS["percent"]))

    def _flag(self, row: int, at: int, cell: int, _code: str) -> None:
        self._sheet.write_boolean(row, at, bool(cell))

    def _date(self, row: int, at: int, cell: str, code: str) -> None:
        try:
            day = date.fromisoformat(cell)
        except ValueError:
            self._text(row, at, cell, code)
            return
        if day.year < _FIRST_YEAR:
            self._text(row, at, cell, code)
        else:
            self._sheet.write_datetime(row, at, day, self._format(_FORMATS["date"]))


def _sheet_name(title: str) -> str:
    name = "".join(c for c in clean(title) if c not in "[]:*?/\\'").strip()[:31].strip()
    return name if name and name.casefold() != "history" else "Sheet1"  # Excel keeps that name for itself


def _width(column: Column, cell: Cell, code: str) -> int:
    """Return how many places a cell takes, roughly."""
    if column.kind == "money":
        return len(f"{int(cell or 0):,}") + bool(exponent(code)) + 2
    return 12 if column.kind == "date" else len(str(cell)) + 2
