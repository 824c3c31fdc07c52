"""The periods of a subscription: they step from its anchor day, never from one another, so that they cannot drift. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from segcli.base.dates import add_months, in_month

MONTHS = {"monthly": 1, "quarterly": 3, "half-yearly": 6, "yearly": 12}
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often and when a subscription is invoiced."""

    frequency: str  # 'weekly' or one of MONTHS
    count: int = 1  # every so many of these
    timing: str = "advance"  # or 'arrears'
    # Of the month, on which periods begin, the last one where it is shorter; None: that of the start.
    day: int | None = None
    is_calendar: bool = False  # weeks from Monday, and months, quarters, half-years and years of the calendar


@dataclass(frozen=True, slots=True)
class Period:
    """A period to be invoiced, all days included, and the whole one that it lies in."""

    start: date
    end: date
    full_start: date
    full_end: date

    @property
    def full_days(self) -> int:
        """Return the days of the whole period."""
        return days(self.full_start, self.full_end)

    @property
    def share(self) -> Fraction:
        """Return how much of the whole period it is, by days."""
        return Fraction(days(self.start, self.end), self.full_days)

    def invoice_date(self, timing: str) -> date:
        """Return its first day in advance, the day after its last one in arrears."""
        return self.start if timing == "advance" else self.end + _DAY


def days(first: date, last: date) -> int:
    """Return the days from one to the other, both included."""
    return (last - first).days + 1


def periods(rhythm: Rhythm, start: date, end: date | None, after: date | None = None) -> Iterator[Period]:
    """Yield the periods of a subscription from its first to its last day; endless where it has no last one.

    `after` is the day up to which it was invoiced: what begins later is yielded, of a period begun its rest. The
    calendar ends with the year 9999, and so do they.
    """
    last = end or date.max
    if after is not None and after >= last:
        return
    first = start if after is None or after < start else after + _DAY
    grid = _Grid(rhythm, start)
    number = grid.number(first)
    full_start = grid.begin(number)
    while first <= last:
        following = grid.begin(number + 1)
        if following is None or full_start is None:
            return
        full_end = following - _DAY
        yield Period(first, min(full_end, last), full_start, full_end)
        first, full_start, number = following, following, number + 1


class _Grid:
    """Where the whole periods of a subscription begin, by number: 0 is the one at its anchor."""

    def __init__(self, rhythm: Rhythm, start: date) -> None:
        self._months = MONTHS.get(rhythm.frequency, 0) * rhythm.count
        self._week = timedelta(days=7 * rhythm.count)
        self._day = 1 if rhythm.is_calendar else rhythm.day or start.day
        monday = start - timedelta(days=start.weekday())
        first = start.replace(month=1, day=1) if self._months else monday
        self._anchor = first if rhythm.is_calendar else start
        self._first = self._anchor.replace(day=1)

    def begin(self, number: int) -> date | None:
        """Return the first day of a period; None beyond the calendar."""
        try:
            if not self._months:
                return self._anchor + self._week * number
            return in_month(add_months(self._first, self._months * number), self._day)
        except (OverflowError, ValueError):
            return None

    def number(self, day: date) -> int:
        """Return the number of the period that a day lies in."""
        if not self._months:
            return (day - self._anchor) // self._week
        apart = (day.year - self._anchor.year) * 12 + day.month - self._anchor.month
        number = apart // self._months
        begin = self.begin(number)
        return number - 1 if begin and begin > day else number
