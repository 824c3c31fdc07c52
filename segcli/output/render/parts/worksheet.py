"""One sheet of a workbook: typed numbers, dates and booleans, text that is never run as a formula, and totals."""

from collections.abc import Iterator, Sequence
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Any

from segcli.base.errors import SegcliError
from segcli.base.escaping import TOTALS, is_error, is_marked_number, written
from segcli.base.money import exponent, to_text
from segcli.domain.table import Cell, Column, Row, Table
from segcli.output.render.parts import sheet_formulas, sheet_rows
from segcli.output.render.parts.cell_text import Block, blocks, currencies, rounded
from segcli.output.render.parts.sheet_formulas import PERCENT, money_pattern, width
from segcli.output.render.parts.style import Style
from segcli.output.render.parts.subtotals import NONE, Step, Subtotals
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
        self._marked: list[tuple[int, int]] = []  # first and last row of the totals and subtotals
        self._extents: dict[str, tuple[int, int]] = {}  # first and last row of each currency of the present group

    def _lacks_currency(self) -> bool:
        """Tell whether there are totals by currency but no currency column, which is then added."""
        at = self._table.currency_at
        has_money = any(column.kind == "money" and column.total for column in self._table.columns)
        return (
            (self._table.with_totals or self._table.grouping is not None)
            and has_money
            and at is not None
            and at >= len(self._table.columns)
        )

    def fill(self) -> int:
        """Write headings, rows and totals; return the number of rows."""
        self._head()
        count = lines = 0
        for step in self._steps():
            self._room_for(lines + len(step.rows) + len(step.ends))
            first = lines + bool(self._heads)
            if step.rows:
                self._block(step.rows, currencies(self._table, step.rows), first)
                self._extents[step.code] = (self._extents.get(step.code, (first,))[0], first + len(step.rows) - 1)
            self._subtotals(step, first)
            count += len(step.rows)
            lines += len(step.rows) + len(step.ends)
        self._ends(lines)
        self._mark()
        sheet_formulas.shade(self._sheet, self._table.chart, self._columns, int(bool(self._heads)), count)
        for at, size in enumerate(self._widths):
            self._sheet.set_column(at, at, min(max(size, 8), _WIDEST))
        self._page(lines)
        return count

    def _steps(self) -> Iterator[Step]:
        found = self._totals.watch(blocks(self._table.rows))
        if self._table.grouping:
            return Subtotals(self._table, self._table.grouping).steps(found)
        return (Step(block) for block in found)

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
        """Return the workbook's number of a cell format: of dates, of percentages, or of "money EUR"."""
        kind, _, detail = what.partition(" ")
        pattern = {"date": self._day, "percent": PERCENT}.get(kind) or money_pattern(detail)
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
                    self._widths[at] = max(self._widths[at], width(column, cell, currency))

    # Totals

    def _subtotals(self, step: Step, first: int) -> None:
        """Write the subtotals of a group from row `first` on, as formulas, which the total does not count again."""
        if not step.ends:
            return
        self._is_bold = True
        rows = [row for extent in self._extents.values() for row in extent]
        for number, (group, code, cells) in enumerate(step.ends, first):
            name = NONE if group is None else group
            self._label(number, f"Subtotal {name} {code if step.is_split else ''}".rstrip(), cells)
            extent = self._extents[code] if len(step.ends) > 1 and code in self._extents else (min(rows), max(rows))
            for at, cell in enumerate(cells):
                if cell is not None:
                    is_formula = self._sum(number, at, cell, code, sheet_formulas.visible(at, *extent))
                    self._inexact |= set() if is_formula else {at}  # the total would count a number again
        self._marked.append((first, first + len(step.ends) - 1))
        self._extents = {}
        self._is_bold = False

    def _ends(self, count: int) -> None:
        """Write one row of totals per currency, as formulas with the exact sums as their cached results.

        With a row limit, the totals are those of all rows, as numbers, and the label says so.
        """
        part = self._table.part
        lines = list(self._totals.lines()) if count or part else []
        self._room_for(count + len(lines))
        self._is_bold = True
        first = count + bool(self._heads)
        for number, (label, code, cells) in enumerate(lines, first):
            self._label(number, f"{label} ({part})" if part else label, cells)
            for at, cell in enumerate(cells):
                if cell is not None:
                    self._sum(number, at, cell, code, self._formula(at, count, code if len(lines) > 1 else ""))
        if lines:
            self._marked.append((first, first + len(lines) - 1))

    def _mark(self) -> None:
        """Define names for the rows of totals, by which import recognises them even if rows were inserted above."""
        found = sheet_formulas.marks(self._sheet.get_name(), self._marked, len(self._columns) - 1)
        for number, formula in enumerate(found):
            name = f"{TOTALS}{self._sheet.index}"
            self._book.define_name(f"{name}_{number}" if number else name, formula)

    def _label(self, row: int, label: str, cells: Row) -> None:
        free = [
            at
            for at, (column, cell) in enumerate(zip(self._columns, cells, strict=False))
            if not column.total and cell is None
        ]
        if free or self._table.part:
            at = free[0] if free else len(self._columns)
            self._sheet.write_string(row, at, label, self._format("General"))

    def _sum(self, row: int, at: int, cell: Any, code: str, formula: str) -> bool:  # noqa: ANN401 - a sum, and where it stands
        """Write a sum as a formula, and return True; as a number, and return False, where the formula would differ."""
        column = self._columns[at]
        currency = self._table.currency if column.is_base else code
        whole = rounded(column, cell)
        money = column.kind == "money"
        # A formula would give another sum if rows were rounded, are text because of many digits, or are not shown.
        is_formula = not (self._table.part or column.parts != 1 or at in self._inexact or abs(whole) >= _EXACT)
        if is_formula and formula:
            value = whole / 10 ** exponent(currency) if money else whole
            pattern = money_pattern(currency) if money else "General"
            self._sheet.write_formula(row, at, formula, self._format(pattern), value)
        else:
            self._writers[at](row, at, whole, currency)
        self._widths[at] = max(self._widths[at], width(column, whole, currency))
        return is_formula

    def _formula(self, at: int, count: int, code: str) -> str:
        """Return the formula of a column's total: of the rows that the filter shows, or of all rows in one currency.

        Return '' if a formula cannot tell rows without a currency from subtotals.
        """
        first = int(bool(self._heads))
        rows = (first, first + count - 1)
        if not code:
            return sheet_formulas.visible(at, *rows)
        place = self._table.currency_at
        where = len(self._columns) - 1 if place is None or place >= len(self._table.columns) else place
        with_blank = self._has_blank_currency and code == self._table.currency
        if with_blank and self._table.grouping:
            return ""
        return sheet_formulas.in_currency(at, where, rows, code, with_blank=with_blank)

    # Cells

    def _format(self, pattern: str) -> "Format":
        key = (pattern, self._is_bold)
        if key not in self._formats:
            bold = {"bold": True, "top": 1} if self._is_bold else {}
            self._formats[key] = self._book.add_format({"num_format": pattern, **bold})
        return self._formats[key]

    def _text(self, row: int, at: int, cell: Cell, _code: str) -> None:
        text = written(str(cell))
        text = f"'{text}" if is_error(text) or is_marked_number(text) else text
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
            self._sheet.write_number(row, at, cell / 10 ** exponent(code), self._format(money_pattern(code)))

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
            self._sheet.write_number(row, at, cell, self._format(PERCENT))

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
