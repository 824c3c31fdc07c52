"""Named RFM segments: an ordered list of score ranges in which the first match wins, and a name for the rest. Pure.

The names are the customary ones. The published ranges overlap and in published order some are unreachable (cannot lose is
inside at risk). Here narrow ranges come first, every segment is reachable and each of the 125 score combinations has a
segment. Segments are divided by recency first, because it decides what can still be done, then by frequency and amount.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from segcli.base.errors import UsageError
from segcli.domain.scoring.rfm import Scored

REST = "others"
Range = tuple[int, int]  # inclusive
_ANY = (1, 5)


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment: its name and score ranges."""

    name: str
    recency: Range = _ANY
    frequency: Range = _ANY
    monetary: Range = _ANY

    def __post_init__(self) -> None:
        """Raise UsageError for an empty range."""
        for low, high in (self.recency, self.frequency, self.monetary):
            if low > high:
                raise UsageError(f"segment {self.name}: {low} to {high} takes no score", "put the lower one first")

    def takes(self, recency: int, frequency: int, monetary: int) -> bool:
        """Tell whether the scores are in the segment."""
        pairs = ((self.recency, recency), (self.frequency, frequency), (self.monetary, monetary))
        return all(low <= score <= high for (low, high), score in pairs)


SEGMENTS = (
    Segment("champions", (4, 5), (4, 5), (4, 5)),  # recent, frequent and large
    Segment("loyal", (3, 5), (3, 5), (3, 5)),
    Segment("new", (4, 5), (1, 1)),  # recent, first or nearly first purchase
    Segment("promising", (3, 3), (1, 1)),
    Segment("potential loyal", (3, 5), (2, 5)),  # frequent but small, or more than one purchase
    Segment("cannot lose", (1, 1), (4, 5), (4, 5)),  # former champions, silent the longest
    Segment("at risk", (1, 2), (3, 5), (3, 5)),
    Segment("about to sleep", (2, 2)),
    Segment("lost", (1, 1)),
)


def segment(scored: Scored[object], segments: Iterable[Segment] = SEGMENTS, rest: str = REST) -> str:
    """Return the name of the first matching segment, else `rest`."""
    place = (scored.recency, scored.frequency, scored.monetary)
    return next((s.name for s in segments if s.takes(*place)), rest)
