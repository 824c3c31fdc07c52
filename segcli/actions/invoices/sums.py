"""Totals of an invoice: net, VAT per rate and total; VAT exemption reasons; payment details. Pure."""

from collections.abc import Iterator

from segcli.domain import bank_account
from segcli.domain.sales.document import InvoiceDocument, VatLine
from segcli.output.documents.letter import Payment
from segcli.settings.print_texts import Wording

_PAYMENT = ("total", "currency", "due_date", "iban", "bic", "sender", "reference")
FIELDS = {  # keys of the invoice wording
    "payment": _PAYMENT,
    "payment_at_once": tuple(field for field in _PAYMENT if field != "due_date"),
    "vat": ("percent", "base"),
    "credit_for": ("number",),
    "page": ("page", "pages"),
}
_REASONS = {"AE": "reverse_charge", "K": "intra_community", "G": "export", "E": "exempt", "O": "none"}


def totals(document: InvoiceDocument, wording: Wording) -> tuple[tuple[str, str], ...]:
    """Return labels and amounts, the grand total last."""

    def amount(minor: int) -> str:
        return wording.amount(minor, document.currency)

    rates = [
        (wording["vat"].format(percent=wording.number(rate.percent), base=amount(rate.base)), amount(rate.vat))
        for rate in document.vat
    ]
    name = "credited" if document.is_credit_note else "to_pay" if document.total > 0 else "total"
    last = (f"{wording[name]} ({document.currency})", amount(document.total))
    return ((wording["net"], amount(document.net)), *rates, last)


def reason(rate: VatLine, wording: Wording) -> str:
    """Return why a rate has no VAT; '' if it has VAT."""
    name = _REASONS.get(rate.category, "")
    return rate.reason or (wording[name] if name else "")


def notes(document: InvoiceDocument, wording: Wording) -> list[str]:
    """Return each VAT exemption reason once, with the buyer's VAT number if the law requires it."""
    return list(dict.fromkeys(_notes(document, wording)))


def _notes(document: InvoiceDocument, wording: Wording) -> Iterator[str]:
    for rate in document.vat:
        text = reason(rate, wording)
        asked = rate.category in {"AE", "K"} and document.buyer.vat_number
        number = f" {wording['vat_number']}: {document.buyer.vat_number}" if asked else ""
        if text:
            yield text + number


def payment(document: InvoiceDocument) -> Payment | None:
    """Return the requested payment; None for a credit note, a draft, a zero total, or without an IBAN."""
    if document.is_credit_note or document.is_draft or document.total <= 0 or not document.iban:
        return None
    reference = document.payment_reference or document.number
    return Payment(document.total, document.currency, document.iban, document.bic, document.seller.name, reference)


def payment_line(document: InvoiceDocument, wording: Wording) -> str:
    """Return the payment request as text; '' without one."""
    found = payment(document)
    if found is None:
        return ""
    return wording["payment" if document.due_date else "payment_at_once"].format(
        total=wording.amount(found.amount, found.currency),
        currency=found.currency,
        due_date=wording.day(document.due_date),
        iban=bank_account.in_fours(bank_account.check_iban(found.iban)),
        bic=found.bic,
        sender=found.name,
        reference=found.reference,
    )
