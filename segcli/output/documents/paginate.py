"""Pieces put onto pages: what belongs together stays together where a page can hold it. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from segcli.output.documents.marks import Piece, Placed


@dataclass(frozen=True, slots=True)
class Frame:
    """Where pieces may stand, from the top of the page: on the first page, on the others, and down to where."""

    first: float
    top: float
    bottom: float


def paginate(pieces: Iterable[Piece], frame: Frame) -> list[list[Placed]]:
    """Return the pages, one at least; only a piece that is higher than a page runs over its end."""
    pages = _Pages(frame)
    for chain in _chains(pieces):
        pages.add(chain)
    return pages.pages


def _chains(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    """Yield what is to be kept together."""
    chain: list[Piece] = []
    for piece in pieces:
        chain.append(piece)
        if not piece.keep:
            yield chain
            chain = []
    if chain:
        yield chain


@dataclass(slots=True)
class _Pages:
    frame: Frame
    pages: list[list[Placed]] = field(default_factory=lambda: [[]])
    y: float = -1.0

    def __post_init__(self) -> None:
        self.y = self.frame.first

    def add(self, chain: list[Piece]) -> None:
        """Put the chain here, on a new page where only that can hold it, or over as many pages as it takes."""
        height = sum(piece.height for piece in chain)
        repeated = chain[0].heading.height if chain[0].heading else 0.0
        holds = self.frame.top + repeated + height <= self.frame.bottom
        if self.y + height > self.frame.bottom and holds and self._is_begun():
            self._turn(chain[0])
        for piece in chain:
            self._put(piece)

    def _is_begun(self) -> bool:
        return bool(self.pages[-1]) or len(self.pages) == 1

    def _turn(self, piece: Piece) -> None:
        self.pages.append([])
        self.y = self.frame.top
        if piece.heading:
            self._place(piece.heading)

    def _put(self, piece: Piece) -> None:
        if not piece.marks and not self.pages[-1] and len(self.pages) > 1:
            return
        if self.y + piece.height > self.frame.bottom and self._is_begun():
            self._turn(piece)
            if not piece.marks:
                return
        self._place(piece)

    def _place(self, piece: Piece) -> None:
        self.pages[-1].append((self.y, piece))
        self.y += piece.height
