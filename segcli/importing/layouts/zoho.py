"""Zoho Books: contacts and invoices."""

from segcli.importing.layouts.parts.layout import Fields, Layout, Part, Skip, filled, first, reference, several, words
from segcli.importing.layouts.parts.people import contact, named

_P = "zoho"
_STATUSES = {
    "draft": "draft",
    "sent": "processed",
    "overdue": "processed",
    "closed": "processed",
    "paid": "processed",
    "open": "processed",
}
_CUSTOMER = reference(_P, "customerid customername")
_HEAD: Fields = {
    "account": _CUSTOMER,
    "invoice_number": "invoicenumber",
    "invoice_date": "invoicedate",
    "due_date": "duedate",
    "currency": "currencycode",
}
_ONCE = first("invoicenumber")
_PERSON = "displayname contactname"
LAYOUTS = (
    Layout(
        "Zoho contacts",
        "displayname emailid billingaddress",
        (
            Part(
                "account",
                {
                    "account": "customernumber contactnumber",
                    "references": several(reference(_P, "contactid"), reference(_P, _PERSON)),
                    "name": named("companyname", _PERSON, "emailid"),
                    "email": "emailid",
                    "phone": "phone mobilephone",
                    "address": "billingaddress billingstreet2",
                    "city": "billingcity",
                    "state": "billingstate",
                    "postcode": "billingcode",
                    "country": "billingcountry",
                    "currency": "currencycode",
                    "website": "website",
                    "remarks": "notes",
                },
            ),
            contact(
                reference(_P, "contactid displayname contactname"),
                {"email": "emailid", "phone": "phone", "mobile": "mobilephone"},
                filled("firstname lastname"),
            ),
        ),
        ignores="salutation contacttype status createdtime lastmodifiedtime",
    ),
    Layout(
        "Zoho invoices",
        "invoiceid invoicenumber customername balance",
        (
            Part(
                "account",
                {
                    "references": several(reference(_P, "customerid"), reference(_P, "customername")),
                    "name": "customername",
                },
                once=first("customerid customername"),
            ),
            Part(
                "invoice",
                {
                    **_HEAD,
                    "net_amount": "subtotal",
                    "total_amount": "total",
                    "status": words("invoicestatus", _STATUSES, "processed"),
                },
                once=_ONCE,
                by_reference=True,
            ),
            Part(
                "outstanding_item",
                {**_HEAD, "amount": "total", "open": "balance"},
                when=lambda row: row["invoicestatus"].lower() != "draft",
                once=_ONCE,
                by_reference=True,
            ),
        ),
        ignores="invoiceid exchangerate lastsyncedtime",
        skips=(Skip(lambda row: row["invoicestatus"].lower() == "void", "void invoices"),),
    ),
)
