"""Stripe: customers and invoices. An invoice names its customer by id."""

from segcli.importing.layouts.parts.layout import (
    Fields,
    Layout,
    Part,
    Row,
    Skip,
    Value,
    amount,
    day,
    first,
    joined,
    number,
    reference,
)  # fmt: skip

_P = "stripe"


def _net(row: Row) -> str:
    total, tax = number(row["total"]), number(row["tax"] or "0")
    return "" if total is None or tax is None else f"{total - tax:f}"


def _open(row: Row) -> str:
    """Return what is left to pay."""
    if row["amountremaining"]:
        return row["amountremaining"]
    if row["paid"].lower() == "true" or row["status"].lower() == "paid":
        return "0"
    due = number(row["amountdue"])
    return row["amountdue"] if due is None else f"{due - amount(row['amountpaid']):f}"


_CUSTOMER = reference(_P, "customer customerid")
_HEAD: Fields = {
    "account": _CUSTOMER,
    "invoice_number": "number",
    "invoice_date": day("dateutc createdutc date created"),
    "due_date": day("duedateutc duedate"),
    "currency": "currency",
}
LAYOUTS = {
    "customers": Layout(
        "Stripe customers",
        (
            Part(
                "account",
                {
                    "references": reference(_P, "id customerid"),
                    "name": "name email id customerid",
                    "email": "email",
                    "address": joined("addressline1 addressline2", ", "),
                    "city": "addresscity",
                    "state": "addressstate",
                    "postcode": "addresspostalcode",
                    "country": "addresscountry",
                    "phone": "phone",
                    "remarks": "description",
                    "start_date": day("createdutc created"),
                },
            ),
        ),
        ignores="delinquent plan status totalspend paymentcount averageorder refundedvolume disputelosses accountbalance currency",
        ignores_like=r"card\w+|shipping\w+|tag\w*metadata",
    ),
    "invoices": Layout(
        "Stripe invoices",
        (
            Part(
                "account",
                {"references": _CUSTOMER, "name": "customername customeremail customer", "email": "customeremail"},
                once=first("customer"),
                only_fills=True,
            ),
            Part(
                "invoice",
                {
                    **_HEAD,
                    "net_amount": Value(("total", "tax"), _net),
                    "vat_amount": "tax",
                    "total_amount": "total",
                    "description": "description",
                },
                by_reference=True,
            ),
            Part(
                "outstanding_item",
                {
                    **_HEAD,
                    "amount": "total",
                    "open": Value(("amountdue", "amountpaid", "amountremaining", "paid"), _open),
                },
                by_reference=True,
            ),
        ),
        ignores="id billing closed paid status subscription subtotal totaldiscountamount appliedcoupons taxpercent attempted "
        "attemptcount applicationfee startingbalance endingbalance forgiven periodstartutc periodendutc minimumdueamount livemode "
        "nextpaymentattemptutc autoadvance finalizedatutc paidatutc",
        skips=(
            Skip(lambda row: row["status"].lower() in {"void", "voided", "deleted"}, "void invoices"),
            Skip(lambda row: row["status"].lower() == "draft" or not row["number"], "drafts"),
        ),
    ),
}
