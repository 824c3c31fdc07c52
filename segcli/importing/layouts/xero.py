"""Xero: contacts, and sales invoices (as exported, and as its import template has them). A contact's name is unique in Xero."""

from collections.abc import Iterable
from decimal import Decimal

from segcli.importing.layouts.parts.layout import (
    Fields,
    Layout,
    Part,
    Row,
    Skip,
    Value,
    filled,
    first,
    joined,
    made,
    number,
    reference,
    words,
)  # fmt: skip

_P = "xero"
_CONTACT = reference(_P, "contactname")
_STATUSES = {
    "draft": "draft", "submitted": "draft", "awaiting approval": "draft", "awaiting payment": "processed", "authorised": "processed",
    "approved": "processed", "paid": "processed", "sent": "processed",
}  # fmt: skip
_HUNDRED = Decimal(100)


def _nets(rows: Iterable[Row]) -> dict[str, Decimal | None]:
    """Return the sum of the lines of each invoice without tax; None if a number cannot be read."""
    found: dict[str, Decimal | None] = {}
    for row in rows:
        known, line = found.get(row["invoicenumber"], Decimal(0)), _net(row)
        found[row["invoicenumber"]] = None if known is None or line is None else known + line
    return found


def _net(row: Row) -> Decimal | None:
    if row["lineamount"]:
        return number(row["lineamount"])
    quantity, price = number(row["quantity"] or "1"), number(row["unitamount"] or "0")
    discount = number(row["discount"].removesuffix("%") or "0")
    if quantity is None or price is None or discount is None:
        return None
    return (quantity * price * (1 - discount / _HUNDRED)).quantize(Decimal("0.01"))


def _net_of_line(row: Row) -> str:
    net = _net(row)
    return "" if net is None else f"{net:f}"


def _net_total(row: Row) -> str:
    """Return the net amount of the invoice, if its total is known as well; else the lines decide."""
    net = row.scanned.get(row["invoicenumber"]) if row["total"] else None
    return "" if net is None else f"{net:f}"


_INVOICE: Fields = {
    "account": _CONTACT,
    "invoice_number": "invoicenumber",
    "invoice_date": "invoicedate",
    "due_date": "duedate",
    "currency": "currency",
}
_ONCE = first("invoicenumber")
LAYOUTS = (
    Layout(
        "Xero contacts",
        "contactname accountnumber emailaddress poaddressline1",
        (
            Part(
                "account",
                {
                    "account": "accountnumber",
                    "references": _CONTACT,
                    "name": "contactname",
                    "email": "emailaddress",
                    "address": joined("poaddressline1 poaddressline2 poaddressline3 poaddressline4", ", "),
                    "city": "pocity",
                    "state": "poregion",
                    "postcode": "popostalcode",
                    "country": "pocountry",
                    "phone": "phonenumber",
                    "fax": "faxnumber",
                    "vat_number": "taxnumber",
                    "chamber_of_commerce": "companynumber",
                    "website": "website",
                },
            ),
            Part(
                "contact",
                {
                    "account": _CONTACT,
                    "first_name": "firstname",
                    "last_name": "lastname",
                    "email": "emailaddress",
                    "phone": "ddinumber",
                    "mobile": "mobilenumber",
                },
                when=filled("firstname lastname"),
                by_reference=True,
            ),
        ),
        lacks="invoicenumber",
        ignores="legalname accountsreceivabletaxcodename accountspayabletaxcodename salesaccount purchasesaccount duedatebillday "
        "duedatebillterm duedatesalesday duedatesalesterm skypename",
    ),
    Layout(
        "Xero invoices",
        "contactname invoicenumber invoicedate unitamount",
        (
            Part(
                "account",
                {"references": _CONTACT, "name": "contactname", "email": "emailaddress"},
                once=first("contactname"),
            ),
            Part(
                "invoice",
                {
                    **_INVOICE,
                    "net_amount": Value(("total",), _net_total),
                    "total_amount": Value(("total",), lambda row: row["total"] if _net_total(row) else ""),
                    "your_reference": "reference",
                    "status": words("status", _STATUSES, "processed"),
                },
                once=_ONCE,
                by_reference=True,
            ),
            Part(
                "item",
                {"item": "inventoryitemcode", "description": "description inventoryitemcode"},
                when=filled("inventoryitemcode"),
                once=first("inventoryitemcode"),
            ),
            Part(
                "invoice_line",
                {
                    "invoice_number": "invoicenumber",
                    "item": "inventoryitemcode",
                    "description": "description",
                    "quantity": made("quantity", lambda row: row["quantity"] or "1"),
                    "unit_price": "unitamount",
                    "net_amount": made(
                        "quantity unitamount lineamount discount",
                        lambda row: "" if _net(row) is None else f"{_net(row):f}",
                    ),
                    "discount_percent": made("discount", lambda row: row["discount"].removesuffix("%")),
                    "vat_amount": "taxamount",
                },
            ),
            Part(
                "outstanding_item",
                {**_INVOICE, "amount": "total", "open": "invoiceamountdue"},
                when=lambda row: bool(row["invoiceamountdue"]) and row["status"].lower() not in {"draft", "submitted"},
                once=_ONCE,
                by_reference=True,
            ),
        ),
        ignores="accountcode taxtype invoiceamountpaid taxtotal type sent planneddate discount poaddressline1 poaddressline2 "
        "poaddressline3 poaddressline4 pocity poregion popostalcode pocountry",
        scan=_nets,
        skips=(
            Skip(lambda row: row["type"].lower() in {"bill", "accpay"}, "bills of suppliers"),
            Skip(lambda row: row["status"].lower() in {"voided", "deleted"}, "voided invoices"),
        ),
    ),
)
