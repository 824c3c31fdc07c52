"""The heading of an invoice: title and mark, who ordered, and the delivery address. Pure."""

from itertools import pairwise, zip_longest

from segcli.domain.sales.document import InvoiceDocument, Participant
from segcli.output.documents.blocks import GREY, LEADING, LEFT, RIGHT, SMALL, gap, kept, paragraph
from segcli.output.documents.marks import MM, Glyphs, Mark, Piece, Rule
from segcli.output.documents.typeset import Line, Typesetter
from segcli.settings.print_texts import Wording

_TITLE = 17.0
_MARK = 14.0
_WATERMARK = 120.0
_WATER_GREY, _WATER_Y = 0.9, 190 * MM


def mark(document: InvoiceDocument, wording: Wording) -> str:
    """Return the mark DRAFT or COPY; '' without one."""
    return wording["draft"] if document.is_draft else wording["copy"] if document.is_copy else ""


def name(document: InvoiceDocument, wording: Wording) -> str:
    """Return the document type with its number."""
    return f"{wording['credit_note' if document.is_credit_note else 'invoice']} {document.number}".rstrip()


def title(setter: Typesetter, document: InvoiceDocument, wording: Wording) -> list[Piece]:
    """Return the title with its mark framed at the right, and the invoice that a credit note corrects."""
    framed, taken = _framed(setter, mark(document, wording))
    lines = setter.wrap(name(document, wording), RIGHT - LEFT - taken, _TITLE, bold=True)
    pieces = [
        Piece(_TITLE * LEADING, (Glyphs(LEFT, _TITLE, line, _TITLE), *(framed if number == 0 else ())))
        for number, line in enumerate(lines)
    ]
    if document.is_credit_note and document.original_number:
        pieces += paragraph(setter, wording["credit_for"].format(number=document.original_number))
    if document.is_draft:
        pieces += paragraph(setter, wording["draft_note"], bold=True)
    return kept([*pieces, gap(3 * MM)])


def _framed(setter: Typesetter, text: str) -> tuple[list[Mark], float]:
    """Return a text in a frame at the right margin, and its width."""
    if not text:
        return [], 0.0
    line = setter.fit(text, (RIGHT - LEFT) * 0.4, _MARK, bold=True)
    left, top, bottom = RIGHT - line.width - 5 * MM, 0.0, _MARK * 1.5
    corners = [(left, top), (RIGHT, top), (RIGHT, bottom), (left, bottom), (left, top)]
    frame: list[Mark] = [Rule(*a, *b, 1.2) for a, b in pairwise(corners)]
    return [*frame, Glyphs(left + 2.5 * MM, _MARK * 1.1, line, _MARK)], RIGHT - left + 5 * MM


def watermark(setter: Typesetter, text: str) -> Piece:
    """Return the text as a pale background across the page."""
    unit = max(setter.fit(text, RIGHT - LEFT, 1.0, bold=True).width, 0.1)
    size = min(_WATERMARK, (RIGHT - LEFT) / unit)
    line = setter.fit(text, RIGHT - LEFT + 1, size, bold=True)
    return Piece(0, (Glyphs((LEFT + RIGHT - line.width) / 2, _WATER_Y, line, size, _WATER_GREY),))


def address(party: Participant, home: str) -> tuple[str, ...]:
    """Return the address lines below the name; with the country if it is another country."""
    place = "  ".join(filter(None, (party.postcode, party.city)))
    country = party.country if party.country != home else ""
    return tuple(filter(None, (*party.address.replace("\r\n", "\n").split("\n"), place, country)))


def parties(setter: Typesetter, document: InvoiceDocument, wording: Wording) -> list[Piece]:
    """Return who ordered and the delivery address side by side, if they differ from the party invoiced."""
    found = (("ordered_by", document.ordered_by), ("deliver_to", document.deliver_to))
    given = [(wording[label], party) for label, party in found if party and party != document.buyer]
    width = (RIGHT - LEFT - 8 * MM) / 2
    columns = [_party(setter, label, party, document.seller.country, width) for label, party in given]
    pieces = [
        Piece(SMALL * LEADING, tuple(_beside(lines, width, GREY if number == 0 else 0.0)))
        for number, lines in enumerate(zip_longest(*columns))
    ]
    return [*kept(pieces), gap(4 * MM)] if pieces else []


def _party(setter: Typesetter, label: str, party: Participant, home: str, width: float) -> list[Line]:
    texts = (party.name, *address(party, home))
    return [setter.fit(label, width, SMALL), *(line for text in texts for line in setter.wrap(text, width, SMALL))]


def _beside(lines: tuple[Line | None, ...], width: float, grey: float) -> list[Mark]:
    return [
        Glyphs(LEFT + number * (width + 8 * MM), SMALL * 0.98, line, SMALL, grey)
        for number, line in enumerate(lines)
        if line
    ]
