"""Invoices and credit notes as UBL 2.1 for Peppol BIS Billing 3.0. Pure."""

import xml.etree.ElementTree as ET
from fractions import Fraction
from typing import BinaryIO

from segcli.actions.invoices.ubl_lines import line
from segcli.actions.invoices.ubl_parties import address, party
from segcli.actions.invoices.ubl_problems import problems
from segcli.actions.invoices.ubl_tree import add, amount, clean, group, is_to_pay, leave, tax_category, vat_scheme
from segcli.domain.sales.document import InvoiceDocument, Participant, VatLine

__all__ = ("problems", "write")

_UBL = "urn:oasis:names:specification:ubl:schema:xsd:"
_CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0"
_PROFILE = "urn:fdc:peppol.eu:2017:poacc:billing:01:1.0"
# VAT exemption: the VATEX code if a category has its own, and the text if the document gives none.
_CODES = {"AE": "VATEX-EU-AE", "K": "VATEX-EU-IC", "G": "VATEX-EU-G", "O": "VATEX-EU-O"}
_REASONS = {"AE": "Reverse charge", "K": "Intra-Community supply", "G": "Export outside the EU", "O": "Not subject to VAT",
            "E": "Exempt from VAT"}  # fmt: skip


def write(document: InvoiceDocument, file: BinaryIO) -> None:
    """Write a document; the same document, or a copy of it, gives the same bytes. See `problems` for validation."""
    kind = "CreditNote" if document.is_credit_note else "Invoice"
    root = ET.Element(kind, {"xmlns": f"{_UBL}{kind}-2", "xmlns:cac": f"{_UBL}CommonAggregateComponents-2",
                             "xmlns:cbc": f"{_UBL}CommonBasicComponents-2"})  # fmt: skip
    _head(root, document)
    _references(root, document)
    has_vat = all(rate.category != "O" for rate in document.vat)
    party(root, "cac:AccountingSupplierParty", document.seller, has_vat=has_vat)
    party(root, "cac:AccountingCustomerParty", document.buyer, has_vat=has_vat)
    _delivery(root, document)
    _payment(root, document)
    _tax(root, document)
    _totals(root, document)
    for one in document.lines:
        line(root, document, one)
    ET.indent(root)
    file.write(ET.tostring(root, encoding="UTF-8", xml_declaration=True) + b"\n")


def _head(root: ET.Element, document: InvoiceDocument) -> None:
    add(root, "cbc:CustomizationID", _CUSTOMIZATION)
    add(root, "cbc:ProfileID", _PROFILE)
    add(root, "cbc:ID", document.number)
    add(root, "cbc:IssueDate", document.date)
    if document.is_credit_note:
        add(root, "cbc:CreditNoteTypeCode", "381")
    else:
        add(root, "cbc:DueDate", document.due_date)
        add(root, "cbc:InvoiceTypeCode", "380")
    add(root, "cbc:Note", document.description)
    add(root, "cbc:DocumentCurrencyCode", document.currency)
    add(root, "cbc:BuyerReference", document.your_reference.strip() or document.order_number)


def _references(root: ET.Element, document: InvoiceDocument) -> None:
    """Add the order reference (BT-13 is NA if there is only the seller's, BT-14) and the credited invoice."""
    if document.order_number.strip():
        order = group(root, "cac:OrderReference")
        add(order, "cbc:ID", "NA")
        add(order, "cbc:SalesOrderID", document.order_number)
    if document.original_number.strip():
        original = group(group(root, "cac:BillingReference"), "cac:InvoiceDocumentReference")
        add(original, "cbc:ID", document.original_number)
        add(original, "cbc:IssueDate", document.original_date)


