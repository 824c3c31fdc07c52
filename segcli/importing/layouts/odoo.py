"""Odoo: contacts (as exported, and as its import template has them), invoices, and journal items."""

from collections.abc import Iterable

from segcli.importing.layouts.parts.layout import (
    Fields,
    Layout,
    Part,
    Row,
    Skip,
    Value,
    either,
    filled,
    first,
    joined,
    made,
    reference,
    several,
    words,
)  # fmt: skip

_P = "odoo"
_NAME = "displayname name"


def _names(rows: Iterable[Row]) -> frozenset[str]:
    return frozenset(row["displayname"] or row["name"] for row in rows)


def _parent(row: Row) -> str:
    """Return the company of a contact: the related company, else the part of 'Acme B.V., Zoë Müller' that is another row's name."""
    stated = row["relatedcompany"] or row["parentid"]
    if stated:
        return stated
    name = row["displayname"]
    at = name.rfind(", ")
    while at > 0:
        if name[:at] in row.scanned:
            return name[:at]
        at = name.rfind(", ", 0, at)
    return ""


def _own_name(row: Row) -> str:
    """Return the name of a contact without that of its company."""
    name = row["displayname"] or row["name"]
    return name.removeprefix(f"{_parent(row)}, ")


_PARENT = "relatedcompany parentid displayname"
_ADDRESS: Fields = {
    "email": "email",
    "phone": "phone mobile",
    "address": joined("street street2", ", "),
    "city": "city",
    "state": "state stateid",
    "postcode": "zip",
    "country": "country countryid",
    "website": "website",
}
_CONTACTS = (
    Part(
        "account",
        {
            "account": "ref reference",
            "references": several(reference(_P, "id externalid"), reference(_P, _NAME)),
            "name": _NAME,
            **_ADDRESS,
            "vat_number": "vat taxid",
            "manager": "userid salesperson",
            "remarks": "notes comment",
        },
        when=lambda row: not _parent(row),
    ),
    Part(
        "contact",
        {
            "account": made(_PARENT, lambda row: f"{_P}:{_parent(row)}"),
            "external_id": reference(_P, "id externalid"),
            "name": Value(("displayname", "name"), _own_name),
            "job_title": "function jobposition",
            "email": "email",
            "phone": "phone",
            "mobile": "mobile",
            "notes": "notes comment",
        },
        when=lambda row: bool(_parent(row)),
        by_reference=True,
    ),
)
_IGNORES = "companytype iscompany activities activityids lastupdatedon createdon color"
_PARTNER = "invoicepartnerdisplayname partner partnerid"
_STATES = {"posted": "processed", "draft": "draft", "cancelled": "draft", "cancel": "draft"}
_HEAD: Fields = {
    "account": reference(_P, _PARTNER),
    "invoice_number": "number",
    "invoice_date": "invoicebilldate invoicedate date",
    "due_date": "duedate invoicedatedue",
    "currency": "currency currencyid",
}
_IS_LEDGER = filled("journalentry")


def _journal(row: Row) -> str:
    """Return the journal of an entry: INV of INV/2026/00001."""
    return row["journal"] or row["journalentry"].split("/")[0]


LAYOUTS = (
    Layout("Odoo contacts", "id displayname", _CONTACTS, lacks="journalentry number", ignores=_IGNORES, scan=_names),
    Layout("Odoo contacts", "name companytype relatedcompany", _CONTACTS, ignores=_IGNORES, scan=_names),
    Layout(
        "Odoo invoices",
        "number invoicepartnerdisplayname totalsigned",
        (
            Part(
                "account",
                {"references": reference(_P, _PARTNER), "name": _PARTNER},
                once=first(_PARTNER),
            ),
            Part(
                "invoice",
                {
                    **_HEAD,
                    "net_amount": "untaxedamountsigned",
                    "total_amount": "totalsigned",
                    "status": words("status", _STATES),
                },
                by_reference=True,
            ),
            Part(
                "outstanding_item",
                {**_HEAD, "amount": "totalsigned", "open": "amountduesigned"},
                when=lambda row: row["status"].lower() in {"posted", ""} and bool(row["amountduesigned"]),
                by_reference=True,
            ),
        ),
        ignores="activities paymentstatus invoicebilldate",
        skips=(
            Skip(lambda row: row["number"] in {"", "/"}, "drafts without a number"),
            Skip(lambda row: row["status"].lower() in {"cancelled", "cancel"}, "cancelled invoices"),
            Skip(lambda row: row["number"].startswith(("BILL", "RBILL")), "bills of suppliers"),
        ),
    ),
    Layout(
        "Odoo journal items",
        "date journalentry account debit credit",
        (
            Part(
                "gl_account",
                {
                    "gl_account": made("account", lambda row: row["account"].split(" ")[0]),
                    "description": made("account", lambda row: row["account"].partition(" ")[2] or row["account"]),
                },
                when=filled("account"),
                once=first("account"),
            ),
            Part(
                "account",
                {"references": reference(_P, "partner"), "name": "partner"},
                when=filled("partner"),
                once=first("partner"),
            ),
            Part(
                "transaction_line",
                {
                    "journal": made("journal journalentry", _journal),
                    "entry_number": "journalentry",
                    "entry_date": "date",
                    "gl_account": made("account", lambda row: row["account"].split(" ")[0]),
                    "account": reference(_P, "partner"),
                    "description": either(first("label"), first("reference")),
                    "debit": "debit",
                    "credit": "credit",
                    "due_date": "duedate",
                },
                when=_IS_LEDGER,
                by_reference=True,
            ),
        ),
        ignores="balance matching matchingnumber taxes",
    ),
)
