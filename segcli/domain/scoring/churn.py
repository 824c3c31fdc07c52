"""Churn risk: by days since the last purchase, and relative to the account's own purchase rhythm. Pure.

Plain days are the default. On the CDNOW data (946 repeat buyers) they predict repeat purchases better than the popular ratio
of silence to gap: the area under the curve is 0.712, against 0.669 with own gaps only and 0.615 with the fallback below.

The rhythm serves as explanation: usually every 28 days, silent for 70. It is the mean gap (last - first) / (k - 1) over k
distinct purchase days, with k at least 3. With fewer days it is the 90 % quantile of the gaps of all accounts. By rhythm an
account is at risk after more than 2 gaps and lost after more than 3. `rhythm` depends on few numbers, so that a query can
look it up; `by_days_sql` is the class by plain days in a query.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from math import floor
from typing import Generic, NamedTuple, TypeVar

from segcli.base.errors import UsageError
from segcli.domain.scoring.histories import History
from segcli.domain.scoring.next_order import after, days_of

Id = TypeVar("Id")
LEAST_DAYS = 3  # purchase days needed for a rhythm of its own
PART = Fraction(90, 100)


@dataclass(frozen=True, slots=True)
class Rule:
    """Limits for at risk and lost: in days of silence (from), and in gaps of the rhythm (more than)."""

    at_risk_days: int = 180
    lost_days: int = 365
    at_risk_gaps: Fraction = Fraction(2)
    lost_gaps: Fraction = Fraction(3)

    def __post_init__(self) -> None:
        """Raise UsageError if the limits do not ascend."""
        if not (0 < self.at_risk_days < self.lost_days and 0 < self.at_risk_gaps < self.lost_gaps):
            raise UsageError(
                "churn: the limits of at risk and lost do not ascend", "such as 180 and 365 days, 2 and 3 gaps"
            )


USUAL = Rule()


class Rhythm(NamedTuple):
    """The gap between purchases: at risk and lost after more than so many days of silence, and the days to the next order.

    `next_in` is None if the gap is not the account's own.
    """

    gap: Fraction
    at_risk_after: int
    lost_after: int
    next_in: int | None

    def risk(self, silent: int) -> str:
        """Return the class of an account that has been silent for so many days."""
        return "lost" if silent > self.lost_after else "at risk" if silent > self.at_risk_after else "active"


@dataclass(frozen=True, slots=True)
class Churn(Generic[Id]):
    """Whether an account is leaving: `by_days` and `by_rhythm` are active, at risk or lost. `gap` and `ratio` need a rhythm."""

    id: Id
    silent: int  # days since the last purchase
    by_days: str
    gap: Fraction | None
    is_own: bool  # the gap is the account's own, not the usual gap
    by_rhythm: str | None
    next_order: date | None = None  # by its own rhythm

    @property
    def ratio(self) -> Fraction | None:
        """Return the silence as a multiple of the gap."""
        return None if self.gap is None else self.silent / self.gap

    @property
    def why(self) -> str:
        """Return the explanation in words."""
        if self.gap is None:
            return f"silent for {self.silent} days"
        rhythm = (
            f"usually every {round(self.gap)} days"
            if self.is_own
            else f"no rhythm yet, others within {round(self.gap)} days"
        )
        return f"{rhythm}, silent for {self.silent}"


def usual_gap(found: Iterable[History[Id]], part: Fraction = PART) -> int | None:
    """Return the quantile `part` of all gaps; None if no account bought on two days."""
    return usual_of(Counter(gap for history in found for gap in history.gaps), part)


def usual_of(counted: Counter[int], part: Fraction = PART) -> int | None:
    """Return the quantile `part` of gaps, each with the number of times that it occurs."""
    needed, reached = part * counted.total(), 0
    for gap in sorted(counted):
        reached += counted[gap]
        if reached >= needed:
            return gap
    return None


def churn(found: Iterable[History[Id]], day: date, others: int | None, rule: Rule = USUAL) -> Iterator[Churn[Id]]:
    """Yield the risk of each account; `others` is the usual gap of all accounts."""
    return (_risk(history, day, others, rule) for history in found)


def _risk(history: History[Id], day: date, others: int | None, rule: Rule) -> Churn[Id]:
    days = history.days
    silent = (day - days[-1]).days
    by_days = "lost" if silent >= rule.lost_days else "at risk" if silent >= rule.at_risk_days else "active"
    found = rhythm(len(days), (days[-1] - days[0]).days, others, rule)
    if found is None:
        return Churn(history.id, silent, by_days, None, is_own=False, by_rhythm=None)
    is_own = found.next_in is not None
    next_order = None if found.next_in is None else after(days[-1], found.next_in)
    return Churn(history.id, silent, by_days, found.gap, is_own, found.risk(silent), next_order)


def rhythm(count: int, span: int, others: int | None, rule: Rule = USUAL) -> Rhythm | None:
    """Return the rhythm of `count` purchase days, `span` days from first to last; None without one."""
    is_own = count >= LEAST_DAYS
    if not is_own and others is None:
        return None
    gap = Fraction(span, count - 1) if is_own else Fraction(others or 0)
    return Rhythm(gap, floor(rule.at_risk_gaps * gap), floor(rule.lost_gaps * gap), days_of(gap) if is_own else None)


def by_days_sql(silent: str, rule: Rule = USUAL) -> str:
    """Return the SQL of the class by days of silence, a trusted integer expression."""
    return f"CASE WHEN {silent} >= {rule.lost_days:d} THEN 'lost' WHEN {silent} >= {rule.at_risk_days:d} THEN 'at risk' ELSE 'active' END"
