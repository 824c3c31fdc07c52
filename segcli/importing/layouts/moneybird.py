"""Moneybird: contacts, and lists of invoices with the name of a contact and its customer number."""

from segcli.importing.layouts.parts.layout import Fields, Layout, Part, Skip, filled, first, reference
from segcli.importing.layouts.parts.people import named

_PERSON = "voornaam tussenvoegsel achternaam"
_ID = reference("moneybird", "id")
_NUMBER = first("klantnummer")
_HEAD: Fields = {
    "account": _NUMBER,
    "invoice_number": "factuurnummer",
    "invoice_date": "factuurdatum",
    "due_date": "vervaldatum",
    "currency": "valuta",
}
_TOTAL = "totaalinclbtw totaalprijsinclbtw totaalinclusiefbtw totaalprijsinclusiefbtw bedraginclbtw"
_NET = "totaalexclbtw totaalprijsexclbtw totaalexclusiefbtw totaalprijsexclusiefbtw bedragexclbtw"
_OPEN = "openstaand openstaandbedrag"
LAYOUTS = {
    "contacts": Layout(
        "Moneybird contacts",
        (
            Part(
                "account",
                {
                    "account": "klantnummer",
                    "references": _ID,
                    "name": named("bedrijfsnaam", _PERSON, "email klantnummer"),
                    "address": "adres adres1 adresregel1",
                    "postcode": "postcode",
                    "city": "plaats",
                    "country": "land",
                    "email": "email emailadres",
                    "phone": "telefoon telefoonnummer",
                    "vat_number": "btwnummer",
                    "chamber_of_commerce": "kvknummer",
                    "iban": "bankrekening iban sepaiban",
                },
            ),
            Part(
                "contact",
                {
                    "account": _ID,
                    "first_name": "voornaam",
                    "middle_name": "tussenvoegsel",
                    "last_name": "achternaam",
                    "email": "email emailadres",
                    "phone": "telefoon telefoonnummer",
                },
                when=filled("voornaam achternaam"),
                by_reference=True,
            ),
        ),
        ignores="betalingstermijn",
    ),
    "invoices": Layout(
        "Moneybird invoices",
        (
            Part("account", {"account": _NUMBER, "name": "contact"}, once=_NUMBER, only_fills=True),
            Part(
                "invoice",
                {
                    **_HEAD,
                    "net_amount": _NET,
                    "vat_amount": "btw btwbedrag",
                    "total_amount": _TOTAL,
                    "your_reference": "referentie",
                },
                once=first("factuurnummer"),
            ),
            Part(
                "outstanding_item",
                {**_HEAD, "amount": _TOTAL, "open": _OPEN},
                when=filled(_OPEN),
                once=first("factuurnummer"),
                needs=_OPEN,
            ),
        ),
        ignores="status",
        skips=(
            Skip(lambda row: row["status"].lower() in {"concept", "draft"}, "drafts"),
            Skip(lambda row: not _NUMBER.make(row), "invoices without a customer number"),
        ),
    ),
}
