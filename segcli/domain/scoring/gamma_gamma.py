"""The Gamma-Gamma model: expected average value of a purchase (Fader and Hardie 2013). Pure.

Input per account: x purchases with a positive mean value m. Combined with BG/NBD, x and m cover the repeat purchases, as in
the published example. The model assumes that value and frequency are independent; `score lifetime` prints their correlation.
"""

import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

from segcli.base import text
from segcli.base.errors import SegcliError
from segcli.domain.scoring.fitting import best, doubts
from segcli.domain.scoring.gamma_gamma_surface import Pair, Surface

Id = TypeVar("Id")
STEPS = 20  # steps per factor e of the amounts, to find a start
START = (0.0, 1.0, 0.0)


@dataclass(frozen=True, slots=True)
class Fit:
    """The three parameters (v in the unit of the amounts) and details of the fit; `doubts` are reasons not to trust it.

    `errors` are the standard errors of the parameters' logarithms; empty if they could not be determined.
    """

    p: float
    q: float
    v: float
    log_likelihood: float
    iterations: int
    is_converged: bool
    accounts: int
    left_out: int  # without repeat purchases, or with a mean of zero or less
    pairs: int  # distinct (x, m)
    correlation: float | None = None  # Pearson's, of x and m; None if either is constant
    errors: tuple[float, ...] = ()
    doubts: tuple[str, ...] = ()

    @property
    def mean(self) -> float | None:
        """Return the expected purchase value of an unknown account; None if the mean does not exist."""
        return self.p * self.v / (self.q - 1) if self.q > 1 else None


def counted(rows: Iterable[tuple[Id, int, float]]) -> tuple[Counter[Pair], int]:
    """Return the number of accounts per (x, m), and the number left out."""
    found: Counter[Pair] = Counter()
    left_out = 0
    for id_, x, mean in rows:
        if x < 0 or not math.isfinite(mean):
            raise SegcliError(f"Gamma-Gamma: account {id_}: impossible figures: repeat purchases {x}, mean {mean}")
        if x and mean > 0:
            found[int(x), float(mean)] += 1
        else:
            left_out += 1
    return found, left_out


def fit(pairs: Mapping[Pair, int], left_out: int = 0) -> Fit:
    """Return the maximum likelihood fit. The order of the pairs does not matter. SegcliError if no account has a positive mean."""
    pairs = dict(sorted(pairs.items()))  # sums of floats depend on their order
    accounts = sum(pairs.values())
    if not accounts:
        raise SegcliError(
            f"Gamma-Gamma: no account bought again for more than zero ({text.counted(left_out, 'account')} selected)",
            "select more accounts",
        )
    mean = sum(m * count for (_, m), count in pairs.items()) / accounts
    surface = Surface({(x, m / mean): count for (x, m), count in pairs.items()})
    rough: Counter[Pair] = Counter()
    for (x, m), count in pairs.items():
        rough[x, math.exp(round(math.log(m / mean) * STEPS) / STEPS)] += count
    top, asked = best(surface, Surface(rough), START)
    p, q, v = map(math.exp, top.point)
    height = top.height - accounts * math.log(mean)  # convert to a density per unit of the amounts
    endless = () if q > 1 else ("q is 1 or less: the average over all accounts has no end",)
    return Fit(
        p, q, v * mean, height, asked, top.is_converged, accounts, left_out, len(pairs), _correlation(pairs), top.errors,
        tuple(doubts(top, accounts, endless)),
    )  # fmt: skip


def _correlation(pairs: Mapping[Pair, int]) -> float | None:
    """Return Pearson's correlation of x and m; None if either is constant."""
    size = sum(pairs.values())
    x_mean = sum(x * count for (x, _), count in pairs.items()) / size
    m_mean = sum(m * count for (_, m), count in pairs.items()) / size
    off = [(x - x_mean, m - m_mean, count) for (x, m), count in pairs.items()]
    spread = math.sqrt(sum(x * x * n for x, _, n in off)) * math.sqrt(sum(m * m * n for _, m, n in off))
    return sum(x * m * n for x, m, n in off) / spread if spread else None


def value(fit: Fit, x: int, mean: float) -> float | None:
    """Return the expected average purchase value, between the account's own mean and the overall mean; None without both."""
    if x and mean > 0:
        below = fit.p * x + fit.q - 1
        return fit.p * (fit.v + x * mean) / below if below > 0 else None
    return fit.mean
