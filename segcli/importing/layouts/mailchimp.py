"""Mailchimp: the members of an audience: subscribed, unsubscribed and cleaned ones, which are three files of an export.

Whoever unsubscribed, or was removed because mail bounced, is excluded from mailings; a file of subscribers never lifts an
exclusion, so that the order of the files does not matter. In a list of all members the column of the status says who is
subscribed: any other word there excludes the member, and so does a time of unsubscribing.
"""

from segcli.importing.layouts.parts.layout import Layout, Part, Row, Value, day, lowered, reference
from segcli.importing.layouts.parts.people import contact, named

_P = "mailchimp"
_MEMBER = reference(_P, lowered("emailaddress"))
_GONE = (
    "unsubtime unsubscribetime unsubscribedtime unsubscribedat unsubscribed unsubreason unsubcampaignid cleantime cleanedtime "
    "cleancampaignid"
)
_STATUSES = (
    "status memberstatus emailstatus subscriptionstatus marketingstatus emailmarketingstatus emailsubscriptionstatus"
)
_OPTED_IN = "confirmtime optintime"
_SAYS_NO = frozenset({"", "no", "false", "0"})  # in a column Unsubscribed
_day = day(_OPTED_IN).make
_BASIS = (*_OPTED_IN.split(), *_GONE.split(), *_STATUSES.split())


def _is_gone(row: Row) -> bool:
    """Tell whether a member may not be written to: there is a time or reason of leaving, or a status other than subscribed."""
    return any(row[name].lower() not in _SAYS_NO for name in _GONE.split()) or any(
        row[name].lower() not in {"", "subscribed"} for name in _STATUSES.split()
    )


def _agreed(row: Row) -> str:
    """Return the day on which a member opted in; '' for one who is gone."""
    return "" if _is_gone(row) else _day(row)


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
                        ("emailaddress", *_GONE.split(), *_STATUSES.split()),
                        lambda row: "1" if _is_gone(row) else "",
                    ),
                    "consent_basis": Value(_BASIS, lambda row: "consent" if _agreed(row) else ""),
                    "consent_source": Value(_BASIS, lambda row: "Mailchimp" if _agreed(row) else ""),
                    "consent_date": Value(_BASIS, _agreed),
                },
            ),
        ),
        ignores="memberrating optinip confirmip latitude longitude gmtoff dstoff timezone region lastchanged leid euid emailtype "
        "unsubcampaigntitle unsubreasonother cleancampaigntitle",
    ),
}
