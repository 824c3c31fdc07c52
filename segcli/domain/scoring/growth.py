"""Growth classes: the amount of an account in a window compared with the preceding window of equal length. Pure.

new            nothing before, and the first invoice is in the window
returned       nothing before, but there are older invoices
lost           something before, nothing now
small          both amounts below the minimum
too recent     the first invoice is after the start of the preceding window, which is therefore incomplete
decline        at least 20 % less
growth         at least 20 % more
stable         in between
no value       nothing in both windows
A negative amount, due to credit notes, counts as zero. A window (D - 12 months, D] excludes its first day.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Generic, TypeVar

from segcli.base.dates import add_months
from segcli.base.errors import SegcliError, UsageError

Id = TypeVar("Id")
Row = tuple[
    Id, int, int, date | None
]  # id, amount in the window, amount in the preceding window, date of the first invoice ever
CLASSES = ("new", "returned", "lost", "small", "too recent", "decline", "growth", "stable", "no value")


@dataclass(frozen=True, slots=True)
class Windows:
    """Two windows of equal length, each without its first day: (`start`, `middle`] and (`middle`, `end`]."""

    start: date
    middle: date
    end: date

    @classmethod
    def until(cls, day: date, months: int = 12, imported_from: date | None = None) -> "Windows":
        """Return the windows up to a day. SegcliError if the preceding window starts before the data."""
        if months < 1:
            raise UsageError(f"growth: {months} months are no window", "say 1 or more; 12 is usual")
        found = cls(add_months(day, -2 * months), add_months(day, -months), day)
        if imported_from is not None and imported_from > _next(found.start):
            raise SegcliError(
                f"growth: the earlier window needs invoices from {_next(found.start)}; data start {imported_from}",
                "use a shorter window, or import older invoices",
            )
        return found


@dataclass(frozen=True, slots=True)
class Rule:
    """Limits of decline and growth, and the minimum amount."""

    decline: Fraction = Fraction(-20, 100)
    growth: Fraction = Fraction(20, 100)
    least: int = 0

    def __post_init__(self) -> None:
        """Raise UsageError unless decline < 0 < growth."""
        if not self.decline < 0 < self.growth:
            raise UsageError(
                f"growth: {self.decline} is no decline or {self.growth} no growth", "such as -0.20 and 0.20"
            )


USUAL = Rule()


@dataclass(frozen=True, slots=True)
class Grown(Generic[Id]):
    """The class of an account and its growth (0.2 is 20 %); None if it cannot be calculated."""

    id: Id
    name: str
    growth: Fraction | None = None


def growth(rows: Iterable[Row[Id]], windows: Windows, rule: Rule = USUAL) -> Iterator[Grown[Id]]:
    """Yield the class of each account, row by row."""
    return (_grown(row, windows, rule) for row in rows)


def _grown(row: Row[Id], windows: Windows, rule: Rule) -> Grown[Id]:
    id_, now, before, first = row
    apart = _apart(max(now, 0), max(before, 0), first, windows, rule)
    if apart:
        return Grown(id_, apart)
    rate = Fraction(now - before, before)
    return Grown(id_, "decline" if rate <= rule.decline else "growth" if rate >= rule.growth else "stable", rate)


def _apart(now: int, before: int, first: date | None, windows: Windows, rule: Rule) -> str:
    """Return the class of an account without a growth rate; '' if the rate can be calculated."""
    if not now and not before:
        return "no value"
    if max(now, before) < rule.least:
        return "small"
    if not before:
        return "new" if first is None or first > windows.middle else "returned"
    if not now:
        return "lost"
    return "too recent" if first is not None and first > _next(windows.start) else ""


def _next(day: date) -> date:
    """Return the next day: the first day included in a window whose excluded start is `day`."""
    return date.fromordinal(day.toordinal() + 1)
