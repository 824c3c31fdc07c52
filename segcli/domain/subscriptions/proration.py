"""Proration: the cost of a period that is incomplete or in which the price changes. Pure.

- days: each piece costs its share of the full period, by days. The running total is rounded half up after each piece and a
  piece costs the increase, so rounding loses nothing.
- zero: an incomplete period is free.
- full: an incomplete period costs as much as a full one.

With zero and full, a price change inside a period takes effect in the next period.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import lru_cache
from itertools import accumulate, pairwise

from segcli.base.money import half_up
from segcli.domain.subscriptions.periods import Period, days

_KEPT = 4096  # amounts: those of one line are asked for one after the other
_DECIMALS = 10**6  # of a unit price derived from an amount


@dataclass(frozen=True, slots=True)
class Piece:
    """The part of a period covered by one line, with its price for a full period."""

    start: date
    end: date
    quantity: Fraction
    unit_price: Fraction
    discount_percent: Fraction = Fraction(0)

    @property
    def factor(self) -> Fraction:
        """Return the factor from unit price to amount: quantity less discount."""
        return self.quantity * (100 - self.discount_percent) / 100


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of a piece: amount in minor units, and unit price. `end` is the last day paid for."""

    amount: int
    unit_price: Fraction
    end: date
    is_free: bool = False  # free by the proration rule, or because another piece pays for it


def costs(period: Period, pieces: Sequence[Piece], proration: str, exponent: int) -> list[Cost]:
    """Return the cost of each piece; `exponent` is the number of decimals of the currency."""
    if proration == "days":
        return _by_days(period, pieces, 10**exponent)
    covered = sum(days(piece.start, piece.end) for piece in pieces)
    free = [Cost(0, Fraction(0), piece.end, is_free=True) for piece in pieces]
    if proration == "zero" and covered < period.full_days:
        return free
    first = pieces[0]
    return [Cost(_whole(first.unit_price * first.factor * 10**exponent), first.unit_price, pieces[-1].end), *free[1:]]


def _by_days(period: Period, pieces: Sequence[Piece], minor: int) -> list[Cost]:
    if len(pieces) == 1 and (pieces[0].start, pieces[0].end) == (period.full_start, period.full_end):
        one = pieces[0]
        return [
            Cost(_of_whole_period(one.unit_price, one.quantity, one.discount_percent, minor), one.unit_price, one.end)
        ]
    shares = [Fraction(days(piece.start, piece.end), period.full_days) for piece in pieces]
    exact = [piece.unit_price * piece.factor * share * minor for piece, share in zip(pieces, shares, strict=True)]
    reached = [0, *(_whole(total) for total in accumulate(exact))]
    amounts = [after - before for before, after in pairwise(reached)]
    return [
        Cost(amount, piece.unit_price if share == 1 else _per_unit(piece, amount, minor, share), piece.end)
        for piece, share, amount in zip(pieces, shares, amounts, strict=True)
    ]


@lru_cache(_KEPT)
def _of_whole_period(unit_price: Fraction, quantity: Fraction, discount_percent: Fraction, minor: int) -> int:
    """Return the amount of a piece that covers its period; the periods of a line have the same one."""
    return _whole(unit_price * quantity * (100 - discount_percent) / 100 * minor)


def _per_unit(piece: Piece, amount: int, minor: int, share: Fraction) -> Fraction:
    """Derive the unit price from the amount, with six decimals; if the factor is 0, return the share of the price."""
    price = Fraction(amount, minor) / piece.factor if piece.factor else piece.unit_price * share
    return Fraction(half_up((price * _DECIMALS).numerator, (price * _DECIMALS).denominator), _DECIMALS)


def _whole(amount: Fraction) -> int:
    return half_up(amount.numerator, amount.denominator)
