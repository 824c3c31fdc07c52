"""Mapping of a UBL invoice or credit note to the fields of a head and its lines.

`Document` collects the elements of the root, except lines. `head`, `line` and `charges` convert elements to records.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from segcli.importing.readers.parts import invoice_rows as rows
from segcli.importing.readers.parts.invoice_rows import CATEGORIES, Entry, Figures, Record, signed_money
from segcli.importing.readers.parts.invoice_values import amount, text_of
from segcli.importing.readers.parts.values import UnreadableError, date
from segcli.importing.readers.parts.xml import Node

EXTENSIONS = "UBLExtensions"  # read as one record and ignored: its descendants may have the names of other elements
# Child elements of the root that the head is built from.
PARTS = (
    EXTENSIONS, "CustomizationID", "ID", "IssueDate", "DueDate", "InvoiceTypeCode", "CreditNoteTypeCode", "Note",
    "DocumentCurrencyCode", "BuyerReference", "OrderReference", "BillingReference", "AccountingSupplierParty",
    "AccountingCustomerParty", "Delivery", "PaymentMeans", "PaymentTerms", "AllowanceCharge", "TaxTotal",
    "LegalMonetaryTotal",
)  # fmt: skip
_COLUMNS = {"TaxExclusiveAmount": "net_amount", "TaxInclusiveAmount": "total_amount"}
_TOTALS = ("TaxExclusiveAmount", "TaxInclusiveAmount", "PayableAmount")


@dataclass(slots=True)
class Document:
    """The child elements of a document's root, except lines."""

    root: str = ""  # invoice or creditnote
    number: int = 0  # ordinal of the root element in the file
    line: int = 1
    parts: dict[str, list[Node]] = field(default_factory=dict)

    def take(self, node: Node) -> None:
        """Add a child element of the root."""
        if not self.number:
            self.root, self.number, self.line = node.parent, node.parent_number, node.line
        self.parts.setdefault(node.key, []).append(node)

    def all(self, name: str) -> list[Node]:
        """Return the elements with this name."""
        return self.parts.get(name.lower(), [])

    def get(self, name: str, path: str = "") -> str | None:
        """Return the first non-empty text of the elements with this name, or at a path within them."""
        return next((text for node in self.all(name) if (text := node.get(path))), None)

    @property
    def currency(self) -> str:
        """Return the document's currency: as stated, else that of its totals, else ''."""
        totals = (self.get("LegalMonetaryTotal", f"{name}@currencyID") for name in _TOTALS)
        return (self.get("DocumentCurrencyCode") or next((text for text in totals if text), "")).upper()

    @property
    def sign(self) -> int:
        """Return -1 for a credit note, else 1.

        A credit note is recognised by its root element or, in an Invoice element with a positive total, by its type
        code.
        """
        is_credit = self.root == "creditnote" or rows.is_credit(
            self.get("InvoiceTypeCode"),
            (self.total(name) for name in ("TaxInclusiveAmount", "TaxExclusiveAmount", "PayableAmount")),
        )
        return rows.sign_of(is_credit=is_credit)

    def total(self, name: str) -> Fraction | None:
        """Return one of the document's totals, without the sign of a credit note."""
        node = next((found for total in self.all("LegalMonetaryTotal") if (found := total.find(name))), None)
        return amount(node, _COLUMNS.get(name, name), self.currency)

    def vat(self) -> Fraction | None:
        """Return the VAT in the document's currency; a total in another currency is for the tax office only."""
        stated = [node.find("TaxAmount") for node in self.all("TaxTotal")]
        currency = self.currency
        own = [node for node in stated if node and node.attributes.get("currencyID", currency).upper() == currency]
        found = [value for node in own if (value := amount(node, "vat_amount", currency)) is not None]
        return sum(found, Fraction(0)) if found else None


