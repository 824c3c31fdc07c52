"""Dutch bookkeeping programs: the contacts of Moneybird and the relations of SnelStart."""

from segcli.importing.layouts.parts.layout import Fields, Layout, Part, Row, Value, filled, reference
from segcli.importing.layouts.parts.people import named

_PERSON = "voornaam tussenvoegsel achternaam"
_PLACE: Fields = {
    "postcode": "postcode",
    "city": "plaats",
    "country": "land",
    "email": "email",
    "phone": "telefoon",
    "vat_number": "btwnummer",
    "chamber_of_commerce": "kvknummer",
}


def _supplies(row: Row) -> str:
    return "1" if "leverancier" in row["relatiesoort"].lower() else "0"


def _buys(row: Row) -> str:
    kind = row["relatiesoort"].lower()
    return "1" if "klant" in kind or "leverancier" not in kind else "0"


_MONEYBIRD = reference("moneybird", "id")
LAYOUTS = (
    Layout(
        "Moneybird contacts",
        "id bedrijfsnaam achternaam klantnummer",
        (
            Part(
                "account",
                {
                    "account": "klantnummer",
                    "references": _MONEYBIRD,
                    "name": named("bedrijfsnaam", _PERSON, "email klantnummer"),
                    "address": "adres adres1",
                    **_PLACE,
                    "iban": "bankrekening iban",
                },
            ),
            Part(
                "contact",
                {
                    "account": _MONEYBIRD,
                    "first_name": "voornaam",
                    "middle_name": "tussenvoegsel",
                    "last_name": "achternaam",
                    "email": "email",
                    "phone": "telefoon",
                },
                when=filled("voornaam achternaam"),
                by_reference=True,
            ),
        ),
        ignores="betalingstermijn",
    ),
    Layout(
        "SnelStart relations",
        "relatiecode naam relatiesoort krediettermijn",
        (
            Part(
                "account",
                {
                    "account": "relatiecode",
                    "name": "naam",
                    "address": "straat adres",
                    **_PLACE,
                    "is_supplier": Value(("relatiesoort",), _supplies),
                    "is_sales": Value(("relatiesoort",), _buys),
                    "iban": "iban",
                },
            ),
        ),
        ignores="krediettermijn",
    ),
)
