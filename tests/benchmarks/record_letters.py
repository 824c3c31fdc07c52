"""Runs segcli and keeps what its letters consist of, page by page: FILE, then the words of the command line."""

import marshal
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from segcli.cli import main as cli
from segcli.output.documents import pdf
from segcli.output.documents.marks import HEIGHT, Glyphs, Page, Rule, Squares

Plain = tuple[object, ...]
pages: list[list[Plain]] = []


def plain(top: float, mark: object) -> Iterator[Plain]:
    """Yield a mark as numbers and words, from the bottom of the page."""
    if isinstance(mark, Glyphs):
        x = mark.x
        for run in mark.line.runs:
            yield "text", x, HEIGHT - top - mark.y, run.font, mark.size, mark.grey, run.text
            x += run.width * mark.size
    elif isinstance(mark, Rule):
        yield "line", mark.x, HEIGHT - top - mark.y, mark.to_x, HEIGHT - top - mark.to_y, mark.weight, mark.grey
    elif isinstance(mark, Squares):
        yield "code", mark.x, HEIGHT - top - mark.y, mark.size, tuple(tuple(map(bool, row)) for row in mark.rows)


def main(path: str, *words: str) -> None:
    """Run the command and write down its pages."""
    save = pdf.save

    def seen(found: Iterator[Page]) -> Iterator[Page]:
        for page in found:
            pages.append([some for top, piece in page for mark in piece.marks for some in plain(top, mark)])
            yield page

    pdf.save = lambda found, file, properties: save(chain(seen(found)), file, properties)
    status = cli.run(words)
    if not status:
        Path(path).write_bytes(marshal.dumps(pages))
    sys.exit(status)


if __name__ == "__main__":
    main(*sys.argv[1:])
