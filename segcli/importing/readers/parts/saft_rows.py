"""Mapping of SAF-T elements to records, for all countries' variants."""

import re
from decimal import Decimal

from segcli.importing.readers.parts.values import date, like, negated, number
from segcli.importing.readers.parts.xml import Node

Record = dict[str, str | None]
PARTY = (
    "account", "name", "is_sales", "is_supplier", "address", "postcode", "city", "state", "country", "phone", "fax",
    "email", "website", "vat_number", "chamber_of_commerce", "currency", "type",
)  # fmt: skip
LINE = (
    "journal", "financial_year", "period", "entry_number", "line_number", "entry_date", "gl_account", "account",
    "description", "invoice_number", "due_date", "reference", "amount", "currency", "foreign_amount", "vat_code",
    "quantity", "type",
)  # fmt: skip
_OWN_NUMBERS = {"NO": re.compile(r"\d{9}(MVA)?", re.ASCII), "PT": re.compile(r"\d{9}", re.ASCII)}
_NEVER = re.compile(r"(?!)")
_ADDRESSES = ("companyaddress", "address", "billingaddress", "shiptoaddress")
_NOBODY = {"0", "desconhecido"}  # placeholders in some countries for a mandatory element
_UNKNOWN = "desconhecido"
_CONSUMER = "999999990"  # Portugal's tax number of a customer who gave none
OWN = "O"  # the type of a row that is the administration itself
# The terms of the OECD and of Romania, and the letters of other countries; Norway writes GL for all journals.
_TYPES = {
    "asset": "B", "liability": "B", "equity": "B", "activ": "B", "pasiv": "B",
    "sale": "P", "income": "P", "revenue": "P", "expense": "P",
}  # fmt: skip
_JOURNALS = {
    "ar": "sales", "s": "sales", "sales": "sales", "ap": "purchase", "p": "purchase", "purchase": "purchase",
    "purchases": "purchase", "gl": "general", "general": "general", "b": "bank", "bank": "bank", "c": "cash",
    "cash": "cash",
}  # fmt: skip


def named(text: str | None) -> str | None:
    """Return a number or code, None if it is a placeholder for nobody."""
    return None if text is None or text.lower() in _NOBODY else text


def gl_account(node: Node) -> Record:
    """Return a ledger account, without its subledger, which follows from the customers and suppliers."""
    kind = (node.get("AccountType") or "").lower()
    return {
        "gl_account": node.get("AccountID"),
        "description": node.get("AccountDescription"),
        "type": _TYPES.get(kind),
    }


def party(node: Node) -> Record:
    """Return a customer or supplier; its data are in the element itself or in its CompanyStructure."""
    company = node.find("CompanyStructure") or node
    place = _place(company)
    contact = company.find("Contact") or company
    number = company.get(
        "TaxRegistration/TaxRegistrationNumber", "TaxRegistrationNumber", "CustomerTaxID", "SupplierTaxID"
    )
    record = {
        "account": node.get("CustomerID", "SupplierID"),
        "name": company.get("Name", "CompanyName"),
        "address": _street(place),
        "postcode": place.get("PostalCode"),
        "city": place.get("City"),
        "state": place.get("Region"),
        "country": place.get("Country"),
        "phone": contact.get("Telephone"),
        "fax": contact.get("Fax"),
        "email": contact.get("Email"),
        "website": contact.get("Website"),
        "vat_number": None if number == _CONSUMER else number,
        "chamber_of_commerce": company.get("RegistrationNumber"),
        "currency": node.get("PartyInfo/CurrencyCode"),
    }
    return {name: None if text and text.lower() == _UNKNOWN else text for name, text in record.items()}


