"""Refine a conjunction: the best limit or set of values of each test, the other tests given, and a round limit if it costs nothing. Pure.

A rounder limit than the best one is taken if it decides the accounts the same, or if the number of errors rises by at most half its
standard error: the square root of the number of errors. Where the test makes no error, none is added.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Hashable, Iterator
from math import isqrt
from typing import TYPE_CHECKING, NamedTuple

from segcli.domain.induction import candidates
from segcli.domain.induction.candidates import Sorted, Test
from segcli.domain.induction.rounding import Number, Scale, nearest, steps

if TYPE_CHECKING:
    from segcli.domain.induction.search import Conjunction, Goal, Search

MOST_VALUES = 8  # of a set: `in (A, B, …)`
LEAST = 5  # accounts of a value that joins a set: the share of fewer is chance


def refined(search: "Search", goal: "Goal", one: "Conjunction") -> "Conjunction":
    """Return the conjunction with better limits and sets of values, or itself."""
    for number, test in enumerate(one.tests):
        others = search.passing((other for other in one.tests if other is not test), goal.within)
        found = (
            _set(search, goal, test.column, others) if test.sign in {"=", "in"} else _limit(search, goal, test, others)
        )
        if found and goal.of(others & found.bits) >= goal.of(one.bits):
            tests = (*one.tests[:number], found, *one.tests[number + 1 :])
            one = one._replace(tests=tests, bits=others & found.bits)
    return one


def sets(search: "Search", goal: "Goal", start: "Conjunction") -> Iterator[Test]:
    """Yield the best set of values of each column that the conjunction does not test, if it has several values."""
    used = {test.column for test in start.tests}
    for column in search.groups:
        if column not in used:
            found = _set(search, goal, column, start.bits)
            if found and found.sign == "in":
                yield found


def _set(search: "Search", goal: "Goal", column: int, others: int) -> Test | None:
    """Return the best set of values: the first ones by their share of the class (Breiman et al. 1984, section 4.2.2)."""
    counted: list[tuple[float, int, Hashable, int]] = []
    wanted = goal.wanted & others
    for value, bits in search.groups.get(column, ()):
        right = (bits & wanted).bit_count()
        if right:
            every = (bits & others).bit_count()
            if every < LEAST:
                continue
            counted.append((-right / every, -every, value, bits))
    counted.sort(key=lambda entry: (entry[0], entry[1], -entry[3]))
    best: tuple[float, Test] | None = None
    united = 0
    values: tuple[Hashable, ...] = ()
    for _, _, value, bits in counted[:MOST_VALUES]:
        united |= bits
        values = (*values, value)
        quality = goal.of(united & others)
        if best is None or quality > best[0]:
            best = quality, Test(column, "=" if len(values) == 1 else "in", values, united)
    return best[1] if best else None


class _Counts(NamedTuple):
    """Values near a limit, and how many accounts of the class and in all lie below each of them and in all, the other tests given."""

    values: list[Number]
    wanted: list[int]
    every: list[int]
    total: tuple[int, int]

    def selected(self, at: int, *, is_low: bool) -> tuple[int, int]:
        """Return the accounts of the class and all accounts that a limit before a value selects."""
        wanted, every = self.wanted[at], self.every[at]
        return (wanted, every) if is_low else (self.total[0] - wanted, self.total[1] - every)

    def errors(self, at: int, *, is_low: bool) -> int:
        """Return the accounts that a limit decides wrongly: others that it selects, and of the class that it does not."""
        wanted, every = self.selected(at, is_low=is_low)
        return every - wanted + self.total[0] - wanted

    def below(self, value: Number, *, included: bool) -> int:
        """Return the number of distinct values below a limit."""
        return bisect_right(self.values, value) if included else bisect_left(self.values, value)


def _counts(search: "Search", test: Test, others: int, wanted: int) -> _Counts:
    """Count by value between the marks around the limit of the test."""
    ranked = search.ranked[test.column]
    limit: Number = test.values[0]  # type: ignore[assignment]
    place = bisect_left(ranked.values, limit)
    before = [mark for mark in ranked.marks if mark[0] < place - 1][-1:]
    after = [mark for mark in ranked.marks if mark[0] > place][:1]
    first = before[0][0] + 1 if before else 0
    last = after[0][0] + 1 if after else len(ranked.values)
    under = before[0][1] & others if before else 0
    known = others & search.known[test.column]
    found = _Counts(
        [], [(under & wanted).bit_count()], [under.bit_count()], ((known & wanted).bit_count(), known.bit_count())
    )
    inside, right = format(others, f"0{search.size}b"), format(wanted, f"0{search.size}b")
    start = ranked.ends[first - 1] if first else 0
    for index in range(first, last):
        here = [at for at in ranked.positions[start : ranked.ends[index]] if inside[at] == "1"]
        start = ranked.ends[index]
        if here:
            found.values.append(ranked.values[index])
            found.wanted.append(found.wanted[-1] + sum(right[at] == "1" for at in here))
            found.every.append(found.every[-1] + len(here))
    return found


def _limit(search: "Search", goal: "Goal", test: Test, others: int) -> Test | None:
    """Return the test on the same side of the best limit near its own."""
    if test.sign not in {">=", ">", "<", "<="}:
        return None
    scale, is_low = search.columns[test.column].scale, test.sign in {"<", "<="}
    counts = _counts(search, test, others, goal.wanted)
    cuts = [
        (goal.quality(*selected), -at)
        for at in range(1, len(counts.values))
        if (selected := counts.selected(at, is_low=is_low))[0]
    ]
    if not cuts:
        return None
    best = -max(cuts)[1]
    found = _rounded(counts, best, scale, is_low=is_low)
    made = Test(test.column, _sign(test, scale, is_low=is_low), (found,), 0) if found is not None else None
    low, high = counts.values[best - 1], counts.values[best]
    made = made or candidates.limit(test.column, scale, low, high, is_low=is_low)
    return made._replace(bits=bits_of(search.ranked[test.column], made, search.size)) if made else None


def _sign(test: Test, scale: Scale, *, is_low: bool) -> str:
    if scale == "days":
        return test.sign
    return "<" if is_low else ">="


def _rounded(counts: _Counts, best: int, scale: Scale, *, is_low: bool) -> Number | None:
    """Return a rounder limit that costs nothing; None if the best gap is rounded by itself."""
    low, high = counts.values[best - 1], counts.values[best]
    errors = counts.errors(best, is_low=is_low)
    allowed = isqrt(errors) // 2
    if not allowed or low == 0:
        return None
    for step in steps(low, high, scale):
        for limit in nearest(high, step):
            at = counts.below(limit, included=scale == "days")
            if limit and 0 < at < len(counts.values) and counts.errors(at, is_low=is_low) <= errors + allowed:
                return limit
    return None


def bits_of(ranked: Sorted, test: Test, size: int) -> int:
    """Return the accounts that pass a test on a limit."""
    limit: Number = test.values[0]  # type: ignore[assignment]
    at = bisect_left(ranked.values, limit)
    is_at = at < len(ranked.values) and ranked.values[at] == limit
    if is_at and test.sign in {"<=", ">"}:
        at += 1
    end = ranked.ends[at - 1] if at else 0
    positions = ranked.positions[:end] if test.sign in {"<", "<="} else ranked.positions[end:]
    return candidates.bits_of(positions, size)
