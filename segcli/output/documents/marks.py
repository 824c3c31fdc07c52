"""The contents of a page: marks (text, rules, squares, a picture), grouped in pieces of a given height. Pure.

All measures are in points; x starts at the left of the page, y at the top of the piece.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from segcli.output.documents.logo import Logo
    from segcli.output.documents.typeset import Line

MM = 72 / 25.4
WIDTH, HEIGHT = 210 * MM, 297 * MM  # A4


@dataclass(frozen=True, slots=True)
class Glyphs:
    """A line of text: x of its left end, y of its baseline; grey is 0 for black."""

    x: float
    y: float
    line: "Line"
    size: float
    grey: float = 0.0


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight rule from one point to another."""

    x: float
    y: float
    to_x: float
    to_y: float
    weight: float = 0.4
    grey: float = 0.0


@dataclass(frozen=True, slots=True)
class Squares:
    """A QR code: a pattern of black squares within a square of `size` points."""

    x: float
    y: float
    size: float
    rows: tuple[tuple[bool, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture with its upper left corner at x and y."""

    x: float
    y: float
    width: float
    height: float
    logo: "Logo"


Mark = Glyphs | Rule | Squares | Picture


@dataclass(frozen=True, slots=True)
class Piece:
    """Marks that stay together. A piece without marks is a gap, which is left out at the top of a page.

    `keep` chains it to the next piece, if one page can hold both. `heading` is repeated above a piece that starts a page.
    """

    height: float
    marks: tuple[Mark, ...] = field(default=())
    keep: bool = False
    heading: "Piece | None" = None


Placed = tuple[float, Piece]  # the y of a piece, from the top of the page
Page = Sequence[Placed]


def right_aligned(x: float, y: float, line: "Line", size: float, grey: float = 0.0) -> Glyphs:
    """Return the text, right-aligned at x."""
    return Glyphs(x - line.width, y, line, size, grey)
