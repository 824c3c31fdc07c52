"""Quantiles and tails of the normal, Student's t and chi-square distributions, accurate to 1e-9 or better. Pure.

The normal quantile is that of the standard library (Wichura's AS 241); its tail is erfc. The tail of t is the incomplete beta
function by its continued fraction (NIST DLMF 8.17.22), with the ratio of gamma functions from its asymptotic series where
degrees of freedom are many (DLMF 5.11.13), since the difference of two large log-gammas loses digits. The tail of chi-square is the
incomplete gamma function: a series below the mean (DLMF 8.7.3), a continued fraction above it (DLMF 8.9.2). Continued fractions are
evaluated by the method of Lentz as modified by Thompson and Barnett (1986).
"""

import math
from collections.abc import Iterator
from itertools import count
from statistics import NormalDist

_TINY, _CLOSE = 1e-300, 1e-16
_MOST = 20_000  # terms of a fraction or series; the square root of the degrees of freedom suffices
_MANY = 50.0
_NORMAL = NormalDist()


def normal_quantile(probability: float) -> float:
    """Return the value that a standard normal variable is below with this probability."""
    return _NORMAL.inv_cdf(probability)


def normal_both_tails(value: float) -> float:
    """Return the probability that a standard normal variable is as far from 0 as the value, or farther."""
    return math.erfc(abs(value) / math.sqrt(2.0))


def t_both_tails(value: float, degrees: float) -> float:
    """Return the probability that a t variable is as far from 0 as the value, or farther."""
    square = value * value
    if square == 0.0:
        return 1.0
    a, b, rest = degrees / 2.0, 0.5, square / (degrees + square)  # I_x(a, b) with x = 1 - rest
    front = math.exp(_log_ratio(a) - 0.5 * math.log(math.pi) + a * math.log1p(-rest) + b * math.log(rest))
    if 1.0 - rest < (a + 1.0) / (a + b + 2.0):
        return front / a * _beta_fraction(a, b, 1.0 - rest)
    return 1.0 - front / b * _beta_fraction(b, a, rest)


def t_quantile(probability: float, degrees: float) -> float:
    """Return the value that a t variable is below with this probability, from 0.5 to below 1.

    Newton's method from the normal quantile, which is lower: the tail is convex, so each step comes closer from below.
    """
    tails = 2.0 * (1.0 - probability)
    value = max(normal_quantile(probability), 0.0)
    log_scale = _log_ratio(degrees / 2.0) - 0.5 * math.log(degrees * math.pi)
    for _ in range(200):
        density = math.exp(log_scale - 0.5 * (degrees + 1.0) * math.log1p(value * value / degrees))
        step = (t_both_tails(value, degrees) - tails) / (2.0 * density)
        value += step
        if abs(step) <= 1e-14 * max(value, 1.0):
            break
    return value


def chi_square_tail(value: float, degrees: int) -> float:
    """Return the probability that a chi-square variable is the value or more."""
    a, x = degrees / 2.0, value / 2.0
    if x <= 0.0:
        return 1.0
    front = math.exp(a * math.log(x) - x - math.lgamma(a))
    if x < a + 1.0:
        term = total = 1.0 / a
        for number in count(1):
            term *= x / (a + number)
            total += term
            if term < total * _CLOSE:
                break
        return 1.0 - front * total
    return front / _lentz(x + 1.0 - a, ((-k * (k - a), x + 2.0 * k + 1.0 - a) for k in count(1)))


def _log_ratio(a: float) -> float:
    """Return log(gamma(a + 1/2) / gamma(a))."""
    if a < _MANY:
        return math.lgamma(a + 0.5) - math.lgamma(a)
    series = 1.0 - 1 / (8 * a) + 1 / (128 * a**2) + 5 / (1024 * a**3) - 21 / (32768 * a**4) - 399 / (262144 * a**5)
    return 0.5 * math.log(a) + math.log(series)


def _beta_fraction(a: float, b: float, x: float) -> float:
    """Return I_x(a, b) times a over x^a (1-x)^b / B(a, b)."""
    return 1.0 / _lentz(1.0, _beta_terms(a, b, x))


def _beta_terms(a: float, b: float, x: float) -> Iterator[tuple[float, float]]:
    yield -(a + b) * x / (a + 1.0), 1.0
    for m in count(1):
        yield m * (b - m) * x / ((a + 2 * m - 1.0) * (a + 2 * m)), 1.0
        yield -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1.0)), 1.0


def _lentz(first: float, terms: Iterator[tuple[float, float]]) -> float:
    """Return first + a1 / (b1 + a2 / (b2 + …)) for the terms (a, b)."""
    found = upper = first or _TINY
    lower = 0.0
    for number, (a, b) in enumerate(terms):
        lower = 1.0 / ((b + a * lower) or _TINY)
        upper = (b + a / upper) or _TINY
        step = upper * lower
        found *= step
        if abs(step - 1.0) < _CLOSE or number > _MOST:
            break
    return found
