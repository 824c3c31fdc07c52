"""Dolibarr: third parties, their contacts, and customer invoices. Headings are those of the export datasets, in English or Dutch."""

from segcli.importing.layouts.parts.layout import Layout, Part, Row, Skip, first, joined, reference, several, words

_P = "dolibarr"
_NAMES = "name companyname thirdpartyname naam bedrijfsnaam naamvanderden"
_IDS = "id companyid thirdpartyid bedrijfsid idthirdparty idderden"
_COMPANY_NAMES, _COMPANY_IDS = "companyname thirdpartyname", "companyid thirdpartyid idthirdparty"
_SALES = {"0": "0", "1": "1", "2": "1", "3": "1"}  # customer: 0 neither, 1 customer, 2 prospect, 3 both
_STATUSES = {"0": "A", "1": "C", "2": "P", "3": "C"}
_OPEN = {"0": "1", "1": "0"}  # a closed third party is blocked


def _invoice_status(row: Row) -> str:
    return first("status invoicestatus").make(row)


LAYOUTS = {
    "parties": Layout(
        "Dolibarr third parties",
        (
            Part(
                "account",
                {
                    "account": "customercode vendorcode suppliercode klantcode leverancierscode leveranciercode",
                    "references": several(reference(_P, _IDS), reference(_P, _NAMES)),
                    "name": _NAMES,
                    "status": words("customer customerprospect prospectcustomer klant", _STATUSES),
                    "is_sales": words("customer customerprospect prospectcustomer klant", _SALES),
                    "is_supplier": words("vendor supplier leverancier", {"0": "0", "1": "1"}),
                    "is_blocked": words("status", _OPEN),
                    "search_code": "aliasname nameextension aliasnameshort",
                    "address": "address adres",
                    "postcode": "zipcode zip postcode",
                    "city": "town city plaats",
                    "state": "state stateprovince statecanton staat",
                    "country": "countrycode country landcode land",
                    "phone": "phone telefoon",
                    "fax": "fax",
                    "email": "email",
                    "website": "web url",
                    "vat_number": "vatid vatnumber tvaintra btwnummer",
                    "chamber_of_commerce": "profid1 professionalid1 kvknummer",
                    "language": "defaultlanguage standaardtaal",
                    "remarks": "notepublic publicnote",
                },
            ),
        ),
        ignores="parentcompany creationdate datecreation lastmodificationdate datelastmodification canvas barcode staff capital",
    ),
    "contacts": Layout(
        "Dolibarr contacts",
        (
            Part(
                "account",
                {
                    "account": "customercode suppliercode vendorcode",
                    "references": several(reference(_P, _COMPANY_IDS), reference(_P, _COMPANY_NAMES)),
                    "name": _COMPANY_NAMES,
                },
                when=lambda row: bool(first(_COMPANY_NAMES).make(row)),
                once=first(f"{_COMPANY_IDS} {_COMPANY_NAMES}"),
                only_fills=True,
            ),
            Part(
                "contact",
                {
                    "account": reference(_P, f"{_COMPANY_IDS} {_COMPANY_NAMES}"),
                    "external_id": reference(f"{_P}-contact", "contactid idcontact"),
                    "first_name": "firstname",
                    "last_name": "lastname",
                    "name": joined("firstname lastname"),
                    "job_title": "postfunction postorfunction",
                    "email": "email",
                    "phone": "phone profphone",
                    "mobile": "mobile",
                },
                by_reference=True,
            ),
        ),
        ignores="civilitycode creationdate datecreation lastmodificationdate datelastmodification status private address zipcode zip "
        "town city state stateprovince region country countrycode fax",
        skips=(Skip(lambda row: not first(_COMPANY_NAMES).make(row), "contacts without a company"),),
    ),
    "invoices": Layout(
        "Dolibarr invoices",
        (
            Part(
                "account",
                {
                    "account": "customercode",
                    "references": several(reference(_P, _COMPANY_IDS), reference(_P, _COMPANY_NAMES)),
                    "name": _COMPANY_NAMES,
                    "vat_number": "vatid vatnumber tvaintra",
                },
                once=first(f"{_COMPANY_IDS} {_COMPANY_NAMES}"),
                only_fills=True,
            ),
            Part(
                "invoice",
                {
                    "account": reference(_P, f"{_COMPANY_IDS} {_COMPANY_NAMES}"),
                    "invoice_number": "ref invoiceref",
                    "invoice_date": "invoicedate dateinvoice",
                    "due_date": "datedue duedate paymentdueon",
                    "net_amount": "totalexcltax totalnet totalnetoftax",
                    "vat_amount": "totaltax totalvat",
                    "total_amount": "totalincltax totalinctax",
                    "your_reference": "customerref refcustomer",
                },
                once=first("ref invoiceref"),
                by_reference=True,
            ),
        ),
        ignores="invoiceid type status invoicestatus invoicecreationdate createdbyid createdbylogin validatedbyid validatedbylogin",
        skips=(
            Skip(lambda row: _invoice_status(row) == "0", "drafts"),
            Skip(lambda row: _invoice_status(row) == "3", "abandoned invoices"),
        ),
    ),
}
