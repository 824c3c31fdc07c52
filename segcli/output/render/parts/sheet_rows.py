"""Rows of a sheet as XML, a block at once: what XlsxWriter would write cell by cell, at a sixth of its time.

ECMA-376 part 1, 18.3.1 (worksheets) and XlsxWriter's own choices: inline strings, numbers in 16 digits. A block with anything
out of the ordinary (a number that is written as text, an invalid date, text with line ends or blanks at its ends) is left
to XlsxWriter, and so is everything where its insides are not those that are known here.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from segcli.base.escaping import is_error
from segcli.base.money import exponent
from segcli.domain.table import Column, Row, Table
from segcli.output.render.parts.cell_text import Cells, rounded, texts

_INSIDE = ("_write_single_row", "row_data_fh", "previous_row", "dim_rowmin", "dim_rowmax", "dim_colmin", "dim_colmax")
_EPOCH = date(1899, 12, 30).toordinal()  # of Excel's days, from March 1900 on
_MARKUP = (("&", "&amp;"), ("<", "&lt;"), (">", "&gt;"))
_EXACT = 10**15
_LONG = 32_767
Style = Callable[[str], int]  # the number of the format that a kind, or a currency, is shown in


class NotPlain(Exception):  # noqa: N818 - never leaves this package
    """Something that XlsxWriter should write."""


def is_known(sheet: Any) -> bool:  # noqa: ANN401 - XlsxWriter has no types
    """Tell whether the sheet has the insides that are written to here."""
    return all(hasattr(sheet, name) for name in _INSIDE) and getattr(sheet, "constant_memory", False)


def pour(sheet: Any, text: str, first: int, last: int, columns: int) -> None:  # noqa: ANN401 - the same
    """Put rows as XML behind what the sheet has."""
    sheet._write_single_row(first)  # noqa: SLF001 - what is waiting goes first
    sheet.row_data_fh.write(text)
    sheet.previous_row = last
    sheet.dim_rowmin, sheet.dim_colmin = min(sheet.dim_rowmin or 0, first), 0
    sheet.dim_rowmax = max(sheet.dim_rowmax or 0, last)
    sheet.dim_colmax = max(sheet.dim_colmax or 0, columns - 1)


class Rows:
    """What turns blocks of a table into rows of a sheet; `style` numbers the formats."""

    def __init__(self, table: Table, columns: Sequence[Column], style: Style, letters: Sequence[str]) -> None:
        self._columns = columns
        self._own = len(table.columns)
        self._base = table.currency
        self._style = style
        self._letters = letters
        self._days: dict[str, str] = {}

    def xml(self, block: Sequence[Row], codes: Sequence[str], first: int) -> str:
        """Return the rows; `first` is the place of the first, from 0. Raises NotPlain."""
        numbers = range(first + 1, first + 1 + len(block))
        every: Iterable[Cells] = zip(*block, strict=True)
        cells = list(every)[: self._own]
        if len(self._columns) > self._own:
            cells.append(codes)  # the currency that the table itself does not show
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
        # In the order of the rows, and only those of amounts: formats are numbered as they are asked for.
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
    """Return a number that Excel holds as it is."""
    if not -_EXACT < cell < _EXACT:
        raise NotPlain
    return cell


def _texts(letter: str, cells: Cells, numbers: Iterable[int]) -> list[str]:
    found, together = texts(cells)
    joined = "\n".join(found)
    is_short = len(joined) < _LONG or max(map(len, found)) < _LONG // 2  # counted in UTF-16
    if not together.isprintable() or not is_short or joined.count("\n") != len(found) - 1:
        raise NotPlain
    if "#" in joined and any(map(is_error, found)):
        raise NotPlain
    if (
        "_x" in joined or "\\x" in joined or any(text[:1] == " " or text[-1:] == " " for text in found)
    ):  # _x0041_ is an A to Excel
        raise NotPlain
    for sign, entity in _MARKUP:
        if sign in joined:
            joined = joined.replace(sign, entity)
    pairs = zip(cells, joined.split("\n"), numbers, strict=True)
    return [
        "" if cell is None else f'<c r="{letter}{n}" t="inlineStr"><is><t>{text}</t></is></c>'
        for cell, text, n in pairs
    ]