def _delivery(root: ET.Element, document: InvoiceDocument) -> None:
    """Add the delivery address. An intra-Community supply needs a place and a date (BR-IC-11, 12): the invoice date."""
    is_supply = any(rate.category == "K" for rate in document.vat)
    where: Participant | None = document.deliver_to or (document.buyer if is_supply else None)
    if where is None:
        return
    delivery = group(root, "cac:Delivery")
    add(delivery, "cbc:ActualDeliveryDate", document.date if is_supply else "")
    location = group(delivery, "cac:DeliveryLocation")
    if where.country:
        address(location, "cac:Address", where)
    leave(delivery, location)
    if clean(where.name):
        add(group(group(delivery, "cac:DeliveryParty"), "cac:PartyName"), "cbc:Name", where.name)
    leave(root, delivery)


def _payment(root: ET.Element, document: InvoiceDocument) -> None:
    """Add payment means and terms. A credit note requests no payment unless its total is negative."""
    if document.iban and (is_to_pay(document) or not document.is_credit_note):
        _transfer(group(root, "cac:PaymentMeans"), document)
    elif document.seller.country == "DE":  # every German document needs one (DE-R-001): offset against open items
        add(group(root, "cac:PaymentMeans"), "cbc:PaymentMeansCode", "97")
    if document.payment_terms.strip() and not document.is_credit_note:
        add(group(root, "cac:PaymentTerms"), "cbc:Note", document.payment_terms)


def _transfer(means: ET.Element, document: InvoiceDocument) -> None:
    """Add the account: SEPA credit transfer (58) for euros, else credit transfer (30), which Denmark rejects (DK-R-005)."""
    iban, bank = "".join(document.iban.split()), document.bic.strip()
    code = "58" if document.currency == "EUR" else "30"
    if code == "30" and (document.seller.country, document.buyer.country) == ("DK", "DK"):
        is_danish = iban.startswith("DK")
        code = "42" if is_danish else "1"  # bank transfer by registration and account number
        iban, bank = (iban[8:], iban[4:8]) if is_danish else (iban, bank)
    add(means, "cbc:PaymentMeansCode", code)
    add(means, "cbc:PaymentID", document.payment_reference.strip() or document.number)
    account = group(means, "cac:PayeeFinancialAccount")
    add(account, "cbc:ID", iban)
    add(account, "cbc:Name", document.seller.name)
    if bank:
        add(group(account, "cac:FinancialInstitutionBranch"), "cbc:ID", bank)


def _tax(root: ET.Element, document: InvoiceDocument) -> None:
    total = group(root, "cac:TaxTotal")
    amount(total, "cbc:TaxAmount", document.vat_total, document.currency)
    for rate in _merged(document):
        part = group(total, "cac:TaxSubtotal")
        amount(part, "cbc:TaxableAmount", rate.base, document.currency)
        amount(part, "cbc:TaxAmount", rate.vat, document.currency)
        is_german = document.seller.country == "DE"  # Germany requires a rate for every category (DE-R-014)
        category = tax_category(part, "cac:TaxCategory", rate.category, rate.percent, is_rate_due=is_german)
        if rate.category in _REASONS:
            add(category, "cbc:TaxExemptionReasonCode", _CODES.get(rate.category, ""))
            add(category, "cbc:TaxExemptionReason", rate.reason.strip() or _REASONS[rate.category])
        vat_scheme(category)


def _merged(document: InvoiceDocument) -> list[VatLine]:
    """Return the VAT per category and rate; 21 and 21.0 are the same rate (BR-S-08)."""
    found: dict[tuple[str, Fraction], VatLine] = {}
    for rate in document.vat:
        key = (rate.category, Fraction(rate.percent))
        known = found.get(key)
        base, vat = (known.base, known.vat) if known else (0, 0)
        reason = known.reason if known and known.reason else rate.reason
        found[key] = VatLine(rate.percent, rate.category, base + rate.base, vat + rate.vat, reason)
    return list(found.values())


def _totals(root: ET.Element, document: InvoiceDocument) -> None:
    totals = group(root, "cac:LegalMonetaryTotal")
    for name, minor in (("LineExtension", document.net), ("TaxExclusive", document.net),
                        ("TaxInclusive", document.total), ("Payable", document.total)):  # fmt: skip
        amount(totals, f"cbc:{name}Amount", minor, document.currency)
