"""Letters as one PDF file, each on its own pages."""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import chain
from typing import BinaryIO

from segcli.base.text import visible
from segcli.output.documents import carrying, epc
from segcli.output.documents.blocks import (
    LEFT,
    RIGHT,
    SMALL,
    TEXT,
    column_edges,
    gap,
    kept,
    pairs,
    paragraph,
    paragraphs,
    payment,
    strip,
    table,
    totals,
)
from segcli.output.documents.carrying import NOTHING, Carrying, over_pages
from segcli.output.documents.code import squares
from segcli.output.documents.fonts import Fonts
from segcli.output.documents.letter import Letter, Strip
from segcli.output.documents.logo import Logo, read
from segcli.output.documents.marks import Page, Piece
from segcli.output.documents.paginate import Frame
from segcli.output.documents.sheet import BODY_TOP, NEXT_TOP, details, first_page, foot, next_page, page_number
from segcli.output.documents.typeset import Typesetter

_SHOWN = 12


def write(
    letters: Iterable[Letter], file: BinaryIO, fonts: Fonts | None = None, warnings: list[str] | None = None
) -> int:
    """Write all letters into one PDF and return the number of pages; write nothing if there are no letters.

    Letters are streamed. `warnings` gets messages about missing content: characters that no font has, addresses that are
    cut. Raise SegcliError for an invalid logo, font or IBAN.
    """
    found = iter(letters)
    first = next(found, None)
    if first is None:
        return 0
    told: list[str] = [] if warnings is None else warnings
    setter = Typesetter(fonts)
    found_pages = (page for letter in chain([first], found) for page in pages(letter, setter, told))
    count = save(found_pages, file, Properties(first.subject, first.sender.name, first.language))
    told += missing(setter)
    return count


@dataclass(frozen=True, slots=True)
class Properties:
    """The metadata of a PDF file."""

    title: str
    author: str
    language: str


def save(pages: Iterator[Page], file: BinaryIO, properties: Properties) -> int:
    """Write pages (at least one) into one PDF as they come, and return their number."""
    from segcli.output.documents.paint import Painter
    from segcli.output.documents.stream import canvas

    start = next(pages)  # raises errors in the logo or a font before the file is started
    drawn = canvas(file, properties.language)
    drawn.setTitle(visible(properties.title))
    drawn.setSubject(visible(properties.title))
    drawn.setAuthor(visible(properties.author))
    drawn.setCreator("segcli")
    painter = Painter(drawn)
    count = 0
    for page in chain([start], pages):
        painter.page(page)
        count += 1
    drawn.save()
    return count


def pages(letter: Letter, setter: Typesetter, warnings: list[str]) -> Iterator[Page]:
    """Yield the pages of one letter, ready to be drawn."""
    setter.place = letter.recipient.name
    logo = read(letter.logo) if letter.logo else None
    bottom, below = foot(setter, letter, warnings)
    main = _main(letter, setter)
    bodies = over_pages(setter, body(letter, setter, main), Frame(BODY_TOP, NEXT_TOP, bottom), main)
    for number, placed in enumerate(bodies, 1):
        above = _above(letter, logo, setter, warnings, number)
        yield [*above, *placed, (0.0, below), (0.0, page_number(setter, letter, number, len(bodies)))]


def _above(letter: Letter, logo: Logo | None, setter: Typesetter, warnings: list[str], number: int) -> Page:
    return first_page(setter, letter, logo, warnings) if number == 1 else [(0.0, next_page(setter, letter))]


def _main(letter: Letter, setter: Typesetter) -> Carrying:
    """Return the main table, without its totals."""
    if letter.carried is None:
        return replace(NOTHING, pieces=table(setter, letter.columns, letter.rows))
    return carrying.table(setter, letter.columns, column_edges(letter.columns), letter.rows, letter.carried)


def body(letter: Letter, setter: Typesetter, main: Carrying) -> list[Piece]:
    """Return the pieces of the body, from the date to the closing, around the main table.

    The closing of a letter with a strip of figures stays on the page of the strip.
    """
    end = [*_payment(letter, setter), *kept(paragraphs(setter, letter.closing))]
    return [
        *([] if details(setter, letter) else pairs(setter, letter.details, LEFT, RIGHT)),
        *paragraph(setter, letter.place_and_date),
        gap(TEXT * 1.4),
        *kept([*paragraph(setter, letter.subject, TEXT + 1, bold=True), gap(TEXT)]),
        *paragraphs(setter, letter.opening),
        *_figures(letter, setter, main),
        *(kept([*_strip(setter, letter.strip), *end]) if letter.strip else end),
    ]


def _figures(letter: Letter, setter: Typesetter, main: Carrying) -> list[Piece]:
    """Return the table with its totals, then the second table if the letter has one."""
    held = _summed(main.pieces, totals(setter, letter.totals))
    pieces = [gap(TEXT * 0.5), *held, gap(TEXT * 1.4)] if held else []
    if letter.also:
        heading = paragraph(setter, letter.also.heading, bold=True)
        below = _summed(table(setter, letter.columns, letter.also.rows), totals(setter, letter.also.totals))
        pieces += [*kept([*heading, gap(TEXT * 0.3), below[0]]), *below[1:], gap(TEXT * 1.4)]
    return pieces


def _strip(setter: Typesetter, found: Strip) -> list[Piece]:
    """Return the strip of figures below its heading."""
    heading = paragraph(setter, found.heading, SMALL, bold=True)
    return [*kept([*heading, *strip(setter, found.figures)]), gap(TEXT * 1.4)]


def _summed(pieces: list[Piece], below: list[Piece]) -> list[Piece]:
    """Return a table and its totals; the last row stays on the page of the first total."""
    return [*pieces[:-2], *kept([*pieces[-2:], *below])] if below else pieces


def _payment(letter: Letter, setter: Typesetter) -> list[Piece]:
    text = epc.payload(letter.payment) if letter.payment else None
    pieces = payment(setter, letter.payment_words, squares(text) if text else None)
    return [*pieces, gap(TEXT * 1.2)] if pieces else []


def missing(setter: Typesetter) -> Iterator[str]:
    """Yield warnings about characters that no font has."""
    if not setter.missing:
        return
    named = [f"U+{ord(c):04X} {unicodedata.name(c, '')}".strip() for c in list(setter.missing)[:_SHOWN]]
    more = f" and {len(setter.missing) - _SHOWN} more" if len(setter.missing) > _SHOWN else ""
    place = next(iter(setter.missing.values()))
    yield f"no font has {', '.join(named)}{more}, shown as a mark (first in the letter to {visible(place[:60])}); name a font that has it"
