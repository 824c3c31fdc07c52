"""Zoho Books: contacts and invoices. Zoho CRM: accounts and contacts."""

from segcli.importing.layouts.parts.layout import (
    Fields,
    Layout,
    Part,
    Skip,
    either,
    filled,
    first,
    joined,
    reference,
    several,
)  # fmt: skip
from segcli.importing.layouts.parts.people import contact, named, opted_out

_P, _CRM = "zoho", "zohocrm"
_CUSTOMER = reference(_P, "customerid customername")
_HEAD: Fields = {
    "account": _CUSTOMER,
    "invoice_number": "invoicenumber",
    "invoice_date": "invoicedate",
    "due_date": "duedate",
    "currency": "currencycode",
}
_ONCE = first("invoicenumber")
_PERSON = "displayname contactname"
_ACCOUNT = reference(_CRM, "accountname recordid")
_META = (
    "createdtime modifiedtime lastactivitytime createdby createdbyid modifiedby modifiedbyid accountownerid contactownerid "
    "lastmodifiedtime accountnameid accountid"
)
LAYOUTS = {
    "books_contacts": Layout(
        "Zoho Books contacts",
        (
            Part(
                "account",
                {
                    "account": "customernumber contactnumber",
                    "references": several(reference(_P, "contactid"), reference(_P, _PERSON)),
                    "name": named("companyname", _PERSON, "emailid"),
                    "email": "emailid",
                    "phone": "phone billingphone mobilephone",
                    "fax": "billingfax",
                    "address": joined("billingaddress billingstreet2", ", "),
                    "city": "billingcity",
                    "state": "billingstate",
                    "postcode": "billingcode",
                    "country": "billingcountry",
                    "currency": "currencycode",
                    "credit_limit": "creditlimit",
                    "website": "website",
                    "remarks": "notes",
                },
            ),
            contact(
                reference(_P, "contactid displayname contactname"),
                {"email": "emailid", "phone": "phone", "mobile": "mobilephone", "job_title": "designation"},
                filled("firstname lastname"),
            ),
        ),
        ignores="salutation contacttype customersubtype status createdtime lastmodifiedtime lastsyncedtime department skypeidentity",
    ),
    "books_invoices": Layout(
        "Zoho Books invoices",
        (
            Part(
                "account",
                {
                    "references": several(reference(_P, "customerid"), reference(_P, "customername")),
                    "name": "customername",
                },
                once=first("customerid customername"),
                only_fills=True,
            ),
            Part(
                "invoice",
                {**_HEAD, "net_amount": "subtotal", "total_amount": "total", "your_reference": "purchaseorder"},
                once=_ONCE,
                by_reference=True,
            ),
            Part(
                "outstanding_item",
                {**_HEAD, "amount": "total", "open": "balance"},
                once=_ONCE,
                by_reference=True,
            ),
        ),
        ignores="invoiceid invoicestatus exchangerate lastsyncedtime templatename",
        skips=(
            Skip(lambda row: row["invoicestatus"].lower() == "void", "void invoices"),
            Skip(lambda row: row["invoicestatus"].lower() == "draft", "drafts"),
        ),
    ),
    "accounts": Layout(
        "Zoho CRM accounts",
        (
            Part(
                "account",
                {
                    "account": "accountnumber",
                    "references": several(reference(_CRM, "recordid"), reference(_CRM, "accountname")),
                    "name": "accountname",
                    "manager": "accountowner",
                    "phone": "phone",
                    "fax": "fax",
                    "website": "website",
                    "sector": "industry",
                    "address": "billingstreet",
                    "city": "billingcity",
                    "state": "billingstate",
                    "postcode": "billingcode",
                    "country": "billingcountry",
                    "remarks": "description",
                },
            ),
        ),
        ignores=_META,
    ),
    "contacts": Layout(
        "Zoho CRM contacts",
        (
            Part(
                "account",
                {
                    "references": _ACCOUNT,
                    "name": either(first("accountname"), joined("firstname lastname"), first("email")),
                },
                once=_ACCOUNT,
                only_fills=True,
            ),
            contact(
                _ACCOUNT,
                {
                    "external_id": reference(_CRM, "recordid"),
                    "job_title": "title",
                    "email": "email",
                    "phone": "phone",
                    "mobile": "mobile",
                    "is_mailing_excluded": opted_out("emailoptout"),
                },
            ),
        ),
        ignores=f"salutation contactowner fullname contactname {_META}",
    ),
}
