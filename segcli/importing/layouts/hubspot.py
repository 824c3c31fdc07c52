"""HubSpot: contacts and companies. A contact names its company by name."""

from segcli.importing.layouts.parts.layout import (
    Layout,
    Part,
    Row,
    Skip,
    Value,
    either,
    filled,
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


def _other_companies(row: Row) -> list[str]:
    """Return the columns that name another company as well."""
    taken = {"", _company(row)}
    return [name for name in _LABELS.split() if any(text.strip() not in taken for text in row[name].split(";"))]


_COMPANY = Value(tuple(_LABELS.split()), _company, _other_companies, is_cut=True)
_CONTACT_ID = prefixed("contact", "recordid recordidcontact")
_IS_KNOWN = filled(f"firstname lastname email {_LABELS}")
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
                filled("firstname lastname email"),
            ),
        ),
        ignores="lastactivitydate leadstatus createdate createdateutc lifecyclestage lastmodifieddate associatedcompanyids",
        skips=(Skip(lambda row: not _IS_KNOWN(row), "contacts without a name, a company and an e-mail address"),),
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
