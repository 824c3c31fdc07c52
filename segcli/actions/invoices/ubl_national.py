"""Peppol's national rules for sellers of one country: the problems of a document and how to fix them. Pure."""

import re
from collections.abc import Iterator
from fractions import Fraction

from segcli.actions.invoices.ubl_parties import legal, vat_number
from segcli.actions.invoices.ubl_tree import clean
from segcli.domain.sales.document import InvoiceDocument, Participant

OWN = "the administration"
SET = "segcli administration set"
# Required address fields of the seller, and of the buyer if both are in the country.
_OF_SELLERS = {"NL": ("address", "postcode", "city"), "DE": ("postcode", "city", "phone", "email"),
               "IT": ("address", "postcode", "city"), "IS": ("address", "postcode")}  # fmt: skip
_OF_BUYERS = {"NL": ("address", "postcode", "city"), "DE": ("postcode", "city"), "IS": ("address", "postcode")}
_SWEDISH_RATES = {Fraction(25), Fraction(12), Fraction(6)}


def problems(document: InvoiceDocument) -> Iterator[str]:
    """Yield what violates the rules of the seller's country."""
    seller, buyer, who = document.seller, document.buyer, f"account {document.account}"
    taxed = vat_number(seller)[:2].replace("EL", "GR")
    for country in sorted({seller.country, taxed} & _OF_SELLERS.keys()):
        yield from _missing(OWN, seller, _OF_SELLERS[country])
    if seller.country == buyer.country:
        yield from _missing(who, buyer, _OF_BUYERS.get(seller.country, ()))
    if "GR" in {seller.country, taxed}:
        yield f"{OWN} is Greek: its invoices need a mark of myDATA, which segcli cannot ask for (GR-R-004)"
    if taxed == "NO" and not re.fullmatch(r"NO\d{9}MVA", vat_number(seller), re.ASCII):
        yield f"{OWN}: the VAT number '{seller.vat_number}' is not NO, nine digits and MVA (NO-R-001)"
    if seller.country in {"DK", "IS"} and legal(seller) is None:
        yield f"{OWN} has no chamber of commerce number of its country: {SET} --chamber-of-commerce NUMBER"
    if (seller.country, buyer.country) == ("IS", "IS") and legal(buyer) is None:
        yield f"{who} has no chamber of commerce number of ten digits: import chamber_of_commerce"
    if (seller.country, buyer.country) == ("DE", "DE"):
        yield from _german(document)
    if (seller.country, taxed) == ("SE", "SE"):
        yield from _swedish(document)
    if document.is_credit_note and document.total < 0 and (seller.country, buyer.country) == ("DK", "DK"):
        yield "a Danish credit note cannot have a negative total: make an invoice of it"


def _german(document: InvoiceDocument) -> Iterator[str]:
    if any(text.strip().startswith("#") for text in document.payment_terms.splitlines()):
        yield "its payment terms have a line that begins with #, which in Germany only a cash discount does (DE-R-018)"
    if document.deliver_to and document.deliver_to.country:
        yield from _missing("the delivery address", document.deliver_to, ("postcode", "city"))


def _swedish(document: InvoiceDocument) -> Iterator[str]:
    if not re.fullmatch(r"SE\d{12}", vat_number(document.seller), re.ASCII):
        yield f"{OWN}: the VAT number '{document.seller.vat_number}' is not SE and twelve digits (SE-R-001)"
    for rate in document.vat:
        if rate.category == "S" and Fraction(rate.percent) not in _SWEDISH_RATES:
            yield f"its VAT of {rate.percent} % is no rate of Sweden: 25, 12 and 6 are (SE-R-006)"


def _missing(who: str, party: Participant, names: tuple[str, ...]) -> Iterator[str]:
    for name in names:
        if not clean(getattr(party, name)):
            yield f"{who} has no {name}: {f'{SET} --{name}' if who == OWN else 'import it'}"
