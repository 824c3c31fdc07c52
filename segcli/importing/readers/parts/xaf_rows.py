"""Mapping of audit file elements to records: relations, ledger accounts, journal lines, subledger lines."""

from collections.abc import Callable, Mapping
from contextlib import suppress

from segcli.base.errors import SegcliError
from segcli.domain.bank_account import check_iban
from segcli.importing.readers.parts.values import UnreadableError, date, like, number, signed
from segcli.importing.readers.parts.xml import Node

Getter = Callable[[Node], str | None]
Record = dict[str, str | None]
OPENING = "opening"
# jrnTp: O is the opening balance in 3.2, and `other` in 4.0.
JOURNALS = {"B": "bank", "C": "cash", "M": "general", "O": "opening", "P": "purchase", "S": "sales"}
# Codes of trade debtors and creditors in the reference scheme (RGS), needed because 4.0 has no subledgers: the prefixes of level 4
# codes, and the level 3 codes.
_REFERENCES = {"bvordebha": "debtors", "bschcreha": "creditors", "bvordeb": "debtors", "bschcre": "creditors"}
LINE = (
    "journal", "financial_year", "period", "entry_number", "line_number", "entry_date", "gl_account", "account",
    "description", "invoice_number", "reference", "amount", "currency", "foreign_amount", "vat_code", "quantity", "type",
)  # fmt: skip
ITEM = (
    "account", "invoice_number", "journal", "entry_number", "line_number", "invoice_date", "due_date", "currency",
    "amount", "base_amount", "description", "reference",
)  # fmt: skip
PAYMENT = (
    "account", "invoice_number", "journal", "entry_number", "line_number", "payment_date", "currency", "amount",
    "base_amount", "description", "reference",
)  # fmt: skip
MATCH = ("account", "match", "journal", "entry_number", "line_number", "amount", "match_date")
COMPANY = (
    "companyname",
    "companyident",
    "commercenr",
    "taxregident",
    "taxregistrationcountry",
    "streetaddress",
    "postaladdress",
)


def _street(node: Node, address: str = "") -> str | None:
    """Return the street and number of an address, which is the node itself or within it."""
    parts = [node.get(f"{address}{name}") for name in ("streetname", "number", "numberExtension")]
    return " ".join(part for part in parts if part) or None


def _address(node: Node) -> str | None:
    return _street(node, "streetAddress/") or _street(node, "postalAddress/")


def _either(name: str) -> Getter:
    """Return a getter for a part of the street address, else of the postal address."""
    return lambda node: node.get(f"streetAddress/{name}", f"postalAddress/{name}")


def _role(*roles: str) -> Getter:
    """Return a getter of 1 if the relation has one of the roles: C customer, S supplier, B both; None if it states none."""
    return lambda node: (
        None if node.get("custSupTp") is None else str(int((node.get("custSupTp") or "").upper() in roles))
    )


RELATION: dict[str, Getter] = {
    "account": lambda node: node.get("custSupID"),
    "name": lambda node: node.get("custSupName", "contact"),
    "type": lambda node: "D" if (node.get("custSupTp") or "").upper() == "O" else None,
    "is_sales": _role("C", "B"),
    "is_supplier": _role("S", "B"),
    "address": _address,
    "postcode": _either("postalCode"),
    "city": _either("city"),
    "country": lambda node: node.get("streetAddress/country", "postalAddress/country", "taxRegistrationCountry"),
    "phone": lambda node: node.get("telephone"),
    "fax": lambda node: node.get("fax"),
    "email": lambda node: node.get("eMail"),
    "website": lambda node: node.get("website"),
    "vat_number": lambda node: node.get("taxRegIdent"),
    "chamber_of_commerce": lambda node: node.get("commerceNr"),
    "iban": lambda node: next(iter(ibans(node)), None),
}


def ibans(node: Node) -> list[str]:
    """Return the IBANs among the bank accounts of a relation; other bank account numbers date from before 2014."""
    found = []
    for child in node.children:
        number = child.get("bankAccNr") if child.key == "bankaccount" else None
        with suppress(SegcliError):
            found += [check_iban(number)] if number else []
    return list(dict.fromkeys(found))


