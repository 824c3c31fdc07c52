"""Who may be leaving: by the days since the last purchase, and against the account's own rhythm. Pure.

By default plain days decide: on the CDNOW data (946 repeat buyers, area under the curve) they tell better who buys again,
0.712, than the popular ratio: 0.669 with everybody's own gap, 0.615 with the rule for few days below. The rhythm explains:
usually every 28 days, silent for 70. It is (last - first) / (k - 1) over k distinct purchase days and needs three of
them; with fewer it is the gap that 90 % of everybody's gaps do not exceed. By rhythm an account is at risk after more
than 2 of its gaps, lost after more than 3.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Generic, TypeVar

from segcli.base.errors import UsageError
from segcli.domain.scoring.histories import History

Id = TypeVar("Id")
LEAST_DAYS = 3  # purchase days from which on a rhythm is the account's own
PART = Fraction(90, 100)


@dataclass(frozen=True, slots=True)
class Rule:
    """Days of silence from which on an account is at risk and lost; and the gaps of its rhythm that it may exceed."""

    at_risk_days: int = 180
    lost_days: int = 365
    at_risk_gaps: Fraction = Fraction(2)
    lost_gaps: Fraction = Fraction(3)

    def __post_init__(self) -> None:
        """Refuse limits out of order."""
        if not (0 < self.at_risk_days < self.lost_days and 0 < self.at_risk_gaps < self.lost_gaps):
            raise UsageError(
                "churn: the limits of at risk and lost do not ascend", "such as 180 and 365 days, 2 and 3 gaps"
            )


USUAL = Rule()


@dataclass(frozen=True, slots=True)
class Churn(Generic[Id]):
    """The risk of an account: `by_days` and `by_rhythm` are active, at risk or lost; gap and ratio None without a rhythm."""

    id: Id
    silent: int  # days since the last purchase
    by_days: str
    gap: Fraction | None
    is_own: bool  # the gap is the account's own, not everybody's
    by_rhythm: str | None

    @property
    def ratio(self) -> Fraction | None:
        """Return how many of its gaps it has been silent."""
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
    """Return the smallest gap that this part of all gaps does not exceed; None where nobody bought on two days."""
    counted = Counter(gap for history in found for gap in history.gaps)
    needed, reached = part * counted.total(), 0
    for gap in sorted(counted):
        reached += counted[gap]
        if reached >= needed:
            return gap
    return None


def churn(found: Iterable[History[Id]], day: date, others: int | None, rule: Rule = USUAL) -> Iterator[Churn[Id]]:
    """Yield the risk of each account as its history comes; `others` is the usual gap of everybody."""
    return (_risk(history, day, others, rule) for history in found)


def _risk(history: History[Id], day: date, others: int | None, rule: Rule) -> Churn[Id]:
    days = history.days
    silent = (day - days[-1]).days
    by_days = "lost" if silent >= rule.lost_days else "at risk" if silent >= rule.at_risk_days else "active"
    is_own = len(days) >= LEAST_DAYS
    gap = Fraction((days[-1] - days[0]).days, len(days) - 1) if is_own else None if others is None else Fraction(others)
    by_rhythm = None
    if gap is not None:
        by_rhythm = (
            "lost" if silent > rule.lost_gaps * gap else "at risk" if silent > rule.at_risk_gaps * gap else "active"
        )
    return Churn(history.id, silent, by_days, gap, is_own, by_rhythm)
