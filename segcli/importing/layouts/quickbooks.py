"""QuickBooks Online: customers, and the report Open Invoices. A customer's display name is unique in QuickBooks."""

from segcli.importing.layouts.parts.layout import Layout, Part, Skip, filled, first, reference

_P = "quickbooks"
_NAMES = "name customer customerfullname"
_CUSTOMER = reference(_P, _NAMES)
LAYOUTS = (
    Layout(
        "QuickBooks customers",
        "name companyname streetaddress openbalance",
        (
            Part(
                "account",
                {
                    "references": _CUSTOMER,
                    "name": "companyname name",
                    "address": "streetaddress",
                    "city": "city",
                    "state": "state",
                    "country": "country",
                    "postcode": "zip",
                    "phone": "phone",
                    "email": "email",
                },
            ),
            Part(
                "contact",
                {"account": _CUSTOMER, "name": "name", "email": "email", "phone": "phone"},
                when=lambda row: bool(row["companyname"]) and row["companyname"] != row["name"],
                by_reference=True,
            ),
        ),
        ignores="attachments",
    ),
    Layout(
        "QuickBooks open invoices",
        "date transactiontype num openbalance duedate",
        (
            Part(
                "account",
                {"references": _CUSTOMER, "name": _NAMES},
                once=first(_NAMES),
            ),
            Part(
                "outstanding_item",
                {
                    "account": _CUSTOMER,
                    "invoice_number": "num",
                    "invoice_date": "date",
                    "due_date": "duedate",
                    "amount": "amount",
                    "open": "openbalance",
                    "description": "memodescription",
                },
                by_reference=True,
            ),
        ),
        ignores="transactiontype term terms pastdue aging",
        skips=(Skip(lambda row: not filled(_NAMES)(row), "rows without a customer"),),
    ),
)