def company(values: Mapping[str, str], places: Mapping[str, Node]) -> Record:
    """Return the company of the file as fields of the administration, with its street address, else its postal address."""
    place = places.get("streetaddress") or places.get("postaladdress")
    number, country = values.get("taxregident", ""), values.get("taxregistrationcountry", "")
    return {
        "name": values.get("companyname"),
        "address": _street(place) if place else None,
        "postcode": place.get("postalCode") if place else None,
        "city": place.get("city") if place else None,
        "country": (place.get("country") if place else None) or country or None,
        "vat_number": (f"{country}{number}" if number[:1].isdecimal() else number) or None,
        "chamber_of_commerce": values.get("commercenr"),
    }


def open_balance(node: Node, name: str) -> str | None:
    """Return the balance of a relation at the start (op) or the end (cl) of the year, as stated in 4.0; negative if we owe it."""
    side = node.get(f"{name}BalTp")
    return signed(node.get(f"{name}BalDesc"), side, f"{name}BalDesc") if side else None


def ledger_account(node: Node) -> Record:
    """Return a ledger account; type M (mixed, until 3.2) is neither balance sheet nor profit and loss."""
    values = node.values()
    kind = values.get("acctp", "").upper()
    references = (values.get(name, "").lower() for name in ("rgscode", "leadreference", "leadcode"))
    subledger = next((found for text in references if (found := _REFERENCES.get(text[:9]))), None)
    return {
        "gl_account": values.get("accid"),
        "description": values.get("accdesc"),
        "type": kind if kind in {"B", "P"} else None,
        "subledger": subledger,
    }


def journal_line(node: Node, values: Mapping[str, str], currency: str) -> Record:
    """Return the fields of a trLine itself; journal and entry come from its transaction."""
    amount = signed(values.get("amnt"), values.get("amnttp"))
    foreign = _foreign(node, amount, currency)
    return {
        "gl_account": values.get("accid"),
        "account": values.get("custsupid"),
        "description": values.get("desc"),
        "invoice_number": _named(values.get("invref")),
        "reference": values.get("docref"),
        "amount": amount,
        "currency": foreign[0],
        "foreign_amount": foreign[1],
        "vat_code": node.get("vat/vatID"),
        "quantity": number(values.get("qntity"), "quantity"),
    }


def subledger_line(node: Node, values: Mapping[str, str], currency: str) -> Record:
    """Return a subledger line with the fields of both an item and a payment; the kind picks its own.

    `amnt` is in the administration's currency, `currency/curAmnt` in the line's own.
    """
    base = signed(values.get("amnt"), values.get("amnttp"))
    code, foreign = _foreign(node, base, currency)
    return {
        "account": values.get("custsupid"),
        "invoice_number": _named(values.get("invref")),
        "invoice_date": (day := date(values.get("invdt") or values.get("trdt"))),
        "payment_date": day,
        "due_date": date(values.get("invduedt")),
        "currency": code or currency or None,
        "amount": foreign if code else base,
        "base_amount": base if code else None,
        "description": values.get("desc"),
        "reference": values.get("docref"),
    }


def is_payment(values: Mapping[str, str]) -> bool:
    """Tell whether a subledger line is a receipt that names its invoice."""
    return values.get("muttp", "").upper() == "P" and _named(values.get("invref")) is not None


def _foreign(node: Node, base: str | None, currency: str) -> tuple[str | None, str | None]:
    """Return the line's foreign currency and the amount in it, with the sign of `base`; (None, None) if not foreign."""
    code, amount = node.get("currency/curCode"), node.get("currency/curAmnt")
    if not code or amount is None or code.upper() == currency.upper():
        return None, None
    if base is None:
        raise UnreadableError("amount", None, "the amount in the administration's currency is missing")
    return code, like(number(amount, "foreign_amount"), base)


def _named(reference: str | None) -> str | None:
    """Return an invoice number; 0 is Exact's value for an unallocated receipt."""
    return None if reference == "0" else reference
