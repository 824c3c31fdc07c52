"""What stands on a page: marks (text, rules, squares, a picture) in points, and pieces of so many points high. Pure."""

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
    """A line of text: x from the left of the page, y of its base line from the top of the piece; grey 0 is black."""

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
    """A pattern of black squares within a square of `size` points: a code."""

    x: float
    y: float
    size: float
    rows: tuple[tuple[bool, ...], ...]


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture, its upper left corner at x and y."""

    x: float
    y: float
    width: float
    height: float
    logo: "Logo"


Mark = Glyphs | Rule | Squares | Picture


@dataclass(frozen=True, slots=True)
class Piece:
    """Marks that are never parted, so many points high; one without marks is a gap, and is left out atop a page.

    `keep` holds it to the next piece where a page can hold both. `heading` is said again where a page starts with it.
    """

    height: float
    marks: tuple[Mark, ...] = field(default=())
    keep: bool = False
    heading: "Piece | None" = None


Placed = tuple[float, Piece]  # the y of a piece, from the top of the page
Page = Sequence[Placed]


def right_aligned(x: float, y: float, line: "Line", size: float, grey: float = 0.0) -> Glyphs:
    """Return the text with its end at x."""
    return Glyphs(x - line.width, y, line, size, grey)
