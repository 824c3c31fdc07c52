"""The population stability index: how much the shares of a field moved between two days. Pure.

Source: N. Siddiqi, Credit Risk Scorecards (2006), the system stability report, with its limits 0.1 and 0.25.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple

MOVED, CHANGED = 0.1, 0.25
FLOOR = 0.5  # accounts: what an empty cell counts as, since the logarithm of 0 does not exist


class Stability(NamedTuple):
    """The index (PSI), and the part of each cell in it."""

    psi: float
    parts: tuple[float, ...]

    @property
    def verdict(self) -> str:
        """Return stable, moved or changed."""
        return "stable" if self.psi < MOVED else "moved" if self.psi < CHANGED else "changed"


def stability(before: Sequence[int], after: Sequence[int]) -> Stability | None:
    """Return the index of the numbers of accounts per cell on two days; None if a day has no accounts."""
    totals = sum(before), sum(after)
    if not all(totals):
        return None
    parts = tuple(_part(old, new, *totals) for old, new in zip(before, after, strict=True))
    return Stability(math.fsum(parts), parts)


def _part(old: int, new: int, old_total: int, new_total: int) -> float:
    if not old and not new:
        return 0.0
    first, last = max(old, FLOOR) / old_total, max(new, FLOOR) / new_total
    return (last - first) * math.log(last / first)
