"""The amount of a subscription line per period, and its conversion from and to a monthly value. Pure."""

from fractions import Fraction

from segcli.base.money import exponent, half_up
from segcli.domain.prices.numbers import words
from segcli.domain.subscriptions.periods import MONTHS
from segcli.domain.units import FINE


def period_amount(quantity: Fraction, price: Fraction, discount_percent: Fraction, currency: str) -> int:
    """Return quantity x price less discount, in FINE parts of a minor unit, rounded half up.

    It is one division of integers: fractions would be reduced after each step, which takes eight times as long.
    """
    share = discount_percent.denominator
    parts = quantity.numerator * price.numerator * (100 * share - discount_percent.numerator)
    return half_up(parts * FINE * 10 ** exponent(currency), quantity.denominator * price.denominator * 100 * share)


def per_period(monthly: str, frequency: str, count: int) -> str:
    """Return the price per period of a monthly value, as text. A year has 12 months or 52 weeks."""
    return words(Fraction(monthly) * _months(frequency) * count)


def per_month(amount: int | None, frequency: str, count: int, currency: str) -> float | None:
    """Return the monthly value of an amount per period (in FINE parts), rounded to the currency's minor unit."""
    if amount is None:
        return None
    month = Fraction(amount, FINE) / (_months(frequency) * count)
    return float(Fraction(half_up(month.numerator, month.denominator), 10 ** exponent(currency)))


def _months(frequency: str) -> Fraction:
    return Fraction(MONTHS[frequency]) if frequency in MONTHS else Fraction(12, 52)
