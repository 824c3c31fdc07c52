"""The periods of a subscription. Each is calculated from the anchor day, not from the previous period, to avoid drift. Pure."""

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
    count: int = 1  # number of frequency units per period
    timing: str = "advance"  # or 'arrears'
    # Day of the month on which periods begin, capped at the last day; None: the day of the start date.
    day: int | None = None
    is_calendar: bool = False  # align to Mondays and to calendar months, quarters, half-years and years


@dataclass(frozen=True, slots=True)
class Period:
    """A period to invoice (days inclusive), and the full period that contains it."""

    start: date
    end: date
    full_start: date
    full_end: date

    @property
    def full_days(self) -> int:
        """Return the number of days of the full period."""
        return days(self.full_start, self.full_end)

    @property
    def share(self) -> Fraction:
        """Return the share of the full period, by days."""
        return Fraction(days(self.start, self.end), self.full_days)

    def invoice_date(self, timing: str) -> date:
        """Return the invoice date: the first day in advance, or the day after the last one in arrears."""
        return self.start if timing == "advance" else self.end + _DAY


def days(first: date, last: date) -> int:
    """Return the number of days from `first` to `last`, inclusive."""
    return (last - first).days + 1


def periods(rhythm: Rhythm, start: date, end: date | None, after: date | None = None) -> Iterator[Period]:
    """Yield the periods of a subscription from `start` to `end`, or up to the end of the calendar (year 9999).

    `after` is the day up to which it was invoiced: only later days are yielded. A partly invoiced period yields its
    remainder.
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
    """The start dates of full periods by number; period 0 starts at the anchor."""

    def __init__(self, rhythm: Rhythm, start: date) -> None:
        self._months = MONTHS.get(rhythm.frequency, 0) * rhythm.count
        self._week = timedelta(days=7 * rhythm.count)
        self._day = 1 if rhythm.is_calendar else rhythm.day or start.day
        monday = start - timedelta(days=start.weekday())
        first = start.replace(month=1, day=1) if self._months else monday
        self._anchor = first if rhythm.is_calendar else start
        self._first = self._anchor.replace(day=1)

    def begin(self, number: int) -> date | None:
        """Return the first day of a period; None beyond the end of the calendar."""
        try:
            if not self._months:
                return self._anchor + self._week * number
            return in_month(add_months(self._first, self._months * number), self._day)
        except (OverflowError, ValueError):
            return None

    def number(self, day: date) -> int:
        """Return the number of the period that contains a day."""
        if not self._months:
            return (day - self._anchor) // self._week
        apart = (day.year - self._anchor.year) * 12 + day.month - self._anchor.month
        number = apart // self._months
        begin = self.begin(number)
        return number - 1 if begin and begin > day else number
