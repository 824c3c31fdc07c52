"""An invoice, and documents made from it, for the tests of paper."""

import io
from dataclasses import replace
from pathlib import Path
from typing import Any

from segcli.actions.invoices import sums
from segcli.actions.invoices.paper import PaperStyle, write
from segcli.domain.sales.document import DocumentLine, InvoiceDocument, Participant, VatLine
from segcli.settings import letter_texts as reminder_texts
from segcli.settings import print_texts
from segcli.settings.config import Config

CONFIG = Config({}, {}, Path("config.yaml"), is_file_there=False)
LANGUAGES = print_texts.read(CONFIG, "invoices", reminder_texts.read(CONFIG, 3), sums.FIELDS)
STYLE = PaperStyle(None, None, (), LANGUAGES)
SELLER = Participant(
    "Voorbeeld B.V.",
    "Keizersgracht 1",
    "1015 CN",
    "Amsterdam",
    "NL",
    "NL001234567B01",
    "12345678",
    "info@example.com",
    "+31 20 555 01 23",
)
BUYER = Participant("Afnemer N.V.", "Dorpsstraat 2", "1234 AB", "Ons Dorp", "NL", "NL009876543B01")
WORDS = ("Consultancy on site", "Bearing, stainless, sealed on both sides", "Annual licence", "Transport and packing")


def line(number: int, net: int = 12345, **fields: Any) -> DocumentLine:
    made = DocumentLine(number, f"ART-{number:04}", WORDS[number % 4], "3", "pc", "41.15", "0", net, "1", "21")
    return replace(made, **fields)


def invoice(count: int = 3, percent: str = "21", category: str = "S", **fields: Any) -> InvoiceDocument:
    lines = fields.pop("lines", tuple(line(n, 12345 + n, vat_percent=percent) for n in range(1, count + 1)))
    net = sum(one.net for one in lines)
    vat = (net * int(percent) + 50) // 100
    made = InvoiceDocument("26000012", "2026-11-02", "2026-12-02", "EUR", SELLER, BUYER, "10023", lines,
                           (VatLine(percent, category, net, vat),), net, vat, net + vat, payment_terms="30 days",
                           iban="NL91ABNA0417164300", bic="ABNANL2A", payment_reference="26000012")  # fmt: skip
    return replace(made, **fields)


def printed(*documents: InvoiceDocument, style: PaperStyle = STYLE, warnings: list[str] | None = None) -> bytes:
    file = io.BytesIO()
    write(documents, file, style, [] if warnings is None else warnings)
    return file.getvalue()
