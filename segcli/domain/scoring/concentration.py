"""Concentration of values: the Gini coefficient and the shares of the largest accounts. Pure.

Only positive values count, as in ABC; the number of other values is reported.
Gini = 2 * sum(i * v) / (n * sum(v)) - (n + 1) / n, with values ascending and i from 1. It is 0 if all values are equal and
close to 1 if one account has everything.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from segcli.base.errors import UsageError

PERCENTS = (1, 5, 10, 20, 50)
_WHOLE = 100


@dataclass(frozen=True, slots=True)
class Top:
    """The largest accounts: their number, their amount and its share of the total."""

    accounts: int
    amount: int
    share: float


@dataclass(frozen=True, slots=True)
class Concentration:
    """The concentration of the counted values. If no value is positive, `gini` is None and `tops` is empty."""

    accounts: int
    left_out: int
    total: int
    gini: float | None
    tops: Mapping[int | Fraction, Top]


def concentration(values: Iterable[int], percents: Iterable[int | Fraction] = PERCENTS) -> Concentration:
    """Return the concentration of amounts. The top x % is a number of accounts, rounded up to at least one."""
    held = list(values)
    ascending = sorted(value for value in held if value > 0)
    left_out, total = len(held) - len(ascending), sum(ascending)
    if not ascending:
        return Concentration(0, left_out, 0, None, {})
    tops = {percent: _top(ascending, total, percent) for percent in percents}
    return Concentration(len(ascending), left_out, total, float(_gini(ascending, total)), tops)


def _gini(ascending: list[int], total: int) -> Fraction:
    count = len(ascending)
    return Fraction(2 * sum(i * v for i, v in enumerate(ascending, 1)), count * total) - Fraction(count + 1, count)


def _top(ascending: list[int], total: int, percent: int | Fraction) -> Top:
    if not 0 < percent <= _WHOLE:
        raise UsageError(f"the top {percent} % is no part of the accounts", "say a percentage from above 0 up to 100")
    accounts = -int(-len(ascending) * Fraction(percent) // _WHOLE)
    amount = sum(ascending[-accounts:])
    return Top(accounts, amount, float(Fraction(amount, total)))
