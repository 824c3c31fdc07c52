"""vCard: persons with their organisation, as segcli/importing/readers/vcard.py lays them out."""

from segcli.importing.layouts.parts.layout import Layout, Part, either, filled, first, joined, lowered, reference
from segcli.importing.layouts.parts.people import contact

_P = "vcard"
_PERSON = "givenname additionalnames familyname"
_ACCOUNT = reference(_P, either(first("org uid"), lowered("email"), first("fn"), joined(_PERSON)))
LAYOUTS = {
    "contacts": Layout(
        "vCard contacts",
        (
            Part(
                "account",
                {
                    "references": _ACCOUNT,
                    "name": either(first("org fn"), joined(_PERSON), first("email")),
                    "address": "adrstreet",
                    "city": "adrcity",
                    "state": "adrregion",
                    "postcode": "adrpostcode",
                    "country": "adrcountry",
                    "fax": "telfax",
                    "website": "url",
                },
                once=_ACCOUNT,
                only_fills=True,
            ),
            contact(
                _ACCOUNT,
                {
                    "external_id": reference(_P, "uid"),
                    "name": either(first("fn"), joined(_PERSON)),
                    "first_name": "givenname",
                    "middle_name": "additionalnames",
                    "last_name": "familyname",
                    "job_title": "title",
                    "email": "email",
                    "phone": "tel",
                    "mobile": "telmobile",
                    "notes": "note",
                },
                lambda row: filled(f"{_PERSON} email")(row) or row["fn"] not in {"", row["org"]},
            ),
        ),
    ),
}
