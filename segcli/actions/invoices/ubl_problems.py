"""Checks an invoice against Peppol's validation rules: what is wrong and how to fix it. Pure."""

import re
from collections.abc import Iterator
from fractions import Fraction

from segcli.actions.invoices import ubl_national
from segcli.actions.invoices.ubl_national import OWN as _OWN
from segcli.actions.invoices.ubl_national import SET as _SET
from segcli.actions.invoices.ubl_parties import endpoint, legal, vat_number
from segcli.actions.invoices.ubl_tree import clean, is_to_pay
from segcli.base.money import exponent, to_text
from segcli.domain.sales.document import InvoiceDocument, Participant

_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_WITH_BUYER = {"AE": "VAT reverse charged", "K": "an intra-Community supply"}


def problems(document: InvoiceDocument) -> tuple[str, ...]:
    """Return the problems, each with the account or the setting to fix; an empty result means valid."""
    return tuple(
        dict.fromkeys(
            (
                *_about(document),
                *_seller(document),
                *_buyer(document),
                *ubl_national.problems(document),
                *_vat(document),
                *_sums(document),
            )
        )
    )


def _about(document: InvoiceDocument) -> Iterator[str]:
    if document.is_draft or not document.number.strip():
        yield "it has no number yet: only processed invoices are sent"
    if not document.lines:
        yield "it has no lines"
    if not (document.your_reference.strip() or document.order_number.strip()):
        yield "it has no reference of the buyer's: import it with your_reference or order_number"
    if document.is_credit_note and document.seller.country == "NL" and not document.original_number.strip():
        yield "it does not say which invoice it credits: import it with original_number"
    if is_to_pay(document) and not document.iban.strip():
        yield "there is no bank account to pay to: segcli administration set --iban IBAN, or letters.iban in the configuration"
    if not document.is_credit_note and document.total > 0 and not (document.due_date or document.payment_terms.strip()):
        yield "it has no due date: give it a payment condition"
    for line in document.lines:
        if line.end_date and line.end_date < line.start_date:
            yield f"line {line.number}: its period ends on {line.end_date}, before it begins on {line.start_date}"


def _party(who: str, party: Participant) -> Iterator[str]:
    """Yield the problems of rules for both parties."""
    if not clean(party.name):
        yield f"{who} has no name"
    to_do = f"{_SET} --country NL" if who == _OWN else "import it as NL, BE, ..."
    if not _COUNTRY.fullmatch(party.country):
        shown = f"'{party.country}', which is no code of two capitals" if party.country else "none"
        yield f"{who}: country is {shown}: {to_do}"
    if party.vat_number.strip() and not vat_number(party):
        yield f"{who}: the VAT number '{party.vat_number}' does not begin with its country, like NL001234567B01"
    if endpoint(party) is None:
        numbers = "chamber_of_commerce (NL, BE, DK, SE, IS) or a European vat_number"
        to_do = f"{_SET} --chamber-of-commerce or --vat-number" if who == _OWN else f"import {numbers}"
        yield f"{who} has no number that Peppol delivers to: {to_do}"


def _seller(document: InvoiceDocument) -> Iterator[str]:
    seller = document.seller
    yield from _party(_OWN, seller)
    if any(rate.category != "O" for rate in document.vat):
        if not seller.vat_number.strip():
            yield f"{_OWN} has no VAT number: {_SET} --vat-number NUMBER"
    elif legal(seller) is None:
        yield f"{_OWN} has no chamber of commerce number, which invoices outside of VAT need: {_SET} --chamber-of-commerce NUMBER"


def _buyer(document: InvoiceDocument) -> Iterator[str]:
    buyer, who = document.buyer, f"account {document.account}"
    yield from _party(who, buyer)
    for rate in document.vat:
        if rate.category in _WITH_BUYER and not buyer.vat_number.strip():
            yield f"{who} has no VAT number, which {_WITH_BUYER[rate.category]} needs: import vat_number"
    if document.deliver_to and not document.deliver_to.country and any(rate.category == "K" for rate in document.vat):
        yield "its delivery address has no country, which an intra-Community supply needs: import it"


def _vat(document: InvoiceDocument) -> Iterator[str]:
    """Yield rates that their category does not allow (BR-S-05, BR-AE-05, ...), and VAT that does not match its rate."""
    if {"O"} < {rate.category for rate in document.vat}:
        yield "lines outside of VAT (category O) cannot stand beside others: make an invoice of each"
    for line in document.lines:
        percent, kind = Fraction(line.vat_percent), line.vat_category
        if (kind == "S") != (percent > 0):
            code = f"VAT code {line.vat_code}" if line.vat_code.strip() else "its VAT"
            yield f"line {line.number}: {code} has category {kind} and {line.vat_percent} %: fix vat_percent or the VAT code"
    for rate in document.vat:
        due = abs(rate.base) * Fraction(rate.percent) / 100
        if abs(abs(rate.vat) - due) >= 10 ** exponent(document.currency):
            vat, base = (to_text(minor, document.currency) for minor in (rate.vat, rate.base))
            yield f"its VAT of {vat} is not {rate.percent} % of {base}"


def _sums(document: InvoiceDocument) -> Iterator[str]:
    """Yield amounts that do not add up (BR-CO-10 to 16) or have more decimals than EN 16931 allows."""
    lines, bases = sum(line.net for line in document.lines), sum(rate.base for rate in document.vat)
    vat = sum(rate.vat for rate in document.vat)
    if (lines, bases, vat, document.net + vat) != (document.net, document.net, document.vat_total, document.total):
        yield "its lines, VAT and totals do not add up"
    amounts = [document.total, document.vat_total, document.net, *(line.net for line in document.lines)]
    amounts += [minor for rate in document.vat for minor in (rate.base, rate.vat)]
    if any(minor % 10 ** max(exponent(document.currency) - 2, 0) for minor in amounts):
        yield f"it has amounts finer than hundredths of {document.currency}, and an electronic invoice has two decimals at most"
