"""Pipedrive: organizations and people. A person names the organization by name."""

from segcli.importing.layouts.parts.layout import Layout, Part, reference, several
from segcli.importing.layouts.parts.people import contact, identified, named

_P = "pipedrive"
_ACCOUNT = identified(_P, "personorganization", "personid", persons="personname")
LAYOUTS = (
    Layout(
        "Pipedrive organizations",
        "organizationname organizationid",
        (
            Part(
                "account",
                {
                    "references": several(reference(_P, "organizationid"), reference(_P, "organizationname")),
                    "name": "organizationname",
                    "address": "organizationaddress",
                    "manager": "organizationowner",
                },
            ),
        ),
        lacks="personname",
    ),
    Layout(
        "Pipedrive people",
        "personname personid",
        (
            Part(
                "account",
                {
                    "references": _ACCOUNT,
                    "name": named("personorganization", "personname", "personemailwork personemail"),
                },
                once=_ACCOUNT,
            ),
            contact(
                _ACCOUNT,
                {
                    "external_id": reference(_P, "personid"),
                    "name": "personname",
                    "email": "personemailwork personemail personemailhome personemailother",
                    "phone": "personphonework personphone personphonehome",
                    "mobile": "personphonemobile",
                },
                lambda row: bool(row["personname"]),
            ),
        ),
    ),
)
