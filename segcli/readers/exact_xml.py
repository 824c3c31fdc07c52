"""eExact XML, as Exact Online exports it: accounts with their classifications and contacts, and receivables."""

from collections.abc import Callable, Iterator

from segcli.readers import Block, Place, Source, text_head
from segcli.readers._xml import Node, records

Getter = Callable[[Node], str | None]
Row = tuple[Place, list[str | None]]
FIELDS = range(1, 9)


def recognises(head: bytes) -> bool:
    """Tell whether the file is eExact."""
    start = text_head(head)
    return start.startswith("<") and "<eExact" in start


def _text(*paths: str) -> Getter:
    return lambda node: node.get(*paths)


def _from_address(*paths: str) -> Getter:
    """Return what finds a part of the first visiting address, else of the first address."""

    def get(node: Node) -> str | None:
        addresses = sorted(node.all("Address"), key=lambda a: a.attributes.get("type", "").upper() not in {"VIS", "V"})
        return addresses[0].get(*paths) if addresses else None

    return get


def _class(number: int) -> Getter:
    """Return what finds the code of a classification."""
    return lambda node: next(
        (c.get("Property@code", "@code") for c in node.all("AccountClassification") if _sequence(c) == number), None
    )


def _sequence(node: Node) -> int:
    text = node.attributes.get("SequenceNumber") or node.attributes.get("sequencenumber") or ""
    return int(text) if text.isascii() and text.isdigit() else 0


_ACCOUNT: dict[str, Getter] = {
    "account": _text("@code"),
    "name": _text("Name"),
    "status": lambda node: status if (status := (node.get("@status") or "").upper()) in {"A", "S", "P", "C"} else None,
    "type": lambda node: "D" if (node.get("@type") or "").upper() == "D" else None,
    "search_code": _text("@searchcode", "SearchCode"),
    "is_sales": _text("IsSales"),
    "is_supplier": _text("IsSupplier"),
    "is_blocked": _text("IsBlocked", "Blocked"),
    "address": _from_address("AddressLine1"),
    "postcode": _from_address("PostalCode"),
    "city": _from_address("City"),
    "state": _from_address("State@code", "State"),
    "country": _from_address("Country@code", "Country"),
    "phone": _text("Phone"),
    "fax": _text("Fax"),
    "email": _text("Email"),
    "website": _text("HomePage"),
    "vat_number": _text("VATNumber"),
    "chamber_of_commerce": _text("ChamberOfCommerce"),
    "language": _text("Language@code"),
    "manager": _text("Manager/FullName", "Manager@code", "Manager"),
    "sector": _text("Sector/Description", "Sector@code", "Sector"),
    "remarks": _text("Note", "Remarks"),
    "start_date": _text("StartDate"),
    "end_date": _text("EndDate"),
    "external_id": lambda node: (node.get("@ID", "@id") or "").strip("{}").lower() or None,
    **{f"class{number}": _class(number) for number in FIELDS},
}
_CONTACT: dict[str, Getter] = {
    "account": _text("Account@code", "@account"),
    "contact": _text("@number", "@code"),
    "name": _text("FullName", "Name"),
    "first_name": _text("FirstName"),
    "middle_name": _text("MiddleName"),
    "last_name": _text("LastName"),
    "job_title": _text("JobTitle/Description", "JobTitle", "JobDescription", "JobTitle@code"),
    "email": _text("Email"),
    "phone": _text("Phone"),
    "mobile": _text("Mobile"),
    "is_main_contact": _text("@default", "IsMainContact"),
    "notes": _text("MarketingNotes", "Note"),
    "external_id": lambda node: (node.get("@ID", "@id") or "").strip("{}").lower() or None,
}
_ITEM: dict[str, Getter] = {
    "account": _text("Account@code", "Debtor@code", "@account"),
    "invoice_number": _text("InvoiceNumber", "Invoice@number", "@invoicenumber"),
    "invoice_date": _text("InvoiceDate", "Date", "EntryDate", "@date"),
    "due_date": _text("DueDate", "InvoiceDueDate"),
    "currency": _text("Amount/Currency@code", "Currency@code", "ForeignAmount/Currency@code"),
    "amount": _text("Amount/Value", "Amount/Debit", "AmountFC", "AmountDC", "Amount"),
    "description": _text("Description"),
    "entry_number": _text("EntryNumber", "@entry", "Entry@number"),
    "reference": _text("YourRef", "Reference"),
    "external_id": lambda node: (node.get("@ID", "@id") or "").strip("{}").lower() or None,
}
_VALUE = ("field", "code", "description")
_TOPICS = ("Account", "Contact", "AR", "OutstandingItem", "AccountClassification")


def read(source: Source) -> Iterator[Block]:
    """Yield values, accounts, contacts and receivables, as far as the file has them."""
    values: dict[tuple[str, str], Row] = {}
    rows: dict[str, list[Row]] = {"account": [], "contact": [], "outstanding_item": []}
    for node in records(source, _TOPICS):
        for kind, row in _of(node):
            rows[kind].append(row)
        for number, code, description, line in _values(node):
            values.setdefault((str(number), code.lower()), (line, [str(number), code, description]))
    if values:
        yield Block("classification_value", "AccountClassifications", _VALUE, values.values(), is_canonical=True)
    for kind, getters in (("account", _ACCOUNT), ("contact", _CONTACT), ("outstanding_item", _ITEM)):
        if rows[kind]:
            yield _block(kind, tuple(getters), rows[kind])


def _block(kind: str, header: tuple[str, ...], rows: list[Row]) -> Block:
    """Return the block without the columns that no row fills: what a file does not carry must not empty anything."""
    filled = [at for at in range(len(header)) if any(cells[at] is not None for _, cells in rows)]
    picked = [(place, [cells[at] for at in filled]) for place, cells in rows]
    return Block(kind, kind, tuple(header[at] for at in filled), picked, is_canonical=True)


def _of(node: Node) -> Iterator[tuple[str, Row]]:
    """Yield what an element holds: an account and its contacts, a contact, or the items of a receivable."""
    name = node.name.lower()
    if name == "account":
        account = node.get("@code")
        yield "account", (node.line, [get(node) for get in _ACCOUNT.values()])
        for contact in node.all("Contact"):
            cells = [get(contact) for get in _CONTACT.values()]
            yield "contact", (contact.line, [account, *cells[1:]])
    elif name == "contact":
        yield "contact", (node.line, [get(node) for get in _CONTACT.values()])
    elif name in {"ar", "outstandingitem"}:
        account = node.get("Account@code", "Debtor@code")
        for item in list(node.all("OutstandingItem")) or [node]:
            cells = [get(item) for get in _ITEM.values()]
            yield "outstanding_item", (item.line, [cells[0] or account, *cells[1:]])


def _values(node: Node) -> Iterator[tuple[int, str, str | None, int]]:
    """Yield the classification values that an account's element names, with their descriptions."""
    found = [node] if node.name.lower() == "accountclassification" else node.all("AccountClassification")
    for classification in found:
        code = classification.get("Property@code", "@code")
        number = _sequence(classification)
        if code and number in FIELDS:
            description = classification.get("Property/Description", "Property", "Description")
            yield number, code, description, classification.line