def head(doc: Document) -> Record:
    """Return the head; the caller adds account and deliver_to."""
    currency, sign = doc.currency, doc.sign
    if not currency:
        raise UnreadableError("currency", None, "this is empty", "an invoice states its DocumentCurrencyCode")
    net, vat, total = doc.total("TaxExclusiveAmount"), doc.vat(), doc.total("TaxInclusiveAmount")
    number = doc.get("OrderReference", "ID")
    originals = [
        text
        for node in doc.all("BillingReference")
        if (text := node.get("InvoiceDocumentReference/ID", "CreditNoteDocumentReference/ID"))
    ]
    return {
        "invoice_number": doc.get("ID"),
        "invoice_date": date(doc.get("IssueDate")),
        "due_date": date(
            doc.get("DueDate") or doc.get("PaymentMeans", "PaymentDueDate") or doc.get("PaymentTerms", "PaymentDueDate")
        ),
        "currency": currency,
        "net_amount": signed_money(net, sign, currency),
        "vat_amount": signed_money(vat, sign, currency),
        "total_amount": signed_money(total, sign, currency),
        "settled_amount": rows.settled(total, doc.total("PayableAmount"), sign, currency),
        # Peppol requires an order ID; NA means that only the supplier's SalesOrderID is known.
        "order_number": doc.get("OrderReference", "SalesOrderID") if number in {None, "NA"} else number,
        "your_reference": doc.get("BuyerReference"),
        "original_number": ", ".join(dict.fromkeys(originals)) or None,
        "description": " ".join(text for node in doc.all("Note") if (text := node.get(""))) or None,
    }


def line(node: Node, currency: str, sign: int, item_path: str) -> Entry:
    """Return a line."""
    figures = Figures(
        quantity=amount(node.find("InvoicedQuantity") or node.find("CreditedQuantity"), "quantity"),
        price=amount(node.find("Price/PriceAmount"), "unit_price", currency),
        base=amount(node.find("Price/BaseQuantity"), "unit_price"),
        less=sum((_less(c, currency) for c in node.children if c.key == "allowancecharge"), Fraction(0)),
        net=amount(node.find("LineExtensionAmount"), "net_amount", currency),
    )
    record, is_explained = rows.line(figures, currency, sign)
    record |= {
        "line_number": node.get("ID"),
        "item": node.get(item_path),
        "description": node.get("Item/Name", "Item/Description"),
        "unit": node.get("InvoicedQuantity@unitCode", "CreditedQuantity@unitCode"),
        "vat_percent": _percent(
            node, "Item/ClassifiedTaxCategory", "TaxTotal/TaxSubtotal/TaxCategory", "TaxTotal/TaxSubtotal"
        ),
    }
    return Entry(node.line, record, category(node), is_explained)


def charges(doc: Document) -> Iterator[Entry]:
    """Yield the allowances and charges of the whole document."""
    for node in doc.all("AllowanceCharge"):
        value = -_less(node, doc.currency)
        reason, code = node.get("AllowanceChargeReason"), node.get("AllowanceChargeReasonCode")
        record = rows.charge(value, reason, code, doc.currency, doc.sign)
        yield Entry(node.line, {**record, "vat_percent": _percent(node, "TaxCategory")}, category(node))


def category(node: Node) -> str | None:
    """Return the VAT category of a line, allowance or charge, if segcli knows it."""
    found = node.get("Item/ClassifiedTaxCategory/ID", "TaxTotal/TaxSubtotal/TaxCategory/ID", "TaxCategory/ID")
    return found if found in CATEGORIES else None


def reason(doc: Document, wanted: str) -> str | None:
    """Return the exemption reason that the document states for a VAT category."""
    for total in doc.all("TaxTotal"):
        for found in total.all("TaxCategory"):
            if found.get("ID") == wanted and (text := found.get("TaxExemptionReason")):
                return text
    return None


def _less(node: Node, currency: str) -> Fraction:
    """Return the amount of an allowance; the amount of a charge is negative."""
    value = amount(node.find("Amount"), "discount_percent", currency) or Fraction(0)
    is_charge = (node.get("ChargeIndicator") or "").lower() in {"true", "1"}
    return -value if is_charge else value


def _percent(node: Node, *paths: str) -> str | None:
    found = (node.find(f"{path}/Percent") for path in paths)
    return text_of(next((value for place in found if (value := amount(place, "vat_percent")) is not None), None))
