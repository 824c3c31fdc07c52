"""The log-likelihood of BG/NBD as a function of its log parameters, with gradient and Hessian; fast for many accounts. Pure.

An account has x repeat purchases, the last at t, and is observed until T; n = r + x. Its likelihood (Fader, Hardie and
Lee 2005, equation 6) is A1 A2 (A3 + [x > 0] A4) with
    A1 = gamma(n) alpha^r / gamma(r)
    A2 = gamma(a+b) gamma(b+x) / (gamma(b) gamma(a+b+x))
    A3 = (alpha + T)^-n                           it is still alive
    A4 = a / (b+x-1) (alpha + t)^-n               it left after its last purchase
As ln(A3 + A4) = ln A3 + ln(1 + A4/A3), the log-likelihood is ln A1 + ln A2 - n ln(alpha + T) + [x > 0] ln(1 + e^z) with
    z = ln(A4/A3) = ln a - ln(b+x-1) + n (ln(alpha + T) - ln(alpha + t))
Derivatives, with q = 1 / (1 + e^-z), the probability that the account has left:
    d ln(1 + e^z)          = q dz                  d2 ln(1 + e^z) = q d2z + q (1 - q) dz dz
    dz by r, alpha, a, b   = ln(alpha + T) - ln(alpha + t),  n (1/(alpha + T) - 1/(alpha + t)),  1/a,  -1/(b+x-1)
    d2z                    : by r and alpha 1/(alpha + T) - 1/(alpha + t); twice by alpha, a and b
                             -n (1/(alpha + T)^2 - 1/(alpha + t)^2),  -1/a^2,  1/(b+x-1)^2
The other terms are sums of lgamma and logarithms; the derivatives of lgamma are digamma and trigamma. For a parameter
P = e^p, d/dp = P d/dP, and the second derivative by p has P d/dP in addition (`_Sums.place`). tests/domain checks all
derivatives against differences of the height, and the height against numeric integration.

It is fast because equal accounts are evaluated once, they are grouped by x so that only z is calculated for each,
logarithms are taken once per distinct time, and the remaining loops run inside map and sum.
"""

import math
from collections.abc import Mapping
from operator import mul, sub
from typing import NamedTuple

from segcli.domain.scoring.newton import Place, Point
from segcli.domain.scoring.special import digamma, dot, trigamma

Triple = tuple[int, float, float]


class _Group(NamedTuple):
    """Accounts with x repeat purchases: the indexes of their times t and T, and the number of equal accounts."""

    x: int
    last: list[int]
    until: list[int]
    counts: list[int]


class Surface:
    """The surface of the log-likelihood over (ln r, ln alpha, ln a, ln b)."""

    def __init__(self, counted: Mapping[Triple, int]) -> None:
        self.times = sorted({time for triple in counted for time in triple[1:]})
        place = {time: at for at, time in enumerate(self.times)}
        groups: dict[int, _Group] = {}
        self.until = [0.0] * len(self.times)  # number of accounts per T,
        self.bought = [0.0] * len(self.times)  # and their repeat purchases
        for (x, last, until), count in counted.items():
            _, lasts, untils, counts = groups.setdefault(x, _Group(x, [], [], []))
            lasts.append(place[last])
            untils.append(place[until])
            counts.append(count)
            self.until[place[until]] += count
            self.bought[place[until]] += x * count
        self.groups = sorted(groups.values())
        self.sizes = [(group.x, sum(group.counts)) for group in self.groups]

    def height(self, point: Point) -> float:
        """Return the log-likelihood."""
        r, alpha, a, b = map(math.exp, point)
        logs = [math.log(alpha + time) for time in self.times]
        found = -r * dot(self.until, logs) - dot(self.bought, logs)
        for x, size in self.sizes:
            gammas = math.lgamma(r + x) - math.lgamma(r) + math.lgamma(a + b) + math.lgamma(b + x)
            found += size * (gammas - math.lgamma(b) - math.lgamma(a + b + x) + r * point[1])
        return found + sum(
            _raised(group, _odds(group, r, a, b, _apart(group, logs))) for group in self.groups if group.x
        )

    def __call__(self, point: Point) -> Place:
        """Return the log-likelihood with its gradient and Hessian."""
        found = _Sums(self.height(point), *map(math.exp, point))
        inverse = [1.0 / (found.alpha + time) for time in self.times]
        logs = [math.log(found.alpha + time) for time in self.times]
        self._common(found, logs, inverse)
        for group in self.groups:
            if group.x:
                _mixed(found, group, logs, inverse)
        return found.place()

    def _common(self, found: "_Sums", logs: list[float], inverse: list[float]) -> None:
        """Add the terms that do not depend on z."""
        r, alpha, a, b = found.r, found.alpha, found.a, found.b
        squares = list(map(mul, inverse, inverse))
        ones, twos = dot(self.until, inverse), r * dot(self.until, squares) + dot(self.bought, squares)
        everybody = sum(size for _, size in self.sizes)
        found.add(0, everybody * math.log(alpha) - dot(self.until, logs))
        found.add(1, everybody * r / alpha - r * ones - dot(self.bought, inverse))
        found.bend(0, 1, everybody / alpha - ones)
        found.bend(1, 1, twos - everybody * r / alpha**2)
        for x, size in self.sizes:
            both, only = digamma(a + b) - digamma(a + b + x), digamma(b + x) - digamma(b)
            found.add(0, size * (digamma(r + x) - digamma(r)))
            found.add(2, size * both)
            found.add(3, size * (both + only))
            bent = size * (trigamma(a + b) - trigamma(a + b + x))
            found.bend(0, 0, size * (trigamma(r + x) - trigamma(r)))
            found.bend(2, 2, bent)
            found.bend(2, 3, bent)
            found.bend(3, 3, bent + size * (trigamma(b + x) - trigamma(b)))


