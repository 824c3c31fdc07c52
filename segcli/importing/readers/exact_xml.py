"""eExact XML, the export format of Exact Online: accounts with classifications and contacts, sales and finance records.

Element names are those of eExact-Schema.xsd. Elements may be missing or in another order.
"""

from collections.abc import Callable, Iterator

from segcli.importing.readers import Block, Source, text_head
from segcli.importing.readers.parts import exact_sales, exact_subscriptions
from segcli.importing.readers.parts.exact_finance import HEADERS, TOPICS, Finance
from segcli.importing.readers.parts.spool import Row, Spool
from segcli.importing.readers.parts.xml import Node, records

Getter = Callable[[Node], str | None]
FIELDS = range(1, 9)


def recognises(head: bytes) -> bool:
    """Tell whether the file is eExact."""
    start = text_head(head)
    return start.startswith("<") and "<eExact" in start


def _text(*paths: str) -> Getter:
    return lambda node: node.get(*paths)


def _from_address(*paths: str) -> Getter:
    """Return a getter for a part of the first visiting address, else of the first address."""

    def get(node: Node) -> str | None:
        addresses = sorted(node.all("Address"), key=lambda a: a.attributes.get("type", "").upper() not in {"VIS", "V"})
        return addresses[0].get(*paths) if addresses else None

    return get


def _street(node: Node) -> str | None:
    """Return the first address line, else street, number and suffix."""
    line = _from_address("AddressLine1")(node)
    parts = [_from_address(f"AddressStreet{part}")(node) for part in ("", "Number", "Suffix")]
    return line or " ".join(part for part in parts if part) or None


def _class(number: int) -> Getter:
    """Return a getter for the code of a classification."""
    return lambda node: next(
        (c.get("Property@code") for c in node.all("AccountClassification") if _sequence(c) == number), None
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
    "address": _street,
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
    "manager": _text(
        "AccountManager/FullName", "AccountManager/LastName", "AccountManager@code", "AccountManager@number"
    ),
    "sector": _text("Sector/Description", "Sector@code", "Sector"),
    "currency": _text("SalesCurrency@code", "Currency@code"),
    "remarks": _text("Note"),
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
    "job_title": _text("Job/Description", "JobTitle/Description", "Job@code"),
    "email": _text("Email"),
    "phone": _text("Phone"),
    "mobile": _text("Mobile"),
    "is_main_contact": _text("@default"),
    "is_mailing_excluded": _text("IsMailingExcluded"),
    "notes": _text("MarketingNotes", "Note"),
    "external_id": lambda node: (node.get("@ID", "@id") or "").strip("{}").lower() or None,
}
_LABEL, _VALUE = ("field", "label"), ("field", "code", "description")
# Record elements and the topic that contains them; elsewhere they are references.
_TOPICS = {
    "account": "accounts",
    "contact": "contacts",
    "accountclassification": "accountclassifications",
    **TOPICS,
    **exact_sales.TOPICS,
    **exact_subscriptions.TOPICS,
}
_TOPIC_DEPTH = 2  # root, topic, record
_HEADERS = {
    "account": tuple(_ACCOUNT),
    "contact": tuple(_CONTACT),
    **HEADERS,
    **exact_sales.HEADERS,
    **exact_subscriptions.HEADERS,
}


def read(source: Source) -> Iterator[Block]:
    """Yield labels and values, then all other records; referenced kinds come first."""
    labels: dict[int, Row] = {}
    values: dict[tuple[int, str], Row] = {}
    spools = {kind: Spool(source, kind, header) for kind, header in _HEADERS.items()}
    takers = {
        **dict.fromkeys(TOPICS, Finance(spools).take),
        **dict.fromkeys(exact_sales.TOPICS, exact_sales.Sales(spools).take),
        **dict.fromkeys(exact_subscriptions.TOPICS, exact_subscriptions.Subscriptions(spools).take),
    }
    for node in _topics(source):
        if node.key in takers:
            takers[node.key](node)
            continue
        for kind, place, record in _people_of(node):
            spools[kind].add(place, record)
        for classification in _classifications(node):
            _classify(classification, labels, values)
    if labels:
        yield Block("classification_label", "AccountClassifications", _LABEL, labels.values(), is_canonical=True)
    if values:
        yield Block("classification_value", "AccountClassifications", _VALUE, values.values(), is_canonical=True)
    yield from (spool.block() for spool in spools.values() if spool)


def _topics(source: Source) -> Iterator[Node]:
    """Yield the record elements; elements of the same name elsewhere are references."""
    for node in records(source, _TOPICS):
        if node.parent == _TOPICS[node.key] and (node.depth == _TOPIC_DEPTH or node.key != "journal"):
            yield node


def _classify(classification: Node, labels: dict[int, Row], values: dict[tuple[int, str], Row]) -> None:
    """Store the label (Description) and the value (Property) of a classification."""
    number, label = _sequence(classification), classification.get("Description")
    code, description = classification.get("Property@code"), classification.get("Property/Description")
    if label:
        labels.setdefault(number, (classification.line, [str(number), label]))
    if code:
        values.setdefault((number, code.lower()), (classification.line, [str(number), code, description]))


def _people_of(node: Node) -> Iterator[tuple[str, int, dict[str, str | None]]]:
    """Yield the records of an element: an account and its contacts, or a contact."""
    if node.key == "account":
        yield "account", node.line, {name: get(node) for name, get in _ACCOUNT.items()}
        for contact in _people(node):
            record = {name: get(contact) for name, get in _CONTACT.items()}
            yield "contact", contact.line, {**record, "account": node.get("@code")}
    elif node.key == "contact":
        yield "contact", node.line, {name: get(node) for name, get in _CONTACT.items()}


def _people(node: Node) -> Iterator[Node]:
    """Yield an account's contacts; a contact inside an address is a reference."""
    for child in node.children:
        if child.name.lower() == "contact":
            yield child
        elif child.name.lower() == "contacts":
            yield from _people(child)


def _classifications(node: Node) -> Iterator[Node]:
    """Yield the classifications within an element; Description is the label, Property the value."""
    found = iter((node,)) if node.name.lower() == "accountclassification" else node.all("AccountClassification")
    return (classification for classification in found if _sequence(classification) in FIELDS)
