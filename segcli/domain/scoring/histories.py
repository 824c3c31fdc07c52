"""Purchase histories: the distinct purchase days of an account. Pure."""

from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Generic, TypeVar

Id = TypeVar("Id")


@dataclass(frozen=True, slots=True)
class History(Generic[Id]):
    """The distinct purchase days of an account, ascending; at least one."""

    id: Id
    days: tuple[date, ...]

    @property
    def gaps(self) -> list[int]:
        """Return the days from each purchase day to the next."""
        return [(after - before).days for before, after in pairwise(self.days)]

    def triple(self, day: date) -> tuple[int, int, int]:
        """Return (x, t, T) for BG/NBD as of a day: repeat purchases, days from first to last purchase, days since the first."""
        first = self.days[0]
        return len(self.days) - 1, (self.days[-1] - first).days, (day - first).days
