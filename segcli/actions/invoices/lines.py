"""The lines of an invoice as a table over several pages, with repeated headings and carried-forward sums. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

from segcli.domain.sales.document import DocumentLine, InvoiceDocument
from segcli.output.documents.blocks import GREY, LEADING, LEFT, RIGHT, SMALL, headings, table_row
from segcli.output.documents.letter import LetterColumn
from segcli.output.documents.marks import MM, Glyphs, Page, Piece, Placed, right_aligned
from segcli.output.documents.paginate import Frame, paginate
from segcli.output.documents.typeset import Typesetter
from segcli.settings.print_texts import Wording

_GUTTER = 3 * MM
_WIDEST = {"item": 26 * MM, "quantity": 24 * MM, "unit": 16 * MM, "price": 26 * MM, "discount": 16 * MM,
           "vat_percent": 13 * MM, "amount": 30 * MM}  # fmt: skip
_ALWAYS = ("line", "quantity", "price", "amount")
_LEFT = ("item", "line", "unit")
_CARRY = SMALL * LEADING + 1.5 * MM


@dataclass(frozen=True, slots=True)
class Lines:
    """The blocks of a table, and the sum carried forward at each page break."""

    pieces: list[Piece]
    carried: Mapping[int, int]
    heading: Piece | None


def lines(setter: Typesetter, document: InvoiceDocument, wording: Wording) -> Lines:
    """Return the table without columns that no line uses."""
    rows = [_cells(line, document.currency, wording) for line in document.lines]
    names = [name for name in rows[0] if name in _ALWAYS or any(row[name] for row in rows)] if rows else []
    if not names:
        return Lines([], {}, None)
    edges = _edges(setter, names, rows, wording)
    columns = [LetterColumn(wording[name], "left" if name in _LEFT else "right") for name in names]
    first = headings(setter, columns, edges)
    again = replace(first, height=first.height + _CARRY)  # the carried sum is below the headings
    pieces, carried, total = [replace(first, keep=True)], {}, 0
    for line, row in zip(document.lines, rows, strict=True):
        for number, piece in enumerate(table_row(setter, columns, edges, [row[name] for name in names])):
            total += line.net if number == 1 else 0
            if piece.marks:
                carried[id(piece.marks)] = total
            pieces.append(replace(piece, heading=again))
        total = total if number else total + line.net
    return Lines(pieces, carried, again)


def _cells(line: DocumentLine, currency: str, wording: Wording) -> dict[str, str]:
    """Return the texts of a line, in column order."""
    discount = wording.number(line.discount_percent) + "%" if Fraction(line.discount_percent or "0") else ""
    return {
        "item": line.item,
        "line": "\n".join(filter(None, (line.description, _period(line, wording)))),
        "quantity": wording.number(line.quantity),
        "unit": line.unit,
        "price": wording.price(line.unit_price, currency),
        "discount": discount,
        "vat_percent": wording.number(line.vat_percent),
        "amount": wording.amount(line.net, currency),
    }


def _period(line: DocumentLine, wording: Wording) -> str:
    """Return the period of a line; '' without one, and one date if it is a single day."""
    return " - ".join(dict.fromkeys(filter(None, (wording.day(line.start_date), wording.day(line.end_date)))))


def _edges(
    setter: Typesetter, names: Sequence[str], rows: Sequence[Mapping[str, str]], wording: Wording
) -> list[tuple[float, float]]:
    """Return the left and right edge of each column: as wide as its texts; the description gets the rest."""
    widths = {name: _width(setter, name, rows, wording) for name in names if name != "line"}
    widths["line"] = RIGHT - LEFT - sum(widths.values()) - _GUTTER * (len(names) - 1)
    edges, x = [], LEFT
    for name in names:
        edges.append((x, x + widths[name]))
        x += widths[name] + _GUTTER
    return edges


def _width(setter: Typesetter, name: str, rows: Sequence[Mapping[str, str]], wording: Wording) -> float:
    most = _WIDEST[name]
    wide = [line.width for line in setter.wrap(wording[name], most, SMALL, bold=True)]
    for text in dict.fromkeys(row[name] for row in rows):  # in row order, so that warnings are too
        wide += [line.width for line in setter.wrap(text, most, SMALL)]
        if max(wide) > most * 0.95:
            break
    return min(most, max(wide) + 0.5)


def over_pages(
    setter: Typesetter, pieces: Sequence[Piece], frame: Frame, table: Lines, words: tuple[str, Wording]
) -> list[list[Placed]]:
    """Return the pages; if the table continues, a page ends and the next begins with the carried-forward sum."""
    pages = paginate(pieces, frame)
    if len(pages) == 1:
        return pages
    pages = paginate(pieces, replace(frame, bottom=frame.bottom - _CARRY))
    for before, page in pairwise(pages):
        for minor in _carried(page, table):
            top, heading = page[0]
            page.insert(1, (top + heading.height - _CARRY, _carry(setter, minor, words)))
            before.append((before[-1][0] + before[-1][1].height, _carry(setter, minor, words)))
    return pages


def _carried(page: Page, table: Lines) -> Iterator[int]:
    """Yield the carried-forward row of a page that begins with the headings."""
    if page and page[0][1] is table.heading:
        yield next(table.carried[id(piece.marks)] for _, piece in page if id(piece.marks) in table.carried)


def _carry(setter: Typesetter, minor: int, words: tuple[str, Wording]) -> Piece:
    currency, wording = words
    amount = setter.fit(wording.amount(minor, currency), _WIDEST["amount"] + 10 * MM, SMALL)
    y = 0.7 * MM + SMALL * 0.98
    word = setter.fit(wording["carried"], RIGHT - LEFT - amount.width - 4 * MM, SMALL)
    return Piece(_CARRY, (Glyphs(LEFT, y, word, SMALL, GREY), right_aligned(RIGHT, y, amount, SMALL, GREY)))
