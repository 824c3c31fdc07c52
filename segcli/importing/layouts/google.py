"""Google Contacts, as CSV: persons with an organisation, up to several addresses and numbers each."""

from segcli.importing.layouts.parts.layout import Layout, Part, Value, either, filled, first, joined, reference
from segcli.importing.layouts.parts.people import contact, named

_P = "google"
_BETWEEN = " ::: "  # several values in one cell


def _one(headings: str) -> Value:
    """Return the first value of a cell."""
    found = first(headings)
    return Value(found.headings, lambda row: found.make(row).split(_BETWEEN)[0].strip())


_COMPANY, _PERSON = "organizationname organization1name", "firstname middlename lastname givenname familyname"
_ACCOUNT = reference(_P, either(first(_COMPANY), _one("email1value"), joined(_PERSON)))
LAYOUTS = (
    Layout(
        "Google Contacts",
        "email1value phone1value",
        (
            Part(
                "account",
                {
                    "references": _ACCOUNT,
                    "name": named(
                        _COMPANY,
                        "firstname middlename lastname givenname familyname",
                        "email1value",
                    ),
                    "address": "address1street",
                    "city": "address1city",
                    "postcode": "address1postalcode",
                    "country": "address1country",
                },
                once=_ACCOUNT,
                when=filled("organizationname organization1name firstname lastname givenname familyname email1value"),
            ),
            contact(
                _ACCOUNT,
                {
                    "first_name": "firstname givenname",
                    "middle_name": "middlename additionalname",
                    "last_name": "lastname familyname",
                    "job_title": "organizationtitle organization1title",
                    "email": _one("email1value"),
                    "phone": _one("phone1value"),
                    "notes": "notes",
                },
                filled("firstname lastname givenname familyname email1value"),
            ),
        ),
        ignores="phoneticfirstname phoneticmiddlename phoneticlastname nameprefix namesuffix nickname fileas photo labels email1label "
        "phone1label organizationdepartment birthday groupmembership",
    ),
)
