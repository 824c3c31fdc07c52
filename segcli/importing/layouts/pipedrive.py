"""Pipedrive: organizations and people. A person names the organization by name."""

from segcli.importing.layouts.parts.layout import Layout, Part, filled, prefixed, reference, several
from segcli.importing.layouts.parts.people import consent, contact, excluded, identified, named

_P = "pipedrive"
_PERSON_ID = prefixed("person", "personid")
_ACCOUNT = identified(_P, "personorganization", _PERSON_ID, persons="personname")
_MAIL = "personemailwork personemail personemailhome personemailother"
_MARKETING = "personmarketingstatus"
LAYOUTS = {
    "organizations": Layout(
        "Pipedrive organizations",
        (
            Part(
                "account",
                {
                    "references": several(
                        reference(_P, prefixed("organization", "organizationid")), reference(_P, "organizationname")
                    ),
                    "name": "organizationname",
                    "address": "organizationaddress",
                    "city": "organizationcitytownvillagelocalityofaddress",
                    "state": "organizationstatecountyofaddress",
                    "postcode": "organizationzippostalcodeofaddress",
                    "country": "organizationcountryofaddress",
                    "website": "organizationwebsite",
                    "sector": "organizationindustry",
                    "manager": "organizationowner",
                },
            ),
        ),
        ignores_like=r"organization\w*(deals|activit\w+|date|created|updatetime|people|latitude|longitude)|organization\w+ofaddress",
    ),
    "people": Layout(
        "Pipedrive people",
        (
            Part(
                "account",
                {"references": _ACCOUNT, "name": named("personorganization", "personname", _MAIL)},
                once=_ACCOUNT,
                only_fills=True,
            ),
            contact(
                _ACCOUNT,
                {
                    "external_id": reference(_P, _PERSON_ID),
                    "name": "personname",
                    "first_name": "personfirstname",
                    "last_name": "personlastname",
                    "job_title": "personjobtitle",
                    "email": _MAIL,
                    "phone": "personphonework personphone personphonehome personphoneother",
                    "mobile": "personphonemobile",
                    "is_mailing_excluded": excluded(_MARKETING),
                    "consent_basis": consent(_MARKETING),
                    "consent_source": consent(_MARKETING, "Pipedrive"),
                },
                filled("personname"),
            ),
        ),
        ignores_like=r"person\w*(deals|activit\w+|date|created|updatetime)",
    ),
}
