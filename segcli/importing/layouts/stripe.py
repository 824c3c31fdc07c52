"""Stripe: customers and invoices. An invoice names its customer by id."""

from segcli.importing.layouts.parts.layout import (
    Fields,
    Layout,
    Part,
    Row,
    Skip,
    Value,
    day,
    filled,
    first,
    joined,
    number,
    reference,
    words,
)

_P = "stripe"
_STATUSES = {"draft": "draft", "open": "processed", "paid": "processed", "uncollectible": "processed"}


def _net(row: Row) -> str:
    total, tax = number(row["total"]), number(row["tax"] or "0")
    return "" if total is None or tax is None else f"{total - tax:f}"


def _open(row: Row) -> str:
    """Return what is left to pay."""
    due, paid = number(row["amountdue"]), number(row["amountpaid"] or "0")
    return "" if due is None or paid is None else f"{due - paid:f}"


_CUSTOMER = reference(_P, "customer customerid")
_HEAD: Fields = {
    "account": _CUSTOMER,
    "invoice_number": "number",
    "invoice_date": day("dateutc createdutc"),
    "due_date": day("duedateutc"),
    "currency": "currency",
}
LAYOUTS = (
    Layout(
        "Stripe customers",
        "id email name delinquent",
        (
            Part(
                "account",
                {
                    "references": reference(_P, "id"),
                    "name": "name email id",
                    "email": "email",
                    "address": joined("addressline1 addressline2", ", "),
                    "city": "addresscity",
                    "postcode": "addresspostalcode",
                    "country": "addresscountry",
                    "phone": "phone",
                    "remarks": "description",
                    "start_date": day("createdutc"),
                },
            ),
        ),
    ),
    Layout(
        "Stripe invoices",
        "id customer number amountdue total",
        (
            Part(
                "account",
                {"references": _CUSTOMER, "name": "customername customeremail customer", "email": "customeremail"},
                once=first("customer"),
            ),
            Part(
                "invoice",
                {
                    **_HEAD,
                    "net_amount": Value(("total", "tax"), _net),
                    "vat_amount": "tax",
                    "total_amount": "total",
                    "status": words("status", _STATUSES, "processed"),
                    "description": "description",
                },
                by_reference=True,
            ),
            Part(
                "outstanding_item",
                {**_HEAD, "amount": "total", "open": Value(("amountdue", "amountpaid"), _open)},
                when=lambda row: row["status"] != "draft" and filled("amountpaid")(row),
                by_reference=True,
            ),
        ),
        ignores="id billing closed paid subscription subtotal totaldiscountamount appliedcoupons taxpercent amountremaining attempted",
        skips=(
            Skip(lambda row: not row["number"], "drafts without a number"),
            Skip(lambda row: row["status"] == "void", "void invoices"),
        ),
    ),
)
