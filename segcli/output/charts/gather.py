"""Gather streamed rows into pictures: the largest bars of each currency and the sum of the rest, in bounded memory."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from heapq import heappush, heappushpop
from typing import NamedTuple

from segcli.base.errors import UsageError
from segcli.base.text import visible
from segcli.domain.table import NUMERIC, Cell, Chart, Row, Table
from segcli.output.charts import model
from segcli.output.charts.model import Bar, Picture
from segcli.output.charts.steps import following

_NONE = "(none)"
_DRAWN = frozenset({"money", "integer", "decimal"})  # column kinds; only decimals are rounded, to whole numbers

Values = dict[str, int]  # value by series


class _Entry(NamedTuple):
    # Label or size, which decides what is kept; then minus the row number, so that keys differ.
    key: tuple[str | int, int]
    label: str
    values: Values
    note: str
    reached: float | None


class _Kept:
    """The bars of one currency that are kept, and the sum of those that are left out."""

    def __init__(self, *, is_time: bool, adds_up: bool = True) -> None:
        self._is_time = is_time
        self._adds_up = adds_up
        self._most = model.MOST_POINTS if is_time else model.MOST_BARS
        self._count = 0
        self.entries: list[_Entry] = []
        self.rest: Values = {}
        self.rest_label = ""
        self.left_out = 0

    def add(self, label: str, values: Values, note: str = "", reached: float | None = None) -> None:
        """Add a bar. Beyond the maximum the smallest bar is left out, the earliest in a time chart, or the last without a sum."""
        self._count += 1
        if not self._adds_up and len(self.entries) == self._most:
            self.left_out += 1
            return
        key = label if self._is_time else sum(map(abs, values.values()))
        entry = _Entry((key, -self._count), label, values, note, reached)
        if len(self.entries) < self._most:
            heappush(self.entries, entry)
            return
        self.left_out += 1
        _add(self.rest, heappushpop(self.entries, entry).values)

    def add_rest(self, label: str, values: Values) -> None:
        """Add a row that is itself a sum of other rows."""
        self.rest_label = label
        _add(self.rest, values)

    def in_order(self) -> list[_Entry]:
        """Return the bars: by time in a time chart, in table order if none is left out, else largest first."""
        if self._is_time:
            return sorted(self.entries)
        if not self.left_out or not self._adds_up:
            return sorted(self.entries, key=lambda entry: -entry.key[1])
        return sorted(self.entries, key=lambda entry: (-sum(entry.values.values()), -entry.key[1]))

    def rest_words(self) -> str:
        """Return the label of the rest bar, such as "12 others"; '' if there is none."""
        if not self._adds_up:
            return ""
        more = "earlier" if self._is_time else "other" if self.left_out == 1 else "others"
        counted = f"{self.left_out:,} {more}" if self.left_out else ""
        return " and ".join(word for word in (counted, self.rest_label) if word)


def _add(sums: Values, more: Mapping[str, int]) -> None:
    for name, value in more.items():
        sums[name] = sums.get(name, 0) + value


class Gatherer:
    """Gathers a chart from the rows of a table while they are streamed; `pictures` returns it at the end."""

    def __init__(self, table: Table, chart: Chart) -> None:
        """Raise UsageError if the table lacks a column that the chart needs."""
        self._table, self._chart = table, chart
        self._places = {column.name: at for at, column in enumerate(table.columns)}
        self._series = [c for c in table.columns if c.name in chart.series and c.kind in _DRAWN]
        if not self._series or (chart.by and chart.by not in self._places):
            needed = [chart.by] if chart.by and self._series else chart.series
            raise UsageError(
                f"--chart draws {', '.join(needed)}: none is shown", "name one in --columns, or leave --columns out"
            )
        self._labels = self._label_places()
        self._kept: dict[str, _Kept] = {}
        self._open: dict[str, tuple[str, Values]] = {}  # by currency: the stacked bar that is not complete yet
        self._names: dict[str, None] = {}  # the values of column `by`, in table order

    def _label_places(self) -> list[int]:
        found = [self._places[name] for name in self._chart.label if name in self._places]
        first = next((at for at, column in enumerate(self._table.columns) if column.kind in NUMERIC), 0)
        return found or [at for at in range(first) if self._table.columns[at].name != "currency"]

    def watch(self, rows: Iterable[Row]) -> Iterator[Row]:
        """Yield the rows unchanged and gather them."""
        for row in rows:
            self._look(row)
            yield row

    def _look(self, row: Row) -> None:
        code, label, values = self._currency(row), self._label(row), self._values(row)
        kept = self._kept.setdefault(code, _Kept(is_time=self._chart.kind == "time", adds_up=self._chart.adds_up))
        if label == self._chart.rest:
            kept.add_rest(label.strip("()"), values)
        elif self._chart.by and self._chart.kind == "stacked":
            self._merge(code, label, values)
        else:
            kept.add(label, values, self._note(row), self._percent(row, self._chart.line))

    def _merge(self, code: str, label: str, values: Values) -> None:
        """Add the values to the open bar of the same label; another label closes the open bar."""
        before = self._open.get(code)
        if before and before[0] == label:
            _add(before[1], values)
            return
        if before:
            self._kept[code].add(*before)
        self._open[code] = label, values

    def _currency(self, row: Row) -> str:
        first = self._series[0]
        if first.kind != "money":
            return ""
        at = None if first.is_base else self._table.currency_at
        return self._table.currency if at is None else str(row[at] or self._table.currency)

    def _label(self, row: Row) -> str:
        words = [str(row[at]) for at in self._labels if row[at] is not None and str(row[at]).strip()]
        empty = self._table.columns[self._labels[0]].empty if self._labels else ""
        return visible(" ".join(words)) or empty or _NONE

    def _values(self, row: Row) -> Values:
        if not self._chart.by:
            cells = {column.name: row[self._places[column.name]] for column in self._series}
            # Where bars add up, an empty cell is nothing to add; an index that is empty is not 0.
            return {name: _whole(cell) for name, cell in cells.items() if self._chart.adds_up or cell is not None}
        cell = row[self._places[self._chart.by]]
        name = _NONE if cell is None else visible(str(cell))
        self._names.setdefault(name)
        return {name: _whole(row[self._places[self._series[0].name]])}

    def _note(self, row: Row) -> str:
        percent = self._percent(row, self._chart.note)
        return "" if percent is None else f"{percent:.1f} %"

    def _percent(self, row: Row, name: str) -> float | None:
        """Return the percentage in a column; None without that column or in an empty cell."""
        at = self._places.get(name)
        cell = None if at is None else row[at]
        return None if cell is None else float(cell)

    def pictures(self) -> list[Picture]:
        """Return one picture per currency, sorted by currency; an empty list if there were no rows."""
        for code, (label, values) in self._open.items():
            self._kept[code].add(label, values)
        self._open.clear()
        return [self._picture(code, self._kept[code]) for code in sorted(self._kept)]

    def _picture(self, code: str, kept: _Kept) -> Picture:
        first, chart = self._series[0], self._chart
        names = self._names_of(kept) if chart.by else {column.name: visible(column.title) for column in self._series}
        entries = kept.in_order()
        is_time = chart.kind == "time"
        bars = [
            Bar(
                e.label,
                tuple(e.values.get(name, 0) for name in names),
                e.note,
                reached=e.reached,
                is_empty=not e.values,
            )
            for e in entries
        ]
        bars = _latest(bars, names, kept) if is_time else bars
        if words := kept.rest_words():
            bars.insert(0 if is_time else len(bars), _rest(words, kept.rest, names))
        measure = f": {visible(first.title).lower()}" if len(self._series) == 1 else ""
        title = f"{visible(self._table.title)}{measure}{f', {visible(code)}' if code else ''}"
        if not chart.adds_up and kept.left_out:
            title += f", the first {len(bars)} of {len(bars) + kept.left_out}"
        at = self._places.get(chart.line)
        line = "" if at is None else visible(self._table.columns[at].title)
        found = Picture(title, tuple(names.values()), tuple(bars), code, first.parts, chart.is_scale, is_time, line)
        return _fewer_series(found)

    def _names_of(self, kept: _Kept) -> dict[str, str]:
        held = kept.rest.keys() | {name for entry in kept.entries for name in entry.values}
        return {name: name for name in (*self._chart.order, *self._names) if name in held}


def _rest(words: str, sums: Values, names: Mapping[str, str]) -> Bar:
    return Bar(words, tuple(sums.get(name, 0) for name in names), is_rest=True)


def _whole(cell: Cell) -> int:
    return round(cell or 0) if not isinstance(cell, str) else int(cell)


def _latest(bars: list[Bar], names: Iterable[str], kept: _Kept) -> list[Bar]:
    """Return the bars of the latest periods, empty ones included; earlier bars are added to the rest."""
    known = {bar.label for bar in bars}
    filled = list(_without_gaps(bars))
    for bar in filled[: -model.MOST_POINTS]:
        if bar.label in known:
            kept.left_out += 1
            _add(kept.rest, dict(zip(names, bar.values, strict=True)))
    return filled[-model.MOST_POINTS :]


def _without_gaps(bars: Iterable[Bar]) -> Iterator[Bar]:
    """Yield the bars, with an empty bar for each missing week, month, quarter or year in between.

    A gap is filled with at most MOST_POINTS bars: a picture shows no more, so earlier bars are not in it anyway.
    """
    due = ""
    for bar in bars:
        for _ in range(model.MOST_POINTS):
            if not due or due >= bar.label:
                break
            yield Bar(due, (0,) * len(bar.values))
            due = following(due)
        yield bar
        due = following(bar.label)


def _fewer_series(picture: Picture) -> Picture:
    """Return the picture with at most MOST_SERIES series: the largest ones, and the sum of all others as the last."""
    many = len(picture.series)
    if many <= model.MOST_SERIES:
        return picture
    sizes = [sum(abs(bar.values[at]) for bar in picture.bars) for at in range(many)]
    kept = sorted(sorted(range(many), key=lambda at: (-sizes[at], at))[: model.MOST_SERIES - 1])
    bars = [_merged(bar, kept) for bar in picture.bars]
    series = (*(picture.series[at] for at in kept), f"{many - len(kept)} others")
    return replace(picture, series=series, bars=tuple(bars))


def _merged(bar: Bar, kept: list[int]) -> Bar:
    values = tuple(bar.values[at] for at in kept)
    return replace(bar, values=(*values, bar.total - sum(values)))
