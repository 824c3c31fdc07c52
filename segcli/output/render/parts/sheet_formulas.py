"""The formulas of a sheet's totals and subtotals, the names that mark their rows for import, and the look of amounts."""

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from segcli.base.money import exponent
from segcli.domain.table import Cell, Chart, Column

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

_LONGEST = 8_000  # characters of a formula; Excel takes 8,192

PERCENT = '0.00" %"'  # number format of percentages


def place(at: int, first: int, last: int) -> str:
    """Return the cells of a column from row `first` to `last`, both from 0."""
    from xlsxwriter.utility import xl_range_abs

    return str(xl_range_abs(first, at, last, at))


def visible(at: int, first: int, last: int) -> str:
    """Return the sum of the rows that the filter shows; it leaves out cells that are such a sum themselves."""
    return f"=SUBTOTAL(109,{place(at, first, last)})"


def in_currency(at: int, currency_at: int, rows: tuple[int, int], code: str, *, with_blank: bool) -> str:
    """Return the sum of the rows of one currency, and of those without one if `with_blank`."""
    amounts, where = place(at, *rows), place(currency_at, *rows)
    found = f'SUMIFS({amounts},{where},"{code}")'
    return f'={found}+SUMIFS({amounts},{where},"=")' if with_blank else f"={found}"


def marks(sheet: str, ranges: Iterable[tuple[int, int]], last_column: int) -> Iterator[str]:
    """Yield formulas that name these ranges of rows of a sheet, each with as many ranges as Excel takes."""
    from xlsxwriter.utility import quote_sheetname, xl_range_abs

    front, size = f"{quote_sheetname(sheet)}!", 0
    found: list[str] = []
    for first, last in ranges:
        area = f"{front}{xl_range_abs(first, 0, last, last_column)}"
        if size + len(area) + 1 > _LONGEST:
            yield f"={','.join(found)}"
            found, size = [], 0
        found.append(area)
        size += len(area) + 1
    if found:
        yield f"={','.join(found)}"


def shade(sheet: "Worksheet", chart: Chart | None, columns: Sequence[Column], first: int, count: int) -> None:
    """Give the cells of a heat map, from row `first`, a colour scale; its first column does not set the limits, as in a picture."""
    if count and chart and chart.kind == "heat":
        places = [at for at, column in enumerate(columns) if column.name in chart.series]
        last = first + count - 1
        scale = _scale((first, places[:2][-1], last, places[-1]))
        sheet.conditional_format(first, places[0], last, places[-1], scale)


def _scale(cells: tuple[int, int, int, int]) -> dict[str, str]:
    """Return a colour scale from light to dark, whose limits are the least and the largest value of these cells."""
    from xlsxwriter.utility import xl_range_abs

    area = xl_range_abs(*cells)
    low, middle, high = (f"={name}({area})" for name in ("MIN", "MEDIAN", "MAX"))
    return {
        "type": "3_color_scale", "min_type": "formula", "mid_type": "formula", "max_type": "formula",
        "min_value": low, "mid_value": middle, "max_value": high,
        "min_color": "#FFF3B7", "mid_color": "#FDB74B", "max_color": "#EC6E28",
    }  # fmt: skip


def money_pattern(code: str) -> str:
    """Return the number format of amounts in a currency."""
    decimals = exponent(code)
    return f"#,##0.{'0' * decimals}" if decimals else "#,##0"


def width(column: Column, cell: Cell, code: str) -> int:
    """Estimate the width of a cell in characters."""
    if column.kind == "money":
        return len(f"{int(cell or 0):,}") + bool(exponent(code)) + 2
    return 12 if column.kind == "date" else len(str(cell)) + 2
