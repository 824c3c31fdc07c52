"""The day of the next order: by the account's own rhythm, or by BG/NBD. Pure.

By its own rhythm it is the last purchase day plus the mean gap between purchase days, rounded half up to whole days; it needs
three purchase days, and can be in the past. By the model it is the first day up to which the expected number of purchases, counted
from the reference date, is 1 or more.
"""

import math
from collections.abc import Callable
from datetime import date, timedelta
from fractions import Fraction
from functools import cache

from segcli.domain.scoring import bgnbd

DAYS = 1826  # the model looks ahead five years
_Point = tuple[int, float]  # a day and its expectation
_STEP = 30  # days between the expectations that accounts with as many purchases and days share


def days_of(gap: Fraction) -> int:
    """Return a gap in whole days, rounded half up."""
    return (2 * gap.numerator + gap.denominator) // (2 * gap.denominator)


def after(last: date, days: int) -> date:
    """Return the day so many days after another; at most the last day of the calendar."""
    return last + timedelta(min(days, (date.max - last).days))


def by_model(fit: bgnbd.Fit) -> Callable[[int, int, int], int | None]:
    """Return a function of (x, t, T) in days: the days from now until the expected purchases reach 1; None beyond DAYS."""

    @cache
    def expected(x: int, until: int, days: int) -> float:
        return bgnbd.while_alive(fit, x, until, days)

    @cache
    def found(x: int, last: int, until: int) -> int | None:
        chance = bgnbd.alive(fit, x, last, until)
        needed = 1.0 / chance if chance else math.inf
        if expected(x, until, DAYS) < needed:
            return None
        low, high = 0, math.ceil(DAYS / _STEP)  # in steps; the expectation rises with time
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (middle, high) if expected(x, until, middle * _STEP) < needed else (low, middle)
        ends = [(day, expected(x, until, day)) for day in (low * _STEP, min(high * _STEP, DAYS))]
        return _within(lambda days: bgnbd.while_alive(fit, x, until, days), needed, *ends)

    return found


def _within(expected: Callable[[int], float], needed: float, start: _Point, end: _Point) -> int:
    """Return the first day after the start whose expectation is `needed` or more; that of the end is.

    The expectation rises ever more slowly, so that it is never below its chord: the crossing of the chord is not too early.
    """
    (low, below), (high, above) = start, end
    while high - low > 1:
        part = (needed - below) / (above - below)
        day = min(max(low + math.ceil(part * (high - low)), low + 1), high - 1)
        value = expected(day)
        if value < needed:
            low, below = day, value
            continue
        high, above = day, value
        if day - 1 > low and (before := expected(day - 1)) >= needed:
            high, above = day - 1, before
        elif day - 1 > low:
            break
    return high
