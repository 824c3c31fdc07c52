"""Where an account stands in its life: new, active, sleeping, returned or lost. Pure.

By the distinct days on which it bought, in this order, windows without their first day as everywhere (bought within 180 days:
fewer than 180 days ago):
lost        nothing within 365 days
sleeping    nothing within 180 days
returned    within the last 90 days it bought again after a silence of 180 days or more
new         its first purchase lies within 90 days
active      everybody else
Who never bought has no history and is in no class.
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
    """How many days an account is new (or returned), and after how many silent ones it sleeps and is lost."""

    new: int = 90
    sleeping: int = 180
    lost: int = 365

    def __post_init__(self) -> None:
        """Refuse limits out of order."""
        if not 0 < self.new <= self.sleeping < self.lost:
            raise UsageError(
                f"lifecycle: new {self.new}, sleeping {self.sleeping} and lost {self.lost} days do not ascend",
                "such as 90, 180 and 365",
            )


USUAL = Rule()


def lifecycle(found: Iterable[History[Id]], day: date, rule: Rule = USUAL) -> Iterator[tuple[Id, str]]:
    """Yield the class of each account as its history comes; what it bought after the day must not be in it."""
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
