"""The BG/NBD model: expected purchases and probability that an account is still alive (Fader, Hardie and Lee 2005). Pure.

Input per account, as from `histories`: x repeat purchase days, time t from the first to the last purchase, time T since the
first purchase. Use days; rounding to weeks changes the estimates. By construction an account with one purchase has P(alive)
1. The model knows no season or trend and tends to underestimate: on CDNOW 12 % fewer purchases than observed. A command
prints the fit, with its doubts first.
"""

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import TypeVar

from segcli.base import text
from segcli.base.errors import SegcliError
from segcli.domain.scoring.bgnbd_surface import Surface, Triple
from segcli.domain.scoring.fitting import best, doubts

Id = TypeVar("Id")
Row = tuple[Id, int, float, float]  # id, x, t, T
ALIVE = 0.99  # a probability of being alive that says nothing if all accounts have it
STEPS = 32  # the longest T is divided into this many steps to find a start
MOST_TERMS = 1_000_000
START = (0.0, 0.0, 0.0, 1.0)


@dataclass(frozen=True, slots=True)
class Fit:
    """The four parameters (alpha in the unit of T) and details of the fit; `doubts` are reasons not to trust it.

    `errors` are the standard errors of the parameters' logarithms; empty if they could not be determined.
    """

    r: float
    alpha: float
    a: float
    b: float
    log_likelihood: float
    iterations: int
    is_converged: bool
    accounts: int
    returned: int  # accounts that bought again
    triples: int  # distinct (x, t, T)
    errors: tuple[float, ...] = ()
    doubts: tuple[str, ...] = ()


def counted(rows: Iterable[Row[Id]]) -> Counter[Triple]:
    """Return the number of accounts per (x, t, T). Impossible values are a SegcliError."""
    found: Counter[Triple] = Counter()
    for id_, x, last, until in rows:
        if not (x >= 0 and 0 <= last <= until < math.inf and (x > 0) == (last > 0)):
            raise SegcliError(
                f"BG/NBD: account {id_}: impossible figures: repeat purchases {x}, the last at {last}, observed until {until}",
                "count the purchase days after the first; the last of them must not be later than the end",
            )
        found[int(x), float(last), float(until)] += 1
    return found


def fit(triples: Mapping[Triple, int]) -> Fit:
    """Return the maximum likelihood fit. The order of the triples does not matter. SegcliError if no account bought again."""
    triples = dict(sorted(triples.items()))  # sums of floats depend on their order
    accounts = sum(triples.values())
    returned = sum(count for (x, _, _), count in triples.items() if x)
    if not returned:
        raise SegcliError(
            f"BG/NBD: no account bought on a second day ({text.counted(accounts, 'account')} selected)",
            "select more accounts",
        )
    longest = max(until for _, _, until in triples)
    surface = Surface(_added_up(((x, t / longest, until / longest), n) for (x, t, until), n in triples.items()))
    rough = Surface(
        _added_up(((x, _rough(t, longest), _rough(until, longest)), n) for (x, t, until), n in triples.items())
    )
    top, asked = best(surface, rough, START)
    r, alpha, a, b = map(math.exp, top.point)
    bought = sum(x * count for (x, _, _), count in triples.items())
    found = Fit(
        r, alpha * longest, a, b, top.height - bought * math.log(longest), asked, top.is_converged,
        accounts, returned, len(triples), top.errors,
    )  # fmt: skip
    return replace(found, doubts=tuple(doubts(top, returned, _all_alive(found, triples))))


def _all_alive(fit: Fit, triples: Iterable[Triple]) -> Iterator[str]:
    """Yield the doubt about a fit by which no account ever leaves."""
    if all(alive(fit, int(x), last, until) >= ALIVE for x, last, until in triples):
        yield f"every account is alive by the model ({100 * ALIVE:.0f} % or more): it tells none apart"


def _added_up(items: Iterable[tuple[Triple, int]]) -> Counter[Triple]:
    found: Counter[Triple] = Counter()
    for triple, count in items:
        found[triple] += count
    return found


def _rough(time: float, longest: float) -> float:
    return round(time / longest * STEPS) / STEPS


def alive(fit: Fit, x: int, last: float, until: float) -> float:
    """Return the probability that an account is alive; 1 if it bought once."""
    if not x:
        return 1.0
    odds = math.log(fit.a) - math.log(fit.b + x - 1)
    odds += (fit.r + x) * (math.log(fit.alpha + until) - math.log(fit.alpha + last))
    return math.exp(-odds) / (1.0 + math.exp(-odds)) if odds > 0 else 1.0 / (1.0 + math.exp(odds))


def purchases(fit: Fit, time: float) -> float:
    """Return the expected repeat purchases of a new account within `time` after its first one (equation 9 of the paper)."""
    return _expected(fit.r, fit.alpha, fit.a, fit.b, time)


def while_alive(fit: Fit, x: int, until: float, time: float) -> float:
    """Return the expected purchases within `time` from now of an account known to be alive; its last purchase does not matter.

    Times `alive`, this is equation 10 of the paper: the expected purchases given the account's history.
    """
    return _expected(fit.r + x, fit.alpha + until, fit.a, fit.b + x, time)


def _expected(r: float, alpha: float, a: float, b: float, time: float) -> float:
    """Return the mean of sum(s^j, j < N), N negative binomial (r, z = t / (alpha + t)), s from Beta(b, a).

    N is the number of purchases if the account never left. Purchase j + 1 takes place if the account stayed after each of
    the j before it. The mean equals (a+b-1)/(a-1) (1 - (alpha/(alpha+t))^r 2F1(r, b; a+b-1; z)). In this series all terms are
    positive, so nothing cancels and a = 1 is no special case. The weights are normalized by their sum, so that the first
    one cannot underflow.
    """
    if not 0 <= time < math.inf:
        raise SegcliError(f"BG/NBD: {time} is no time to look ahead", "say a number of days or weeks from 0 up")
    z = time / (alpha + time)
    weight, weights, stays, reached, mean = 1.0, 1.0, 1.0, 0.0, 0.0
    for k in range(MOST_TERMS):
        ratio = z * (r + k) / (k + 1)
        weight *= ratio
        reached += stays
        stays *= (b + k) / (a + b + k)
        weights += weight
        mean += weight * reached
        if weights > 1e250:  # noqa: PLR2004 - far below the largest float
            weight, weights, mean = weight * 1e-250, weights * 1e-250, mean * 1e-250
        if ratio < 1 and weight * (reached + 1 / (1 - ratio)) <= 1e-14 * mean * (1 - ratio):
            return mean / weights
    raise SegcliError(
        f"BG/NBD: purchases within {time:g} cannot be calculated with r {r:g} and alpha {alpha:g}",
        "ask for a shorter time",
    )
