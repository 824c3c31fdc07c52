"""Mapping of a CII invoice (UN/CEFACT Cross Industry Invoice D16B) to the fields of a head and its lines.

`Document` collects the parts of the invoice, except lines. `head`, `line` and `charges` convert elements to records.
The paths are those of EN 16931-3-3 and of the profile EXTENDED of Factur-X.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from segcli.importing.readers.parts import invoice_rows as rows
from segcli.importing.readers.parts.invoice_rows import CATEGORIES, Entry, Figures, Record, signed_money
from segcli.importing.readers.parts.invoice_values import amount, text_of
from segcli.importing.readers.parts.values import UnreadableError, date
from segcli.importing.readers.parts.xml import Node

LINE_ITEM = "IncludedSupplyChainTradeLineItem"
DOCUMENT = "ExchangedDocument"
# The parts that the head is built from, each with its parent.
PARTS = {
    "ExchangedDocumentContext": "crossindustryinvoice",
    DOCUMENT: "crossindustryinvoice",
    "ApplicableHeaderTradeAgreement": "supplychaintradetransaction",
    "ApplicableHeaderTradeDelivery": "supplychaintradetransaction",
    "ApplicableHeaderTradeSettlement": "supplychaintradetransaction",
}
SELLER, BUYER = "SellerTradeParty", "BuyerTradeParty"
_AGREEMENT, _DELIVERY, _SETTLEMENT = list(PARTS)[2:]
_TOTALS = "SpecifiedTradeSettlementHeaderMonetarySummation"
_COLUMNS = {"TaxBasisTotalAmount": "net_amount", "GrandTotalAmount": "total_amount", "TaxTotalAmount": "vat_amount"}
_DATES = ("DateTimeString", "DateString", "DateTime", "Date")  # the types of a date in UN/CEFACT's schema
_COMPACT = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})([0-9]{4}|[0-9]{6})?(Z|[+-][0-9]{2}:?[0-9]{2})?")
# The profile by the last part of its identifier, such as urn:factur-x.eu:1p0:minimum.
_PROFILES = {"minimum": "MINIMUM", "basicwl": "BASIC WL"}
_LACKS = {
    "MINIMUM": "it has no lines, due date, VAT breakdown or addresses",
    "BASIC WL": "it has no lines",
}
_NOT_COUNTED = {"GROUP", "INFORMATION"}  # lines of the profile EXTENDED that are no part of the invoice's sum


@dataclass(slots=True)
class Document:
    """The parts of a document, except lines."""

    number: int = 0  # ordinal of the root element in the file
    line: int = 1
    parts: dict[str, Node] = field(default_factory=dict)

    def take(self, node: Node) -> None:
        """Add a part; of two with the same name the first counts."""
        if node.name == DOCUMENT and not self.number:
            self.number, self.line = node.parent_number, node.line
        self.parts.setdefault(node.name, node)

    def find(self, part: str, path: str) -> Node | None:
        """Return the first element at a path of a part."""
        node = self.parts.get(part)
        return node.find(path) if node else None

    def get(self, part: str, *paths: str) -> str | None:
        """Return the first non-empty text at one of the paths of a part."""
        node = self.parts.get(part)
        return node.get(*paths) if node else None

    def all(self, part: str, name: str) -> list[Node]:
        """Return the children of a part with this name."""
        node = self.parts.get(part)
        return [child for child in node.children if child.key == name.lower()] if node else []

    @property
    def profile(self) -> str:
        """Return the profile if it is one without lines, else ''."""
        stated = self.get("ExchangedDocumentContext", "GuidelineSpecifiedDocumentContextParameter/ID") or ""
        return _PROFILES.get(re.split("[:#]", stated.lower())[-1].strip(), "")

    @property
    def lacks(self) -> str:
        """Return what the profile lacks, '' if it has lines."""
        return _LACKS.get(self.profile, "")

    @property
    def currency(self) -> str:
        """Return the document's currency: as stated, else that of its VAT, else ''."""
        vat = f"{_TOTALS}/TaxTotalAmount@currencyID"
        return (self.get(_SETTLEMENT, "InvoiceCurrencyCode", vat) or "").upper()

    @property
    def sign(self) -> int:
        """Return -1 for a credit note, which has its type code and a positive total, else 1."""
        totals = (self.total(name) for name in ("GrandTotalAmount", "TaxBasisTotalAmount", "DuePayableAmount"))
        return rows.sign_of(is_credit=rows.is_credit(self.get(DOCUMENT, "TypeCode"), totals))

    def total(self, name: str) -> Fraction | None:
        """Return one of the document's totals, without the sign of a credit note."""
        return amount(self.find(_SETTLEMENT, f"{_TOTALS}/{name}"), _COLUMNS.get(name, name), self.currency)

    def vat(self) -> Fraction | None:
        """Return the VAT in the document's currency (BT-110); that in another currency (BT-111) is for the tax office."""
        totals, currency = self.find(_SETTLEMENT, _TOTALS), self.currency
        stated = [node for node in totals.children if node.key == "taxtotalamount"] if totals else []
        own = [node for node in stated if node.attributes.get("currencyID", currency).strip().upper() == currency]
        return next((value for node in own if (value := amount(node, "vat_amount", currency)) is not None), None)


