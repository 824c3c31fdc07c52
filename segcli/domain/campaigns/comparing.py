"""Comparison of a group with a control: Welch's interval for means, Newcombe's for rates, and the check of the group sizes. Pure.

Sources: B. L. Welch, Biometrika 34 (1947); R. G. Newcombe, Statistics in Medicine 17 (1998), method 10 of his paper, built of two
score intervals of E. B. Wilson (1927); K. Pearson (1900) for chi-square. All tests are two-sided.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

from segcli.domain.campaigns import distributions


class Sample(NamedTuple):
    """The values of a group in whole numbers of `1 / parts`: how many, their sum and the sum of their squares, all exact."""

    size: int = 0
    total: int = 0
    squares: int = 0
    parts: int = 1

    @property
    def mean(self) -> float | None:
        """Return the mean, None without values."""
        return self.total / (self.size * self.parts) if self.size else None

    @property
    def variance(self) -> float | None:
        """Return the variance with n - 1, None for fewer than two values."""
        if self.size < 2:  # noqa: PLR2004 - one value has no variance
            return None
        spread = self.size * self.squares - self.total * self.total  # exact: no digits are lost to a large mean
        return spread / (self.size * (self.size - 1) * self.parts**2)


class Compared(NamedTuple):
    """The value of a group and of the control, their difference with its interval, and p; None where it is not defined."""

    value: float | None
    control: float | None
    difference: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None

    @property
    def relative(self) -> float | None:
        """Return the difference relative to the control, None for a control of zero."""
        return self.difference / abs(self.control) if self.difference is not None and self.control else None


def welch(treated: Sample, control: Sample, confidence: float) -> Compared:
    """Compare two means without assuming equal variances."""
    one, other = treated.mean, control.mean
    if one is None or other is None:
        return Compared(one, other)
    if treated.variance is None or control.variance is None:
        return Compared(one, other, one - other)
    parts = treated.variance / treated.size, control.variance / control.size
    error = math.sqrt(sum(parts))
    if not error:
        return Compared(one, other, one - other)
    degrees = sum(parts) ** 2 / (parts[0] ** 2 / (treated.size - 1) + parts[1] ** 2 / (control.size - 1))
    reach = distributions.t_quantile((1.0 + confidence) / 2.0, degrees) * error
    p = distributions.t_both_tails((one - other) / error, degrees)
    return Compared(one, other, one - other, one - other - reach, one - other + reach, p)


def newcombe(treated: Sample, control: Sample, confidence: float) -> Compared:
    """Compare two rates, of samples of 0 and 1; p is that of the z-test with pooled variance."""
    one, other = treated.mean, control.mean
    if one is None or other is None:
        return Compared(one, other)
    z = distributions.normal_quantile((1.0 + confidence) / 2.0)
    (low, high), (low_other, high_other) = (wilson(s.total, s.size, z) for s in (treated, control))
    difference = one - other
    below = math.hypot(one - low, high_other - other)
    above = math.hypot(high - one, other - low_other)
    return Compared(one, other, difference, difference - below, difference + above, _pooled(treated, control))


def wilson(hits: int, count: int, z: float) -> tuple[float, float]:
    """Return Wilson's score interval of a rate."""
    rate, square = hits / count, z * z
    middle = (rate + square / (2 * count)) / (1 + square / count)
    reach = z * math.sqrt(rate * (1 - rate) / count + square / (4 * count * count)) / (1 + square / count)
    return (0.0 if not hits else middle - reach), (1.0 if hits == count else middle + reach)


def _pooled(treated: Sample, control: Sample) -> float | None:
    rate = (treated.total + control.total) / (treated.size + control.size)
    error = math.sqrt(rate * (1 - rate) * (1 / treated.size + 1 / control.size))
    return (
        distributions.normal_both_tails((treated.total / treated.size - control.total / control.size) / error)
        if error
        else None
    )


class Ratio(NamedTuple):
    """The check of group sizes: chi-square against the shares, and p."""

    chi_square: float
    p: float


def sample_ratio(counts: Sequence[int], shares: Sequence[int]) -> Ratio | None:
    """Compare the sizes of the groups with their shares; None for one group or nobody."""
    whole, parts = sum(counts), sum(shares)
    if len(counts) < 2 or not whole:  # noqa: PLR2004 - one group has no ratio
        return None
    found = sum(
        (n * parts - whole * share) ** 2 / (whole * share * parts) for n, share in zip(counts, shares, strict=True)
    )
    return Ratio(found, distributions.chi_square_tail(found, len(counts) - 1))
