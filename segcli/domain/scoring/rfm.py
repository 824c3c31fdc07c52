"""RFM scores: recency, frequency and monetary value of an account, each scored from 1 to 5. Pure.

Recency is the number of days since the last invoice (fewer is better), frequency the number of invoices, monetary their
total. Scores depend only on limits, so equal values score the same and row order does not matter. There are three sources of
limits:

- Fixed limits: RECENCY, FREQUENCY and monetary limits of your own. Use them for stored classes: with limits derived from all
  accounts, an account can move without any change of its own.
- `by_percent_rank` and `by_r` derive limits from all accounts; the result can be kept as fixed limits.

The lower limit is inclusive: with 30, 90 a recency of 29 scores best and 30 is next, as in invoices(30d). An account without
purchases has no recency and must not be passed.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import ceil
from typing import Generic, TypeVar

from segcli.base.errors import SegcliError, UsageError
from segcli.domain.scoring.bands import Number, checked

Id = TypeVar("Id")
Row = tuple[Id, int, int, int]  # id, days since the last invoice, invoices, amount in the smallest unit
RECENCY = (30, 90, 180, 365)
FREQUENCY = (2, 3, 5, 10)
SCORES = 5


@dataclass(frozen=True, slots=True)
class Limits:
    """Ascending limits of the three values; one limit fewer than scores."""

    monetary: Sequence[Number]
    recency: Sequence[Number] = RECENCY
    frequency: Sequence[Number] = FREQUENCY

    def __post_init__(self) -> None:
        """Raise UsageError if limits do not ascend."""
        for name in ("recency", "frequency", "monetary"):
            checked(getattr(self, name), name)

    def score(self, recency: int, frequency: int, monetary: int) -> tuple[int, int, int]:
        """Return the scores of one account; the worst is 1."""
        return (
            len(self.recency) + 1 - bisect_right(self.recency, recency),
            1 + bisect_right(self.frequency, frequency),
            1 + bisect_right(self.monetary, monetary),
        )

    def sql(self, recency: str, frequency: str, monetary: str) -> tuple[str, str, str]:
        """Return the SQL of the three scores of trusted integer columns; NULL for an unknown value."""
        return (
            f"({len(self.recency) + 1} - {_reached(recency, self.recency)})",
            f"(1 + {_reached(frequency, self.frequency)})",
            f"(1 + {_reached(monetary, self.monetary)})",
        )


def _reached(column: str, limits: Sequence[Number]) -> str:
    """Return the SQL of how many limits a column of integers has reached: an integer reaches a limit rounded up, too."""
    tests = "".join(f" WHEN {column} < {ceil(limit)} THEN {at}" for at, limit in enumerate(limits))
    return f"CASE WHEN {column} IS NULL THEN NULL{tests} ELSE {len(limits)} END"


@dataclass(frozen=True, slots=True)
class Scored(Generic[Id]):
    """The three scores of an account."""

    id: Id
    recency: int
    frequency: int
    monetary: int


def scores(rows: Iterable[Row[Id]], limits: Limits) -> Iterator[Scored[Id]]:
    """Yield the scores of each account, row by row."""
    return (Scored(id_, *limits.score(recency, frequency, monetary)) for id_, recency, frequency, monetary in rows)


def by_percent_rank(rows: Iterable[Row[Id]], count: int = SCORES) -> Limits:
    """Return limits for the score min(count, 1 + floor(count * PERCENT_RANK)), calculated in integers."""
    recency, frequency, monetary = _columns(rows, count)
    days = _ranked([-value for value in recency], count)
    return Limits(_ranked(monetary, count), [1 - limit for limit in reversed(days)], _ranked(frequency, count))


def _ranked(values: Sequence[int], count: int) -> list[int]:
    """Return per score from 2 the smallest value that reaches it, or the maximum + 1 if none does."""
    counted, below = Counter(values), 0
    limits: list[int] = []
    for value in sorted(counted):
        score = min(count, 1 + count * below // max(1, len(values) - 1))
        limits += [value] * (score - 1 - len(limits))
        below += counted[value]
    return limits + [max(values) + 1] * (count - 1 - len(limits))


def by_r(rows: Iterable[Row[Id]], count: int = SCORES, one: int = 100) -> Limits:
    """Return the limits used by the R package rfm: quantiles of type 7, plus 1.

    The package adds 1 major currency unit (`one` minor units) to amounts too, which is right only for whole numbers and
    shifts the limits of money. This function exists for comparison with that package.
    """
    recency, frequency, monetary = _columns(rows, count)
    return Limits(_quantiles(monetary, count, one), _quantiles(recency, count, 1), _quantiles(frequency, count, 1))


def _quantiles(values: Sequence[int], count: int, plus: int) -> list[Fraction]:
    """Return the quantiles of type 7 (Hyndman and Fan 1996, linear interpolation), plus `plus`."""
    ascending = sorted(values)
    found = []
    for number in range(1, count):
        at, rest = divmod(number * (len(ascending) - 1), count)
        step = ascending[min(at + 1, len(ascending) - 1)] - ascending[at]
        found.append(ascending[at] + Fraction(rest * step, count) + plus)
    return found


def _columns(rows: Iterable[Row[Id]], count: int) -> tuple[Sequence[int], Sequence[int], Sequence[int]]:
    """Return the three columns of values. SegcliError if there are no rows."""
    if count < 2:  # noqa: PLR2004 - a single score is meaningless
        raise UsageError(f"RFM: {count} is too few scores", "say 2 or more; 5 is usual")
    held = [row[1:] for row in rows]
    if not held:
        raise SegcliError("RFM: there is no account that bought anything", "see what the selection keeps")
    recency, frequency, monetary = zip(*held, strict=True)
    return recency, frequency, monetary
