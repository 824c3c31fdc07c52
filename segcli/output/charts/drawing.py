"""Pictures as reportlab drawings (vectors for a PDF), with text of any script in the installed fonts."""

from itertools import chain
from typing import TYPE_CHECKING

from segcli.output.charts import colors, layout, shapes
from segcli.output.charts.heat import Heat
from segcli.output.charts.model import Picture
from segcli.output.charts.shapes import Box, Path, Rule, Text

if TYPE_CHECKING:
    from collections.abc import Iterator

    from reportlab.graphics.shapes import Drawing
    from reportlab.graphics.shapes import Shape as Element

    from segcli.output.documents.fonts import Fonts
    from segcli.output.documents.typeset import Typesetter

_ANY_WIDTH = 1e9
_THIN = 0.5


def drawing(
    picture: Picture | Heat,
    width: float,
    fonts: "Fonts | None" = None,
    decimal: str = ".",
    setter: "Typesetter | None" = None,
) -> "Drawing":
    """Return the picture as a Drawing of this width in points; its height follows from its contents.

    Pass the document's typesetter, if it has one, so that it also records the characters of the chart that no font has.
    """
    from reportlab.graphics.shapes import Drawing

    from segcli.output.documents.typeset import Typesetter

    setter = setter or Typesetter(fonts)
    sheet = layout.sheet(picture, width, lambda text, size: setter.fit(text, _ANY_WIDTH, size).width, decimal)
    found = Drawing(sheet.width, sheet.height)
    for element in chain.from_iterable(_elements(shape, sheet.height, setter) for shape in sheet.shapes):
        found.add(element)
    return found


def _elements(shape: shapes.Shape, height: float, setter: "Typesetter") -> "Iterator[Element]":
    """Yield the reportlab shapes for a shape; reportlab's y axis starts at the bottom."""
    if isinstance(shape, Box):
        return _box(shape, height)
    if isinstance(shape, Rule):
        return iter([_line(shape.x, height - shape.y, shape.x, height - shape.to_y, "#000000")])
    if isinstance(shape, Path):
        return _path(shape, height)
    return _text(shape, height, setter)


def _box(box: Box, height: float) -> "Iterator[Element]":
    from reportlab.graphics.shapes import Rect
    from reportlab.lib.colors import HexColor

    bottom = height - box.y - box.height
    edge = HexColor("#444444")
    yield Rect(
        box.x, bottom, box.width, box.height, fillColor=HexColor(box.paint.hex), strokeColor=edge, strokeWidth=_THIN
    )
    for stroke in colors.strokes(box.paint, (box.x, bottom, box.x + box.width, bottom + box.height)):
        yield _line(*stroke, box.paint.ink)


def _path(path: Path, height: float) -> "Iterator[Element]":
    """Yield a dark line with a light edge, and a dot at each of its points."""
    from reportlab.graphics.shapes import Circle
    from reportlab.lib.colors import HexColor

    for color, size in (("#FFFFFF", 3.5), ("#111111", 1.4)):
        for x, y, to_x, to_y in path.segments:
            yield _line(x, height - y, to_x, height - to_y, color, size)
    edge, inside = HexColor("#FFFFFF"), HexColor("#111111")
    for x, y in path.points:
        yield Circle(x, height - y, 2.2, fillColor=inside, strokeColor=edge, strokeWidth=_THIN)


def _line(x: float, y: float, to_x: float, to_y: float, color: str, size: float = _THIN) -> "Element":  # noqa: PLR0913 - two ends
    from reportlab.graphics.shapes import Line
    from reportlab.lib.colors import HexColor

    return Line(x, y, to_x, to_y, strokeColor=HexColor(color), strokeWidth=size)


def _text(text: Text, height: float, setter: "Typesetter") -> "Iterator[Element]":
    """Yield one string per run of characters in the same font, in visual order."""
    from reportlab.graphics.shapes import String
    from reportlab.lib.colors import HexColor

    line = setter.fit(text.text, _ANY_WIDTH, text.size, bold=text.is_bold)
    x = text.x - line.width * {"start": 0.0, "middle": 0.5, "end": 1.0}[text.anchor]
    ink = HexColor(text.ink or "#000000")
    for run in line.runs:
        yield String(x, height - text.y, run.text, fontName=run.font, fontSize=text.size, fillColor=ink)
        x += run.width * text.size
