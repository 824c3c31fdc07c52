"""Items and sales invoices in eExact XML."""

from collections.abc import Callable, Mapping

from segcli.importing.readers.parts import exact_codes as codes
from segcli.importing.readers.parts.spool import Spool
from segcli.importing.readers.parts.values import date, number, percent
from segcli.importing.readers.parts.xml import Node

Record = dict[str, str | None]
HEADERS = {
    "item": ("item", "description", "item_group", "unit", "currency", "sales_price", "cost_price", "external_id"),
    "invoice": (
        "invoice_number", "account", "ordered_by", "deliver_to", "name", "invoice_date", "due_date", "status", "currency",
        "journal", "payment_condition", "order_number", "your_reference", "description", "external_id",
    ),
    "invoice_line": (
        "invoice_number", "invoice_id", "line_number", "item", "description", "quantity", "unit", "unit_price",
        "discount_percent", "net_amount", "vat_code", "vat_percent", "vat_amount",
    ),
}  # fmt: skip
# Record element -> the topic that contains it.
TOPICS = {"item": "items", "invoice": "invoices"}


class Sales:
    """Converts item and invoice elements and adds them to the spools of their kinds."""

    def __init__(self, spools: Mapping[str, Spool]) -> None:
        self.spools = spools
        self._takers: dict[str, Callable[[Node], None]] = {"item": self._item, "invoice": self._invoice}

    def take(self, node: Node) -> None:
        """Add one record element."""
        self._takers[node.key](node)

    def _item(self, node: Node) -> None:
        self.spools["item"].take(node.line, lambda: _item(node))

    def _invoice(self, node: Node) -> None:
        head = _invoice(node)
        if not head["account"]:  # every invoice has one; without it, the element is a reference to an invoice
            return
        self.spools["invoice"].add(node.line, head)
        for place, line in enumerate((child for child in node.children if child.key == "invoiceline"), 1):
            self.spools["invoice_line"].take(line.line, lambda line=line, place=place: _line(line, head, place))  # type: ignore[misc]


def _item(node: Node) -> Record:
    return {
        "item": node.get("@code"),
        "description": node.get("Description"),
        "item_group": node.get("ItemCategory@code", "ItemGroup@code"),
        "unit": node.get("Sales/Unit@code", "Sales/Unit@unit"),
        "currency": node.get("Sales/Price/Currency@code"),
        "sales_price": number(node.get("Sales/Price/Value"), "sales_price"),
        "cost_price": number(node.get("Costs/Price/Value"), "cost_price"),
        "external_id": _guid(node.get("@ID")),
    }


def _invoice(node: Node) -> Record:
    """Return the head. Lines refer to it by its number, else by its order number, and by the ordering account."""
    found = codes.invoice_number(node.get("@invoicenumber"))
    order, buyer = node.get("@ordernumber"), node.get("InvoiceTo@code", "OrderedBy@code")
    return {
        "invoice_number": found,
        "account": buyer,
        "ordered_by": node.get("OrderedBy@code"),
        "deliver_to": node.get("DeliverTo@code"),
        "name": node.get("InvoiceTo/Name", "OrderedBy/Name"),
        "invoice_date": date(node.get("InvoiceDate", "OrderDate")),
        "due_date": date(node.get("DueDate")),
        "status": node.get("@status") or (None if found else "open"),
        "currency": node.get("ForeignAmount/Currency@code"),
        "journal": node.get("Journal@code"),
        "payment_condition": node.get("PaymentCondition@code"),
        "order_number": order,
        "your_reference": node.get("YourRef"),
        "description": node.get("Description"),
        "external_id": None if found else f"order {order}",
    }


def _line(node: Node, head: Record, place: int) -> Record:
    """Return a line. Percentages are fractions in Exact; the net amount follows from price and discount."""
    return {
        "invoice_number": head["invoice_number"],
        "invoice_id": head["external_id"],
        "line_number": node.get("@line") or str(place),
        "item": node.get("Item@code"),
        "description": node.get("Description", "Item/Description"),
        "quantity": number(node.get("Quantity"), "quantity") or "1",
        "unit": node.get("Unit@code"),
        "unit_price": number(node.get("UnitPrice/Value", "NetPrice/Value"), "unit_price"),
        "discount_percent": percent(node.get("DiscountPercentage"), "discount_percent"),
        "net_amount": number(node.get("ForeignAmount/Value"), "net_amount"),
        "vat_code": node.get("ForeignAmount/VAT@code", "UnitPrice/VAT@code"),
        "vat_percent": percent(node.get("ForeignAmount/VATPercentage", "UnitPrice/VATPercentage"), "vat_percent"),
        "vat_amount": number(node.get("ForeignAmount/VATAmount"), "vat_amount"),
    }


def _guid(text: str | None) -> str | None:
    return text.strip("{}").lower() if text else None
