"""The log-likelihood of Gamma-Gamma as a function of its log parameters, with gradient and Hessian. Pure.

Per account (x purchases of m on average), with n = p x + q (Fader and Hardie 2013, equation 1a):
    lgamma(n) - lgamma(px) - lgamma(q) + q ln v + (px - 1) ln m + px ln x - n ln(v + x m)
Accounts are grouped by x, so that each distinct (x, m) needs only one logarithm.
"""

import math
from collections.abc import Mapping
from operator import mul
from typing import NamedTuple

from segcli.domain.scoring.newton import Place, Point
from segcli.domain.scoring.special import digamma, dot, trigamma

Pair = tuple[int, float]


class _Group(NamedTuple):
    """Accounts with x purchases: distinct totals, the number of accounts per total, the number of accounts, the sum of ln m."""

    x: int
    totals: list[float]
    counts: list[int]
    size: int
    logs: float


class Surface:
    """The surface of the log-likelihood over (ln p, ln q, ln v)."""

    def __init__(self, counted: Mapping[Pair, int]) -> None:
        found: dict[int, list[tuple[float, int]]] = {}
        for (x, mean), count in counted.items():
            found.setdefault(x, []).append((mean, count))
        self.groups = [
            _Group(
                x,
                [x * mean for mean, _ in pairs],
                [count for _, count in pairs],
                sum(count for _, count in pairs),
                sum(count * math.log(mean) for mean, count in pairs),
            )
            for x, pairs in sorted(found.items())
        ]

    def height(self, point: Point) -> float:
        """Return the log-likelihood."""
        p, q, v = map(math.exp, point)
        found, log = 0.0, math.log
        for group in self.groups:
            px = p * group.x
            gammas = math.lgamma(px + q) - math.lgamma(px) - math.lgamma(q) + q * point[2] + px * log(group.x)
            logs = dot(group.counts, [log(v + total) for total in group.totals])
            found += group.size * gammas + (px - 1) * group.logs - (px + q) * logs
        return found

    def __call__(self, point: Point) -> Place:
        """Return the log-likelihood with its gradient and Hessian."""
        p, q, v = map(math.exp, point)
        slope, bent = [0.0] * 3, [[0.0] * 3 for _ in range(3)]
        for group in self.groups:
            for i, (value, row) in enumerate(_parts(group, p, q, v)):
                slope[i] += value
                bent[i] = list(map(float.__add__, bent[i], row))
        scale = (p, q, v)
        slope = list(map(mul, slope, scale))
        curvature = [[bent[i][j] * scale[i] * scale[j] + slope[i] * (i == j) for j in range(3)] for i in range(3)]
        return Place(self.height(point), slope, curvature)


def _parts(group: _Group, p: float, q: float, v: float) -> tuple[tuple[float, list[float]], ...]:
    """Return the derivatives by p, q and v, each with its row of second derivatives."""
    x, _, counts, size, means = group
    n = p * x + q
    logs = dot(counts, [math.log(v + total) for total in group.totals])
    inverse = [1.0 / (v + total) for total in group.totals]
    ones, twos = dot(counts, inverse), dot(counts, map(mul, inverse, inverse))
    digamma_n, trigamma_n = size * digamma(n), size * trigamma(n)
    pq, pv, qv = x * trigamma_n, -x * ones, size / v - ones
    return (
        (
            x * (digamma_n - size * digamma(p * x) + size * math.log(x) + means - logs),
            [x * x * (trigamma_n - size * trigamma(p * x)), pq, pv],
        ),
        (digamma_n - size * digamma(q) + size * math.log(v) - logs, [pq, trigamma_n - size * trigamma(q), qv]),
        (size * q / v - n * ones, [pv, qv, n * twos - size * q / v**2]),
    )
