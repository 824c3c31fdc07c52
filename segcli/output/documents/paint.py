"""Drawing of marks on a reportlab canvas, page by page."""

import io
from collections.abc import Iterable
from typing import TYPE_CHECKING

from segcli.output.documents.marks import HEIGHT, Glyphs, Mark, Page, Picture, Rule, Squares

if TYPE_CHECKING:
    from reportlab.pdfgen.canvas import Canvas
    from reportlab.pdfgen.textobject import PDFTextObject

    from segcli.output.documents.logo import Logo


class Painter:
    """Draws pages on a canvas; a logo is stored in the file once, as a form."""

    def __init__(self, canvas: "Canvas") -> None:
        self._canvas = canvas
        self._logos: dict[Logo, str] = {}

    def page(self, page: Page) -> None:
        """Draw one page and finish it."""
        placed = [(top, mark) for top, piece in page for mark in piece.marks]
        self._texts((top, mark) for top, mark in placed if isinstance(mark, Glyphs))
        for top, mark in placed:
            self._draw(top, mark)
        self._canvas.showPage()

    def _texts(self, marks: Iterable[tuple[float, Glyphs]]) -> None:
        text = self._canvas.beginText()
        last: tuple[object, ...] = ()
        for top, mark in marks:
            last = _set(text, mark, HEIGHT - top - mark.y, last)
        self._canvas.drawText(text)

    def _draw(self, top: float, mark: Mark) -> None:
        if isinstance(mark, Rule):
            self._canvas.setLineWidth(mark.weight)
            self._canvas.setStrokeGray(mark.grey)
            self._canvas.line(mark.x, HEIGHT - top - mark.y, mark.to_x, HEIGHT - top - mark.to_y)
        elif isinstance(mark, Squares):
            self._squares(mark, HEIGHT - top - mark.y)
        elif isinstance(mark, Picture):
            self._picture(mark, HEIGHT - top - mark.y)

    def _squares(self, mark: Squares, y: float) -> None:
        """Fill the black squares as one path, with adjacent squares of a row as one rectangle, to avoid visible seams."""
        step = mark.size / len(mark.rows)
        path = self._canvas.beginPath()
        for number, row in enumerate(mark.rows, 1):
            for start, length in _black(row):
                path.rect(mark.x + start * step, y - number * step, length * step, step)
        self._canvas.setFillGray(0)
        self._canvas.drawPath(path, stroke=0, fill=1, fillMode=1)

    def _picture(self, mark: Picture, y: float) -> None:
        name = self._logos.get(mark.logo)
        if name is None:
            name = self._logos[mark.logo] = f"logo{len(self._logos) + 1}"
            self._form(name, mark.logo)
        self._canvas.saveState()
        self._canvas.translate(mark.x, y - mark.height)
        self._canvas.scale(mark.width, mark.height)
        self._canvas.doForm(name)
        self._canvas.restoreState()

    def _form(self, name: str, logo: "Logo") -> None:
        from reportlab.lib.utils import ImageReader

        self._canvas.beginForm(name, 0, 0, 1, 1)
        self._canvas.drawImage(ImageReader(io.BytesIO(logo.png)), 0, 0, 1, 1, mask="auto")
        self._canvas.endForm()


def _set(text: "PDFTextObject", mark: Glyphs, y: float, last: tuple[object, ...]) -> tuple[object, ...]:
    """Draw the runs of a line; return the font, size and grey that the text object then has."""
    x = mark.x
    for run in mark.line.runs:
        now = (run.font, mark.size, mark.grey)
        if now != last:
            text.setFont(run.font, mark.size)
            text.setFillGray(mark.grey)
            last = now
        text.setTextOrigin(x, y)
        text.textLine(run.text)
        x += run.width * mark.size
    return last


def _black(row: tuple[bool, ...]) -> Iterable[tuple[int, int]]:
    """Yield (start, length) of each run of black squares in a row."""
    start = 0
    for i, black in enumerate((*row, False)):
        if not black:
            if i > start:
                yield start, i - start
            start = i + 1
