"""Shopify: customers and orders. An order names its customer by e-mail address."""

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
    constant,
    day,
    either,
    filled,
    first,
    joined,
    lowered,
    made,
    number,
    reference,
    several,
)  # fmt: skip
from segcli.importing.layouts.parts.people import consent, contact, excluded, named

_P = "shopify"
_CUSTOMER = reference(_P, made("customerid id", lambda row: (row["customerid"] or row["id"]).lstrip("'")))
_BUYER = reference(_P, either(lowered("email"), first("billingname shippingname")))
_COMPANY = "defaultaddresscompany company"
_MICRO = Decimal("0.000001")


class _Order(NamedTuple):
    total: Decimal
    taxes: Decimal
    shipping: Decimal
    has_tax_inside: bool  # the prices of the lines include tax

    @property
    def share(self) -> Decimal:
        """Return the part of a line's amount that is net."""
        return (self.total - self.taxes) / self.total if self.has_tax_inside and self.total else Decimal(1)


def _orders(rows: Iterable[Row]) -> dict[str, _Order]:
    found = {}
    for row in rows:
        amounts = [number(row[name] or "0") for name in ("total", "taxes", "shipping", "subtotal")]
        if row["total"] and None not in amounts:
            total, taxes, shipping, subtotal = (amount or Decimal(0) for amount in amounts)
            found[row["name"]] = _Order(total, taxes, shipping, bool(taxes) and subtotal + shipping == total)
    return found


def _line_net(row: Row) -> str:
    """Return the net amount of a line: without the tax that is in its price."""
    order, price, count = (
        row.scanned.get(row["name"]),
        number(row["lineitemprice"]),
        number(row["lineitemquantity"] or "1"),
    )
    if order is None or price is None or count is None:
        return ""
    discount = number(row["lineitemdiscount"] or "0") or Decimal(0)
    return f"{((price * count - discount) * order.share).quantize(_MICRO):f}"


_HEAD: Fields = {"account": _BUYER, "invoice_number": "name", "invoice_date": day("createdat"), "currency": "currency"}
_IS_HEAD = filled("total")
LAYOUTS = (
    Layout(
        "Shopify customers",
        "firstname lastname email acceptsemailmarketing",
        (
            Part(
                "account",
                {
                    "references": several(_CUSTOMER, reference(_P, lowered("email"))),
                    "name": named(_COMPANY, other="email phone customerid"),
                    "email": "email",
                    "phone": "phone defaultaddressphone",
                    "address": joined("defaultaddressaddress1 defaultaddressaddress2 address1 address2", ", "),
                    "city": "defaultaddresscity city",
                    "state": "defaultaddressprovincecode provincecode",
                    "country": "defaultaddresscountrycode countrycode",
                    "postcode": made(
                        "defaultaddresszip zip", lambda row: (row["defaultaddresszip"] or row["zip"]).lstrip("'")
                    ),
                    "remarks": "note",
                },
            ),
            contact(
                _CUSTOMER,
                {
                    "email": "email",
                    "phone": "phone",
                    "is_mailing_excluded": excluded("acceptsemailmarketing"),
                    "consent_basis": consent("acceptsemailmarketing"),
                    "consent_source": made(
                        "acceptsemailmarketing", lambda row: "Shopify" if row["acceptsemailmarketing"] == "yes" else ""
                    ),
                },
            ),
        ),
        lacks="lineitemname",
        ignores="acceptssmsmarketing totalspent totalorders taxexempt defaultaddressphone",
    ),
    Layout(
        "Shopify orders",
        "name email financialstatus lineitemname lineitemprice",
        (
            Part(
                "account",
                {
                    "references": _BUYER,
                    "name": either(first("billingcompany"), first("billingname shippingname"), first("email")),
                    "email": "email",
                    "phone": "billingphone phone",
                    "address": "billingaddress1 billingstreet",
                    "city": "billingcity",
                    "postcode": made("billingzip", lambda row: row["billingzip"].lstrip("'")),
                    "country": "billingcountry",
                },
                when=_IS_HEAD,
                once=_BUYER,
            ),
            Part(
                "item",
                {"item": "lineitemsku lineitemname", "description": "lineitemname"},
                when=filled("lineitemname"),
                once=first("lineitemsku lineitemname"),
            ),
            Part(
                "invoice",
                {**_HEAD, "vat_amount": "taxes", "total_amount": "total", "status": constant("processed")},
                when=_IS_HEAD,
                by_reference=True,
            ),
            Part(
                "invoice_line",
                {
                    "invoice_number": "name",
                    "item": "lineitemsku lineitemname",
                    "description": "lineitemname",
                    "quantity": "lineitemquantity",
                    "net_amount": Value(("lineitemprice", "lineitemquantity", "lineitemdiscount"), _line_net),
                },
                when=filled("lineitemname"),
            ),
            Part(
                "outstanding_item",
                {**_HEAD, "amount": "total", "open": "outstandingbalance"},
                when=filled("outstandingbalance"),
                by_reference=True,
            ),
        ),
        ignores="paidat fulfillmentstatus fulfilledat subtotal shipping shippingmethod lineitemcompareatprice lineitemrequiresshipping "
        "lineitemtaxable lineitemfulfillmentstatus discountcode discountamount id acceptsmarketing billingstreet billingaddress2 "
        "billingprovince paymentmethod source risklevel",
        scan=_orders,
        skips=(Skip(lambda row: row["financialstatus"] == "voided", "voided orders"),),
    ),
)
