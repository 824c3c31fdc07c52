"""HubSpot: contacts and companies. A contact names its company by name."""

from segcli.importing.layouts.parts.layout import (
    Layout,
    Part,
    Row,
    Value,
    either,
    first,
    prefixed,
    reference,
    several,
)
from segcli.importing.layouts.parts.people import contact, excluded, identified, named, opted_out, strictest

_P = "hubspot"
_LABELS = "associatedcompanyprimary associatedcompany primaryassociatedcompany companyname"


def _company(row: Row) -> str:
    """Return the company of a contact, the first of several."""
    return first(_LABELS).make(row).split(";")[0].strip()


_COMPANY = Value(tuple(_LABELS.split()), _company)
_CONTACT_ID = prefixed("contact", "recordid recordidcontact")
_ACCOUNT = identified(_P, _COMPANY, _CONTACT_ID)
LAYOUTS = {
    "contacts": Layout(
        "HubSpot contacts",
        (
            Part(
                "account",
                {
                    "references": _ACCOUNT,
                    "name": either(_COMPANY, named("", "firstname lastname", "email recordid recordidcontact")),
                },
                once=_ACCOUNT,
                only_fills=True,
            ),
            contact(
                _ACCOUNT,
                {
                    "external_id": reference(_P, _CONTACT_ID),
                    "email": "email",
                    "phone": "phonenumber",
                    "mobile": "mobilephonenumber",
                    "job_title": "jobtitle",
                    "is_mailing_excluded": strictest(
                        opted_out("unsubscribedfromallemail optedoutofallemail"), excluded("marketingcontactstatus")
                    ),
                },
                lambda row: any(map(row.__getitem__, ("firstname", "lastname", "email"))),
            ),
        ),
        ignores="lastactivitydate leadstatus createdate createdateutc lifecyclestage lastmodifieddate associatedcompanyids",
    ),
    "companies": Layout(
        "HubSpot companies",
        (
            Part(
                "account",
                {
                    "references": several(
                        reference(_P, prefixed("company", "recordid recordidcompany")), reference(_P, "companyname")
                    ),
                    "name": "companyname companydomainname recordid recordidcompany",
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
        ignores="lastactivitydate createdate createdateutc lifecyclestage lastmodifieddate",
    ),
}
