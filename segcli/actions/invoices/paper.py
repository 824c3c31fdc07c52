"""Writes invoices and credit notes into one PDF file, each on its own pages."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import BinaryIO

from segcli.actions.invoices import heading, sums
from segcli.actions.invoices.lines import lines
from segcli.domain import bank_account
from segcli.domain.sales.document import InvoiceDocument
from segcli.output.documents import epc
from segcli.output.documents.blocks import (
    LEFT,
    RIGHT,
    SMALL,
    TEXT,
    gap,
    kept,
    pairs,
    paragraph,
    paragraphs,
    payment,
    totals,
)
from segcli.output.documents.carrying import over_pages
from segcli.output.documents.code import squares
from segcli.output.documents.fonts import Fonts
from segcli.output.documents.letter import Letter, Party
from segcli.output.documents.logo import read
from segcli.output.documents.marks import MM, Page, Piece, Placed
from segcli.output.documents.paginate import Frame
from segcli.output.documents.pdf import Properties, missing, save
from segcli.output.documents.sheet import BODY_TOP, NEXT_TOP, details, first_page, foot, next_page, page_number
from segcli.output.documents.typeset import Typesetter
from segcli.settings.print_texts import Wording
from segcli.settings.sender import with_numbers


@dataclass(frozen=True, slots=True)
class PaperStyle:
    """The style of invoices: settings that no document has. Without an address, the seller's own is shown."""

    logo: Path | None
    fonts: Fonts | None
    sender_details: tuple[str, ...]
    languages: Mapping[str, Wording]
    sender_address: tuple[str, ...] = ()


def write(documents: Iterable[InvoiceDocument], file: BinaryIO, style: PaperStyle, warnings: list[str]) -> int:
    """Write all documents into one PDF and return the number of pages; without documents nothing is written.

    Documents may come from a generator; only one is in memory at a time. `warnings` collects what a reader would miss:
    characters without a font, and addresses that were cut. Raises SegcliError for a wrong logo, font or IBAN.
    """
    found = iter(documents)
    first = next(found, None)
    if first is None:
        return 0
    setter = Typesetter(style.fonts)
    drawn = (page for document in chain([first], found) for page in pages(document, setter, style, warnings))
    about = Properties(subject(first, style.languages[first.language]), first.seller.name, first.language)
    count = save(drawn, file, about)
    warnings += missing(setter)
    return count


def subject(document: InvoiceDocument, wording: Wording) -> str:
    """Return the document's subject: its mark, type and number."""
    return " · ".join(filter(None, (heading.mark(document, wording), heading.name(document, wording))))


def pages(document: InvoiceDocument, setter: Typesetter, style: PaperStyle, warnings: list[str]) -> Iterator[Page]:
    """Yield the laid-out pages of one document."""
    wording = style.languages[document.language]
    setter.place = document.buyer.name
    sheet = _sheet(document, style, wording)
    bottom, below = foot(setter, sheet, warnings)
    bodies = _bodies(document, setter, sheet, Frame(BODY_TOP, NEXT_TOP, bottom), wording)
    behind = [(0.0, heading.watermark(setter, wording["draft"]))] if document.is_draft else []
    logo = read(style.logo) if style.logo else None
    for number, placed in enumerate(bodies, 1):
        above = first_page(setter, sheet, logo, warnings) if number == 1 else [(0.0, next_page(setter, sheet))]
        around = ((0.0, below), (0.0, page_number(setter, sheet, number, len(bodies))))
        yield [*behind, *above, *placed, *around]


def _sheet(document: InvoiceDocument, style: PaperStyle, wording: Wording) -> Letter:
    """Return the document's letterhead and foot, without the body."""
    seller = document.seller
    return Letter(
        sender=Party(seller.name, style.sender_address or heading.address(seller, seller.country)),
        sender_details=tuple(_foot(document, style, wording)),
        recipient=Party(document.buyer.name, heading.address(document.buyer, seller.country)),
        place_and_date="",
        subject=subject(document, wording),
        details=tuple(_details(document, wording)),
        opening=(),
        columns=(),
        rows=(),
        totals=(),
        closing=(),
        payment=None,
        payment_words=(),
        language=document.language,
        logo=style.logo,
        page_words=wording["page"],
    )


def _foot(document: InvoiceDocument, style: PaperStyle, wording: Wording) -> Iterator[str]:
    """Yield the seller's contact details and the labelled numbers that the law requires."""
    seller = document.seller
    given = style.sender_details or (seller.phone, seller.email)
    numbers = {"chamber_of_commerce": seller.chamber_of_commerce, "vat_number": seller.vat_number}
    yield from with_numbers(given, numbers, wording.words)
    iban = bank_account.check_iban(document.iban) if document.iban else ""
    if iban and not any(iban in "".join(detail.split()) for detail in given):
        yield " ".join(("IBAN", *(iban[at : at + 4] for at in range(0, len(iban), 4))))
        yield f"BIC {document.bic}" if document.bic else ""


def _details(document: InvoiceDocument, wording: Wording) -> Iterator[tuple[str, str]]:
    """Yield the labelled details beside the address."""
    original = ", ".join(filter(None, (document.original_number, wording.day(document.original_date))))
    found = (
        ("number", document.number), ("date", wording.day(document.date)),
        ("due_date", wording.day(document.due_date)),
        ("terms", "" if document.is_credit_note else document.payment_terms), ("for_invoice", original),
        ("account", document.account), ("your_reference", document.your_reference), ("order", document.order_number),
        ("vat_number", document.buyer.vat_number),
    )  # fmt: skip
    return ((wording[name], value) for name, value in found if value)


def _bodies(
    document: InvoiceDocument, setter: Typesetter, sheet: Letter, frame: Frame, wording: Wording
) -> list[list[Placed]]:
    """Return the body of each page, from the title to the payment."""
    table = lines(setter, document, wording)
    results = totals(setter, sums.totals(document, wording))
    held = [*table.pieces[:-2], *kept([*table.pieces[-2:], gap(1.5 * MM), *results])]
    pieces = [
        *heading.title(setter, document, wording),
        *([] if details(setter, sheet) else [*pairs(setter, sheet.details, LEFT, RIGHT), gap(4 * MM)]),
        *heading.parties(setter, document, wording),
        *paragraphs(setter, filter(None, (document.description,))),
        *held,
        gap(TEXT * 1.4),
        *_notes(document, setter, wording),
        *_payment(document, setter, wording),
    ]
    return over_pages(setter, pieces, frame, table)


def _notes(document: InvoiceDocument, setter: Typesetter, wording: Wording) -> list[Piece]:
    pieces = [piece for text in sums.notes(document, wording) for piece in paragraph(setter, text, SMALL)]
    return [*pieces, gap(TEXT * 1.2)] if pieces else []


def _payment(document: InvoiceDocument, setter: Typesetter, wording: Wording) -> list[Piece]:
    asked = sums.payment(document)
    text = epc.payload(asked) if asked else None
    return payment(setter, (sums.payment_line(document, wording),), squares(text) if text else None) if asked else []
