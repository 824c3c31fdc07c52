"""Mailchimp: the members of an audience: subscribed, unsubscribed and cleaned ones."""

from segcli.importing.layouts.parts.layout import Layout, Part, Value, day, filled, lowered, made, reference
from segcli.importing.layouts.parts.people import contact, named

_P = "mailchimp"
_MEMBER = reference(_P, lowered("emailaddress"))
_day = day("confirmtime optintime").make
_IS_GONE = filled("unsubtime cleantime")
LAYOUTS = (
    Layout(
        "Mailchimp audience",
        "emailaddress optintime",
        (
            Part(
                "account",
                {
                    "references": _MEMBER,
                    "name": named("company companyname", other="emailaddress"),
                    "email": "emailaddress",
                    "phone": "phonenumber",
                    "address": "address",
                    "country": "cc",
                },
            ),
            contact(
                _MEMBER,
                {
                    "email": "emailaddress",
                    "phone": "phonenumber",
                    "notes": "notes",
                    "is_mailing_excluded": Value(
                        ("emailaddress", "unsubtime", "cleantime"), lambda row: "1" if _IS_GONE(row) else "0"
                    ),
                    "consent_basis": made(
                        "confirmtime optintime", lambda row: "" if _IS_GONE(row) or not _day(row) else "consent"
                    ),
                    "consent_source": made(
                        "confirmtime optintime", lambda row: "" if _IS_GONE(row) or not _day(row) else "Mailchimp"
                    ),
                    "consent_date": made("confirmtime optintime", lambda row: "" if _IS_GONE(row) else _day(row)),
                },
            ),
        ),
        ignores="memberrating optinip confirmip latitude longitude gmtoff dstoff timezone region lastchanged leid euid unsubcampaigntitle "
        "unsubcampaignid unsubreason unsubreasonother cleancampaigntitle cleancampaignid cleantime unsubtime",
    ),
)
