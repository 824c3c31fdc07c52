"""In which order the cases come and how many rounds each has: all of them, or what fits in a budget of time.

Within a budget the areas take turns, so that each gets some, and cases that take more than a tenth of it come last. A run of minutes is
not repeated. What a case takes is known from an earlier run in the folder (figures.py), else once its results were compared; so the
last may end late.
"""

import re
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain, zip_longest

from figures import Figure
from measure import Case

LARGE = 0.1  # of the budget
LONG = 60.0  # seconds of a round: what comparing the results took is its figure, since start and caches weigh little
_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600}


def seconds(text: str) -> float:
    """Return the seconds of 600, 90s, 10m or 1.5h. Raises ValueError for anything else."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)([smh]?)", text.strip())
    if not found or not float(found[1]):
        raise ValueError(text)
    return float(found[1]) * _UNITS[found[2]]


def in_turns(cases: Iterable[tuple[str, Case]]) -> Iterator[Case]:
    """Yield the first case of each area, then the second of each, and so on."""
    areas: dict[str, list[Case]] = {}
    for area, case in cases:
        areas.setdefault(area, []).append(case)
    return (case for case in chain.from_iterable(zip_longest(*areas.values())) if case is not None)


class Everything:
    """All cases, in the order of the areas, in the same number of rounds. A first round does not count."""

    uncounted = 1

    def __init__(self, rounds: int, cases: Iterable[tuple[str, Case]]) -> None:
        """Take the cases as they are prepared."""
        self._rounds, self._cases = rounds, cases
        self.left_out: list[str] = []

    def __iter__(self) -> Iterator[Case]:
        """Yield the cases."""
        return (case for _, case in self._cases)

    def rounds(self, _case: Case, _seconds_of_a_round: float) -> int | None:
        """Return the number of rounds."""
        return self._rounds


class Budget:
    """The cases that fit in so many seconds, which run from the first case on. The round that compares stands for the uncounted one."""

    uncounted = 0

    def __init__(
        self,
        whole: float,
        rounds: int,
        cases: Sequence[tuple[str, Case]],
        known: Mapping[str, Figure],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Put the cases in order; `known` is what they took before."""
        self._rounds, self._known, self._clock = rounds, known, clock
        self._order = sorted(in_turns(cases), key=lambda case: self._needs(case) > whole * LARGE)
        self._waiting = len(self._order)
        self._until = clock() + whole
        self.left_out: list[str] = []

    def __iter__(self) -> Iterator[Case]:
        """Yield each case for which there is time; the others are remembered in `left_out`."""
        for case in self._order:
            left, needs = self._until - self._clock(), self._needs(case)
            if left > 0 and needs <= left:
                yield case
            else:
                why = f"needs {needs:.0f} s, {max(left, 0):.0f} s were left" if needs else "no time was left"
                self.left_out.append(f"{case.name}: {why}")
            self._waiting -= 1

    def rounds(self, case: Case, seconds_of_a_round: float) -> int | None:
        """Return how many rounds its share of what is left allows, at least one; None if not even one fits.

        It is 0 if the round that compared is long enough to be the figure.
        """
        if seconds_of_a_round > LONG:
            return 0
        left = self._until - self._clock()
        known = self._known.get(case.name)
        one = max(known.round if known else seconds_of_a_round, 1e-6)
        if one > left:
            self.left_out.append(
                f"{case.name}: the results are equal; a round takes {one:.0f} s, {max(left, 0):.0f} s were left"
            )
            return None
        return max(1, min(self._rounds, int(left / self._waiting / one)))

    def _needs(self, case: Case) -> float:
        known = self._known.get(case.name)
        return known.comparing + known.round if known else 0.0
