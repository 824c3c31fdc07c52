"""A table over several pages that carries its sum forward, at the end of a page and at the top of the next. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from segcli.output.documents.blocks import GREY, LEADING, LEFT, RIGHT, SMALL, headings, table_row
from segcli.output.documents.letter import Carried, LetterColumn, Texts
from segcli.output.documents.marks import MM, Glyphs, Page, Piece, Placed, right_aligned
from segcli.output.documents.paginate import Frame, paginate
from segcli.output.documents.typeset import Typesetter

_CARRY = SMALL * LEADING + 1.5 * MM
_WIDEST = 40 * MM

Edges = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Carrying:
    """The pieces of a table, and what is carried forward where a page starts with one of them, by its marks."""

    pieces: list[Piece]
    amounts: Mapping[int, str]
    heading: Piece | None
    word: str = ""


NOTHING = Carrying([], {}, None)


def table(
    setter: Typesetter, columns: Sequence[LetterColumn], edges: Edges, rows: Sequence[Texts], carried: Carried
) -> Carrying:
    """Return the table with columns between these edges."""
    first = headings(setter, columns, edges)
    again = replace(first, height=first.height + _CARRY)  # the sum stands below the headings
    pieces, amounts = [replace(first, keep=True)], {}
    for row, (before, after) in zip(rows, pairwise(carried.amounts), strict=True):
        for number, piece in enumerate(table_row(setter, columns, edges, row)):
            if piece.marks:
                amounts[id(piece.marks)] = after if number else before
            pieces.append(replace(piece, heading=again))
    return Carrying(pieces, amounts, again, carried.word)


def over_pages(setter: Typesetter, pieces: Sequence[Piece], frame: Frame, table: Carrying) -> list[list[Placed]]:
    """Return the pages; where the table goes on, a page ends and the next one begins with what is carried forward."""
    pages = paginate(pieces, frame)
    if len(pages) == 1 or table.heading is None:
        return pages
    pages = paginate(pieces, replace(frame, bottom=frame.bottom - _CARRY))
    for before, page in pairwise(pages):
        for amount in _carried(page, table):
            top, heading = page[0]
            page.insert(1, (top + heading.height - _CARRY, _carry(setter, table.word, amount)))
            before.append((before[-1][0] + before[-1][1].height, _carry(setter, table.word, amount)))
    return pages


def _carried(page: Page, table: Carrying) -> Iterator[str]:
    """Yield what is carried to a page that begins with the headings."""
    if page and page[0][1] is table.heading:
        yield next(table.amounts[id(piece.marks)] for _, piece in page if id(piece.marks) in table.amounts)


def _carry(setter: Typesetter, word: str, amount: str) -> Piece:
    sum_ = setter.fit(amount, _WIDEST, SMALL)
    y = 0.7 * MM + SMALL * 0.98
    label = setter.fit(word, RIGHT - LEFT - sum_.width - 4 * MM, SMALL)
    return Piece(_CARRY, (Glyphs(LEFT, y, label, SMALL, GREY), right_aligned(RIGHT, y, sum_, SMALL, GREY)))
