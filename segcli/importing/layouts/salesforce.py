"""Salesforce: accounts and contacts, as exported by its API and as reports. A contact names its account by id or by name."""

from segcli.importing.layouts.parts.layout import (
    Layout,
    Part,
    Row,
    Skip,
    Value,
    either,
    first,
    joined,
    reference,
    several,
    words,
)  # fmt: skip
from segcli.importing.layouts.parts.people import contact, opted_out

_P = "salesforce"
_TYPES = {
    "customer - direct": "C", "customer - channel": "C", "customer": "C", "prospect": "P", "channel partner / reseller": "A",
    "installation partner": "A", "technology partner": "A", "other": "A",
}  # fmt: skip
_LONG, _SHORT = 18, 15  # characters of an id; a report has the short form


def _id(headings: str) -> Value:
    """Return an id in its short form."""
    found = first(headings)

    def make(row: Row) -> str:
        text = found.make(row)
        return text[:_SHORT] if len(text) == _LONG else text

    return Value(found.headings, make)


_OWN_ID = reference(_P, _id("id contactid"))
_ACCOUNT = either(reference(_P, either(_id("accountid"), first("accountname"))), _OWN_ID)
_PERSON = joined("firstname lastname")
_META = (
    "ownerid createddate lastmodifieddate systemmodstamp isdeleted masterrecordid createdbyid lastmodifiedbyid lastactivity "
    "lastmodifieddate lastactivitydate lastvieweddate lastreferenceddate photourl"
)
_DELETED = Skip(lambda row: row["isdeleted"].lower() in {"true", "1"}, "deleted records")
LAYOUTS = {
    "accounts": Layout(
        "Salesforce accounts",
        (
            Part(
                "account",
                {
                    "account": "accountnumber",
                    "references": several(reference(_P, _id("id accountid")), reference(_P, "name accountname")),
                    "name": "name accountname",
                    "status": words("type", _TYPES),
                    "sector": "industry",
                    "manager": "accountowner",
                    "address": "billingstreet billingaddressline1",
                    "city": "billingcity",
                    "state": "billingstate billingstateprovince billingstateprovincetextonly",
                    "postcode": "billingpostalcode billingzippostalcode",
                    "country": "billingcountry billingcountrytextonly",
                    "phone": "phone",
                    "fax": "fax",
                    "website": "website",
                    "remarks": "description accountdescription",
                },
            ),
        ),
        ignores=_META,
        skips=(_DELETED,),
    ),
    "contacts": Layout(
        "Salesforce contacts",
        (
            Part(
                "account",
                {"references": _ACCOUNT, "name": either(first("accountname"), _PERSON, first("email"))},
                when=lambda row: bool(row["accountname"]) or not row["accountid"],
                once=_ACCOUNT,
                only_fills=True,
            ),
            contact(
                _ACCOUNT,
                {
                    "external_id": _OWN_ID,
                    "job_title": "title",
                    "email": "email",
                    "phone": "phone",
                    "mobile": "mobilephone mobile",
                    "is_mailing_excluded": opted_out("hasoptedoutofemail emailoptout"),
                },
            ),
        ),
        ignores=f"salutation name accountowner contactowner {_META}",
        skips=(_DELETED,),
    ),
}
