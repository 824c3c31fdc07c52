"""Google Contacts, as CSV: persons with an organisation, up to several addresses and numbers each.

Headings of today (First Name, Organization Name, E-mail 1 - Label) and those of before 2024 (Given Name, Organization 1 - Name,
E-mail 1 - Type). Of several values in a cell the first is read, of several numbers one as the phone and one as the mobile number;
a column of which another value is left counts as not read.
"""

from collections.abc import Iterator

from segcli.importing.layouts.parts.layout import (
    Layout,
    Part,
    Row,
    Skip,
    Value,
    either,
    filled,
    first,
    joined,
    reference,
)
from segcli.importing.layouts.parts.people import contact, named

_P = "google"
_BETWEEN = " ::: "  # several values in one cell
_PHONES = range(1, 5)


def _several(text: str) -> list[str]:
    """Return the values of a cell."""
    return [*dict.fromkeys(filter(None, map(str.strip, text.split(_BETWEEN.strip()))))]


def _one(headings: str) -> Value:
    """Return the first value of a cell."""
    found = first(headings)

    def left(row: Row) -> Iterator[str]:
        yield from found.left(row) if found.left else ()
        yield from (name for name in found.headings if len(_several(row[name])) > 1)

    return Value(found.headings, lambda row: next(iter(_several(found.make(row))), ""), left, is_cut=True)


def _is_mobile(row: Row, at: int) -> bool:
    return "mobi" in (row[f"phone{at}label"] or row[f"phone{at}type"]).lower()


def _numbers(row: Row) -> tuple[str, str]:
    """Return the phone and the mobile number: a second one of a sort takes the place of the other sort, if that is free."""
    of_sort: dict[bool, list[str]] = {False: [], True: []}
    for at in _PHONES:
        of_sort[_is_mobile(row, at)] += _several(row[f"phone{at}value"])
    others, mobiles = of_sort[False], of_sort[True]
    return (
        next(iter(others or mobiles[1:]), ""),
        next(iter(mobiles or others[1:]), ""),
    )


def _left_numbers(row: Row) -> Iterator[str]:
    taken = _numbers(row)
    for at in _PHONES:
        if any(text not in taken for text in _several(row[f"phone{at}value"])):
            yield f"phone{at}value"


def _phone(place: int) -> Value:
    headings = tuple(f"phone{at}{what}" for at in _PHONES for what in ("value", "label", "type"))
    return Value(headings, lambda row: _numbers(row)[place], _left_numbers, is_cut=True)


_COMPANY, _PERSON = (
    "organizationname organization1name",
    "firstname middlename lastname givenname additionalname familyname",
)
_IS_KNOWN = filled(f"{_COMPANY} {_PERSON} email1value")
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
                when=_IS_KNOWN,
            ),
            contact(
                _ACCOUNT,
                {
                    "first_name": "firstname givenname",
                    "middle_name": "middlename additionalname",
                    "last_name": "lastname familyname",
                    "job_title": "organizationtitle organization1title",
                    "email": _one("email1value"),
                    "phone": _phone(0),
                    "mobile": _phone(1),
                    "notes": "notes",
                },
                filled("firstname lastname givenname familyname email1value"),
            ),
        ),
        ignores="name nameprefix namesuffix nickname fileas photo birthday organizationdepartment organization1department "
        "organization1type address1extendedaddress address1pobox address1formatted",
        skips=(Skip(lambda row: not _IS_KNOWN(row), "contacts without a name, an organisation and an e-mail address"),),
        ignores_like=r"phonetic\w+|\w*yomi\w*|\w+\d(label|type)",
    ),
}
