"""RFM: how long ago, how often and how much an account bought, each scored by itself from 1 to 5. Pure.

A score is a matter of limits alone, so equal values score the same and the order of the rows is nothing. Recency is in
days since the last invoice (few are good), frequency the number of invoices, monetary what they come to. Three ways to
have limits: fixed ones (FIXED and monetary ones of your own; for classes that are stored, since with limits taken
from everybody an account moves that changed nothing), `by_percent_rank` and `by_r`. The limits that one of these found
can be kept as fixed ones. Limits are closed below: with 30, 90 a recency of 29 is the best, 30 the next, as invoices(30d)
has it. An account that never bought has no recency and belongs in no row.
"""

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
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
    """The limits of the three, ascending, one fewer than there are scores."""

    monetary: Sequence[Number]
    recency: Sequence[Number] = RECENCY
    frequency: Sequence[Number] = FREQUENCY

    def __post_init__(self) -> None:
        """Refuse limits out of order."""
        for name in ("recency", "frequency", "monetary"):
            checked(getattr(self, name), name)

    def score(self, recency: int, frequency: int, monetary: int) -> tuple[int, int, int]:
        """Return the scores of one account; the worst is 1."""
        return (
            len(self.recency) + 1 - bisect_right(self.recency, recency),
            1 + bisect_right(self.frequency, frequency),
            1 + bisect_right(self.monetary, monetary),
        )


@dataclass(frozen=True, slots=True)
class Scored(Generic[Id]):
    """The three scores of an account."""

    id: Id
    recency: int
    frequency: int
    monetary: int


def scores(rows: Iterable[Row[Id]], limits: Limits) -> Iterator[Scored[Id]]:
    """Yield the scores of each row as it comes."""
    return (Scored(id_, *limits.score(recency, frequency, monetary)) for id_, recency, frequency, monetary in rows)


def by_percent_rank(rows: Iterable[Row[Id]], count: int = SCORES) -> Limits:
    """Return limits by which the score is min(count, 1 + floor(count * PERCENT_RANK)), reckoned in whole numbers."""
    recency, frequency, monetary = _columns(rows, count)
    days = _ranked([-value for value in recency], count)
    return Limits(_ranked(monetary, count), [1 - limit for limit in reversed(days)], _ranked(frequency, count))


def _ranked(values: Sequence[int], count: int) -> list[int]:
    """Return for each score from 2 on the smallest value that has it, or more than all of them where none has."""
    counted, below = Counter(values), 0
    limits: list[int] = []
    for value in sorted(counted):
        score = min(count, 1 + count * below // max(1, len(values) - 1))
        limits += [value] * (score - 1 - len(limits))
        below += counted[value]
    return limits + [max(values) + 1] * (count - 1 - len(limits))


def by_r(rows: Iterable[Row[Id]], count: int = SCORES, one: int = 100) -> Limits:
    """Return the limits of the R package rfm: quantiles of type 7, plus 1.

    It adds the 1 to amounts, too, in units of the currency, which are `one` of the smallest. That is right for whole
    numbers only and shifts limits of money; it is here to compare with what that package says.
    """
    recency, frequency, monetary = _columns(rows, count)
    return Limits(_quantiles(monetary, count, one), _quantiles(recency, count, 1), _quantiles(frequency, count, 1))


def _quantiles(values: Sequence[int], count: int, plus: int) -> list[Fraction]:
    """Return the quantiles of type 7 (Hyndman and Fan 1996), linear between two neighbours, plus a number."""
    ascending = sorted(values)
    found = []
    for number in range(1, count):
        at, rest = divmod(number * (len(ascending) - 1), count)
        step = ascending[min(at + 1, len(ascending) - 1)] - ascending[at]
        found.append(ascending[at] + Fraction(rest * step, count) + plus)
    return found


def _columns(rows: Iterable[Row[Id]], count: int) -> tuple[Sequence[int], Sequence[int], Sequence[int]]:
    """Return the three columns of values. A SegcliError where there is no row."""
    if count < 2:  # noqa: PLR2004 - one score for all says nothing
        raise UsageError(f"RFM: {count} is too few scores", "say 2 or more; 5 is usual")
    held = [row[1:] for row in rows]
    if not held:
        raise SegcliError("RFM: there is no account that bought anything", "see what the selection keeps")
    recency, frequency, monetary = zip(*held, strict=True)
    return recency, frequency, monetary
