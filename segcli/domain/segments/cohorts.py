"""Cohorts: accounts that first bought in the same period, or that have the same class, over the periods since. Pure arithmetic.

A period is numbered by its place in time (month 0 is January of the year 0), and `since` counts periods from the one of the
account's first purchase, which is 0. An account is observed in a period if that period is complete; only observed accounts
are in the figures of a period, so that an account without a full period behind it never lowers a figure.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal, NamedTuple

from segcli.base.money import half_up
from segcli.domain.segments.shares import share

Unit = Literal["month", "quarter", "year"]
_PER_YEAR: Mapping[Unit, int] = {"month": 12, "quarter": 4, "year": 1}


def number(day: date, unit: Unit) -> int:
    """Return the number of the period that contains a day."""
    count = _PER_YEAR[unit]
    return day.year * count + (day.month - 1) * count // 12


def last_complete(day: date, unit: Unit) -> int:
    """Return the number of the last period that is over at the end of a day."""
    if day == date.max:  # no day follows it, and each period ends on it
        return number(day, unit)
    return number(day + timedelta(days=1), unit) - 1


class Cell(NamedTuple):
    """The accounts of a cohort with the same period of first purchase, `start`, in the period `since` later."""

    cohort: str | int | None
    start: int
    since: int
    active: int  # accounts with a purchase in the period
    again: int  # accounts whose second day with a purchase lies in the period
    turnover: int


@dataclass(frozen=True, slots=True)
class Figure:
    """The figures of a cohort in one period since the first purchase; those of the observed accounts."""

    cohort: str | int | None
    accounts: int  # of the whole cohort
    since: int
    observed: int  # accounts for which the period is complete
    active: int  # of them: accounts with a purchase in the period
    repeated: int  # of them: accounts with a purchase on a second day until the end of the period
    turnover: int  # of the period
    cumulative: int  # turnover until the end of the period

    @property
    def retention(self) -> float | None:
        """Return the percentage of the observed accounts that bought in the period."""
        return share(self.active, self.observed)

    @property
    def repeat_rate(self) -> float | None:
        """Return the percentage of the observed accounts that bought on a second day."""
        return share(self.repeated, self.observed)

    @property
    def value(self) -> int | None:
        """Return the cumulative turnover per observed account."""
        return half_up(self.cumulative, self.observed) if self.observed else None

    @property
    def is_whole(self) -> bool:
        """Tell whether all accounts of the cohort are observed."""
        return bool(self.observed) and self.observed == self.accounts


def figures(cells: Iterable[Cell], complete: int, most: int) -> list[Figure]:
    """Return the figures of each cohort from period 0 to `most`, or to the last that is observed of any cohort.

    `complete` is the number of the last complete period.
    Cohorts are in order of their first cell. Cells before the first purchase (`since` < 0) are not counted.
    """
    cohorts: dict[str | int | None, dict[int, dict[int, Cell]]] = {}
    for cell in cells:
        if cell.since >= 0:
            cohorts.setdefault(cell.cohort, {}).setdefault(cell.start, {})[cell.since] = cell
    observed = max((complete - start for starts in cohorts.values() for start in starts), default=0)
    last = min(most, max(observed, 0))
    return [figure for cohort, starts in cohorts.items() for figure in _of_cohort(cohort, starts, complete, last)]


def _of_cohort(
    cohort: str | int | None, starts: Mapping[int, Mapping[int, Cell]], complete: int, most: int
) -> Iterator[Figure]:
    sizes = {start: held[0].active for start, held in starts.items()}
    sums = dict.fromkeys(starts, (0, 0))
    for since in range(most + 1):
        active = turnover = repeated = cumulative = observed = 0
        for start, held in starts.items():
            if start + since > complete:
                continue
            again, total = sums[start]
            if cell := held.get(since):
                again, total = sums[start] = again + cell.again, total + cell.turnover
                active, turnover = active + cell.active, turnover + cell.turnover
            repeated, cumulative, observed = repeated + again, cumulative + total, observed + sizes[start]
        yield Figure(cohort, sum(sizes.values()), since, observed, active, repeated, turnover, cumulative)


def together(rows: Sequence[Figure]) -> Figure:
    """Return the cohorts of one period as one cohort: its rates are the averages, weighted by the observed accounts."""
    sums = [
        sum(getattr(row, name) for row in rows) for name in ("observed", "active", "repeated", "turnover", "cumulative")
    ]
    return Figure("", sum(row.accounts for row in rows), rows[0].since, *sums)


def mean(values: Iterable[int | None]) -> int | None:
    """Return the mean of the known values, rounded half up; None without any."""
    known = [value for value in values if value is not None]
    return half_up(sum(known), len(known)) if known else None
