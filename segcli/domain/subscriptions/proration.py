"""What a period of a service costs, where it is broken or its price changes in it. Pure.

days: each piece costs its share of the whole period, by days; what they come to is rounded half up after each, and each
costs what it adds: nothing is lost between them, and none pays back. zero: a broken period costs nothing. full: it costs
as much as a whole one. With zero and full a price that changes inside a period counts from the next one on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import accumulate, pairwise

from segcli.base.money import half_up
from segcli.domain.subscriptions.periods import Period, days

_DECIMALS = 10**6  # of a unit price that follows from an amount


@dataclass(frozen=True, slots=True)
class Piece:
    """The part of a period in which one line holds, with its price for a whole period."""

    start: date
    end: date
    quantity: Fraction
    unit_price: Fraction
    discount_percent: Fraction = Fraction(0)

    @property
    def factor(self) -> Fraction:
        """Return what a unit price is multiplied with."""
        return self.quantity * (100 - self.discount_percent) / 100


@dataclass(frozen=True, slots=True)
class Cost:
    """What a piece costs: in the smallest unit of the currency, and per unit. `end` is the last day that it pays for."""

    amount: int
    unit_price: Fraction
    end: date
    is_free: bool = False  # by the rule for broken periods, or because another piece pays for it


def costs(period: Period, pieces: Sequence[Piece], proration: str, exponent: int) -> list[Cost]:
    """Return what each piece of a period costs; `exponent` is the number of decimals of the currency."""
    if proration == "days":
        return _by_days(period, pieces, 10**exponent)
    covered = sum(days(piece.start, piece.end) for piece in pieces)
    free = [Cost(0, Fraction(0), piece.end, is_free=True) for piece in pieces]
    if proration == "zero" and covered < period.full_days:
        return free
    first = pieces[0]
    return [Cost(_whole(first.unit_price * first.factor * 10**exponent), first.unit_price, pieces[-1].end), *free[1:]]


def _by_days(period: Period, pieces: Sequence[Piece], minor: int) -> list[Cost]:
    shares = [Fraction(days(piece.start, piece.end), period.full_days) for piece in pieces]
    exact = [piece.unit_price * piece.factor * share * minor for piece, share in zip(pieces, shares, strict=True)]
    reached = [0, *(_whole(total) for total in accumulate(exact))]
    amounts = [after - before for before, after in pairwise(reached)]
    return [
        Cost(amount, piece.unit_price if share == 1 else _per_unit(piece, amount, minor, share), piece.end)
        for piece, share, amount in zip(pieces, shares, amounts, strict=True)
    ]


def _per_unit(piece: Piece, amount: int, minor: int, share: Fraction) -> Fraction:
    """Return the unit price that makes the amount, with six decimals; the price's share where that says nothing."""
    price = Fraction(amount, minor) / piece.factor if piece.factor else piece.unit_price * share
    return Fraction(half_up((price * _DECIMALS).numerator, (price * _DECIMALS).denominator), _DECIMALS)


def _whole(amount: Fraction) -> int:
    return half_up(amount.numerator, amount.denominator)
