"""How RFM scores accounts: the source of the limits, the fixed limits, and the named segments. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import product
from typing import Any

from segcli.domain.scoring import rfm, rfm_segments
from segcli.domain.scoring.bands import Number
from segcli.domain.scoring.rfm_segments import Segment

FIXED, RANK, R = METHODS = ("fixed", "rank", "r")
MONETARY = (500, 2_000, 10_000, 50_000)  # in whole units of the currency
SCORED = ("recency", "frequency", "monetary")


@dataclass(frozen=True, slots=True)
class Scheme:
    """The method, the fixed limits (monetary ones in whole units of the currency), and the segments in order."""

    method: str = FIXED
    recency: Sequence[Number] = rfm.RECENCY
    frequency: Sequence[Number] = rfm.FREQUENCY
    monetary: Sequence[Number] = MONETARY
    segments: tuple[Segment, ...] = rfm_segments.SEGMENTS
    rest: str = rfm_segments.REST
    doubts: tuple[str, ...] = field(default=())  # what is odd about it, for a warning

    def limits(self, rows: Sequence[rfm.Row[int]], one: int) -> rfm.Limits:
        """Return the limits for these rows; `one` is the number of minor units in a unit of the currency."""
        if self.method == RANK:
            return rfm.by_percent_rank(rows)
        if self.method == R:
            return rfm.by_r(rows, one=one)
        return rfm.Limits([limit * one for limit in self.monetary], self.recency, self.frequency)

    def segment(self, scored: rfm.Scored[Any]) -> str:
        """Return the name of the first segment that takes the scores, else that of the rest."""
        return rfm_segments.segment(scored, self.segments, self.rest)


USUAL = Scheme()


def unreached(segments: Sequence[Segment]) -> Iterator[int]:
    """Yield the indexes of the segments whose scores earlier segments take."""
    cells = list(product(range(1, rfm.SCORES + 1), repeat=3))
    taken = {next((at for at, one in enumerate(segments) if one.takes(*cell)), -1) for cell in cells}
    return (at for at in range(len(segments)) if at not in taken)


def in_units(limits: rfm.Limits, one: int) -> dict[str, list[Fraction]]:
    """Return the limits by score as a configuration writes them, amounts in units of the currency."""
    found = {name: [Fraction(limit) for limit in getattr(limits, name)] for name in SCORED}
    return {**found, "monetary": [limit / one for limit in found["monetary"]]}
