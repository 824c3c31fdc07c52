"""SnelStart: relations, as its list has them (Relatiecode) and as its import has them (FldRelatiecode)."""

from segcli.importing.layouts.parts.layout import Layout, Part, Row, Value

_KIND = ("relatiesoort", "fldrelatiesoort")


def _kind(row: Row) -> str:
    return (row["relatiesoort"] or row["fldrelatiesoort"]).lower()


def _supplies(row: Row) -> str:
    return "1" if "leverancier" in _kind(row) else "0"


def _buys(row: Row) -> str:
    return "1" if "klant" in _kind(row) or "leverancier" not in _kind(row) else "0"


LAYOUTS = {
    "relations": Layout(
        "SnelStart relations",
        (
            Part(
                "account",
                {
                    "account": "relatiecode fldrelatiecode",
                    "name": "naam fldnaam",
                    "address": "straat adres fldadres",
                    "postcode": "postcode fldpostcode",
                    "city": "plaats fldplaats",
                    "country": "land fldland",
                    "phone": "telefoon telefoonnummer fldtelefoon mobiel mobielnummer fldmobieletelefoon",
                    "fax": "faxnummer fldfax",
                    "email": "email emailadres fldemail",
                    "website": "website fldwebsite",
                    "vat_number": "btwnummer fldbtwnummer",
                    "chamber_of_commerce": "kvknummer nummerkvk fldkvknummer",
                    "is_supplier": Value(_KIND, _supplies),
                    "is_sales": Value(_KIND, _buys),
                    "iban": "iban fldiban",
                },
            ),
        ),
        ignores="krediettermijn fldkrediettermijn bic bankrekeningnummer",
    ),
}
