"""Salesforce: accounts and contacts. A contact names its account by id."""

from segcli.importing.layouts.parts.layout import Layout, Part, reference, several, words
from segcli.importing.layouts.parts.people import contact

_P = "salesforce"
_TYPES = {
    "customer - direct": "C", "customer - channel": "C", "customer": "C", "prospect": "P", "channel partner / reseller": "A",
    "installation partner": "A", "technology partner": "A", "other": "A",
}  # fmt: skip
LAYOUTS = (
    Layout(
        "Salesforce accounts",
        "id name billingstreet billingcity",
        (
            Part(
                "account",
                {
                    "account": "accountnumber",
                    "references": several(reference(_P, "id"), reference(_P, "name")),
                    "name": "name",
                    "status": words("type", _TYPES),
                    "sector": "industry",
                    "address": "billingstreet",
                    "city": "billingcity",
                    "state": "billingstate",
                    "postcode": "billingpostalcode",
                    "country": "billingcountry",
                    "phone": "phone",
                    "fax": "fax",
                    "website": "website",
                    "remarks": "description",
                },
            ),
        ),
        lacks="accountid lastname",
        ignores="ownerid createddate lastmodifieddate systemmodstamp isdeleted masterrecordid createdbyid lastmodifiedbyid",
    ),
    Layout(
        "Salesforce contacts",
        "id accountid lastname",
        (
            contact(
                reference(_P, "accountid"),
                {
                    "external_id": reference(_P, "id"),
                    "job_title": "title",
                    "email": "email",
                    "phone": "phone",
                    "mobile": "mobilephone",
                    "is_mailing_excluded": words("hasoptedoutofemail", {"true": "1", "1": "1", "false": "0", "0": "0"}),
                },
            ),
        ),
        ignores="ownerid createddate lastmodifieddate systemmodstamp isdeleted salutation createdbyid lastmodifiedbyid name",
    ),
)
