"""What a picture is: bars of exact values in one currency, whatever draws them. Pure data."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate

from segcli.base.money import half_up, to_human

MOST_BARS = 20
MOST_POINTS = 36  # of time: three years of months
MOST_SERIES = 8  # as many as can be told apart


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: a value per series, in the smallest parts that the picture counts in."""

    label: str
    values: tuple[int, ...]
    note: str = ""  # what stands behind the value
    is_rest: bool = False  # it adds up what has no bar of its own

    @property
    def total(self) -> int:
        """Return the sum of the values: what is written beside the bar."""
        return sum(self.values)

    @property
    def low(self) -> int:
        """Return how far the bar goes to the left of zero: the sum of what is negative."""
        return sum(value for value in self.values if value < 0)

    @property
    def high(self) -> int:
        """Return how far the bar goes to the right of zero."""
        return sum(value for value in self.values if value > 0)

    def pieces(self) -> Iterator[tuple[int, int, int]]:
        """Yield for each series that is there its place, and where its piece starts and ends, away from zero."""
        for sign in (-1, 1):
            held = [(at, value) for at, value in enumerate(self.values) if value * sign > 0]
            ends = list(accumulate(value for _, value in held))
            yield from ((at, end - value, end) for (at, value), end in zip(held, ends, strict=True))


@dataclass(frozen=True, slots=True)
class Picture:
    """Bars of one currency, or of numbers that are no money where `currency` is ''."""

    title: str
    series: tuple[str, ...]
    bars: tuple[Bar, ...]
    currency: str = ""
    parts: int = 1  # of the smallest unit of the currency
    is_scale: bool = False  # the series are steps of one scale
    is_time: bool = False

    def words(self, value: int, decimal: str = ".") -> str:
        """Return a value as people read it everywhere else."""
        return to_human(half_up(value, self.parts), self.currency, decimal) if self.currency else str(value)

    def words_of(self, bar: Bar, decimal: str = ".") -> str:
        """Return what stands beside a bar: its value, and its note."""
        note = f" ({bar.note.replace('.', decimal)})" if bar.note else ""
        return f"{self.words(bar.total, decimal)}{note}"

    @property
    def totals(self) -> tuple[int, ...]:
        """Return the sum of each series over all bars, what was added up in one included."""
        return tuple(map(sum, zip(*(bar.values for bar in self.bars), strict=True)))

    @property
    def span(self) -> tuple[int, int]:
        """Return the least and the greatest end of the bars that have a name: what the scale holds. Zero lies in it."""
        bars = [bar for bar in self.bars if not bar.is_rest] or self.bars
        return min((bar.low for bar in bars), default=0), max((bar.high for bar in bars), default=0)

    def is_drawn(self, bar: Bar) -> bool:
        """Tell whether a bar lies on the scale: the sum of many others may not, and would press all others flat."""
        low, high = self.span
        return low <= bar.low and bar.high <= high
