"""How a segment differs from its base: share, index and z of a value; bands of equal numbers of accounts. Pure.

Source of z: the test of two proportions with a pooled share (J. L. Fleiss, Statistical Methods for Rates and Proportions).
"""

import math
from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

_DIGITS, _INDEX_DIGITS, _Z_DIGITS = 4, 2, 4
_WHOLE = 100


class Tally(NamedTuple):
    """Numbers of accounts: of the selection, of the base, and those that are in both."""

    selection: int
    base: int
    both: int

    @property
    def either(self) -> int:
        """Return the number of accounts of the selection and the base together."""
        return self.selection + self.base - self.both


def share(count: int, total: int, digits: int = _DIGITS) -> float | None:
    """Return a part as a percentage of a total, rounded to so many decimals; None of nothing."""
    return round(_WHOLE * count / total, digits) if total else None


def index(found: Tally, whole: Tally) -> float | None:
    """Return the share of the selection per 100 of the base's share; None if the base has no such account."""
    if not found.base or not whole.selection:
        return None
    return round(_WHOLE * found.selection * whole.base / (found.base * whole.selection), _INDEX_DIGITS)


def z(found: Tally, whole: Tally) -> float | None:
    """Return the difference of the two shares in standard errors, both shares being equal; None if it has no error.

    Accounts of both groups correlate the shares: their covariance is p (1 - p) both / (selection x base), with p the share among
    the accounts of either group. For a selection within its base this is the usual test of the selection against the rest, and
    for two groups without a common account that of two independent proportions.
    """
    if not whole.selection or not whole.base:
        return None
    p = found.either / whole.either
    spread = (whole.selection + whole.base - 2 * whole.both) / (whole.selection * whole.base)
    variance = p * (1 - p) * spread
    if variance <= 0:
        return None
    gap = found.selection / whole.selection - found.base / whole.base
    return round(gap / math.sqrt(variance), _Z_DIGITS)


class Band(NamedTuple):
    """A band of a metric: its parts of the base (Q1, or Q1-Q2 where a tie spans both) and its limits."""

    code: str
    above: float | None  # None: no lower limit
    upto: float | None  # None: no upper limit

    def words(self, low: str, high: str) -> str:
        """Describe the band, given the texts of its limits."""
        if self.above is None:
            return "any value" if self.upto is None else f"up to {high}"
        return f"over {low}" if self.upto is None else f"over {low} to {high}"


def ranks(count: int, parts: int) -> list[int]:
    """Return the rank, from 1, of the last of `count` values in each of so many equal parts."""
    return [-(-count * part // parts) for part in range(1, parts + 1)] if count else []


def bands(ends: Sequence[float], letter: str = "Q") -> list[Band]:
    """Return the bands of a metric, given the value at each of the `ranks`. Equal values are in one band.

    The first and the last band are open, so that every value is in a band, and so is a value that the base lacks.
    """
    runs = [(end, [part for part, _ in run]) for end, run in groupby(enumerate(ends, 1), key=lambda pair: pair[1])]
    found = []
    for place, (end, parts) in enumerate(runs):
        names = dict.fromkeys((f"{letter}{parts[0]}", f"{letter}{parts[-1]}"))
        above = runs[place - 1][0] if place else None
        found.append(Band("-".join(names), above, end if place < len(runs) - 1 else None))
    return found or [Band(f"{letter}1", None, None)]


def quartile_ranks(count: int) -> list[tuple[int, int, int]]:
    """Return for each quartile the two ranks, from 1, between which it lies, and how many quarters above the first.

    This is type 7 of Hyndman and Fan (1996), the default of R and numpy.
    """
    found = []
    for part in (1, 2, 3):
        below, quarters = divmod((count - 1) * part, 4)
        found.append((below + 1, min(below + 2, count), quarters))
    return found
