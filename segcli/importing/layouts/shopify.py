"""Shopify: customers and orders. An order names its customer by e-mail address, else by name or phone.

An order becomes a processed invoice of its total. Its lines add up to the net amount of the order exactly: discounts of the order
are spread over them, tax that is in their prices is taken out of them, and shipping and other amounts (duties, tips) are lines of
their own. What was refunded becomes a credit note, named after the order; the file does not say when it was refunded, so it has
the day on which the order was cancelled, else that of the order.
"""

from collections.abc import Iterable, Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal
from typing import NamedTuple

from segcli.base.money import exponent
from segcli.importing.layouts.parts.layout import (
    Fields,
    Layout,
    Part,
    Row,
    Skip,
    Value,
    amount,
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
    unquoted,
)  # fmt: skip
from segcli.importing.layouts.parts.people import consent, contact, excluded, named
from segcli.importing.readers import Place

_P = "shopify"
_ID = reference(_P, unquoted("customerid id"))
_EMAIL = reference(_P, lowered("email"))
_PHONE = reference(_P, unquoted("phone defaultaddressphone"))
_CUSTOMER = either(_ID, _EMAIL, _PHONE)
_BUYER_NAME = first("billingcompany billingname shippingname")
_BUYER = reference(
    _P,
    either(
        lowered("email"), first("billingname shippingname"), first("billingcompany"), unquoted("billingphone phone")
    ),
)
_COMPANY = "defaultaddresscompany company"
_AGREES = "acceptsemailmarketing acceptsmarketing"
_SHIPPING, _OTHER = "shipping", "other"
_OF_ORDER = ("total", "taxes", "shipping", "subtotal", "duties", "currency", "shippingmethod", "financialstatus")
_BUYERS = ("email", "billingname", "shippingname", "billingcompany", "billingphone", "phone")
_HEAD_ROW = filled("total")


class _Line(NamedTuple):
    place: Place
    gross: Decimal  # price times quantity, less the discount of the line
    is_taxed: bool


class _Order:
    """What the rows of an order say together: the net amounts of its lines, by the place of their rows."""

    def __init__(self) -> None:
        self.lines: list[_Line] = []
        self.head: dict[str, str] | None = None  # what the first row says of the order itself
        self.is_known = True  # all numbers can be read
        self._nets: dict[Place | str, Decimal] | None = None

    def add(self, row: Row) -> None:
        """Add a row: a line, and in the first row the order itself."""
        if _HEAD_ROW(row) and self.head is None:
            self.head = {name: row[name] for name in (*_OF_ORDER, *_BUYERS)}
        if row["lineitemname"]:
            price, count = number(row["lineitemprice"]), number(row["lineitemquantity"] or "1")
            self.is_known &= price is not None and count is not None
            gross = (price or Decimal(0)) * (count or Decimal(0)) - amount(row["lineitemdiscount"])
            self.lines.append(_Line(row.at, gross, row["lineitemtaxable"].lower() != "false"))

    def amount(self, heading: str) -> Decimal:
        """Return an amount of the order."""
        return amount(self.head[heading]) if self.head else Decimal(0)

    @property
    def nets(self) -> dict[Place | str, Decimal]:
        """Return the net amounts of the lines, of shipping and of what else is in the total; together the net of the order."""
        if self._nets is None:
            self._nets = self._made()
        return self._nets

    def _made(self) -> dict[Place | str, Decimal]:
        if self.head is None or not self.is_known or number(self.head["total"]) is None:
            return {}
        total, taxes, shipping = map(self.amount, ("total", "taxes", "shipping"))
        subtotal = (
            self.amount("subtotal") if self.head["subtotal"] else sum((line.gross for line in self.lines), Decimal(0))
        )
        cent = Decimal(1).scaleb(-exponent(self.head["currency"].upper() or "EUR"))
        gross = _spread(subtotal, [line.gross for line in self.lines], cent)
        is_inside = bool(taxes) and subtotal + shipping + self.amount("duties") == total
        taxed = [part if line.is_taxed else Decimal(0) for part, line in zip(gross, self.lines, strict=True)] + [
            shipping
        ]
        if not any(taxed):
            taxed = [*gross, shipping]
        inside = _spread(taxes if is_inside else Decimal(0), taxed, cent)
        found: dict[Place | str, Decimal] = {
            line.place: part - tax for line, part, tax in zip(self.lines, gross, inside, strict=False)
        }
        found[_SHIPPING] = shipping - inside[-1]
        found[_OTHER] = total - taxes - sum(found.values(), Decimal(0))
        return found

    def parts(self, row: Row) -> Sequence[str]:
        """Return the lines that a row holds: its own, and in the last row of the order those of shipping and of other amounts."""
        is_last = bool(self.lines) and self.lines[-1].place == row.at
        return ("", *(name for name in (_SHIPPING, _OTHER) if is_last and self.nets.get(name)))


