"""A typeset PDF document of tables; full pages are written at once, so that memory use does not grow with the rows."""

from pathlib import Path
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from segcli.domain.table import Table
from segcli.output.charts.drawing import drawing
from segcli.output.documents.fonts import Fonts
from segcli.output.documents.marks import HEIGHT, WIDTH
from segcli.output.documents.stream import canvas
from segcli.output.documents.typeset import Line as Set
from segcli.output.documents.typeset import Typesetter
from segcli.output.render.parts.people import shown
from segcli.output.render.parts.style import Style
from segcli.output.render.parts.widths import FOOT, GREY, MARGIN, TITLE, measure
from segcli.output.render.parts.with_chart import Charted
from segcli.settings import translations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from reportlab.pdfgen.textobject import PDFTextObject

    from segcli.output.charts import Heat, Picture

_PAGES = "pages"  # the form (PDF XObject) that shows the number of pages, which is known only at the end


class Document:
    """One PDF file; each added table starts on a new page."""

    def __init__(self, file: IO[bytes], title: str, style: Style) -> None:
        from reportlab.pdfbase.pdfdoc import PDFFormXObject

        self.setter = Typesetter(Fonts(Path(style.font).expanduser()) if style.font else None)
        self.setter.wrap("0", 100, 1)
        self.canvas = canvas(cast("BinaryIO", file), "en")
        self.canvas.setTitle(title)
        self.canvas.setCreator("segcli")
        self.title = title
        self._page = translations.phrase("Page {} of", translations.words(style.language))
        self.number = 0
        self._style = style
        self._total = PDFFormXObject(0, -10, 100, 20)
        self._total.compression = 1
        self.canvas._doc.addForm(_PAGES, self._total)  # noqa: SLF001 - gets its object number now, is drawn at the end

    def add(self, table: Table) -> int:
        """Add a table and return its number of rows."""
        from segcli.output.render.parts.pages import Pages

        charted = Charted(table)
        found = shown(charted.table, self._style.decimal, self._style.dates)
        self._draw(charted.above(), found.title)
        count = Pages(self, found, self._style).fill()
        self._draw(charted.below(), found.title)
        return count

    def _draw(self, pictures: "Sequence[Picture | Heat]", title: str) -> None:
        """Draw pictures on separate pages, as many per page as fit."""
        y = 0.0
        for picture in pictures:
            drawn = drawing(picture, WIDTH - 2 * MARGIN, decimal=self._style.decimal, setter=self.setter)
            if y and y - drawn.height < 3 * MARGIN:
                self._turn()
                y = 0.0
            if not y:
                y = self._headed(title)
            scale = min(1.0, (y - 2 * MARGIN) / drawn.height)
            self.canvas.saveState()
            self.canvas.translate(MARGIN, y - drawn.height * scale)
            self.canvas.scale(scale, scale)
            drawn.drawOn(self.canvas, 0, 0)
            self.canvas.restoreState()
            y -= drawn.height * scale + MARGIN / 2
        if y:
            self._turn()

    def _headed(self, title: str) -> float:
        """Begin a page with a title; return the y position below it, measured from the bottom."""
        self.canvas.setPageSize((WIDTH, HEIGHT))
        text = self.canvas.beginText()
        self.put(
            text,
            self.setter.fit(title, WIDTH - 2 * MARGIN, TITLE, bold=True),
            MARGIN,
            HEIGHT - MARGIN - TITLE,
            (TITLE, 0),
        )
        self.canvas.drawText(text)
        return float(HEIGHT - MARGIN - 2 * TITLE)

    def _turn(self) -> None:
        text = self.canvas.beginText()
        self.foot(text, WIDTH)
        self.canvas.drawText(text)
        self.canvas.showPage()

    def foot(self, text: "PDFTextObject", width: float) -> None:
        """Set the page number, with room for the number of pages, and the document's title."""
        self.number += 1
        words = self._page.format(self.number) + " "
        y = MARGIN - 2
        self.put(text, self.line(words, FOOT), MARGIN, y, (FOOT, GREY))
        title = self.setter.fit(self.title, width / 2, FOOT)
        self.put(text, title, width - MARGIN - title.width, y, (FOOT, GREY))
        self.canvas.saveState()
        self.canvas.translate(MARGIN + measure(self.setter, words) * FOOT, y)
        self.canvas.doForm(_PAGES)
        self.canvas.restoreState()

    def close(self) -> None:
        """Fill in the number of pages, and finish the file."""
        text = self.canvas.beginText()
        self.put(text, self.line(str(self.number), FOOT), 0, 0, (FOOT, GREY))
        self._total.setStreamList([text.getCode()])
        self.canvas.save()

    def line(self, text: str, size: float, *, bold: bool = False) -> Set:
        """Return a text, typeset on one line."""
        return self.setter.wrap(text, 1e9, size, bold=bold)[0]

    @staticmethod
    def put(text: "PDFTextObject", line: Set, x: float, y: float, look: tuple[float, float]) -> None:
        """Set a line at a position; `look` is its font size and grey."""
        for run in line.runs:
            now = (run.font, *look)
            if getattr(text, "segcli_look", None) != now:
                text.setFont(run.font, look[0])
                text.setFillGray(look[1])
                text.segcli_look = now
            text.setTextOrigin(x, y)
            text.textOut(run.text)
            x += run.width * look[0]
