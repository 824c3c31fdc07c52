"""Xero: contacts, and sales invoices (as exported, and as its import template has them). A contact's name is unique in Xero."""

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

from segcli.importing.layouts.parts.layout import (
    Fields,
    Layout,
    Part,
    Row,
    Skip,
    Value,
    amount,
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
_HUNDRED, _CENT = Decimal(100), Decimal("0.01")
_PERSONS = (1, 2, 3, 4, 5)


class _Sums(NamedTuple):
    """The lines of an invoice together; `is_inside` if their amounts include tax."""

    net: Decimal
    tax: Decimal
    is_inside: bool
    is_known: bool = True  # all numbers can be read


def _sums(rows: Iterable[Row]) -> dict[str, _Sums]:
    found: dict[str, _Sums] = {}
    for row in rows:
        known, line = found.get(row["invoicenumber"], _Sums(Decimal(0), Decimal(0), is_inside=False)), _amount(row)
        tax = amount(row["taxamount"])
        gross, taxes = known.net + (line or 0), known.tax + tax
        total = number(row["total"])
        is_inside = bool(taxes) and total is not None and abs(total) == abs(gross) != abs(gross + taxes)
        found[row["invoicenumber"]] = _Sums(gross, taxes, is_inside, known.is_known and line is not None)
    return found


def _amount(row: Row) -> Decimal | None:
    """Return the amount of a line as the file has it, with or without tax; None if it cannot be read."""
    if row["lineamount"]:
        return number(row["lineamount"])
    quantity, price = number(row["quantity"] or "1"), number(row["unitamount"] or "0")
    discount = number(row["discount"].removesuffix("%") or "0")
    if quantity is None or price is None or discount is None:
        return None
    return (quantity * price * (1 - discount / _HUNDRED)).quantize(_CENT)


def _sign(row: Row, of: Decimal) -> int:
    """Return -1 for a credit note that is written without a sign."""
    return -1 if "credit" in row["type"].lower() and of > 0 else 1


def _sign_of_lines(row: Row) -> int:
    return _sign(row, row.scanned[row["invoicenumber"]].net)


def _line_net(row: Row) -> str:
    net, sums = _amount(row), row.scanned[row["invoicenumber"]]
    if net is None:
        return ""
    return f"{(net - amount(row['taxamount']) if sums.is_inside else net) * _sign_of_lines(row):f}"


def _line_tax(row: Row) -> str:
    tax = number(row["taxamount"])
    return row["taxamount"] if tax is None else f"{tax * _sign_of_lines(row):f}"


def _quantity(row: Row) -> str:
    quantity = number(row["quantity"] or "1")
    return row["quantity"] if quantity is None else f"{quantity * _sign_of_lines(row):f}"


def _net_total(row: Row) -> str:
    """Return the net amount of the invoice, if its total is known as well; else the lines decide."""
    sums = row.scanned[row["invoicenumber"]]
    if number(row["total"]) is None or not sums.is_known:
        return ""
    return f"{(sums.net - sums.tax if sums.is_inside else sums.net) * _sign_of_lines(row):f}"


def _total(row: Row) -> str:
    return _signed(row, "total") if _net_total(row) else ""


def _signed(row: Row, heading: str) -> str:
    """Return an amount of the invoice; that of a credit note is negative."""
    found, total = number(row[heading]), amount(row["total"])
    return row[heading] if found is None else f"{found * _sign(row, total):f}"


_INVOICE: Fields = {
    "account": _CONTACT,
    "invoice_number": "invoicenumber",
    "invoice_date": "invoicedate",
    "due_date": "duedate",
    "currency": "currency",
}
_ONCE = first("invoicenumber")


def _person(at: int) -> Part:
    """Return the part of one of the other persons of a contact."""
    names = f"person{at}firstname person{at}lastname"
    return Part(
        "contact",
        {
            "account": _CONTACT,
            "first_name": f"person{at}firstname",
            "last_name": f"person{at}lastname",
            "email": f"person{at}email",
        },
        when=filled(names),
        by_reference=True,
        needs=names,
    )


LAYOUTS = {
    "contacts": Layout(
        "Xero contacts",
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
            *map(_person, _PERSONS),
        ),
        ignores="legalname accountsreceivabletaxcodename accountspayabletaxcodename salesaccount purchasesaccount "
        "defaultsalesaccount defaultpurchasesaccount duedatebillday duedatebillterm duedatesalesday duedatesalesterm skypename "
        "salesinvoicesduedatebillingterm salesinvoicesduedatebillingday billsduedatebillingterm billsduedatebillingday",
    ),
    "invoices": Layout(
        "Xero invoices",
        (
            Part(
                "account",
                {"references": _CONTACT, "name": "contactname", "email": "emailaddress"},
                once=first("contactname"),
                only_fills=True,
            ),
            Part(
                "invoice",
                {
                    **_INVOICE,
                    "net_amount": Value(("total",), _net_total),
                    "total_amount": Value(("total",), _total),
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
                    "quantity": made("quantity unitamount", _quantity),
                    "unit_price": made(
                        "unitamount",
                        lambda row: "" if row.scanned[row["invoicenumber"]].is_inside else row["unitamount"],
                    ),
                    "net_amount": made("quantity unitamount lineamount discount", _line_net),
                    "discount_percent": made("discount", lambda row: row["discount"].removesuffix("%")),
                    "vat_amount": made("taxamount", _line_tax),
                },
            ),
            Part(
                "outstanding_item",
                {
                    **_INVOICE,
                    "amount": made("total", lambda row: _signed(row, "total")),
                    "open": made("invoiceamountdue", lambda row: _signed(row, "invoiceamountdue")),
                },
                when=filled("invoiceamountdue"),
                once=_ONCE,
                by_reference=True,
                needs="invoiceamountdue",
            ),
        ),
        ignores="accountcode taxtype invoiceamountpaid taxtotal type sent planneddate brandingtheme status poaddressline1 poaddressline2 "
        "poaddressline3 poaddressline4 pocity poregion popostalcode pocountry",
        scan=_sums,
        skips=(
            Skip(lambda row: row["type"].lower().startswith(("bill", "accpay", "purchase")), "bills of suppliers"),
            Skip(lambda row: row["status"].lower() in {"voided", "deleted"}, "voided invoices"),
            Skip(lambda row: _STATUSES.get(row["status"].lower()) == "draft", "drafts"),
        ),
    ),
}
