"""How many accounts a test needs, and which uplift it can detect with those at hand. Pure.

Two-sided test, `ratio` treated accounts for each of the control. For means with standard deviation s in both groups and difference d:
control = (z(1 - alpha/2) + z(power))^2 * s^2 * (1 + 1 / ratio) / d^2. For rates p of the control and q, with their weighted mean m:
control = (z(1 - alpha/2) * sqrt((1 + 1 / ratio) * m * (1 - m)) + z(power) * sqrt(p * (1 - p) + q * (1 - q) / ratio))^2 / (q - p)^2.
Source: J. L. Fleiss, Statistical Methods for Rates and Proportions, 2nd edition (1981), chapter 3, without a continuity correction.
"""

import math
from typing import NamedTuple

from segcli.domain.campaigns.distributions import normal_quantile

ALPHA, POWER = 0.05, 0.80
_STEPS = 200


class Needed(NamedTuple):
    """The accounts that a group and the control need."""

    treated: int
    control: int


def for_means(
    deviation: float, difference: float, ratio: float = 1.0, alpha: float = ALPHA, power: float = POWER
) -> Needed:
    """Return the accounts needed to detect a difference of means that is not 0."""
    control = (_quantiles(alpha, power) * deviation / difference) ** 2 * (1 + 1 / ratio)
    return _whole(control, ratio)


def for_rates(rate: float, other: float, ratio: float = 1.0, alpha: float = ALPHA, power: float = POWER) -> Needed:
    """Return the accounts needed to detect that the rate of the control becomes another."""
    return _whole(_control_for_rates(rate, other, ratio, alpha, power), ratio)


def _control_for_rates(rate: float, other: float, ratio: float, alpha: float, power: float) -> float:
    mean = (rate + ratio * other) / (1 + ratio)
    equal = normal_quantile(1 - alpha / 2) * math.sqrt((1 + 1 / ratio) * mean * (1 - mean))
    apart = normal_quantile(power) * math.sqrt(rate * (1 - rate) + other * (1 - other) / ratio)
    return ((equal + apart) / (other - rate)) ** 2


def detectable_mean(deviation: float, treated: int, control: int, alpha: float = ALPHA, power: float = POWER) -> float:
    """Return the smallest difference of means that groups of these sizes detect."""
    return _quantiles(alpha, power) * deviation * math.sqrt(1 / treated + 1 / control)


def detectable_rate(
    rate: float, treated: int, control: int, alpha: float = ALPHA, power: float = POWER
) -> float | None:
    """Return the smallest increase of a rate that groups of these sizes detect; None if not even an increase to 1 is."""
    low, high = rate, 1.0
    ratio = treated / control
    if not 0 < rate < 1 or _control_for_rates(rate, high, ratio, alpha, power) > control:
        return None
    for _ in range(_STEPS):  # the number needed falls as the increase grows
        middle = (low + high) / 2
        if middle in {low, high}:
            break
        if _control_for_rates(rate, middle, ratio, alpha, power) > control:
            low = middle
        else:
            high = middle
    return high - rate


def _quantiles(alpha: float, power: float) -> float:
    return normal_quantile(1 - alpha / 2) + normal_quantile(power)


def _whole(control: float, ratio: float) -> Needed:
    return Needed(math.ceil(control * ratio), math.ceil(control))
