"""An invoice as a letter: its lines as a table, VAT per rate, totals, and how to pay it."""

from collections.abc import Mapping
from datetime import date
from fractions import Fraction

from segcli.invoicing.document import DocumentLine, InvoiceDocument, Participant
from segcli.letters.letter import Letter, LetterColumn, Party, Payment
from segcli.reminding.texts import Language
from segcli.sender import Sender

Words = Mapping[str, str]


def letter(document: InvoiceDocument, sender: Sender, language: Language, words: Words) -> Letter:
    """Return the letter; a draft and a copy say so in their subject and beside the address."""
    name = words["credit_note" if document.is_credit_note else "invoice"]
    mark = words["draft"] if document.is_draft else words["copy"] if document.is_copy else ""
    has_discount = any(Fraction(line.discount_percent) for line in document.lines)
    payable = not document.is_credit_note and not document.is_draft and document.total > 0 and sender.iban
    return Letter(
        sender=Party(sender.name, sender.address),
        sender_details=sender.details,
        recipient=Party(document.buyer.name, _address(document.buyer, sender.country)),
        place_and_date="",
        subject=" · ".join(part for part in (mark, f"{name} {document.number}".rstrip()) if part),
        details=tuple(_details(document, language, words)),
        opening=(document.description,) if document.description else (),
        columns=_columns(words, has_discount=has_discount),
        rows=tuple(_row(line, document.currency, language, has_discount=has_discount) for line in document.lines),
        totals=tuple(_totals(document, language, words)),
        closing=(document.payment_terms,) if document.payment_terms and not document.is_credit_note else (),
        payment=_payment(document, sender) if payable else None,
        payment_words=(_pay(document, sender, language),) if payable else (),
        language=document.language,
        logo=sender.logo,
        page_words=language.words["page"],
    )


def _address(party: Participant, home: str) -> tuple[str, ...]:
    place = "  ".join(filter(None, (party.postcode, party.city)))
    return tuple(filter(None, (party.address, place, party.country if party.country != home else "")))


def _details(document: InvoiceDocument, language: Language, words: Words) -> list[tuple[str, str]]:
    dates = {name: language.day(date.fromisoformat(day)) if day else "" for name, day in
             (("date", document.date), ("due_date", document.due_date))}  # fmt: skip
    found = [
        (words["number"], document.number), (words["date"], dates["date"]),
        (words["due_date"], dates["due_date"]), (language.words["account"], document.account),
        (words["your_reference"], document.your_reference), (words["order"], document.order_number),
        (words["for_invoice"], document.original_number),
    ]  # fmt: skip
    return [(label, value) for label, value in found if value]


def _columns(words: Words, *, has_discount: bool) -> tuple[LetterColumn, ...]:
    text = 0.42 if has_discount else 0.5
    shares = [("line", "left", text), ("quantity", "right", 0.13), ("price", "right", 0.15), ("discount", "right", 0.1),
              ("amount", "right", 0.2)]  # fmt: skip
    shares = [share for share in shares if has_discount or share[0] != "discount"]
    whole = sum(share for *_, share in shares)
    return tuple(LetterColumn(words[name], align, share / whole) for name, align, share in shares)  # type: ignore[arg-type]


def _row(line: DocumentLine, currency: str, language: Language, *, has_discount: bool) -> tuple[str, ...]:
    text = " ".join(filter(None, (line.item, line.description)))
    quantity = f"{_number(line.quantity, language)} {line.unit}".rstrip()
    discount = (f"{_number(line.discount_percent, language)} %" if Fraction(line.discount_percent) else "",)
    price = _number(line.unit_price, language)
    return (text, quantity, price, *(discount if has_discount else ()), language.amount(line.net, currency))


def _number(text: str, language: Language) -> str:
    return text.replace(".", language.decimal)


def _totals(document: InvoiceDocument, language: Language, words: Words) -> list[tuple[str, str]]:
    def amount(minor: int) -> str:
        return language.amount(minor, document.currency)

    rates = [
        (words["vat"].format(percent=_number(rate.percent, language), base=amount(rate.base)), amount(rate.vat))
        if Fraction(rate.percent) else (words["none"], amount(0))
        for rate in document.vat
    ]  # fmt: skip
    return [
        (words["net"], amount(document.net)),
        *rates,
        (f"{words['total']} ({document.currency})", amount(document.total)),
    ]


def _payment(document: InvoiceDocument, sender: Sender) -> Payment:
    return Payment(document.total, document.currency, sender.iban, sender.bic, sender.name, document.number)


def _pay(document: InvoiceDocument, sender: Sender, language: Language) -> str:
    grouped = " ".join(sender.iban[at : at + 4] for at in range(0, len(sender.iban), 4))
    total = language.amount(document.total, document.currency)
    return language.words["payment"].format(
        total=total, currency=document.currency, iban=grouped, sender=sender.name, reference=document.number
    )
