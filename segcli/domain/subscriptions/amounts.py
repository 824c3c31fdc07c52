"""What one period of a subscription line costs. Pure."""

from fractions import Fraction

from segcli.base.money import exponent, half_up
from segcli.domain.units import FINE


def period_amount(quantity: Fraction, price: Fraction, discount_percent: Fraction, currency: str) -> int:
    """Return quantity x price less discount, in fine parts of the smallest unit, rounded half up."""
    amount = quantity * price * (100 - discount_percent) / 100 * FINE * 10 ** exponent(currency)
    return half_up(amount.numerator, amount.denominator)