def _spread(total: Decimal, parts: Sequence[Decimal], cent: Decimal) -> list[Decimal]:
    """Divide an amount in proportion to the parts, in whole cents that add up to it exactly (largest remainder)."""
    whole = sum(parts, Decimal(0))
    if not whole:
        return [Decimal(0)] * len(parts)
    exact = [total * part / whole for part in parts]
    found = [share.quantize(cent, ROUND_FLOOR) for share in exact]
    left = int(((total - sum(found, Decimal(0))) / cent).to_integral_value())
    by_rest = sorted(range(len(parts)), key=lambda at: (found[at] - exact[at], at))
    for at in by_rest[:left]:
        found[at] += cent
    return found


def _orders(rows: Iterable[Row]) -> dict[str, _Order]:
    found: dict[str, _Order] = {}
    for row in rows:
        found.setdefault(row["name"], _Order()).add(row)
    return found


def _line_net(row: Row) -> str:
    net = row.scanned[row["name"]].nets.get(row.which or row.at)
    return "" if net is None else f"{net:f}"


def _line_item(row: Row) -> str:
    return "" if row.which else row["lineitemsku"] or row["lineitemname"]


def _line_name(row: Row) -> str:
    if row.which == _SHIPPING:
        return f"Shipping: {_of_order(row, 'shippingmethod')}".removesuffix(": ")
    return "Duties, tips and other amounts" if row.which else row["lineitemname"]


def _of_order(row: Row, heading: str) -> str:
    """Return a cell of the first row of the order."""
    head: dict[str, str] = row.scanned[row["name"]].head or {}
    return head.get(heading, "")


def _refund(row: Row) -> str:
    refunded = number(row["refundedamount"])
    return row["refundedamount"] if refunded is None else f"{-refunded:f}"


def _refund_tax(row: Row) -> str:
    """Return the tax in what was refunded: its part of the tax of the order."""
    total, taxes, refunded = amount(row["total"]), amount(row["taxes"]), amount(row["refundedamount"])
    cent = Decimal(1).scaleb(-exponent(row["currency"].upper() or "EUR"))
    return f"{-(refunded * taxes / total if total else Decimal(0)).quantize(cent, ROUND_HALF_UP):f}"


