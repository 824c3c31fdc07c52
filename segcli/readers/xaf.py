"""XAF audit files (auditfile financieel 3.2 and 4.0): relations and the debtors' subledger.

Real ones break the official schema, which nothing here depends on: elements are known by their names.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby

from segcli.readers import Block, Place, Source, text_head
from segcli.readers._xml import Node, records

Getter = Callable[[Node], str | None]
Row = tuple[Place, list[str | None]]


def recognises(head: bytes) -> bool:
    """Tell whether the file is an audit file."""
    start = text_head(head)
    return start.startswith("<") and "<auditfile" in start.lower().replace(":auditfile", "auditfile")


def _address(node: Node) -> str | None:
    for kind in ("streetAddress", "postalAddress"):
        parts = [node.get(f"{kind}/{name}") for name in ("streetname", "number", "numberExtension")]
        if any(parts):
            return " ".join(part for part in parts if part)
    return None


def _either(name: str) -> Getter:
    """Return what finds a part of the street address, else of the postal one."""
    return lambda node: node.get(f"streetAddress/{name}", f"postalAddress/{name}")


def _role(*roles: str) -> Getter:
    """Return 1 where the relation has one of the roles: C customer, S supplier, B both."""
    return lambda node: "1" if (node.get("custSupTp") or "").upper() in roles else "0"


_RELATION: dict[str, Getter] = {
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


def _invoice(node: Node) -> str | None:
    """Return the invoice's number; 0 is what Exact gives to receipts that are not allocated."""
    number = node.get("invRef")
    return None if number in {None, "0"} else number


def _amount(node: Node) -> str | None:
    """Return the amount with its sign: what is debited is owed to us."""
    amount = node.get("amnt")
    if amount is None or (node.get("amntTp") or "D").upper() != "C":
        return amount
    return amount[1:] if amount.startswith("-") else f"-{amount}"


def _entry(node: Node) -> str | None:
    parts = [node.get(name) for name in ("jrnID", "trNr", "trLineNr")]
    return "/".join(part for part in parts if part) or None


_LINE: dict[str, Getter] = {
    "account": lambda node: node.get("custSupID"),
    "invoice_number": _invoice,
    "invoice_date": lambda node: node.get("invDt", "trDt"),
    "due_date": lambda node: node.get("invDueDt"),
    "currency": lambda node: node.attributes.get("currency"),
    "amount": _amount,
    "description": lambda node: node.get("desc"),
    "entry_number": _entry,
    "reference": lambda node: node.get("docRef"),
}
_KINDS = {"customersupplier": ("account", _RELATION), "sbline": ("outstanding_item", _LINE)}


def read(source: Source) -> Iterator[Block]:
    """Yield the relations, then the lines of the debtors' subledgers."""
    nodes = records(source, ("header", "customerSupplier", "sbType", "sbLine"))
    for name, members in groupby(_relevant(nodes), key=lambda node: node.name.lower()):
        kind, getters = _KINDS[name]
        yield Block(kind, name, tuple(getters), _rows(members, getters), is_canonical=True)


def _relevant(nodes: Iterable[Node]) -> Iterator[Node]:
    """Yield relations and debtors' lines; a line without a currency has that of the file's header."""
    currency, subledger = "", ""
    for node in nodes:
        name = node.name.lower()
        if name == "header":
            currency = node.get("curCode") or ""
        elif name == "sbtype":
            subledger = node.text.strip().upper()
        elif name == "customersupplier":
            yield node
        elif subledger == "CU":
            node.attributes["currency"] = node.get("currency/curCode") or currency
            yield node


def _rows(nodes: Iterable[Node], getters: dict[str, Getter]) -> Iterator[Row]:
    for node in nodes:
        yield node.line, [get(node) for get in getters.values()]
