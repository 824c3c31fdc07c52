"""Dolibarr: third parties and customer invoices."""

from segcli.importing.layouts.parts.layout import Layout, Part, first, reference, several, words

_P = "dolibarr"
_STATUSES = {"0": "draft", "1": "processed", "2": "processed", "3": "draft"}
_COMPANY = several(reference(_P, "companyid"), reference(_P, "companyname"))
LAYOUTS = (
    Layout(
        "Dolibarr third parties",
        "name customercode vendorcode",
        (
            Part(
                "account",
                {
                    "account": "customercode vendorcode",
                    "references": several(reference(_P, "id companyid"), reference(_P, "name")),
                    "name": "name",
                    "search_code": "aliasname nameextension",
                    "address": "address",
                    "postcode": "zipcode zip",
                    "city": "town",
                    "state": "state",
                    "country": "countrycode country",
                    "phone": "phone",
                    "fax": "fax",
                    "email": "email",
                    "website": "web url",
                    "vat_number": "vatid vatnumber tvaintra",
                    "chamber_of_commerce": "profid1",
                    "remarks": "notepublic",
                },
            ),
        ),
    ),
    Layout(
        "Dolibarr invoices",
        "ref invoicedate totalexcltax totalincltax companyname",
        (
            Part(
                "account",
                {
                    "account": "customercode",
                    "references": several(reference(_P, "companyid"), reference(_P, "companyname")),
                    "name": "companyname",
                },
                once=first("companyid companyname"),
            ),
            Part(
                "invoice",
                {
                    "account": reference(_P, "companyid companyname"),
                    "invoice_number": "ref",
                    "invoice_date": "invoicedate",
                    "due_date": "datedue",
                    "net_amount": "totalexcltax",
                    "vat_amount": "totaltax",
                    "total_amount": "totalincltax",
                    "your_reference": "customerref",
                    "status": words("status", _STATUSES, "processed"),
                },
                once=first("ref"),
                by_reference=True,
            ),
        ),
        ignores="invoiceid type",
    ),
)
