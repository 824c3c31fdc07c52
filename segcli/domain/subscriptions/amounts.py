"""The amount of a subscription line per period. Pure."""

from fractions import Fraction

from segcli.base.money import exponent, half_up
from segcli.domain.units import FINE


def period_amount(quantity: Fraction, price: Fraction, discount_percent: Fraction, currency: str) -> int:
    """Return quantity x price less discount, in FINE parts of a minor unit, rounded half up."""
    amount = quantity * price * (100 - discount_percent) / 100 * FINE * 10 ** exponent(currency)
    return half_up(amount.numerator, amount.denominator)
