"""Mapping of audit file elements to records: relations, ledger accounts, journal lines, subledger lines."""

from collections.abc import Callable, Mapping

from segcli.importing.readers.parts.values import UnreadableError, date, like, number, signed
from segcli.importing.readers.parts.xml import Node

Getter = Callable[[Node], str | None]
Record = dict[str, str | None]
OPENING = "opening"
# jrnTp in the official list: O is the opening balance, although the explanatory notes of 4.0 call it `other`.
JOURNALS = {"B": "bank", "C": "cash", "M": "general", "O": "opening", "P": "purchase", "S": "sales"}
# Code prefixes of trade debtors and creditors in the reference scheme (RGS); needed because 4.0 has no subledgers.
_REFERENCES = {"bvordebha": "debtors", "bschcreha": "creditors"}
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


def _address(node: Node) -> str | None:
    for kind in ("streetAddress", "postalAddress"):
        parts = [node.get(f"{kind}/{name}") for name in ("streetname", "number", "numberExtension")]
        if any(parts):
            return " ".join(part for part in parts if part)
    return None


def _either(name: str) -> Getter:
    """Return a getter for a part of the street address, else of the postal address."""
    return lambda node: node.get(f"streetAddress/{name}", f"postalAddress/{name}")


def _role(*roles: str) -> Getter:
    """Return a getter of 1 if the relation has one of the roles: C customer, S supplier, B both."""
    return lambda node: "1" if (node.get("custSupTp") or "").upper() in roles else "0"


RELATION: dict[str, Getter] = {
    "account": lambda node: node.get("custSupID"),
    "name": lambda node: node.get("custSupName"),
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
}


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
