"""QuickBooks Online: customers, and the reports Open Invoices and A/R Ageing Detail.

A customer's display name is unique in QuickBooks. A report may be grouped by customer: a row with the name, the transactions without
a name, and their total. A customer below another one, Acme:Project X, is an account with that name.
"""

from collections.abc import Iterable

from segcli.importing.layouts.parts.layout import (
    Layout,
    Part,
    Row,
    Skip,
    Value,
    beside,
    filled,
    first,
    made,
    number,
    reference,
)
from segcli.importing.readers import Place

_P = "quickbooks"
_NAMES = "name customer customerfullname"
_CUSTOMER = reference(_P, _NAMES)
_IS_TRANSACTION = filled("date")


def _groups(rows: Iterable[Row]) -> dict[Place, str]:
    """Return the customer above each transaction of a report in groups."""
    found: dict[Place, str] = {}
    customer = ""
    for row in rows:
        if _IS_TRANSACTION(row):
            found[row.at] = customer
        elif row[""]:
            customer = row[""]
    return found


def _customer(row: Row) -> str:
    return first(_NAMES).make(row) or row.scanned.get(row.at, "")


def _name(row: Row) -> str:
    """Return the name of the company, but of a customer below another one the name that it has in QuickBooks."""
    own = first(_NAMES).make(row)
    return own if ":" in own else row["companyname"] or own


_ACCOUNT_NAME = Value(("companyname", *_NAMES.split()), _name)
_OF_REPORT = Value((*_NAMES.split(), "date"), _customer)
LAYOUTS = {
    "customers": Layout(
        "QuickBooks customers",
        (
            Part(
                "account",
                {
                    "references": _CUSTOMER,
                    "name": beside(_ACCOUNT_NAME, "openbalance", lambda row: number(row["openbalance"]) != 0),
                    "address": "streetaddress billingaddress",
                    "city": "city",
                    "state": "state",
                    "country": "country",
                    "postcode": "zip",
                    "phone": made(
                        "phone phonenumbers", lambda row: row["phone"] or row["phonenumbers"].removeprefix("Phone:")
                    ),
                    "email": "email",
                },
            ),
            Part(
                "contact",
                {
                    "account": _CUSTOMER,
                    "name": f"fullname {_NAMES}",
                    "email": "email",
                    "phone": made(
                        "phone phonenumbers", lambda row: row["phone"] or row["phonenumbers"].removeprefix("Phone:")
                    ),
                },
                when=lambda row: first(f"fullname {_NAMES}").make(row) != _name(row),
                by_reference=True,
            ),
        ),
        ignores="attachments",
    ),
    "open_invoices": Layout(
        "QuickBooks open invoices",
        (
            Part(
                "account",
                {"references": reference(_P, _OF_REPORT), "name": _OF_REPORT},
                when=_IS_TRANSACTION,
                once=_OF_REPORT,
                only_fills=True,
            ),
            Part(
                "outstanding_item",
                {
                    "account": reference(_P, _OF_REPORT),
                    "invoice_number": "num",
                    "invoice_date": "date",
                    "due_date": "duedate",
                    "currency": "currency",
                    "amount": "amount openbalance",
                    "open": "openbalance",
                    "description": "memodescription",
                },
                when=_IS_TRANSACTION,
                by_reference=True,
            ),
        ),
        ignores="transactiontype term terms pastdue aging",
        scan=_groups,
        skips=(
            Skip(lambda row: not _IS_TRANSACTION(row) and row[""].lower().startswith("total"), "totals of customers"),
            Skip(lambda row: _IS_TRANSACTION(row) and not _customer(row), "rows without a customer"),
        ),
    ),
}