def head(doc: Document) -> Record:
    """Return the head; the caller adds account and deliver_to."""
    currency, sign = doc.currency, doc.sign
    if not currency:
        raise UnreadableError("currency", None, "this is empty", "an invoice states its InvoiceCurrencyCode")
    net, vat, total = doc.total("TaxBasisTotalAmount"), doc.vat(), doc.total("GrandTotalAmount")
    document = doc.parts[DOCUMENT]
    originals = [node.get("IssuerAssignedID") for node in doc.all(_SETTLEMENT, "InvoiceReferencedDocument")]
    notes = [node.get("Content") for node in document.children if node.key == "includednote"]
    order = "BuyerOrderReferencedDocument/IssuerAssignedID"
    return {
        "invoice_number": document.get("ID"),
        "invoice_date": _day(document.find("IssueDateTime")),
        "due_date": next(iter(due_dates(doc)), None),
        "currency": currency,
        "net_amount": signed_money(net, sign, currency),
        "vat_amount": signed_money(vat, sign, currency),
        "total_amount": signed_money(total, sign, currency),
        "settled_amount": rows.settled(total, doc.total("DuePayableAmount"), sign, currency),
        "order_number": doc.get(_AGREEMENT, order, "SellerOrderReferencedDocument/IssuerAssignedID"),
        "your_reference": doc.get(_AGREEMENT, "BuyerReference"),
        "original_number": ", ".join(dict.fromkeys(text for text in originals if text)) or None,
        "description": " ".join(text for text in notes if text) or None,
    }


def due_dates(doc: Document) -> list[str]:
    """Return the due dates in the order of the document; the profile EXTENDED may have instalments."""
    terms = doc.all(_SETTLEMENT, "SpecifiedTradePaymentTerms")
    found = (_day(node.find("DueDateDateTime")) for node in terms)
    return list(dict.fromkeys(day for day in found if day))


def receivers(doc: Document) -> list[Node]:
    """Return the parties that the goods are delivered to."""
    return doc.all(_DELIVERY, "ShipToTradeParty")


def party(doc: Document, name: str) -> Node | None:
    """Return the seller or buyer."""
    return doc.find(_AGREEMENT, name)


def is_counted(node: Node) -> bool:
    """Tell whether a line is part of the invoice's sum: a heading of others, or one for information only, is not."""
    status = node.get("AssociatedDocumentLineDocument/LineStatusReasonCode") or ""
    return status.upper() not in _NOT_COUNTED


