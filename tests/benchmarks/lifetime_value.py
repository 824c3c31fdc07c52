"""Lifetime value: CPU seconds of the fits and of the predictions over many distinct accounts. Prints, judges nothing.

python tests/benchmarks/lifetime_value.py [ACCOUNTS]
The accounts are drawn from the models themselves, with a fixed seed, so the fits must find what they were drawn with.
"""

import math
import random
import sys
import time
from collections.abc import Callable
from typing import Any

from segcli.domain.scoring import bgnbd, gamma_gamma, lifetime

DAYS = 1500
DRAWN = {"r": 0.9, "alpha": 60.0, "a": 0.8, "b": 2.4, "p": 6.2, "q": 3.7, "v": 15000.0}


def account(number: int, rnd: random.Random) -> tuple[int, int, int, int, int]:
    """Return id, repeat purchases, the last of them, the age in days, and what a purchase came to on average, in cents."""
    rate, leaving = rnd.gammavariate(DRAWN["r"], 1 / DRAWN["alpha"]), rnd.betavariate(DRAWN["a"], DRAWN["b"])
    until, now, bought, last = rnd.randint(1, DAYS), 0.0, 0, 0
    while True:
        now += rnd.expovariate(max(rate, 1e-12))
        if math.ceil(now) > until:
            break
        if math.ceil(now) > last:
            bought, last = bought + 1, math.ceil(now)
        if rnd.random() < leaving:
            break
    scale = rnd.gammavariate(DRAWN["q"], 1 / DRAWN["v"])
    mean = rnd.gammavariate(DRAWN["p"] * bought, 1 / scale) / bought if bought else 0
    return number, bought, last, until, round(mean)


def timed(name: str, work: Callable[[], Any]) -> Any:
    """Do the work, print the CPU that it took, and return what it gave."""
    before = time.process_time()
    found = work()
    print(f"{time.process_time() - before:7.2f} s  {name}")
    return found


def main(number: int) -> None:
    """Fit and predict."""
    rnd = random.Random(1)
    rows = [account(at, rnd) for at in range(number)]
    triples = timed(f"count {number} accounts", lambda: bgnbd.counted(row[:4] for row in rows))
    buying = timed(f"fit BG/NBD to {len(triples)} distinct triples", lambda: bgnbd.fit(triples))
    pairs = timed("count amounts", lambda: gamma_gamma.counted((row[0], row[1], row[4]) for row in rows))
    spending = timed(f"fit Gamma-Gamma to {len(pairs[0])} distinct pairs", lambda: gamma_gamma.fit(*pairs))
    timed(
        "lifetime value of 12 months",
        lambda: sum(v.value for v in lifetime.lifetimes(buying, spending, rows, lifetime.Terms())),
    )
    for fit in (buying, spending):
        print(
            "      ",
            ", ".join(f"{n} {getattr(fit, n):.4g} ({DRAWN[n]:g})" for n in DRAWN if hasattr(fit, n)),
            *fit.doubts,
        )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 120_000)
