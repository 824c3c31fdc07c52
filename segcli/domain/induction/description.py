"""Describe a selection by short conditions joined with or, of the highest F1: the harmonic mean of precision and recall. Pure.

The best conjunction comes first. Another one is joined with `or` while it raises F1 by at least GAIN and is significant among the accounts
that are left. Selected and other accounts may be samples; a weight says how many accounts one of them stands for.
"""

from typing import NamedTuple

from segcli.domain.induction.search import DEPTH, GAIN, Conjunction, Goal, Search

PARTS = 4  # conjunctions joined with or


class Weights(NamedTuple):
    """How many accounts a selected one and another one of the sample stand for."""

    selected: float = 1.0
    others: float = 1.0


class Sets(NamedTuple):
    """The accounts of a search: those to learn from, and the selected ones among all."""

    within: int
    selected: int
    weights: Weights = Weights()

    def f1(self, right: int, wrong: int) -> float:
        """Return F1 of an expression with so many selected and other accounts."""
        every = (self.within & self.selected).bit_count() * self.weights.selected
        found = right * self.weights.selected
        return 2 * found / (every + found + wrong * self.weights.others) if every else 0.0

    def counts(self, bits: int) -> tuple[int, int]:
        """Return the number of selected and of other accounts of a set."""
        inside = bits & self.within
        right = (inside & self.selected).bit_count()
        return right, inside.bit_count() - right


def describe(search: Search, sets: Sets, depth: int = DEPTH) -> list[Conjunction]:
    """Return the conjunctions that describe the selection, joined with or; none if no test is significant."""
    found: list[Conjunction] = []
    taken = 0
    while len(found) < PARTS:
        goal = _goal(sets, taken)
        best = search.best(goal, depth)
        if best is None or (taken and goal.of(best.bits) < sets.f1(*sets.counts(taken)) + GAIN):
            break
        found.append(best)
        taken |= search.passing(best.tests, search.every)
    return found


def _goal(sets: Sets, taken: int) -> Goal:
    """Return the goal of the next conjunction: F1 of what is taken already together with it."""
    before, wrong_before = sets.counts(taken)

    def quality(right: int, every: int) -> float:
        return sets.f1(before + right, wrong_before + every - right)

    return Goal(sets.within & ~taken, sets.selected & ~taken, quality)


def alternatives(search: Search, sets: Sets, most: int, depth: int = DEPTH) -> list[Conjunction]:
    """Return the best other descriptions: the best conjunction without the columns of the earlier ones, and so on."""
    found: list[Conjunction] = []
    for _ in range(most):
        best = search.best(_goal(sets, 0), depth)
        if best is None:
            break
        found.append(best)
        search = search.without(test.column for test in best.tests)
    return found
