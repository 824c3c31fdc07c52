"""Odoo: contacts (as exported, and as its import template has them), invoices, and journal items.

Headings are field names (an export that can be imported again) or labels in the language of the user: English, Dutch or German.
"""

from collections.abc import Iterable

from segcli.importing.layouts.parts.layout import (
    Fields,
    Layout,
    Part,
    Row,
    Skip,
    Value,
    beside,
    filled,
    first,
    joined,
    made,
    number,
    reference,
    several,
    words,
)  # fmt: skip

_P = "odoo"
_NAME = first("displayname completename name weergavenaam anzeigename")
_OF_PARENT = first(
    "relatedcompany parentid parentidid relatedcompanyexternalid gerelateerdbedrijf verbundenesunternehmen"
)


def _names(rows: Iterable[Row]) -> frozenset[str]:
    return frozenset(map(_NAME.make, rows))


def _parent(row: Row) -> str:
    """Return the company of a contact: the related company, else the part of 'Acme B.V., Zoë Müller' that is another row's name."""
    stated = _OF_PARENT.make(row)
    if stated:
        return stated
    name = _NAME.make(row)
    at = name.rfind(", ")
    while at > 0:
        if name[:at] in row.scanned:
            return name[:at]
        at = name.rfind(", ", 0, at)
    return ""


def _own_name(row: Row) -> str:
    """Return the name of a contact without that of its company."""
    return _NAME.make(row).removeprefix(f"{_parent(row)}, ")


def _reference_of_parent(row: Row) -> str:
    parent = _parent(row)
    return f"{_P}:{parent}" if parent else ""


_ID = reference(_P, "id externalid externeid")
_CONTACTS = (
    Part(
        "account",
        {
            "account": "ref reference referentie referenz",
            "references": several(_ID, reference(_P, _NAME)),
            "name": _NAME,
            "email": "email",
            "phone": "phone mobile telefoon mobiel telefon mobil",
            "address": joined("street street2 straat straat2 strasse strasse2", ", "),
            "city": "city plaats stad stadt ort",
            "state": "state stateid provincie staat bundesland",
            "postcode": "zip postcode plz",
            "country": "country countryid land",
            "website": "website",
            "vat_number": "vat taxid btwnummer btwid ustidnr ustid steuernummer",
            "manager": "userid salesperson verkoper verkaufer vertriebsmitarbeiter",
            "remarks": "notes comment notities notizen",
        },
        when=lambda row: not _parent(row),
    ),
    Part(
        "contact",
        {
            "account": Value((*_OF_PARENT.headings, *_NAME.headings), _reference_of_parent),
            "external_id": _ID,
            "name": Value(_NAME.headings, _own_name),
            "job_title": "function jobposition functie stelle",
            "email": "email",
            "phone": "phone telefoon telefon",
            "mobile": "mobile mobiel mobil",
            "notes": "notes comment notities notizen",
        },
        when=lambda row: bool(_parent(row)),
        by_reference=True,
    ),
)
_STATES = {"posted": "processed", "geboekt": "processed", "gebucht": "processed"}
_DRAFTS = frozenset({"draft", "concept", "entwurf"})
_CANCELLED = frozenset({"cancelled", "canceled", "cancel", "geannuleerd", "abgebrochen"})
_PARTNER = "invoicepartnerdisplayname factuurrelatieweergavenaam partner partnerid relatie"
_NUMBER = first("number nummer")
_STATUS = first("status state")
_CURRENCY = first("currency currencyid valuta")
_IN_CURRENCY = ("untaxedamountincurrencysigned", "totalincurrencysigned")
_NETS, _TOTALS = "untaxedamountsigned taxexcluded untaxedamount totaalexclbtw", "totalsigned totaal total"
_TAXES = "taxsigned tax btw"
_OPEN_AMOUNTS = "amountduesigned openstaandbedrag amountdue"
_TOTAL, _NET = first(_TOTALS), first(_NETS)


def _is_in_currency(row: Row) -> bool:
    """Tell whether the row has the invoice's currency and both amounts in it; signed amounts are in the company's currency."""
    return all(map(row.__getitem__, _IN_CURRENCY)) and bool(_CURRENCY.make(row))


def _amount(row: Row, in_currency: str, others: Value) -> str:
    """Return an amount in the invoice's currency, else in the company's."""
    return row[in_currency] if _is_in_currency(row) else others.make(row) or row[in_currency]


def _is_foreign(row: Row) -> bool:
    """Tell whether the total in the invoice's currency is another one than that in the company's."""
    return bool(row[_IN_CURRENCY[1]] and _TOTAL.make(row)) and number(row[_IN_CURRENCY[1]]) != number(_TOTAL.make(row))


def _vat(row: Row) -> str:
    """Return the tax where the row has no net amount."""
    has_net = bool(_amount(row, _IN_CURRENCY[0], _NET)) or _is_in_currency(row)
    return "" if has_net else first(_TAXES).make(row)


