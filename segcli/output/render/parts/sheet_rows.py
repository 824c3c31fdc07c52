"""Rows of a sheet as XML, block by block: the output of XlsxWriter's cell-by-cell calls in a sixth of the time.

The XML follows ECMA-376 part 1, 18.3.1 (worksheets), and XlsxWriter's choices: inline strings, numbers of 16 digits. A
block with anything unusual (a number written as text, an invalid date, text with line ends or outer blanks) is left to
XlsxWriter. So is the whole sheet if XlsxWriter lacks one of the internal attributes in _INSIDE; check `pour` after an
upgrade of XlsxWriter.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from segcli.base.escaping import is_error, is_marked_number
from segcli.base.money import exponent
from segcli.domain.table import Column, Row, Table
from segcli.output.render.parts.cell_text import Cells, rounded, texts

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_INSIDE = ("_write_single_row", "row_data_fh", "previous_row", "dim_rowmin", "dim_rowmax", "dim_colmin", "dim_colmax")
_EPOCH = date(1899, 12, 30).toordinal()  # day 0 of Excel's date serials, valid from March 1900
_MARKUP = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))
_EXACT = 10**15
_LONG = 32_767
Style = Callable[[str], int]  # kind, or "money" and a currency -> the number of the cell format


class NotPlain(Exception):  # noqa: N818 - never leaves this package
    """The block must be written by XlsxWriter."""


def is_known(sheet: "Worksheet") -> bool:
    """Tell whether the sheet has the internal attributes that `pour` uses."""
    return all(hasattr(sheet, name) for name in _INSIDE) and getattr(sheet, "constant_memory", False)


def pour(sheet: "Worksheet", text: str, first: int, last: int, columns: int) -> None:
    """Append rows as XML to the sheet: `first` to `last`, from 0."""
    sheet._write_single_row(first)  # noqa: SLF001 - flushes the pending row
    sheet.row_data_fh.write(text)
    sheet.previous_row = last
    sheet.dim_rowmin, sheet.dim_colmin = min(sheet.dim_rowmin or 0, first), 0
    sheet.dim_rowmax = max(sheet.dim_rowmax or 0, last)
    sheet.dim_colmax = max(sheet.dim_colmax or 0, columns - 1)


class Rows:
    """Converts blocks of a table to rows of a sheet; `style` returns the number of a cell format."""

    def __init__(self, table: Table, columns: Sequence[Column], style: Style, letters: Sequence[str]) -> None:
        self._columns = columns
        self._own = len(table.columns)
        self._base = table.currency
        self._style = style
        self._letters = letters
        self._days: dict[str, str] = {}

    def xml(self, block: Sequence[Row], codes: Sequence[str], first: int) -> str:
        """Return the XML of the rows; `first` is the index of the first row, from 0. Raises NotPlain."""
        numbers = range(first + 1, first + 1 + len(block))
        every: Iterable[Cells] = zip(*block, strict=True)
        cells = list(every)[: self._own]
        if len(self._columns) > self._own:
            cells.append(codes)  # the currency column that the table itself lacks
        made = [
            self._column(column, letter, found, codes, numbers)
            for column, letter, found in zip(self._columns, self._letters, cells, strict=False)
        ]
        rows = map("".join, zip(*made, strict=True))
        return "".join([f'<row r="{n}">{row}</row>' for n, row in zip(numbers, rows, strict=True)])

    def _column(
        self, column: Column, letter: str, cells: Cells, codes: Sequence[str], numbers: Iterable[int]
    ) -> list[str]:
        kind = column.kind
        if kind == "money":
            return self._money(column, letter, cells, codes, numbers)
        if kind in {"integer", "decimal", "percent"}:
            style = f' s="{self._style(kind)}"' if kind == "percent" else ""
            return [
                "" if cell is None else f'<c r="{letter}{n}"{style}><v>{_checked(cell):.16G}</v></c>'
                for cell, n in zip(cells, numbers, strict=True)
            ]
        if kind == "flag":
            pairs = zip(cells, numbers, strict=True)
            return ["" if c is None else f'<c r="{letter}{n}" t="b"><v>{int(bool(c))}</v></c>' for c, n in pairs]
        if kind == "date":
            style = f' s="{self._style(kind)}"'
            pairs = zip(map(self._day, cells), numbers, strict=True)
            return [f'<c r="{letter}{n}"{style}><v>{day}</v></c>' if day else "" for day, n in pairs]
        return _texts(letter, cells, numbers)

    def _money(
        self, column: Column, letter: str, cells: Cells, codes: Sequence[str], numbers: Iterable[int]
    ) -> list[str]:
        if column.parts != 1:
            cells = [rounded(column, cell) for cell in cells]
        if column.is_base:
            codes = [self._base] * len(cells)
        # In row order and for amounts only: formats are numbered in the order of their first use.
        used = dict.fromkeys(code for cell, code in zip(cells, codes, strict=True) if cell is not None)
        known = {code: (10 ** exponent(code), self._style(f"money {code}")) for code in used}
        found = []
        for cell, code, n in zip(cells, codes, numbers, strict=True):
            if cell is None:
                found.append("")
            else:
                size, style = known[code]
                found.append(f'<c r="{letter}{n}" s="{style}"><v>{_checked(cell) / size:.16G}</v></c>')
        return found

    def _day(self, cell: str | None) -> str:
        if cell is None:
            return ""
        if cell not in self._days:
            try:
                day = date.fromisoformat(cell)
            except ValueError as error:
                raise NotPlain from error
            if day.year <= 1900:  # noqa: PLR2004 - Excel's calendar has a 29 February 1900
                raise NotPlain
            self._days[cell] = str(day.toordinal() - _EPOCH)
        return self._days[cell]


def _checked(cell: float) -> float:
    """Return the number if Excel stores it exactly. Raises NotPlain otherwise."""
    if not -_EXACT < cell < _EXACT:
        raise NotPlain
    return cell


def _texts(letter: str, cells: Cells, numbers: Iterable[int]) -> list[str]:
    found, together = texts(cells)
    joined = "\n".join(found)
    is_short = len(joined) < _LONG or max(map(len, found)) < _LONG // 2  # Excel counts UTF-16 units
    if not together.isprintable() or not is_short or joined.count("\n") != len(found) - 1:
        raise NotPlain
    if "#" in joined and any(map(is_error, found)):
        raise NotPlain
    if "'" in joined and any(map(is_marked_number, found)):
        raise NotPlain
    # Excel reads _x0041_ as A.
    if "_x" in joined or "\\x" in joined or any(text[:1] == " " or text[-1:] == " " for text in found):
        raise NotPlain
    for sign, entity in _MARKUP:
        if sign in joined:
            joined = joined.replace(sign, entity)
    pairs = zip(cells, joined.split("\n"), numbers, strict=True)
    return [
        "" if cell is None else f'<c r="{letter}{n}" t="inlineStr"><is><t>{text}</t></is></c>'
        for cell, text, n in pairs
    ]
