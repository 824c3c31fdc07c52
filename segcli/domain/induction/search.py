"""The best conjunction of at most three tests, by a beam search. Pure.

At each depth the BEAM best conjunctions are extended by every test; a pair of columns gives at most PER_COLUMN of them, so that one
column does not fill the beam. The limits and sets of the best ones are then refined (`refining`). A longer conjunction is taken only if
its quality is higher by GAIN and each of its tests is significant: Fisher's exact test of the test against the class, among the accounts
that pass the other tests, at LEVEL divided by the number of tests; and of the conjunction among all accounts, at LEVEL divided by the
number of conjunctions of its length (Bonferroni).
"""

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from copy import copy
from functools import cached_property
from itertools import takewhile
from operator import itemgetter
from typing import NamedTuple

from segcli.domain.induction import refining
from segcli.domain.induction.candidates import Column, Sorted, Test, bits_of, candidates, groups, in_order
from segcli.domain.induction.significance import LEVEL, fisher

DEPTH = 3
GAIN = 0.01  # of the quality: a longer conjunction must add so much
BEAM = 4
PER_COLUMN = 2
_LOOKED_AT = 60  # extensions that are ordered completely; the others have a lower quality
Quality = Callable[[int, int], float]  # of the accounts of the class that are selected, and all that are


class Conjunction(NamedTuple):
    """Tests that all hold, and the accounts that pass them."""

    tests: tuple[Test, ...]
    bits: int

    @property
    def order(self) -> tuple[object, ...]:
        """Return a key that orders conjunctions of the same quality."""
        columns = tuple(test.column for test in self.tests)
        return len(self.tests), sum(test.length for test in self.tests), columns, self.bits


class Goal(NamedTuple):
    """What is searched for: the class among some accounts, and how good a selection of so many of each is."""

    within: int
    wanted: int
    quality: Quality

    def of(self, bits: int) -> float:
        """Return the quality of a set of accounts."""
        return self.quality((bits & self.wanted).bit_count(), bits.bit_count())


class Search:
    """The columns and tests of some accounts, which many searches use."""

    def __init__(self, columns: Sequence[Column], size: int) -> None:
        self.columns = columns
        self.size = size
        self.every = (1 << size) - 1
        self.tests = candidates(columns, size)

    @cached_property
    def level(self) -> float:
        """Return the level of significance of one test."""
        return LEVEL / max(len(self.tests), 1)

    @cached_property
    def groups(self) -> dict[int, list[tuple[Hashable, int]]]:
        """Return the values with their accounts, per column that has tests on values."""
        return {
            at: found
            for at, column in enumerate(self.columns)
            if column.scale == "category" and len(found := groups(column, self.size)) > 1
        }

    @cached_property
    def ranked(self) -> dict[int, Sorted]:
        """Return the accounts by value, per numeric column."""
        return {at: in_order(column, self.size) for at, column in enumerate(self.columns) if column.scale != "category"}

    @cached_property
    def known(self) -> dict[int, int]:
        """Return the accounts that are not empty, per numeric column."""
        return {at: bits_of(ranked.positions, self.size) for at, ranked in self.ranked.items()}

    def without(self, columns: Iterable[int]) -> "Search":
        """Return the search without the tests on some columns."""
        left, made = set(columns), copy(self)
        made.tests = [test for test in self.tests if test.column not in left]
        made.groups = {at: found for at, found in self.groups.items() if at not in left}
        return made

    def best(self, goal: Goal, depth: int = DEPTH) -> Conjunction | None:
        """Return the best conjunction whose tests are all significant; None if there is none."""
        return next(iter(self.ordered(goal, depth)), None)

    def ordered(self, goal: Goal, depth: int = DEPTH) -> list[Conjunction]:
        """Return the best conjunction of each depth that is worth its length, the best one first."""
        found: list[Conjunction] = []
        beam = [Conjunction((), goal.within)]
        for _ in range(depth):
            beam = self._extended(beam, goal)
            refined = {
                made.bits: made for made in (refining.refined(self, goal, one) for one in reversed(beam[:PER_COLUMN]))
            }
            known = [one for one in (*refined.values(), *beam) if self._is_needed(one, goal)]
            if known:
                top = min(known, key=lambda one: (-goal.of(one.bits), one.order))
                if not found or goal.of(top.bits) > goal.of(found[0].bits) + GAIN:
                    found.insert(0, top)
            beam = sorted((*refined.values(), *beam), key=lambda one: (-goal.of(one.bits), one.order))[:BEAM]
        return found

    def _extended(self, beam: Sequence[Conjunction], goal: Goal) -> list[Conjunction]:
        """Return the best conjunctions that are one test longer."""
        scored: list[tuple[float, int, Test, Conjunction]] = []
        wanted, quality = goal.wanted, goal.quality
        for start in beam:
            bits, used = start.bits, {(test.column, test.sign) for test in start.tests}
            for test in (*self.tests, *refining.sets(self, goal, start)):
                both = bits & test.bits
                if not both or both == bits:
                    continue
                right = (both & wanted).bit_count()
                if right and (test.column, test.sign) not in used:
                    scored.append((quality(right, both.bit_count()), both, test, start))
        if not scored:
            return []
        scored.sort(key=itemgetter(0), reverse=True)
        least = scored[min(len(scored), _LOOKED_AT) - 1][0]
        made: dict[int, Conjunction] = {}
        ranked = []
        for value, both, test, start in takewhile(lambda entry: entry[0] >= least, scored):
            one = Conjunction((*start.tests, test), both)
            known = made.get(both)
            if known is None or one.order < known.order:
                made[both] = one
                ranked.append((value, one))
        ranked = [(value, one) for value, one in ranked if made[one.bits] is one]
        ranked.sort(key=lambda pair: (-pair[0], pair[1].order))
        return list(_spread((one for _, one in ranked), BEAM))

    def _is_needed(self, one: Conjunction, goal: Goal) -> bool:
        """Tell whether each test is significant among the accounts that pass the others, and all tests together."""
        inside = (one.bits & goal.wanted).bit_count()
        inside_others = one.bits.bit_count() - inside
        for test in one.tests:
            others = self.passing((other for other in one.tests if other is not test), goal.within)
            outside = (others & goal.wanted).bit_count() - inside
            outside_others = others.bit_count() - outside - inside - inside_others
            if fisher(inside, outside, inside_others, outside_others) > self.level:
                return False
        every, wanted = goal.within.bit_count(), goal.wanted.bit_count()
        chance = fisher(inside, wanted - inside, inside_others, every - wanted - inside_others)
        return bool(chance <= self.level / len(self.tests) ** (len(one.tests) - 1))

    @staticmethod
    def passing(tests: Iterable[Test], within: int) -> int:
        """Return the accounts that pass all tests."""
        for test in tests:
            within &= test.bits
        return within


def _spread(ranked: Iterable[Conjunction], most: int) -> Iterable[Conjunction]:
    """Yield the first conjunctions, at most PER_COLUMN with the same columns."""
    seen: Counter[frozenset[int]] = Counter()
    for one in ranked:
        columns = frozenset(test.column for test in one.tests)
        if seen[columns] < PER_COLUMN:
            seen[columns] += 1
            most -= 1
            yield one
            if not most:
                return
