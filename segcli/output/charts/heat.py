"""Heat maps: cells shaded by their value, gathered from streamed rows. Pure.

The shade of a cell is one of five steps between the lowest and the highest value. The first column does not set these limits
if there are others: the first period of a cohort would flatten the rest. Numbers are short; the table has every digit.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

from segcli.base.errors import UsageError
from segcli.base.money import exponent, half_up
from segcli.base.text import visible
from segcli.domain.table import NUMERIC, Chart, Column, Row, Table

STEPS = 5
MOST_ROWS = 60
_NONE = "(none)"
_THOUSAND = 1000
_SHORT = 10  # thousands below which a short number has one decimal
_SUFFIXES = ("", "k", "M", "G", "T", "P", "E")

Value = int | float | None


class HeatRow(NamedTuple):
    """One row: its label, and a value per column."""

    label: str
    values: tuple[Value, ...]


@dataclass(frozen=True, slots=True)
class Heat:
    """A heat map. Values are percentages, whole numbers, or amounts in units of the currency."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[HeatRow, ...]
    note: str = ""  # on rows that are left out

    @property
    def span(self) -> tuple[float, float]:
        """Return the lowest and the highest value that set the shades."""
        first = 1 if any(v is not None for row in self.rows for v in row.values[1:]) else 0
        known = [float(v) for row in self.rows for v in row.values[first:] if v is not None]
        return min(known, default=0.0), max(known, default=0.0)

    def steps(self) -> list[list[int | None]]:
        """Return the shades of all cells, from 0 to STEPS - 1; None for an empty cell."""
        low, high = self.span
        scale = STEPS / (high - low) if high > low else 0.0
        return [
            [None if v is None else min(max(int((v - low) * scale), 0), STEPS - 1) for v in row.values]
            for row in self.rows
        ]

    def limits(self) -> list[float]:
        """Return the lower limit of each shade."""
        low, high = self.span
        return [low + at * (high - low) / STEPS for at in range(STEPS)]

    def description(self, decimal: str = ".") -> str:
        """Return the figures as text, for screen readers."""
        return "; ".join(f"{row.label}: {', '.join(self._named(row, decimal))}" for row in self.rows)

    def _named(self, row: HeatRow, decimal: str) -> Iterator[str]:
        for head, value in zip(self.columns, row.values, strict=True):
            if value is not None:
                yield f"{head} {words(value, decimal)}"


def words(value: Value, decimal: str = ".") -> str:
    """Return a short number: 7, 24, 1.2k, 35k; '' for an empty cell. Numbers from 10 on have no decimals."""
    if value is None:
        return ""
    size, power = abs(float(value)), 0
    while round(size) >= _THOUSAND and power < len(_SUFFIXES) - 1:
        size, power = size / _THOUSAND, power + 1
    digits = 1 if size < _SHORT and (power or size != int(size)) else 0
    text = f"{size:.{digits}f}"
    sign = "-" if value < 0 and text.strip("0.") else ""
    return f"{sign}{text.replace('.', decimal)}{_SUFFIXES[power]}"


class HeatGatherer:
    """Gathers a heat map from the rows of a table while they are streamed; `pictures` returns it at the end."""

    def __init__(self, table: Table, chart: Chart) -> None:
        """Raise UsageError if the table lacks a column that the chart needs."""
        places = {column.name: at for at, column in enumerate(table.columns)}
        self._table = table
        self._series = [(places[n], table.columns[places[n]]) for n in chart.series if n in places]
        if not self._series or any(column.kind not in NUMERIC for _, column in self._series):
            raise UsageError(f"--chart draws {', '.join(chart.series)}: none is shown")
        self._labels = [places[name] for name in chart.label if name in places]
        self._rows: deque[HeatRow] = deque(maxlen=MOST_ROWS)
        self._count = 0

    def watch(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield the rows unchanged and gather them."""
        for row in rows:
            label = visible(" ".join(str(row[at]) for at in self._labels if row[at]))
            values = tuple(_plain(row[at], column, self._table.currency) for at, column in self._series)
            self._rows.append(HeatRow(label or _NONE, values))
            self._count += 1
            yield row

    def pictures(self) -> list[Heat]:
        """Return the heat map of the last rows; an empty list if there were no rows."""
        if not self._rows:
            return []
        left = self._count - len(self._rows)
        note = f"{left} rows above these are in the table only" if left else ""
        heads = tuple(visible(column.title) for _, column in self._series)
        return [Heat(visible(self._table.title), heads, tuple(self._rows), note)]


def _plain(cell: object, column: Column, currency: str) -> Value:
    """Return the value of a cell, an amount in units of the currency."""
    if not isinstance(cell, int | float):
        return None
    if column.kind != "money":
        return cell
    return half_up(int(cell), column.parts) / float(10 ** exponent(currency))