def company(header: Node, country: str) -> Record | None:
    """Return the administration itself, in the Company element or, in Portugal, in the header; None without a name.

    A tax number gets its country's letters, as VAT numbers have them.
    """
    node = header.find("Company") or header
    record = party(node)
    if not record["name"]:
        return None
    number = "".join((record["vat_number"] or "").split())
    if _OWN_NUMBERS.get(country, _NEVER).fullmatch(number):
        number = f"{country}{number}"
    chamber = record["chamber_of_commerce"] or node.get("CompanyID")
    return {
        **record,
        "account": "administration",
        "type": OWN,
        "vat_number": number or None,
        "chamber_of_commerce": chamber,
    }


def _place(company: Node) -> Node:
    """Return the street address, else the first address, else the company element."""
    found = [child for child in company.children if child.key in _ADDRESSES]
    return next((node for node in found if node.get("AddressType") == "StreetAddress"), found[0] if found else company)


def _street(place: Node) -> str | None:
    parts = [place.get("StreetName"), place.get("Number", "BuildingNumber")]
    return " ".join(part for part in parts if part) or place.get("AddressDetail", "AdditionalAddressDetail")


def ledger_accounts_of(node: Node) -> set[str]:
    """Return the ledger accounts that hold the balance of a customer or supplier."""
    stated = [node.get("AccountID"), *(balance.get("AccountID") for balance in node.all("BalanceAccount"))]
    return {code for text in stated if (code := named(text))}


def analysis(node: Node) -> list[tuple[str, str]]:
    """Return a party's analysis types, each with its value."""
    found = ((entry.get("AnalysisType"), entry.get("AnalysisID")) for entry in node.all("Analysis"))
    return [(kind, value) for kind, value in found if kind and value]


def journal(node_type: str | None) -> str | None:
    """Return the word for a journal's type, which is free text in most countries."""
    return _JOURNALS.get(node_type.lower(), "other") if node_type else None


def entry(node: Node, year: str | None) -> Record:
    """Return the fields that a transaction gives to its lines; Portugal names the customer here."""
    day = date(node.get("TransactionDate", "GLPostingDate"))
    return {
        "financial_year": node.get("PeriodYear") or year or (day[:4] if day else None),
        "period": node.get("Period"),
        "entry_number": node.get("TransactionID"),
        "entry_date": day,
        "description": node.get("Description"),
        "account": named(node.get("CustomerID")) or named(node.get("SupplierID")),
    }


def line(node: Node, home: str | None) -> Record:
    """Return a transaction line: debit less credit, in the file's currency and, if stated, in a foreign one."""
    debit, credit = node.find("DebitAmount"), node.find("CreditAmount")
    amount = _less(_amount(debit), _amount(credit))
    side = credit if amount and amount.startswith("-") and credit else debit or credit
    code = side.get("CurrencyCode") if side else None
    foreign = number(side.get("CurrencyAmount"), "foreign_amount") if side else None
    is_foreign = code is not None and foreign is not None and code.upper() != (home or "").upper()
    return {
        "line_number": node.get("RecordID"),
        "gl_account": node.get("AccountID"),
        "account": named(node.get("CustomerID")) or named(node.get("SupplierID")),
        "description": node.get("Description"),
        "invoice_number": node.get("ReferenceNumber"),
        "due_date": date(node.get("DueDate")),
        "reference": node.get("SourceDocumentID", "CID"),
        "amount": amount,
        "currency": code if is_foreign else None,
        "foreign_amount": like(foreign, amount) if is_foreign else None,
        "vat_code": node.get("TaxInformation/TaxCode"),
        "quantity": number(node.get("Quantity"), "quantity"),
    }


def _amount(node: Node | None) -> str | None:
    """Return an amount: in a nested Amount since OECD 2.0, as plain text before."""
    return number(node.get("Amount", "")) if node else None


def _less(debit: str | None, credit: str | None) -> str | None:
    """Return debit less credit; one of them is missing or zero in most files."""
    if credit is None or not credit.strip("-0."):
        return debit or credit
    if debit is None or not debit.strip("-0."):
        return negated(credit)
    return f"{Decimal(debit) - Decimal(credit):f}"
