"""The pages that record_letters.py kept, drawn by reportlab with nothing around it: FILE PDF."""

import marshal
import sys
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas


def code(canvas: Canvas, x: float, y: float, size: float, rows: tuple[tuple[bool, ...], ...]) -> None:
    """Draw the squares of a code."""
    step = size / len(rows)
    path = canvas.beginPath()
    for number, row in enumerate(rows, 1):
        for at, is_black in enumerate(row):
            if is_black:
                path.rect(x + at * step, y - number * step, step, step)
    canvas.setFillGray(0)
    canvas.drawPath(path, stroke=0, fill=1)


def main(source: str, to: str) -> None:
    """Draw every page."""
    pages = marshal.loads(Path(source).read_bytes())
    canvas = Canvas(to, pageCompression=1, initialFontName=None)
    known = set()
    for page in pages:
        for kind, x, y, *rest in page:
            if kind == "text":
                font, size, grey, text = rest
                if font not in known:
                    pdfmetrics.registerFont(TTFont(font, font))
                    known.add(font)
                canvas.setFont(font, size)
                canvas.setFillGray(grey)
                canvas.drawString(x, y, text)
            elif kind == "line":
                to_x, to_y, weight, grey = rest
                canvas.setLineWidth(weight)
                canvas.setStrokeGray(grey)
                canvas.line(x, y, to_x, to_y)
            else:
                code(canvas, x, y, *rest)
        canvas.showPage()
    canvas.save()


if __name__ == "__main__":
    main(*sys.argv[1:])
