"""Lifecycle classes: new, active, sleeping, returned or lost. Pure.

The first matching class applies, by distinct purchase days. Windows exclude their first day: "within 180 days" means fewer
than 180 days ago.
lost        no purchase within 365 days
sleeping    no purchase within 180 days
returned    a purchase within 90 days that followed a silence of 180 days or more
new         the first purchase is within 90 days
active      all others
An account without purchases has no history and no class. `lifecycle` classifies histories, `sql` does so in a query.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import TypeVar

from segcli.base.errors import UsageError
from segcli.domain.scoring.histories import History

Id = TypeVar("Id")
CLASSES = ("new", "active", "sleeping", "returned", "lost")


@dataclass(frozen=True, slots=True)
class Rule:
    """Days for which an account is new or returned, and days of silence until it is sleeping and lost."""

    new: int = 90
    sleeping: int = 180
    lost: int = 365

    def __post_init__(self) -> None:
        """Raise UsageError if the limits do not ascend."""
        if not 0 < self.new <= self.sleeping < self.lost:
            raise UsageError(
                f"lifecycle: new {self.new}, sleeping {self.sleeping} and lost {self.lost} days do not ascend",
                "such as 90, 180 and 365",
            )


USUAL = Rule()


def lifecycle(found: Iterable[History[Id]], day: date, rule: Rule = USUAL) -> Iterator[tuple[Id, str]]:
    """Yield the class of each account. Histories must not contain purchases after `day`."""
    return ((history.id, _class(history.days, day, rule)) for history in found)


def _class(days: tuple[date, ...], day: date, rule: Rule) -> str:
    silent = (day - days[-1]).days
    if silent >= rule.sleeping:
        return "lost" if silent >= rule.lost else "sleeping"
    if any(
        (after - before).days >= rule.sleeping and (day - after).days < rule.new for before, after in pairwise(days)
    ):
        return "returned"
    return "new" if (day - days[0]).days < rule.new else "active"


def sql(silent: str, age: str, gap: str, rule: Rule = USUAL) -> str:
    """Return the SQL of the class, of trusted integer expressions.

    `silent` and `age` are the days since the last and the first purchase, `gap` those between the last purchase that is not
    within `rule.new` days and the first that is; NULL if one of them does not exist. No other gap can make an account returned:
    a silence of `rule.sleeping` days that ends within `rule.new` days begins before them.
    """
    return (
        f"CASE WHEN {silent} >= {rule.lost:d} THEN 'lost' WHEN {silent} >= {rule.sleeping:d} THEN 'sleeping'"
        f" WHEN {gap} >= {rule.sleeping:d} THEN 'returned' WHEN {age} < {rule.new:d} THEN 'new' ELSE 'active' END"
    )
