"""Google Contacts, as CSV: persons with an organisation, up to several addresses and numbers each.

Headings of today (First Name, Organization Name, E-mail 1 - Label) and those of before 2024 (Given Name, Organization 1 - Name,
E-mail 1 - Type).
"""

from segcli.importing.layouts.parts.layout import Layout, Part, Row, Value, either, filled, first, joined, reference
from segcli.importing.layouts.parts.people import contact, named

_P = "google"
_BETWEEN = " ::: "  # several values in one cell
_PHONES = range(1, 5)


def _one(headings: str) -> Value:
    """Return the first value of a cell."""
    found = first(headings)
    return Value(found.headings, lambda row: found.make(row).split(_BETWEEN)[0].strip())


def _is_mobile(row: Row, at: int) -> bool:
    return "mobi" in (row[f"phone{at}label"] or row[f"phone{at}type"]).lower()


def _phone(*, is_mobile: bool) -> Value:
    """Return the first number that is, or is not, a mobile one."""

    def make(row: Row) -> str:
        found = (row[f"phone{at}value"].split(_BETWEEN)[0] for at in _PHONES if _is_mobile(row, at) == is_mobile)
        return next(filter(None, found), "")

    names = (f"phone{at}{what}" for at in _PHONES for what in ("value", "label", "type"))
    return Value(tuple(names), make)


_COMPANY, _PERSON = (
    "organizationname organization1name",
    "firstname middlename lastname givenname additionalname familyname",
)
_ACCOUNT = reference(_P, either(first(_COMPANY), _one("email1value"), joined(_PERSON)))
LAYOUTS = {
    "contacts": Layout(
        "Google Contacts",
        (
            Part(
                "account",
                {
                    "references": _ACCOUNT,
                    "name": either(named(_COMPANY, _PERSON, "name"), _one("email1value")),
                    "address": _one("address1street address1formatted"),
                    "city": _one("address1city"),
                    "state": _one("address1region"),
                    "postcode": _one("address1postalcode"),
                    "country": _one("address1country"),
                    "website": _one("website1value"),
                },
                once=_ACCOUNT,
                only_fills=True,
                when=filled(f"{_COMPANY} {_PERSON} email1value"),
            ),
            contact(
                _ACCOUNT,
                {
                    "first_name": "firstname givenname",
                    "middle_name": "middlename additionalname",
                    "last_name": "lastname familyname",
                    "job_title": "organizationtitle organization1title",
                    "email": _one("email1value"),
                    "phone": _phone(is_mobile=False),
                    "mobile": _phone(is_mobile=True),
                    "notes": "notes",
                },
                filled("firstname lastname givenname familyname email1value"),
            ),
        ),
        ignores="name nameprefix namesuffix nickname fileas photo birthday organizationdepartment organization1department "
        "organization1type address1extendedaddress address1pobox address1formatted",
        ignores_like=r"phonetic\w+|\w*yomi\w*|\w+\d(label|type)",
    ),
}
