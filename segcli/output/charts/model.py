"""The chart model: bars of exact values in one currency, independent of the output format. Pure data."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, pairwise

from segcli.base.money import half_up, to_human

MOST_BARS = 20
MOST_POINTS = 36  # bars of a time chart: three years of months
MOST_SERIES = 8  # colours that readers can tell apart


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: a value per series, in the units of its picture (see Picture.parts)."""

    label: str
    values: tuple[int, ...]
    note: str = ""  # shown after the value
    is_rest: bool = False  # the sum of the rows without a bar of their own
    reached: float | None = None  # in per cent, where the line passes
    is_empty: bool = False  # its cell is empty, which is not 0

    @property
    def total(self) -> int:
        """Return the sum of the values, shown beside the bar."""
        return sum(self.values)

    @property
    def low(self) -> int:
        """Return the left end of the bar: the sum of the negative values."""
        return sum(value for value in self.values if value < 0)

    @property
    def high(self) -> int:
        """Return the right end of the bar: the sum of the positive values."""
        return sum(value for value in self.values if value > 0)

    def pieces(self) -> Iterator[tuple[int, int, int]]:
        """Yield (series index, start, end) for each nonzero value, stacked outward from zero."""
        for sign in (-1, 1):
            held = [(at, value) for at, value in enumerate(self.values) if value * sign > 0]
            ends = list(accumulate(value for _, value in held))
            yield from ((at, end - value, end) for (at, value), end in zip(held, ends, strict=True))


@dataclass(frozen=True, slots=True)
class Picture:
    """A chart: bars of one currency, or of plain numbers if `currency` is ''."""

    title: str
    series: tuple[str, ...]
    bars: tuple[Bar, ...]
    currency: str = ""
    parts: int = 1  # the values are in units of 1/parts of the currency's minor unit
    is_scale: bool = False  # the series are steps of one scale
    is_time: bool = False
    line: str = ""  # the name of the line over the bars

    def words(self, value: int, decimal: str = ".") -> str:
        """Format a value as in tables."""
        return to_human(half_up(value, self.parts), self.currency, decimal) if self.currency else str(value)

    def words_of(self, bar: Bar, decimal: str = ".") -> str:
        """Return the text beside a bar: its value and its note; '' for an empty cell."""
        if bar.is_empty:
            return ""
        note = f" ({bar.note.replace('.', decimal)})" if bar.note else ""
        return f"{self.words(bar.total, decimal)}{note}"

    @property
    def passed(self) -> tuple[tuple[int, float], ...]:
        """Return (index of the bar, per cent) where the line passes; () if it would not rise from bar to bar."""
        found = tuple((at, bar.reached) for at, bar in enumerate(self.bars) if bar.reached is not None)
        rises = all(one <= other for (_, one), (_, other) in pairwise(found))
        return found if self.line and rises else ()

    @property
    def totals(self) -> tuple[int, ...]:
        """Return the sum of each series over all bars, including the rest bar."""
        return tuple(map(sum, zip(*(bar.values for bar in self.bars), strict=True)))

    @property
    def span(self) -> tuple[int, int]:
        """Return the range of the scale: the lowest and highest end of the bars other than the rest bar, and zero."""
        bars = [bar for bar in self.bars if not bar.is_rest] or self.bars
        return min((bar.low for bar in bars), default=0), max((bar.high for bar in bars), default=0)

    def is_drawn(self, bar: Bar) -> bool:
        """Tell whether a bar fits the scale; a rest bar beyond it is not drawn, because it would flatten the others."""
        low, high = self.span
        return low <= bar.low and bar.high <= high
