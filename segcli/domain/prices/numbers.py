"""Exact price numbers: parsing, formatting and rounding. Fractions only, no floats."""

from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from segcli.base.money import exponent, half_up

_KEPT = 4096  # numbers: a list has few different prices
DECIMALS = 9  # of stored and displayed prices; intermediate results are not rounded


def canonical(text: str) -> str:
    """Return a decimal number in canonical form: no plus sign, no superfluous zeros."""
    sign = "-" * text.startswith("-")
    whole, _, rest = text.lstrip("+-").partition(".")
    whole, rest = whole.lstrip("0") or "0", rest.rstrip("0")
    body = f"{whole}.{rest}" if rest else whole
    return "0" if body == "0" else f"{sign}{body}"


def shown(value: Fraction) -> Decimal:
    """Return a number for output: up to nine decimals, rounded half away from zero."""
    return _shown(value.numerator, value.denominator)


def _shown(numerator: int, denominator: int) -> Decimal:
    return Decimal(f"{half_up(numerator * 10**DECIMALS, denominator)}E-{DECIMALS}")


def words(value: Fraction) -> str:
    """Format a number for a sentence."""
    return _words(value.numerator, value.denominator)


@lru_cache(_KEPT)  # by two integers: the hash of a fraction is slow
def _words(numerator: int, denominator: int) -> str:
    text = f"{_shown(numerator, denominator):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


@lru_cache(_KEPT)
def exact(text: str) -> Fraction:
    """Return the number of a decimal text."""
    return Fraction(text)


def decimals(value: Fraction) -> int:
    """Return how many decimals a number has, up to nine."""
    return len(words(value).partition(".")[2])


def signed(value: Fraction) -> str:
    """Format an addition or subtraction for a sentence."""
    return f"{'minus' if value < 0 else 'plus'} {words(abs(value))}"


def to_step(value: Fraction, step: Fraction) -> Fraction:
    """Round to the nearest multiple of a positive step, halves away from zero."""
    return half_up(value.numerator * step.denominator, value.denominator * step.numerator) * step


def amount(price: Fraction, quantity: Fraction, currency: str) -> int:
    """Return price times quantity in minor units, rounded once, halves away from zero."""
    exact = price * quantity * 10 ** exponent(currency)
    return half_up(exact.numerator, exact.denominator)
