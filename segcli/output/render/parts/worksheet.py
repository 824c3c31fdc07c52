"""One sheet of a workbook: typed numbers, dates and booleans, text that is never run as a formula, and totals."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from segcli.base.errors import SegcliError
from segcli.base.escaping import TOTALS, is_error, written
from segcli.base.money import exponent, to_text
from segcli.domain.table import Cell, Column, Row, Table
from segcli.output.render.parts import sheet_rows
from segcli.output.render.parts.cell_text import Block, blocks, currencies, rounded
from segcli.output.render.parts.style import Style
from segcli.output.render.parts.totals import Totals

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.workbook import Workbook

MOST_ROWS = 1_048_575  # rows of a sheet, minus the heading
MOST_CHARACTERS = 32_767  # of a cell. Source of all three: Microsoft, Excel specifications and limits
_EXACT = 10**15
_FIRST_YEAR = 1901  # Excel's calendar has a 29 February 1900
_SAMPLE = 1000
_WIDEST = 60
_WIDE = 100  # characters; wider sheets are printed in landscape
_PERCENT = '0.00" %"'
_DATES = {"iso": "yyyy-mm-dd", "dmy": "dd-mm-yyyy", "mdy": "mm/dd/yyyy"}
_CURRENCY = Column("currency", "code")


class Sheet:
    """One sheet of a workbook."""

    def __init__(self, table: Table, book: "Workbook", name: str, style: Style) -> None:
        self._table = table
        self._book = book
        self._sheet = book.add_worksheet(name)
        self._day = _DATES[style.dates]
        self._formats: dict[tuple[str, bool], Format] = {}
        self._is_bold = False
        self._totals = Totals(table)
        self._columns = (*table.columns, *([_CURRENCY] if self._lacks_currency() else []))
        self._heads = [written(column.title) for column in self._columns] if style.with_header else []
        self._widths = [len(head) + 3 for head in self._heads] or [0] * len(self._columns)  # 3: the filter button
        self._writers = [getattr(self, f"_{column.kind}", self._text) for column in self._columns]
        self._inexact: set[int] = set()  # columns with a number written as text, which a formula would not add up
        self._has_blank_currency = False

    def _lacks_currency(self) -> bool:
        """Tell whether there are totals by currency but no currency column, which is then added."""
        at = self._table.currency_at
        has_money = any(column.kind == "money" and column.total for column in self._table.columns)
        return self._table.with_totals and has_money and at is not None and at >= len(self._table.columns)

    def fill(self) -> int:
        """Write headings, rows and totals; return the number of rows."""
        self._head()
        count = 0
        for block in self._blocks():
            self._room_for(count + len(block))
            self._block(block, currencies(self._table, block), count + bool(self._heads))
            count += len(block)
        self._ends(count)
        for at, size in enumerate(self._widths):
            self._sheet.set_column(at, at, min(max(size, 8), _WIDEST))
        self._page(count)
        return count

    def _blocks(self) -> Iterator[Block]:
        return self._totals.watch(blocks(self._table.rows))

    def _block(self, block: Block, codes: Sequence[str], first: int) -> None:
        """Write a block from row `first` on. The first rows go cell by cell, to measure them; later plain blocks go as XML."""
        if first > _SAMPLE and sheet_rows.is_known(self._sheet):
            try:
                text = self._rows.xml(block, codes, first)
            except sheet_rows.NotPlain:
                pass
            else:
                # in a currency column that was added here no cell is blank
                at = self._table.currency_at if len(self._columns) == len(self._table.columns) else None
                self._has_blank_currency |= at is not None and any(not row[at] for row in block)
                sheet_rows.pour(self._sheet, text, first, first + len(block) - 1, len(self._columns))
                return
        for number, (row, code) in enumerate(zip(block, codes, strict=True), first):
            self._row(number, row, code)

    @cached_property
    def _rows(self) -> sheet_rows.Rows:
        from xlsxwriter.utility import xl_col_to_name

        letters = [xl_col_to_name(at) for at in range(len(self._columns))]
        return sheet_rows.Rows(self._table, self._columns, self._style_number, letters)

    def _style_number(self, what: str) -> int:
        """Return the workbook's number of the cell format of a kind, or of money in a currency ("money EUR")."""
        kind, _, code = what.partition(" ")
        pattern = {"date": self._day, "percent": _PERCENT}.get(kind) or _money_pattern(code)
        return int(self._format(pattern)._get_xf_index())  # noqa: SLF001 - the number that XlsxWriter itself writes

    def _room_for(self, count: int) -> None:
        if count > MOST_ROWS:
            raise SegcliError(f"a sheet of Excel holds {MOST_ROWS:,} rows, and this is more", "write csv instead")

    def _head(self) -> None:
        if self._heads:
            bold = self._book.add_format({"bold": True, "bottom": 1})
            for at, head in enumerate(self._heads):
                self._sheet.write_string(0, at, head, bold)
            self._sheet.freeze_panes(1, 0)

    def _page(self, count: int) -> None:
        """Set the filter and the print layout: fit to page width, headings on each page."""
        if count and self._heads:
            self._sheet.autofilter(0, 0, count, len(self._heads) - 1)
            self._sheet.repeat_rows(0)
        self._sheet.set_paper(9)  # A4
        self._sheet.fit_to_pages(1, 0)
        if sum(self._widths) > _WIDE:
            self._sheet.set_landscape()

    def _row(self, number: int, row: Row, code: str) -> None:
        if len(self._columns) > len(self._table.columns):
            row = (*row[: len(self._table.columns)], code)
        elif self._table.currency_at is not None and not row[self._table.currency_at]:
            self._has_blank_currency = True
        for at, (column, write, cell) in enumerate(zip(self._columns, self._writers, row, strict=False)):
            if cell is not None:
                currency = self._table.currency if column.is_base else code
                cell = rounded(column, cell)  # noqa: PLW2901 - the value as the sheet stores it
                write(number, at, cell, currency)
                if number <= _SAMPLE:
                    self._widths[at] = max(self._widths[at], _width(column, cell, currency))

    # Totals

    def _ends(self, count: int) -> None:
        """Write one row of totals per currency, as formulas with the exact sums as their cached results.

        With a row limit, the totals are those of all rows, as numbers, and the label says so.
        """
        part = self._table.part
        lines = list(self._totals.lines()) if count or part else []
        self._room_for(count + len(lines))
        self._is_bold = True
        for number, (label, code, cells) in enumerate(lines, count + bool(self._heads)):
            self._label(number, f"{label} ({part})" if part else label, cells)
            for at, cell in enumerate(cells):
                if cell is not None:
                    self._total(number, at, cell, (count, code if len(lines) > 1 else ""))
        if lines:
            self._mark(count, len(lines))

    def _mark(self, count: int, lines: int) -> None:
        """Define a name for the rows of totals, by which import recognises them even if rows were inserted above."""
        from xlsxwriter.utility import quote_sheetname, xl_range_abs

        first = count + bool(self._heads)
        place = xl_range_abs(first, 0, first + lines - 1, len(self._columns) - 1)
        name = f"{TOTALS}{self._sheet.index}"
        self._book.define_name(name, f"={quote_sheetname(self._sheet.get_name())}!{place}")

    def _label(self, row: int, label: str, cells: Row) -> None:
        free = [
            at
            for at, (column, cell) in enumerate(zip(self._columns, cells, strict=False))
            if not column.total and cell is None
        ]
        if free or self._table.part:
            at = free[0] if free else len(self._columns)
            self._sheet.write_string(row, at, label, self._format("General"))

    def _total(self, row: int, at: int, cell: Any, over: tuple[int, str]) -> None:  # noqa: ANN401 - a sum
        column, code = self._columns[at], self._table.currency if self._columns[at].is_base else over[1]
        whole = rounded(column, cell)
        money = column.kind == "money"
        currency = code or self._only_currency()
        value = whole / 10 ** exponent(currency) if money else whole
        # A formula would give another sum if rows were rounded, are text because of many digits, or are not shown.
        if self._table.part or column.parts != 1 or at in self._inexact or abs(whole) >= _EXACT:
            self._writers[at](row, at, whole, currency)
        else:
            pattern = _money_pattern(currency) if money else "General"
            self._sheet.write_formula(row, at, self._formula(at, *over), self._format(pattern), value)
        self._widths[at] = max(self._widths[at], _width(column, whole, currency))

    def _only_currency(self) -> str:
        return next((code for _, code, _ in self._totals.lines()), self._table.currency)

    def _formula(self, at: int, count: int, code: str) -> str:
        """Return the formula of a column's total: of the rows that the filter shows, or of all rows in one currency."""
        amounts = self._range(at, count)
        if not code:
            return f"=SUBTOTAL(109,{amounts})"
        place = self._table.currency_at
        where = self._range(
            len(self._columns) - 1 if place is None or place >= len(self._table.columns) else place, count
        )
        found = f'SUMIFS({amounts},{where},"{code}")'
        is_blank_too = self._has_blank_currency and code == self._table.currency
        return f'={found}+SUMIFS({amounts},{where},"=")' if is_blank_too else f"={found}"

    def _range(self, at: int, count: int) -> str:
        from xlsxwriter.utility import xl_range_abs

        first = int(bool(self._heads))
        text: str = xl_range_abs(first, at, first + count - 1, at)
        return text

    # Cells

    def _format(self, pattern: str) -> "Format":
        key = (pattern, self._is_bold)
        if key not in self._formats:
            bold = {"bold": True, "top": 1} if self._is_bold else {}
            self._formats[key] = self._book.add_format({"num_format": pattern, **bold})
        return self._formats[key]

    def _text(self, row: int, at: int, cell: Cell, _code: str) -> None:
        text = written(str(cell))
        text = f"'{text}" if is_error(text) else text
        if len(text.encode("utf-16-le")) > 2 * MOST_CHARACTERS:
            name = self._columns[at].name
            raise SegcliError(
                f"{name}: a cell of Excel holds {MOST_CHARACTERS:,} characters, and one has {len(text):,}",
                "write csv instead",
            )
        self._sheet.write_string(row, at, text)

    def _digits(self, row: int, at: int, text: str) -> None:
        """Write a number that Excel would round as exact text."""
        self._inexact.add(at)
        self._sheet.write_string(row, at, text, *([self._format("General")] if self._is_bold else []))

    def _money(self, row: int, at: int, cell: int, code: str) -> None:
        if abs(cell) >= _EXACT:
            self._digits(row, at, to_text(cell, code))
        else:
            self._sheet.write_number(row, at, cell / 10 ** exponent(code), self._format(_money_pattern(code)))

    def _integer(self, row: int, at: int, cell: int, _code: str) -> None:
        if abs(cell) >= _EXACT:
            self._digits(row, at, str(cell))
        else:
            self._sheet.write_number(row, at, cell, *([self._format("General")] if self._is_bold else []))

    def _decimal(self, row: int, at: int, cell: float, _code: str) -> None:
        if abs(cell) != float("inf"):
            self._sheet.write_number(row, at, cell, *([self._format("General")] if self._is_bold else []))

    def _percent(self, row: int, at: int, cell: float, _code: str) -> None:
        if abs(cell) != float("inf"):
            self._sheet.write_number(row, at, cell, self._format(_PERCENT))

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
            self._sheet.write_datetime(row, at, day, self._format(self._day))


def _money_pattern(code: str) -> str:
    decimals = exponent(code)
    return f"#,##0.{'0' * decimals}" if decimals else "#,##0"


def _width(column: Column, cell: Cell, code: str) -> int:
    """Estimate the width of a cell in characters."""
    if column.kind == "money":
        return len(f"{int(cell or 0):,}") + bool(exponent(code)) + 2
    return 12 if column.kind == "date" else len(str(cell)) + 2
