"""Layout of a picture: boxes, lines and texts, in points from the top left, for SVG and PDF. Pure."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Literal

from segcli.output.charts.colors import Paint, paints
from segcli.output.charts.model import Bar, Picture

Measure = Callable[[str, float], float]  # (text, font size) -> width in points

_SIZE, _TITLE_SIZE = 12.0, 14.0
_ROW, _BAR = 20.0, 14.0
_GAP = 10.0
_TITLE_ROOM = 30.0
_SWATCH = 12.0
_LABEL_SHARE = 0.34  # maximum share of the width for the labels
_LEAST_PLOT = 0.25  # minimum share of the width for the bars, if the values leave that much
_BASE = 4.0  # from the middle of a row down to its baseline, in points
_OFF = "(off the scale)"
_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True)
class Box:
    """A piece of a bar or of the legend; `tip` is its tooltip."""

    x: float
    y: float
    width: float
    height: float
    paint: Paint
    tip: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """A vertical line."""

    x: float
    y: float
    to_y: float


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text; x is its start, middle or end, y its baseline."""

    x: float
    y: float
    text: str
    size: float = _SIZE
    anchor: Literal["start", "middle", "end"] = "start"
    is_bold: bool = False
    tip: str = ""  # the full text, if it was cut
    ink: str = ""  # the colour, such as #ffffff; '': that of the surrounding text


@dataclass(frozen=True, slots=True)
class Path:
    """A line through points, with a dot at each."""

    points: tuple[tuple[float, float], ...]

    @property
    def segments(self) -> Iterator[tuple[float, float, float, float]]:
        """Yield the ends of each piece: x, y, x, y."""
        return ((*start, *end) for start, end in pairwise(self.points))


Shape = Box | Rule | Text | Path


@dataclass(frozen=True, slots=True)
class Sheet:
    """A laid-out picture: its size in points and its shapes."""

    width: float
    height: float
    shapes: tuple[Shape, ...]


def sheet(picture: Picture, width: float, measure: Measure, decimal: str = ".") -> Sheet:
    """Return the layout of a picture for a width in points."""
    return _Layout(picture, width, measure, decimal).sheet()


class _Layout:
    def __init__(self, picture: Picture, width: float, measure: Measure, decimal: str) -> None:
        self._picture, self._width, self._measure, self._decimal = picture, width, measure, decimal
        self._paints = paints(len(picture.series), is_scale=picture.is_scale)
        longest = max((measure(bar.label, _SIZE) for bar in picture.bars), default=0.0)
        values = max((measure(picture.words_of(bar, decimal), _SIZE) for bar in picture.bars), default=0.0)
        most = min(width * _LABEL_SHARE, width - values - 2 * _GAP - width * _LEAST_PLOT)
        self._labels = max(min(longest, most), 0.0)
        self._left = self._labels + _GAP
        self._plot = max(width - self._left - values - _GAP, 1.0)
        low, high = picture.span
        self._scale = self._plot / ((high - low) or 1)
        self._zero = self._left - low * self._scale

    def sheet(self) -> Sheet:
        top, bottom = _TITLE_ROOM, _TITLE_ROOM + _ROW * len(self._picture.bars)
        title = Text(
            0, _TITLE_SIZE, self._fitted(self._picture.title, self._width, _TITLE_SIZE), _TITLE_SIZE, is_bold=True
        )
        rows = (shape for at, bar in enumerate(self._picture.bars) for shape in self._bar(bar, top + at * _ROW))
        legend = list(self._legend(bottom + _GAP))
        height = max([bottom, *(shape.y + _BASE for shape in legend if isinstance(shape, Text))]) + _BASE
        return Sheet(self._width, height, (title, *rows, Rule(self._zero, top, bottom), *self._line(top), *legend))

    def _line(self, top: float) -> Iterator[Shape]:
        """Yield the line over the bars: 0 % is the left end of the plot, 100 % the right one."""
        found = self._picture.passed
        if found:
            yield Path(tuple((self._left + self._plot * part / 100, top + (at + 0.5) * _ROW) for at, part in found))

    def _bar(self, bar: Bar, top: float) -> Iterator[Shape]:
        base = top + _ROW / 2 + _BASE
        label = self._fitted(bar.label, self._labels, _SIZE)
        yield Text(0, base, label, tip=bar.label if label != bar.label else "")
        if self._picture.is_drawn(bar):
            yield from self._pieces(bar, top + (_ROW - _BAR) / 2)
        else:
            yield Text(self._zero + _BASE, base, self._fitted(_OFF, self._width, _SIZE))
        yield Text(self._width, base, self._picture.words_of(bar, self._decimal), anchor="end")

    def _pieces(self, bar: Bar, y: float) -> Iterator[Shape]:
        for at, start, end in bar.pieces():
            tip = " · ".join(filter(None, (bar.label, self._name(at), self._picture.words(end - start, self._decimal))))
            x = self._zero + min(start, end) * self._scale
            yield Box(x, y, abs(end - start) * self._scale, _BAR, self._paints[at], tip)

    def _name(self, at: int) -> str:
        return self._picture.series[at] if len(self._picture.series) > 1 else ""

    def _legend(self, y: float) -> Iterator[Shape]:
        """Yield the legend: for each series a swatch with its name and total, then the line; as many in a row as fit."""
        x = 0.0
        for paint, words in self._named():
            text = self._fitted(words, self._width - 2 * _SWATCH, _SIZE)
            used = _SWATCH + _BASE + self._measure(text, _SIZE)
            if x and x + used > self._width:
                x, y = 0.0, y + _ROW
            middle = y + _SWATCH / 2
            yield Box(x, y, _SWATCH, _SWATCH, paint) if paint else Path(((x, middle), (x + _SWATCH, middle)))
            yield Text(x + _SWATCH + _BASE, y + _SWATCH - 2, text)
            x += used + 2 * _GAP

    def _named(self) -> Iterator[tuple[Paint | None, str]]:
        """Yield the paint and words of each entry of the legend; the line has no paint."""
        picture = self._picture
        if len(picture.series) > 1:
            for paint, name, total in zip(self._paints, picture.series, picture.totals, strict=True):
                yield paint, f"{name} {picture.words(total, self._decimal)}"
        if picture.passed:
            yield None, f"{picture.line} (0\N{EN DASH}100 %)"

    def _fitted(self, text: str, room: float, size: float) -> str:
        return fitted(text, room, size, self._measure)


def fitted(text: str, room: float, size: float, measure: Measure) -> str:
    """Return the text, cut with an ellipsis if it is wider than `room`."""
    if measure(text, size) <= room:
        return text
    kept = text
    while kept and measure(kept + _ELLIPSIS, size) > room:
        kept = kept[:-1]
    return kept + _ELLIPSIS if kept else ""
