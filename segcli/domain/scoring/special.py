"""Digamma and trigamma, which the standard library lacks, and the dot product. Pure.

Both use their recurrence up to 8 and the asymptotic series above (Abramowitz and Stegun 6.3.18 and 6.4.12).
"""

import math
from collections.abc import Iterable
from operator import mul

_FAR = 8.0
_DIGAMMA = (1 / 12, -1 / 120, 1 / 252, -1 / 240, 1 / 132, -691 / 32760, 1 / 12)
_TRIGAMMA = (1 / 6, -1 / 30, 1 / 42, -1 / 30, 5 / 66, -691 / 2730, 7 / 6)


def digamma(x: float) -> float:
    """Return the derivative of lgamma for x > 0."""
    below = 0.0
    while x < _FAR:
        below -= 1.0 / x
        x += 1.0
    return below + math.log(x) - 0.5 / x - _series(_DIGAMMA, x) / (x * x)


def trigamma(x: float) -> float:
    """Return the second derivative of lgamma for x > 0."""
    below = 0.0
    while x < _FAR:
        below += 1.0 / (x * x)
        x += 1.0
    return below + 1.0 / x + 0.5 / (x * x) + _series(_TRIGAMMA, x) / (x * x * x)


def _series(factors: Iterable[float], x: float) -> float:
    """Return factors[0] + factors[1] / x² + factors[2] / x⁴ and so on."""
    square, power, found = 1.0 / (x * x), 1.0, 0.0
    for factor in factors:
        found += factor * power
        power *= square
    return found


def dot(left: Iterable[float], right: Iterable[float]) -> float:
    """Return the sum of the products."""
    found: float = sum(map(mul, left, right))
    return found
