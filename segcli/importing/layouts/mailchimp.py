"""Mailchimp: the members of an audience: subscribed, unsubscribed and cleaned ones, which are three files of an export.

Whoever unsubscribed, or was removed because mail bounced, is excluded from mailings; a file of subscribers never lifts an
exclusion, so that the order of the files does not matter.
"""

from segcli.importing.layouts.parts.layout import Layout, Part, Row, Value, day, filled, lowered, made, reference
from segcli.importing.layouts.parts.people import contact, named

_P = "mailchimp"
_MEMBER = reference(_P, lowered("emailaddress"))
_GONE = "unsubtime cleantime unsubreason unsubcampaignid cleancampaignid"
_OPTED_IN = "confirmtime optintime"
_day = day(_OPTED_IN).make
_IS_GONE = filled(_GONE)


def _agreed(row: Row) -> str:
    """Return the day on which a member opted in; '' for one who is gone."""
    return "" if _IS_GONE(row) else _day(row)


LAYOUTS = {
    "audience": Layout(
        "Mailchimp audience",
        (
            Part(
                "account",
                {
                    "references": _MEMBER,
                    "name": named("company companyname", other="name emailaddress"),
                    "email": "emailaddress",
                    "phone": "phonenumber phone",
                    "address": "address",
                    "country": "cc",
                },
                only_fills=True,
            ),
            contact(
                _MEMBER,
                {
                    "email": "emailaddress",
                    "phone": "phonenumber phone",
                    "notes": "notes",
                    "is_mailing_excluded": Value(
                        ("emailaddress", *_GONE.split()), lambda row: "1" if _IS_GONE(row) else ""
                    ),
                    "consent_basis": made(_OPTED_IN, lambda row: "consent" if _agreed(row) else ""),
                    "consent_source": made(_OPTED_IN, lambda row: "Mailchimp" if _agreed(row) else ""),
                    "consent_date": made(_OPTED_IN, _agreed),
                },
            ),
        ),
        ignores="memberrating optinip confirmip latitude longitude gmtoff dstoff timezone region lastchanged leid euid emailtype "
        "unsubcampaigntitle unsubreasonother cleancampaigntitle",
    ),
}
