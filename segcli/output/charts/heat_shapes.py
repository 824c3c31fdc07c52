"""Layout of a heat map: shaded boxes with their short values, in points from the top left. Pure."""

from collections.abc import Iterator

from segcli.output.charts import heat
from segcli.output.charts.colors import paints
from segcli.output.charts.heat import STEPS, Heat
from segcli.output.charts.shapes import Box, Measure, Shape, Sheet, Text, fitted

_SIZE, _TITLE_SIZE, _LEGEND_SIZE, _LEAST_SIZE = 12.0, 14.0, 10.0, 5.0
_ROW = 20.0
_GAP = 8.0
_TITLE_ROOM = 30.0
_LABEL_SHARE = 0.34
_WIDEST_CELL = 60.0
_BASE = 4.0
_EDGE = 2.0


def sheet(picture: Heat, width: float, measure: Measure, decimal: str = ".") -> Sheet:
    """Return the layout of a heat map for a width in points."""
    return _Layout(picture, width, measure, decimal).sheet()


class _Layout:
    def __init__(self, picture: Heat, width: float, measure: Measure, decimal: str) -> None:
        self._picture, self._width, self._measure, self._decimal = picture, width, measure, decimal
        self._paints = paints(STEPS, is_scale=True)
        longest = max(measure(row.label, _SIZE) for row in picture.rows)
        self._labels = min(longest, width * _LABEL_SHARE)
        self._left = self._labels + _GAP
        self._cell = min((width - self._left) / len(picture.columns), _WIDEST_CELL)
        texts = [*picture.columns, *(heat.words(v, decimal) for row in picture.rows for v in row.values)]
        widest = max(*(measure(text, _SIZE) for text in texts), 1.0)
        self._size = min(_SIZE, max(_LEAST_SIZE, _SIZE * (self._cell - 2 * _EDGE) / widest))

    def sheet(self) -> Sheet:
        shapes: list[Shape] = [self._text(0, _TITLE_SIZE, self._picture.title, self._width, _TITLE_SIZE, is_bold=True)]
        shapes += (self._head(at, head) for at, head in enumerate(self._picture.columns))
        top = _TITLE_ROOM + _ROW
        for at, (row, steps) in enumerate(zip(self._picture.rows, self._picture.steps(), strict=True)):
            shapes += self._row(row, steps, top + at * _ROW)
        y = top + _ROW * len(self._picture.rows) + _GAP
        shapes += self._legend(y)
        height = y + _ROW
        if self._picture.note:
            shapes.append(self._text(0, height + _SIZE, self._picture.note, self._width))
            height += _ROW
        return Sheet(self._width, height + _BASE, tuple(shapes))

    def _text(self, x: float, y: float, text: str, room: float, size: float = _SIZE, *, is_bold: bool = False) -> Text:  # noqa: PLR0913
        cut = fitted(text, room, size, self._measure)
        return Text(x, y, cut, size, is_bold=is_bold, tip=text if cut != text else "")

    def _head(self, at: int, head: str) -> Text:
        x = self._left + (at + 0.5) * self._cell
        return Text(x, _TITLE_ROOM + _ROW / 2 + _BASE, head, self._size, "middle")

    def _row(self, row: heat.HeatRow, steps: list[int | None], top: float) -> Iterator[Shape]:
        base = top + _ROW / 2 + _BASE
        yield self._text(0, base, row.label, self._labels)
        for at, (value, step) in enumerate(zip(row.values, steps, strict=True)):
            if step is None:
                continue
            x, paint, text = self._left + at * self._cell, self._paints[step], heat.words(value, self._decimal)
            yield Box(x, top, self._cell, _ROW, paint, f"{row.label} · {self._picture.columns[at]} · {text}")
            yield Text(x + self._cell / 2, base, text, self._size, "middle", ink=paint.ink)

    def _legend(self, y: float) -> Iterator[Shape]:
        """Yield the shades with their lower limits; the lightest has none, since the first column may be below the others."""
        size = min((self._width - self._left) / STEPS, _WIDEST_CELL)
        limits = [heat.words(limit, self._decimal) for limit in self._picture.limits()]
        for at, paint in enumerate(self._paints):
            x = self._left + at * size
            text = f"from {limits[at]}" if at else f"below {limits[1]}"
            yield Box(x, y, size, _ROW, paint)
            yield Text(x + size / 2, y + _ROW / 2 + _BASE, text, _LEGEND_SIZE, "middle", ink=paint.ink)