def _open(row: Row) -> str:
    """Return what is to be paid, with the sign of the total; '' if it is in another currency than the total.

    Amount Due is in the invoice's currency and without a sign, Amount Due Signed in the company's with one.
    """
    signed = first("amountduesigned openstaandbedrag").make(row)
    due = number(row["amountdue"])
    if signed or _is_foreign(row) or due is None:
        return signed or ("" if _is_foreign(row) else row["amountdue"])
    return f"{-abs(due) if (number(_TOTAL.make(row)) or 0) < 0 else due:f}"


def _is_draft(row: Row) -> bool:
    return _NUMBER.make(row) in {"", "/"} or _STATUS.make(row).lower() in _DRAFTS


_HEAD: Fields = {
    "account": reference(_P, _PARTNER),
    "invoice_number": _NUMBER,
    "invoice_date": "invoicebilldate invoicedate date factuurdatum",
    "due_date": "duedate invoicedatedue vervaldatum",
}
_INVOICES = (
    Part("account", {"references": reference(_P, _PARTNER), "name": _PARTNER}, once=first(_PARTNER), only_fills=True),
    Part(
        "invoice",
        {
            **_HEAD,
            "currency": made(
                " ".join((*_CURRENCY.headings, *_IN_CURRENCY)),
                lambda row: _CURRENCY.make(row) if _is_in_currency(row) else "",
            ),
            "net_amount": made(f"{_NETS} {_IN_CURRENCY[0]}", lambda row: _amount(row, _IN_CURRENCY[0], _NET)),
            "vat_amount": made(_TAXES, _vat),
            "total_amount": beside(
                made(f"{_TOTALS} {_IN_CURRENCY[1]}", lambda row: _amount(row, _IN_CURRENCY[1], _TOTAL)),
                "amountdue",
                lambda row: not _open(row),
            ),
            "status": words("status state", _STATES),
        },
        by_reference=True,
    ),
    Part(
        "outstanding_item",
        {**_HEAD, "amount": _TOTALS, "open": made(_OPEN_AMOUNTS, _open)},
        when=lambda row: bool(_open(row)),
        by_reference=True,
        needs=_OPEN_AMOUNTS,
    ),
)
_ENTRY = "journalentry boeking"
_ACCOUNT = first("account rekening grootboekrekening")


def _journal(row: Row) -> str:
    """Return the journal of an entry: INV of INV/2026/00001."""
    return row["journal"] or row["dagboek"] or first(_ENTRY).make(row).split("/")[0]


def _code(row: Row) -> str:
    """Return the number of a ledger account: 400000 of '400000 Product Sales'."""
    return _ACCOUNT.make(row).split(" ")[0]


LAYOUTS = {
    "contacts": Layout(
        "Odoo contacts",
        _CONTACTS,
        ignores="companytype iscompany activities activityids activiteiten aktivitaten lastupdatedon createdon color",
        scan=_names,
        skips=(Skip(lambda row: not _NAME.make(row), "contacts without a name"),),
    ),
    "invoices": Layout(
        "Odoo invoices",
        _INVOICES,
        ignores="activities activiteiten paymentstatus betaalstatus taxsigned",
        skips=(
            Skip(lambda row: _STATUS.make(row).lower() in _CANCELLED, "cancelled invoices"),
            Skip(_is_draft, "drafts"),
            Skip(lambda row: _NUMBER.make(row).startswith(("BILL", "RBILL")), "bills of suppliers"),
        ),
    ),
    "journal_items": Layout(
        "Odoo journal items",
        (
            Part(
                "gl_account",
                {
                    "gl_account": Value(_ACCOUNT.headings, _code),
                    "description": Value(
                        _ACCOUNT.headings, lambda row: _ACCOUNT.make(row).partition(" ")[2] or _ACCOUNT.make(row)
                    ),
                },
                when=lambda row: bool(_ACCOUNT.make(row)),
                once=_ACCOUNT,
            ),
            Part(
                "account",
                {"references": reference(_P, "partner relatie"), "name": "partner relatie"},
                when=filled("partner relatie"),
                once=first("partner relatie"),
                only_fills=True,
                needs="partner relatie",
            ),
            Part(
                "transaction_line",
                {
                    "journal": made(f"journal dagboek {_ENTRY}", _journal),
                    "entry_number": _ENTRY,
                    "entry_date": "date datum",
                    "gl_account": Value(_ACCOUNT.headings, _code),
                    "account": reference(_P, "partner relatie"),
                    "description": "label omschrijving reference referentie",
                    "debit": "debit debet",
                    "credit": "credit",
                    "due_date": "duedate vervaldatum",
                },
                when=filled(_ENTRY),
                by_reference=True,
            ),
        ),
        ignores="balance saldo matching matchingnumber taxes status state",
        skips=(
            Skip(lambda row: _STATUS.make(row).lower() in _DRAFTS, "lines of drafts"),
            Skip(lambda row: _STATUS.make(row).lower() in _CANCELLED, "lines of cancelled entries"),
        ),
    ),
}