def _apart(group: _Group, values: list[float]) -> list[float]:
    """Return per account the value at T less the value at t."""
    return list(map(sub, map(values.__getitem__, group.until), map(values.__getitem__, group.last)))


def _odds(group: _Group, r: float, a: float, b: float, apart: list[float]) -> list[float]:
    """Return z per account: the log odds that it is gone."""
    n, first = r + group.x, math.log(a) - math.log(b + group.x - 1)
    return [first + n * value for value in apart]


def _raised(group: _Group, odds: list[float]) -> float:
    """Return the sum of ln(1 + e^z), without overflow."""
    exp, log1p = math.exp, math.log1p
    return dot(group.counts, [z + log1p(exp(-z)) if z > 0.0 else log1p(exp(z)) for z in odds])


def _mixed(found: "_Sums", group: _Group, logs: list[float], inverse: list[float]) -> None:
    """Add gradient and Hessian of ln(1 + e^z) over a group: q dz, and q ddz + q (1 - q) dz dz with q = 1 / (1 + e^-z)."""
    r, a, b = found.r, found.a, found.b
    n, less = r + group.x, b + group.x - 1
    exp = math.exp
    apart, slopes = _apart(group, logs), _apart(group, inverse)
    alive = [1.0 / (1.0 + exp(z)) if z < 700.0 else 0.0 for z in _odds(group, r, a, b, apart)]  # noqa: PLR2004 - e^709 is the largest float
    gone = list(map(sub, group.counts, map(mul, group.counts, alive)))
    both = list(map(mul, gone, alive))
    square = _apart(group, list(map(mul, inverse, inverse)))
    q, qd, qe, qf = sum(gone), dot(gone, apart), dot(gone, slopes), dot(gone, square)
    by_apart, by_slope = list(map(mul, both, apart)), list(map(mul, both, slopes))
    # derivatives of z by r, alpha, a and b: apart, n * slopes, 1 / a, -1 / less
    first = (qd, n * qe, q / a, -q / less)
    v, vd, ve = sum(both), sum(by_apart), n * sum(by_slope)
    for i, value in enumerate(first):
        found.add(i, value)
    second = (
        (dot(by_apart, apart), n * dot(by_apart, slopes), vd / a, -vd / less),
        (0.0, n * n * dot(by_slope, slopes), ve / a, -ve / less),
        (0.0, 0.0, v / a**2 - q / a**2, -v / (a * less)),
        (0.0, 0.0, 0.0, v / less**2 + q / less**2),
    )
    for i in range(4):
        for j in range(i, 4):
            found.bend(i, j, second[i][j])
    found.bend(0, 1, qe)
    found.bend(1, 1, -n * qf)


class _Sums:
    """Sums gradient and Hessian by the parameters; `place` converts them to log parameters."""

    def __init__(self, height: float, r: float, alpha: float, a: float, b: float) -> None:
        self.height = height
        self.r, self.alpha, self.a, self.b = r, alpha, a, b
        self.slope = [0.0] * 4
        self.curvature = [[0.0] * 4 for _ in range(4)]

    def add(self, at: int, value: float) -> None:
        """Add to the gradient."""
        self.slope[at] += value

    def bend(self, i: int, j: int, value: float) -> None:
        """Add to the Hessian; requires i <= j."""
        self.curvature[i][j] += value

    def place(self) -> Place:
        """Return the sums by log parameters: d/d ln p = p d/dp."""
        p = (self.r, self.alpha, self.a, self.b)
        slope = [value * scale for value, scale in zip(self.slope, p, strict=True)]
        bent = [[self.curvature[min(i, j)][max(i, j)] * p[i] * p[j] for j in range(4)] for i in range(4)]
        for i in range(4):
            bent[i][i] += slope[i]
        return Place(self.height, slope, bent)
