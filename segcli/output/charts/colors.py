"""Chart colours that colour-blind readers can tell apart, with hatching for prints without colour. Pure.

Unordered series get the Okabe-Ito palette (2008), each colour with its own hatching. The steps of a scale go from light
to dark, so that their order shows in grey too.
"""

from collections.abc import Iterator
from itertools import chain
from typing import NamedTuple

Color = tuple[int, int, int]
Box = tuple[float, float, float, float]  # left, top, right, bottom
Stroke = tuple[float, float, float, float]  # from x, y to x, y

_KINDS: tuple[Color, ...] = (
    (0, 114, 178),
    (230, 159, 0),
    (0, 158, 115),
    (213, 94, 0),
    (86, 180, 233),
    (204, 121, 167),
    (240, 228, 66),
    (110, 110, 110),  # replaces the palette's black, which would hide the hatching
)
_HATCHES = (("", 1.0), ("/", 6.0), ("|", 4.0), ("\\", 6.0), ("-", 4.0), ("/\\", 7.0), ("|-", 5.0), ("/", 3.0))
_DARK = 128  # mean of red, green and blue below which a colour counts as dark
_SCALE: tuple[Color, ...] = ((255, 243, 185), (253, 183, 75), (236, 110, 40), (178, 28, 40), (75, 0, 38))


class Paint(NamedTuple):
    """The fill of a series, and the directions and spacing (points) of its hatching; a scale has no hatching."""

    color: Color
    hatch: str = ""
    step: float = 1.0

    @property
    def hex(self) -> str:
        """Return the colour in CSS notation, such as #0072b2."""
        return "#{:02x}{:02x}{:02x}".format(*self.color)

    @property
    def ink(self) -> str:
        """Return the colour of the hatching: white on a dark fill, else dark grey."""
        return "#ffffff" if sum(self.color) / 3 < _DARK else "#222222"


def paints(count: int, *, is_scale: bool) -> list[Paint]:
    """Return one paint per series, for at most eight series."""
    if not is_scale or count == 1:
        return [Paint(color, *hatch) for color, hatch in zip(_KINDS[:count], _HATCHES[:count], strict=True)]
    return [Paint(_between(at, count - 1)) for at in range(count)]


def _between(at: int, last: int) -> Color:
    """Return the colour of step `at` of a scale with steps 0 to `last`, interpolated between the two nearest colours."""
    lower, part = divmod(at * (len(_SCALE) - 1), last)
    pair = zip(_SCALE[lower], _SCALE[min(lower + 1, len(_SCALE) - 1)], strict=True)
    red, green, blue = ((a * (last - part) + b * part) // last for a, b in pair)
    return red, green, blue


def strokes(paint: Paint, box: Box) -> Iterator[Stroke]:
    """Yield the hatching lines within a box; the lines of adjacent boxes with the same paint meet."""
    return chain.from_iterable(_HATCHING[direction](paint.step, box) for direction in paint.hatch)


def _every(step: float, first: float, last: float) -> Iterator[float]:
    at = first // step + 1
    while at * step < last:
        yield at * step
        at += 1


def _rising(step: float, box: Box) -> Iterator[Stroke]:
    left, top, right, bottom = box
    for total in _every(step, left + top, right + bottom):
        start, end = max(left, total - bottom), min(right, total - top)
        yield start, total - start, end, total - end


def _falling(step: float, box: Box) -> Iterator[Stroke]:
    left, top, right, bottom = box
    for total in _every(step, left - bottom, right - top):
        start, end = max(left, total + top), min(right, total + bottom)
        yield start, start - total, end, end - total


def _upright(step: float, box: Box) -> Iterator[Stroke]:
    return ((x, box[1], x, box[3]) for x in _every(step, box[0], box[2]))


def _level(step: float, box: Box) -> Iterator[Stroke]:
    return ((box[0], y, box[2], y) for y in _every(step, box[1], box[3]))


_HATCHING = {"/": _rising, "\\": _falling, "|": _upright, "-": _level}
