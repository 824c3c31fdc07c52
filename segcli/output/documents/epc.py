"""The text of the payment QR code (EPC069-12 version 002), which banking apps scan. Pure."""

from segcli.base.money import to_text
from segcli.domain.bank_account import check_bic, check_iban, creditor_reference
from segcli.output.documents.letter import Payment

_MOST_CENTS = 999_999_999_99
_LONGEST_NAME = 70
_LONGEST_TEXT = 140
_MOST_BYTES = 331  # the standard's limit: QR version 13 at error correction level M


def payload(payment: Payment) -> str | None:
    """Return the text of the code; None if the payment is not in euros, is zero or negative, or exceeds the maximum.

    A name over 70 characters is cut, and so is a reference over 140 characters or one that makes the text exceed 331
    bytes; the text beside the code shows both in full. Raises SegcliError for an invalid IBAN or BIC.
    """
    if payment.currency != "EUR" or not 0 < payment.amount <= _MOST_CENTS:
        return None
    name = _line(payment.name)[:_LONGEST_NAME].strip()
    amount = f"EUR{to_text(payment.amount, 'EUR')}"
    top = ("BCD", "002", "1", "SCT", check_bic(payment.bic), name, check_iban(payment.iban), amount, "")
    if structured := creditor_reference(payment.reference):
        return "\n".join((*top, structured))
    return _cut("\n".join((*top, "", _line(payment.reference)[:_LONGEST_TEXT]))).rstrip()


def _line(text: str) -> str:
    """Return the text as one line, because a line end separates the elements of the code."""
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())


def _cut(text: str) -> str:
    return text.encode()[:_MOST_BYTES].decode(errors="ignore")