def line(node: Node, currency: str, sign: int, item: str) -> Entry:
    """Return a line; `item` is the element of our item code in its product."""
    prices = "SpecifiedLineTradeAgreement/NetPriceProductTradePrice"
    gross = "SpecifiedLineTradeAgreement/GrossPriceProductTradePrice"
    settlement = node.find("SpecifiedLineTradeSettlement") or node
    quantity = node.find("SpecifiedLineTradeDelivery/BilledQuantity")
    tax = _vat_of(settlement, "applicabletradetax")
    figures = Figures(
        quantity=amount(quantity, "quantity"),
        price=amount(node.find(f"{prices}/ChargeAmount"), "unit_price", currency),
        base=amount(node.find(f"{prices}/BasisQuantity") or node.find(f"{gross}/BasisQuantity"), "unit_price"),
        less=sum((_less(c, currency) for c in settlement.children if c.key == _CHARGE), Fraction(0)),
        net=amount(
            settlement.find("SpecifiedTradeSettlementLineMonetarySummation/LineTotalAmount"), "net_amount", currency
        ),
    )
    record, is_explained = rows.line(figures, currency, sign)
    record |= {
        "line_number": node.get("AssociatedDocumentLineDocument/LineID"),
        "item": node.get(f"SpecifiedTradeProduct/{item}"),
        "description": node.get("SpecifiedTradeProduct/Name", "SpecifiedTradeProduct/Description"),
        "unit": (quantity.attributes.get("unitCode", "").strip() or None) if quantity else None,
        "vat_percent": _percent(tax),
    }
    return Entry(node.line, record, _category(tax), is_explained)


_CHARGE = "specifiedtradeallowancecharge"
_LOGISTICS = "specifiedlogisticsservicecharge"


def charges(doc: Document) -> Iterator[Entry]:
    """Yield the allowances and charges of the whole document; those for transport have an element of their own."""
    currency, sign = doc.currency, doc.sign
    for node in doc.all(_SETTLEMENT, _CHARGE):
        tax = _vat_of(node, "categorytradetax")
        record = rows.charge(-_less(node, currency), node.get("Reason"), node.get("ReasonCode"), currency, sign)
        yield Entry(node.line, {**record, "vat_percent": _percent(tax)}, _category(tax))
    for node in doc.all(_SETTLEMENT, _LOGISTICS):
        tax = _vat_of(node, "appliedtradetax")
        value = amount(node.find("AppliedAmount"), "net_amount", currency) or Fraction(0)
        record = rows.charge(value, node.get("Description"), None, currency, sign)
        yield Entry(node.line, {**record, "vat_percent": _percent(tax)}, _category(tax))


def reason(doc: Document, wanted: str) -> str | None:
    """Return the exemption reason that the document states for a VAT category."""
    found = (node for node in doc.all(_SETTLEMENT, "ApplicableTradeTax") if node.get("CategoryCode") == wanted)
    return next((text for node in found if (text := node.get("ExemptionReason"))), None)


def _day(node: Node | None) -> str | None:
    """Return a date as 2024-01-31; UN/CEFACT writes it 20240131 (format 102). Any other text is returned as is."""
    text = next((text for name in _DATES if node and (text := node.get(name))), None)
    match = _COMPACT.fullmatch(text) if text else None
    return f"{match[1]}-{match[2]}-{match[3]}" if match else date(text)


def _vat_of(node: Node, key: str) -> Node | None:
    """Return the tax of a line, allowance or charge that is VAT; a line of Factur-X may name other taxes too."""
    found = [child for child in node.children if child.key == key]
    return next((tax for tax in found if (tax.get("TypeCode") or "VAT").upper() == "VAT"), None)


def _percent(tax: Node | None) -> str | None:
    return text_of(amount(tax.find("RateApplicablePercent"), "vat_percent")) if tax else None


def _category(tax: Node | None) -> str | None:
    found = tax.get("CategoryCode") if tax else None
    return found if found in CATEGORIES else None


def _less(node: Node, currency: str) -> Fraction:
    """Return the amount of an allowance; the amount of a charge is negative."""
    value = amount(node.find("ActualAmount"), "discount_percent", currency) or Fraction(0)
    is_charge = (node.get("ChargeIndicator/Indicator", "ChargeIndicator") or "").lower() in {"true", "1"}
    return -value if is_charge else value
