"""Moneybird: contacts."""

from segcli.importing.layouts.parts.layout import Layout, Part, filled, reference
from segcli.importing.layouts.parts.people import named

_PERSON = "voornaam tussenvoegsel achternaam"
_ID = reference("moneybird", "id")
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
}
