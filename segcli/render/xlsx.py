"""An Excel workbook in constant memory: real numbers, dates and booleans, and text that is never run as a formula."""

from collections.abc import Callable
from datetime import datetime
from typing import IO, Any

from segcli.errors import SegcliError
from segcli.money import exponent
from segcli.overview import Column, Row, Table
from segcli.render._cells import currency_of, iso
from segcli.render._style import Style
from segcli.render.csv import plain

MOST_ROWS = 1_048_575  # a sheet's rows less the heading
_EPOCH = datetime(2000, 1, 1)  # noqa: DTZ001 - a fixed creation date: the same data gives the same bytes
_WIDTHS = {"money": 14, "date": 11, "integer": 9, "decimal": 11, "percent": 9, "flag": 8, "code": 14, "text": 24}

Writer = Callable[[int, int, Any, str], Any]


def render(table: Table, file: IO[bytes], style: Style) -> int:
    """Write the workbook and return the number of rows."""
    import shutil
    import tempfile

    with tempfile.TemporaryFile() as whole:  # a pipe cannot be sought in, and its errors are not XlsxWriter's
        count = _book(table, whole, style)
        whole.seek(0)
        shutil.copyfileobj(whole, file)
    return count


def _book(table: Table, file: IO[bytes], style: Style) -> int:
    import xlsxwriter

    options = {"constant_memory": True, "in_memory": False, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, {**options, "default_date_format": "yyyy-mm-dd"})
    book.set_properties({"title": table.title, "created": _EPOCH, "comments": table.caption})
    sheet = book.add_worksheet(_sheet_name(table.title))
    for at, column in enumerate(table.columns):
        sheet.set_column(at, at, max(_WIDTHS[column.kind], min(len(column.title) + 2, 40)))
    first = 0
    if style.with_header:
        sheet.freeze_panes(1, 0)
        bold = book.add_format({"bold": True, "bottom": 1})
        for at, column in enumerate(table.columns):
            sheet.write_string(0, at, plain(column.title), bold)
        first = 1
    count = _rows(table, book, sheet, first)
    if count and style.with_header:
        sheet.autofilter(0, 0, count, len(table.columns) - 1)
    book.close()
    return count


def _sheet_name(title: str) -> str:
    return "".join(c for c in title if c not in "[]:*?/\\'")[:31] or "Sheet1"


def _rows(table: Table, book: Any, sheet: Any, first: int) -> int:  # noqa: ANN401 - XlsxWriter's own
    writers = [_writer(column, book, sheet) for column in table.columns]
    currency = currency_of(table)
    count = 0
    for count, row in enumerate(table.rows, 1):
        if count > MOST_ROWS:
            raise SegcliError(f"a sheet holds {MOST_ROWS:,} rows, this is more", "write csv instead: -f csv")
        _row(writers, first + count - 1, row, currency(row))
    return count


def _row(writers: list[Writer], number: int, row: Row, currency: str) -> None:
    for at, (write, cell) in enumerate(zip(writers, row, strict=False)):
        if cell is not None:
            write(number, at, cell, currency)


def _writer(column: Column, book: Any, sheet: Any) -> Writer:  # noqa: ANN401 - XlsxWriter's own
    if column.kind == "money":
        formats: dict[int, Any] = {}

        def money(row: int, at: int, cell: Any, currency: str) -> None:  # noqa: ANN401 - a cell
            decimals = exponent(currency)
            if decimals not in formats:
                formats[decimals] = book.add_format(
                    {"num_format": "#,##0" + ("." + "0" * decimals if decimals else "")}
                )
            sheet.write_number(row, at, int(cell) / 10**decimals, formats[decimals])

        return money
    if column.kind == "date":
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        return lambda row, at, cell, _: sheet.write_datetime(row, at, iso(cell), day)
    if column.kind == "flag":
        return lambda row, at, cell, _: sheet.write_boolean(row, at, bool(cell))
    if column.kind in {"integer", "decimal"}:
        return lambda row, at, cell, _: sheet.write_number(row, at, cell)
    if column.kind == "percent":
        share = book.add_format({"num_format": '0.0" %"'})
        return lambda row, at, cell, _: sheet.write_number(row, at, cell, share)
    return lambda row, at, cell, _: sheet.write_string(row, at, plain(str(cell)))
