"""Exact numbers of prices: from text, to text, rounded to a step. Fractions throughout, never a float."""

from decimal import Decimal
from fractions import Fraction

from segcli.base.money import exponent, half_up

DECIMALS = 9  # of a price as it is kept and shown; in between nothing is rounded


def canonical(text: str) -> str:
    """Return a plain decimal number in the one way in which it is kept: no sign of plus, no needless zeros."""
    sign = "-" * text.startswith("-")
    whole, _, rest = text.lstrip("+-").partition(".")
    whole, rest = whole.lstrip("0") or "0", rest.rstrip("0")
    body = f"{whole}.{rest}" if rest else whole
    return "0" if body == "0" else f"{sign}{body}"


def shown(value: Fraction) -> Decimal:
    """Return a number for people and machines: all its decimals up to nine, then half away from zero."""
    scaled = half_up(value.numerator * 10**DECIMALS, value.denominator)
    return Decimal(f"{scaled}E-{DECIMALS}")


def words(value: Fraction) -> str:
    """Return a number as it stands in a sentence."""
    text = f"{shown(value):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def signed(value: Fraction) -> str:
    """Return what is added or taken off as it stands in a sentence."""
    return f"{'minus' if value < 0 else 'plus'} {words(abs(value))}"


def to_step(value: Fraction, step: Fraction) -> Fraction:
    """Return the multiple of a positive step that is nearest, halves away from zero."""
    parts = value / step
    return half_up(parts.numerator, parts.denominator) * step


def amount(price: Fraction, quantity: Fraction, currency: str) -> int:
    """Return price times quantity in minor units, rounded once, halves away from zero."""
    exact = price * quantity * 10 ** exponent(currency)
    return half_up(exact.numerator, exact.denominator)
