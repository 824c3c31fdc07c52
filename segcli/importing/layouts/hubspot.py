"""HubSpot: contacts and companies. A contact names its company by name."""

from segcli.importing.layouts.parts.layout import Layout, Part, reference, several
from segcli.importing.layouts.parts.people import contact, excluded, identified, named

_P = "hubspot"
_COMPANY = "associatedcompany associatedcompanyprimary companyname"
_ACCOUNT = identified(_P, _COMPANY, "recordid")
LAYOUTS = (
    Layout(
        "HubSpot contacts",
        "recordid firstname lastname email",
        (
            Part(
                "account",
                {"references": _ACCOUNT, "name": named(_COMPANY, "firstname lastname", "email recordid")},
                once=_ACCOUNT,
            ),
            contact(
                _ACCOUNT,
                {
                    "external_id": reference(_P, "recordid"),
                    "email": "email",
                    "phone": "phonenumber",
                    "mobile": "mobilephonenumber",
                    "job_title": "jobtitle",
                    "is_mailing_excluded": excluded("marketingcontactstatus"),
                },
            ),
        ),
        ignores="lastactivitydate leadstatus createdate createdateutc lifecyclestage",
    ),
    Layout(
        "HubSpot companies",
        "recordid companyname",
        (
            Part(
                "account",
                {
                    "references": several(reference(_P, "recordid"), reference(_P, "companyname")),
                    "name": "companyname companydomainname recordid",
                    "manager": "companyowner",
                    "phone": "phonenumber",
                    "address": "streetaddress",
                    "city": "city",
                    "state": "stateregion",
                    "postcode": "postalcode",
                    "country": "countryregion country",
                    "sector": "industry",
                    "website": "websiteurl companydomainname",
                },
            ),
        ),
        lacks="firstname",
        ignores="lastactivitydate createdate createdateutc lifecyclestage",
    ),
)
