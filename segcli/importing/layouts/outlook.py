"""Outlook contacts, as CSV: persons with a company."""

from segcli.importing.layouts.parts.layout import Layout, Part
from segcli.importing.layouts.parts.people import contact, identified, named

_P = "outlook"
_ACCOUNT = identified(_P, "company", "emailaddress")
LAYOUTS = (
    Layout(
        "Outlook contacts",
        "firstname lastname company emailaddress businessphone",
        (
            Part(
                "account",
                {
                    "references": _ACCOUNT,
                    "name": named("company"),
                    "address": "businessstreet",
                    "city": "businesscity",
                    "state": "businessstate",
                    "postcode": "businesspostalcode",
                    "country": "businesscountry businesscountryregion",
                    "website": "webpage",
                },
                once=_ACCOUNT,
            ),
            contact(
                _ACCOUNT,
                {
                    "job_title": "jobtitle",
                    "email": "emailaddress",
                    "phone": "businessphone",
                    "mobile": "mobilephone",
                    "notes": "notes",
                },
            ),
        ),
        ignores="title suffix emailtype emaildisplayname priority private sensitivity initials gender",
    ),
)
