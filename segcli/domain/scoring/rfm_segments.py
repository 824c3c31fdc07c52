"""Named segments of RFM: ranges of the three scores in an order, the first that fits wins, and what the rest is called. Pure.

The names are the customary ones. Their published ranges overlap, so that some can never be reached in the order in which
they are printed (cannot lose lies within at risk); here the narrow one comes first, each is reached, and every one of
the 125 scores has one. FIRST by recency, since that says what can still be done, then by frequency and amount.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from segcli.base.errors import UsageError
from segcli.domain.scoring.rfm import Scored

REST = "others"
Range = tuple[int, int]  # both ends included
_ANY = (1, 5)


@dataclass(frozen=True, slots=True)
class Segment:
    """A name and the scores that it takes."""

    name: str
    recency: Range = _ANY
    frequency: Range = _ANY
    monetary: Range = _ANY

    def __post_init__(self) -> None:
        """Refuse a range that takes nothing."""
        for low, high in (self.recency, self.frequency, self.monetary):
            if low > high:
                raise UsageError(f"segment {self.name}: {low} to {high} takes no score", "put the lower one first")

    def takes(self, recency: int, frequency: int, monetary: int) -> bool:
        """Tell whether the scores lie in it."""
        pairs = ((self.recency, recency), (self.frequency, frequency), (self.monetary, monetary))
        return all(low <= score <= high for (low, high), score in pairs)


SEGMENTS = (
    Segment("champions", (4, 5), (4, 5), (4, 5)),  # lately, often and much
    Segment("loyal", (3, 5), (3, 5), (3, 5)),
    Segment("new", (4, 5), (1, 1)),  # lately, for the first time or nearly so
    Segment("promising", (3, 3), (1, 1)),
    Segment("potential loyal", (3, 5), (2, 5)),  # often enough, for little; or more than once
    Segment("cannot lose", (1, 1), (4, 5), (4, 5)),  # were champions, silent the longest
    Segment("at risk", (1, 2), (3, 5), (3, 5)),
    Segment("about to sleep", (2, 2)),
    Segment("lost", (1, 1)),
)


def segment(scored: Scored[object], segments: Iterable[Segment] = SEGMENTS, rest: str = REST) -> str:
    """Return the name of the first segment that takes the scores, else of the rest."""
    place = (scored.recency, scored.frequency, scored.monetary)
    return next((s.name for s in segments if s.takes(*place)), rest)


def unreached(segments: Sequence[Segment], count: int = 5) -> list[str]:
    """Return the names of the segments that no score ever reaches, since others before them take all of theirs."""
    every = range(1, count + 1)
    reached = {segment(Scored(None, r, f, m), segments, "") for r in every for f in every for m in every}
    return [s.name for s in segments if s.name not in reached]
