"""Pictures as SVG: text stays text, with a title and description for screen readers; no script, no network."""

import re
from collections.abc import Iterator
from html import escape
from itertools import starmap

from segcli.base.text import visible
from segcli.output.charts import colors, layout, shapes
from segcli.output.charts.heat import Heat
from segcli.output.charts.model import Picture
from segcli.output.charts.shapes import Box, Path, Rule, Text

WIDTH = 760.0
_SIZE = 12.0  # of the text, unless it says otherwise
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")  # characters that XML 1.0 forbids
_NARROW, _WIDE = frozenset("iljtfrI.,:;'|!()[] -"), frozenset("mwMW@%")


def svg(picture: Picture | Heat, width: float = WIDTH, decimal: str = ".") -> str:
    """Return the picture as one SVG element. It has no ids, so a page can contain several."""
    sheet = layout.sheet(picture, width, measure, decimal)
    size = f'viewBox="0 0 {_n(sheet.width)} {_n(sheet.height)}" width="{_n(sheet.width)}" height="{_n(sheet.height)}"'
    top = (
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" {size} font-family="system-ui,sans-serif" font-size="12">\n'
        f"<title>{_safe(picture.title)}</title>\n<desc>{_safe(description(picture, decimal))}</desc>\n"
    )
    return top + "".join(f"{_element(shape)}\n" for shape in sheet.shapes) + "</svg>"


def description(picture: Picture | Heat, decimal: str = ".") -> str:
    """Return the figures of a picture as text, for screen readers."""
    if isinstance(picture, Heat):
        return picture.description(decimal)
    bars = "; ".join(f"{bar.label}: {picture.words_of(bar, decimal)}" for bar in picture.bars)
    if len(picture.series) == 1:
        return bars
    sums = zip(picture.series, picture.totals, strict=True)
    return f"{bars}. {'; '.join(f'{name}: {picture.words(total, decimal)}' for name, total in sums)}"


def measure(text: str, size: float) -> float:
    """Estimate the width of a text; the reader's fonts are unknown."""
    return sum(map(_ems, text)) * size


def _ems(character: str) -> float:
    if not character.isascii():
        return 1.0 if character > "\u1100" else 0.62
    if character in _NARROW:
        return 0.34
    return 0.9 if character in _WIDE else 0.7 if character.isupper() else 0.58


def _element(shape: shapes.Shape) -> str:
    if isinstance(shape, Box):
        return _box(shape)
    if isinstance(shape, Rule):
        x, y, to_y = _n(shape.x), _n(shape.y), _n(shape.to_y)
        return f'<path d="M{x} {y}V{to_y}" stroke="currentColor" fill="none"/>'
    if isinstance(shape, Path):
        return _path(shape)
    return _text(shape)


def _path(path: Path) -> str:
    """Return a dark line with a light edge, which is seen on every bar and page."""
    d = "".join(starmap(_stroke, path.segments))
    line = "".join(
        f'<path d="{d}" stroke="{color}" stroke-width="{size}" fill="none"/>'
        for color, size in (("#fff", 4), ("#111", 1.6))
        if d
    )
    dots = (f'<circle cx="{_n(x)}" cy="{_n(y)}" r="2.4" fill="#111" stroke="#fff"/>' for x, y in path.points)
    return line + "".join(dots)


def _text(text: Text) -> str:
    marks, ink = "".join(_marks(text)), text.ink or "currentColor"
    tip = f"<title>{_safe(text.tip)}</title>" if text.tip else ""
    return f'<text x="{_n(text.x)}" y="{_n(text.y)}" fill="{ink}"{marks}>{_safe(text.text)}{tip}</text>'


def _marks(text: Text) -> Iterator[str]:
    if text.anchor != "start":
        yield f' text-anchor="{text.anchor}"'
    if text.size != _SIZE:
        yield f' font-size="{_n(text.size)}"'
    if text.is_bold:
        yield ' font-weight="bold"'


def _box(box: Box) -> str:
    tip = f"<title>{_safe(box.tip)}</title>" if box.tip else ""
    place = f'x="{_n(box.x)}" y="{_n(box.y)}" width="{_n(box.width)}" height="{_n(box.height)}"'
    drawn = f'<rect {place} fill="{box.paint.hex}" stroke="#444" stroke-width=".5">{tip}</rect>'
    lines = colors.strokes(box.paint, (box.x, box.y, box.x + box.width, box.y + box.height))
    path = "".join(starmap(_stroke, lines))
    return f'{drawn}<path d="{path}" stroke="{box.paint.ink}" stroke-width=".8" fill="none"/>' if path else drawn


def _stroke(x: float, y: float, to_x: float, to_y: float) -> str:
    return f"M{_n(x)} {_n(y)}L{_n(to_x)} {_n(to_y)}"


def _n(number: float) -> str:
    return f"{number:.2f}".rstrip("0").rstrip(".")


def _safe(text: str) -> str:
    return escape(_NOT_XML.sub("\ufffd", visible(text)))
