"""Pagination: place pieces on pages, and keep chained pieces together if they fit one page. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from segcli.output.documents.marks import Piece, Placed


@dataclass(frozen=True, slots=True)
class Frame:
    """The body area, from the top of the page: its top on the first page, on other pages, and its bottom."""

    first: float
    top: float
    bottom: float


def paginate(pieces: Iterable[Piece], frame: Frame) -> list[list[Placed]]:
    """Return the pages, at least one. Only a piece higher than a page overflows it."""
    pages = _Pages(frame)
    for chain in _chains(pieces):
        pages.add(chain)
    return pages.pages


def _chains(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    """Yield the runs of pieces to keep together."""
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
        """Place the chain on this page, else on a new page that can hold it, else split it over pages."""
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
