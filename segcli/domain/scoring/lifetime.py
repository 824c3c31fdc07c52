"""Customer lifetime value: expected purchases per month times their expected value, discounted. Pure.

The value is the sum over months i = 1, 2, … of expected purchases (BG/NBD) times average value (Gamma-Gamma), divided by
(1 + rate)^i. It is an estimate of turnover, or of margin if the amounts are margins.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import Generic, TypeVar

from segcli.base.errors import UsageError
from segcli.domain.scoring import bgnbd, gamma_gamma

Id = TypeVar("Id")
Row = tuple[Id, int, float, float, float]  # id, x, t, T, m
DAYS = 365.25 / 12  # per month, if T is in days


@dataclass(frozen=True, slots=True)
class Terms:
    """The number of months ahead, the monthly discount rate (0.01 is 1 %) and the length of a month in the unit of T."""

    months: int = 12
    rate: float = 0.01
    month: float = DAYS

    def __post_init__(self) -> None:
        """Raise UsageError for values out of range."""
        if not (self.months > 0 and self.rate > -1 and self.month > 0):
            raise UsageError(
                f"lifetime value: {self.months} months of {self.month} at {self.rate} a month make no sense",
                "such as 12 months at 0.01",
            )


@dataclass(frozen=True, slots=True)
class Lifetime(Generic[Id]):
    """Probability alive, expected purchases, average and discounted value; the last two are None if the average is unknown."""

    id: Id
    alive: float
    purchases: float
    average: float | None
    value: float | None


def lifetimes(
    buying: bgnbd.Fit, spending: gamma_gamma.Fit, rows: Iterable[Row[Id]], terms: Terms
) -> Iterator[Lifetime[Id]]:
    """Yield the lifetime value of each account, row by row, in the unit of its amounts."""

    @cache
    def ahead(x: int, until: float) -> tuple[float, float]:
        """Return the expected purchases of an account that is alive, plain and discounted."""
        reached = [bgnbd.while_alive(buying, x, until, terms.month * i) for i in range(terms.months + 1)]
        discounted = sum(
            (after - before) / (1 + terms.rate) ** i for i, (before, after) in enumerate(pairwise(reached), 1)
        )
        return reached[-1], discounted

    for id_, x, last, until, mean in rows:
        alive = bgnbd.alive(buying, x, last, until)
        plain, discounted = ahead(x, until)
        average = gamma_gamma.value(spending, x, mean)
        yield Lifetime(id_, alive, alive * plain, average, None if average is None else alive * discounted * average)