_HEAD: Fields = {"account": _BUYER, "invoice_number": "name", "invoice_date": day("createdat"), "currency": "currency"}
LAYOUTS = {
    "customers": Layout(
        "Shopify customers",
        (
            Part(
                "account",
                {
                    "references": several(_ID, either(_EMAIL, _PHONE)),
                    "name": named(_COMPANY, other="email phone customerid"),
                    "email": "email",
                    "phone": unquoted("phone defaultaddressphone"),
                    "address": joined("defaultaddressaddress1 defaultaddressaddress2 address1 address2", ", "),
                    "city": "defaultaddresscity city",
                    "state": "defaultaddressprovincecode provincecode province",
                    "country": "defaultaddresscountrycode countrycode country",
                    "postcode": unquoted("defaultaddresszip zip"),
                    "remarks": "note",
                },
            ),
            contact(
                _CUSTOMER,
                {
                    "email": "email",
                    "phone": unquoted("phone"),
                    "is_mailing_excluded": excluded(_AGREES),
                    "consent_basis": consent(_AGREES),
                    "consent_source": consent(_AGREES, "Shopify"),
                },
            ),
        ),
        ignores="acceptssmsmarketing acceptswhatsappmarketing totalspent totalorders taxexempt",
    ),
    "orders": Layout(
        "Shopify orders",
        (
            Part(
                "account",
                {
                    "references": _BUYER,
                    "name": either(_BUYER_NAME, first("email"), unquoted("billingphone phone")),
                    "email": "email",
                    "phone": unquoted("billingphone phone shippingphone"),
                    "address": "billingstreet billingaddress1 shippingstreet shippingaddress1",
                    "city": "billingcity shippingcity",
                    "postcode": unquoted("billingzip shippingzip"),
                    "state": "billingprovince shippingprovince",
                    "country": "billingcountry shippingcountry",
                },
                when=_HEAD_ROW,
                once=_BUYER,
                only_fills=True,
            ),
            Part(
                "item",
                {"item": "lineitemsku lineitemname", "description": "lineitemname"},
                when=filled("lineitemname"),
                once=first("lineitemsku lineitemname"),
            ),
            Part(
                "invoice",
                {
                    **_HEAD,
                    "vat_amount": "taxes",
                    "total_amount": "total",
                    "status": constant("processed"),
                    "description": "notes",
                },
                when=_HEAD_ROW,
                by_reference=True,
            ),
            Part(
                "invoice_line",
                {
                    "invoice_number": "name",
                    "item": made("lineitemsku lineitemname", _line_item),
                    "description": made("lineitemname", _line_name),
                    "quantity": made("lineitemquantity", lambda row: "1" if row.which else row["lineitemquantity"]),
                    "net_amount": Value(("lineitemprice", "lineitemquantity", "lineitemdiscount"), _line_net),
                },
                when=filled("lineitemname"),
                each=lambda row: row.scanned[row["name"]].parts(row),
            ),
            Part(
                "invoice",
                {
                    "account": _BUYER,
                    "invoice_number": made("name refundedamount", lambda row: f"{row['name']}-refund"),
                    "original_number": "name",
                    "invoice_date": either(day("cancelledat"), day("createdat")),
                    "currency": "currency",
                    "vat_amount": made("refundedamount", _refund_tax),
                    "total_amount": made("refundedamount", _refund),
                    "status": constant("processed"),
                    "description": made("name", lambda row: f"Refund of {row['name']}"),
                },
                when=lambda row: _HEAD_ROW(row) and number(row["refundedamount"] or "0") != 0,
                by_reference=True,
                needs="refundedamount",
            ),
            Part(
                "outstanding_item",
                {**_HEAD, "amount": "total", "open": "outstandingbalance"},
                when=lambda row: _HEAD_ROW(row) and bool(row["outstandingbalance"]),
                by_reference=True,
                needs="outstandingbalance",
            ),
        ),
        ignores="paidat financialstatus fulfillmentstatus fulfilledat subtotal shipping shippingmethod lineitemcompareatprice duties "
        "lineitemrequiresshipping lineitemtaxable lineitemfulfillmentstatus discountcode discountamount id acceptsmarketing paymentmethod "
        "paymentreference paymentreferences paymentid paymenttermsname nextpaymentdueat source risklevel cancelledat receiptnumber "
        "deviceid employee",
        ignores_like=r"(billing|shipping)(address[12]|name|street|company|city|zip|province|provincename|country|phone)|tax\d(name|value)",
        scan=_orders,
        skips=(
            Skip(
                lambda row: _of_order(row, "financialstatus").lower() in {"voided", "expired"},
                "voided or expired orders",
            ),
            Skip(lambda row: not any(_of_order(row, name) for name in _BUYERS), "orders without a customer"),
        ),
    ),
}
