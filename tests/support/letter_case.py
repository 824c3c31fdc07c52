"""A letter, and ways to read its pages back, for the tests of letters."""

import io
import re
from pathlib import Path
from typing import Any

import pytest
from pypdf import PdfReader

from segcli.output.documents.letter import Letter, LetterColumn, Party, Payment
from segcli.output.documents.marks import MM
from segcli.output.documents.pdf import write

PAYMENT = Payment(123456, "EUR", "NL91 ABNA 0417 1643 00", "ABNANL2A", "Voorbeeld B.V.", "account 10023")
LETTER = Letter(
    sender=Party("Voorbeeld B.V.", ("Keizersgracht 1", "1015 CN Amsterdam")),
    sender_details=("T +31 20 555 01 23", "KvK 12345678"),
    recipient=Party("Afnemer N.V.", ("Dorpsstraat 2", "1234 AB Ons Dorp")),
    place_and_date="Amsterdam, 2 November 2026",
    subject="Reminder",
    details=(("Account", "10023"),),
    opening=("Dear Sir,", "These invoices are open."),
    columns=(LetterColumn("Invoice", share=2), LetterColumn("Amount", "right")),
    rows=(("F-1", "100.00"), ("F-2", "1,134.56")),
    totals=(("Total to pay", "EUR 1,234.56"),),
    closing=("Yours faithfully,\nVoorbeeld",),
    payment=PAYMENT,
    payment_words=("Please pay EUR 1,234.56.",),
    language="en",
    logo=None,
)


def pdf(*letters: Letter, **options: Any) -> bytes:
    file = io.BytesIO()
    write(letters, file, **options)
    return file.getvalue()


def texts(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages]


def flat(text: str) -> str:
    return re.sub(r"\s", "", text)


def places(pdf: bytes, page: int = 0) -> list[tuple[str, float, float, float]]:
    """Return each text with its left and base line in mm from the upper left corner, and its size."""
    found = []

    def visit(text: str, _matrix: object, tm: list[float], _font: object, size: float) -> None:
        if text.strip():
            found.append((text.strip(), tm[4] / MM, 297 - tm[5] / MM, size))

    PdfReader(io.BytesIO(pdf)).pages[page].extract_text(visitor_text=visit)
    return found


def rows(count: int) -> tuple[tuple[str, ...], ...]:
    return tuple((f"F-{number:04}", "10.00") for number in range(count))


def font(name: str) -> Path:
    found = [
        p
        for folder in ("/usr/share/fonts", "/Library/Fonts", "/usr/local/share/fonts")
        for p in Path(folder).rglob(name)
    ]
    if not found:
        pytest.skip(f"the font {name} is not installed")
    return found[0]
