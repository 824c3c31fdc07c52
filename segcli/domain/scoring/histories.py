"""The distinct days on which each account bought, from rows of (id, day) in any order: what rhythms are reckoned from. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from typing import Generic, TypeVar

Id = TypeVar("Id")


@dataclass(frozen=True, slots=True)
class History(Generic[Id]):
    """The days on which an account bought, ascending, each once; at least one."""

    id: Id
    days: tuple[date, ...]

    @property
    def gaps(self) -> list[int]:
        """Return the days from each purchase day to the next."""
        return [(after - before).days for before, after in pairwise(self.days)]

    def triple(self, day: date) -> tuple[int, int, int]:
        """Return what BG/NBD asks as of a day, in days: repeat purchases, first to last purchase, first purchase to now."""
        first = self.days[0]
        return len(self.days) - 1, (self.days[-1] - first).days, (day - first).days


def histories(rows: Iterable[tuple[Id, date]], day: date) -> Iterator[History[Id]]:
    """Yield the history of each account up to a day, in the order of their first rows; who bought later only is left out."""
    found: dict[Id, set[date]] = {}
    for id_, bought in rows:
        if bought <= day:
            found.setdefault(id_, set()).add(bought)
    return (History(id_, tuple(sorted(days))) for id_, days in found.items())
