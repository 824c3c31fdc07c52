"""UBL 2 invoices and credit notes, such as those of Peppol BIS 3, NLCIUS, XRechnung and most accounting programs.

parts/invoice_blocks.py decides whether a document is a sale or a purchase, and for which account. The file is read
twice: once for the elements of the head (`_document`), once for the lines (`_Paper.lines`). All mappings of elements
to fields are in parts/ubl_rows.py.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial

from segcli.base.errors import SegcliError
from segcli.importing.party_matching import Company
from segcli.importing.readers import Block, Source, opening, text_head
from segcli.importing.readers.parts import ubl_company as companies
from segcli.importing.readers.parts import ubl_rows as ubl
from segcli.importing.readers.parts.invoice_blocks import InvoiceBlocks
from segcli.importing.readers.parts.invoice_rows import Entry, Record
from segcli.importing.readers.parts.ubl_rows import Document
from segcli.importing.readers.parts.xml import records

_ROOT = re.compile(r"<(?:[\w.-]+:)?([A-Z]\w+)\s[^>]*urn:oasis:names:specification:ubl:schema:xsd:\1-2\b")
_ROOTS = {"invoice", "creditnote"}
_LINES = ("InvoiceLine", "CreditNoteLine")
# Per role, the supplier's first: its element, the path of our account code in it, and that of our item code in a line.
_ROLES = ("AccountingSupplierParty", "AccountingCustomerParty")
_CODES = ("CustomerAssignedAccountID", "SupplierAssignedAccountID")
_ITEM, _ITEM_BOUGHT = "Item/SellersItemIdentification/ID", "Item/BuyersItemIdentification/ID"


def recognises(head: bytes) -> bool:
    """Tell whether the file is UBL, possibly in an envelope, possibly UTF-16 without a byte order mark."""
    return _root(head) is not None


def _root(head: bytes) -> str | None:
    start = text_head(head).replace("\0", "")
    found = _ROOT.search(start) if start.startswith("<") else None
    return found[1] if found else None


def read(source: Source) -> Iterator[Block]:
    """Yield the blocks: the other company's account, new VAT codes, the invoice head and its lines."""
    document = _document(source)
    yield from InvoiceBlocks(source, _Paper(source, document)).blocks()


def _document(source: Source) -> Document:
    """Return the single document of the file, without its lines."""
    document = Document()
    for node in records(source, ubl.PARTS):
        if node.parent not in _ROOTS or node.name == ubl.EXTENSIONS:
            continue
        document.take(node)
        if node.parent_number != document.number:
            raise SegcliError(f"{source.name}:{node.line}: a second document in one file", "save each in its own file")
    if not document.number:
        name = _root(opening(source.path))
        if (name or "").lower() in _ROOTS:
            raise SegcliError(f"{source.name}: this document is empty", "was the export cut off?")
        raise SegcliError(f"{source.name}: a UBL {name} is not taken", "invoices and credit notes are")
    return document


class _Paper:
    """One document, for parts/invoice_blocks.py."""

    roles = _ROLES
    settled: tuple[tuple[str, str], ...] = (
        ("PrepaidAmount", "is paid already"),
        ("PayableRoundingAmount", "is for rounding"),
    )

    def __init__(self, source: Source, document: Document) -> None:
        self.source, self.document = source, document
        self.line, self.total = document.line, document.total

    def head(self) -> Record:
        """Return the head without its accounts."""
        return ubl.head(self.document)

    def company(self, role: int) -> Company | None:
        """Return the supplier (0) or customer (1)."""
        nodes = self.document.all(_ROLES[role])
        return companies.company(nodes[0], _CODES[role]) if nodes else None

    def receivers(self) -> Iterator[Company]:
        """Yield the receivers of the goods."""
        return (who for node in self.document.all("Delivery") if (who := companies.receiver(node)))

    def lines(self, *, is_purchase: bool) -> Iterator[tuple[int, Callable[[], Entry]]]:
        """Yield the place of each line, and a function that returns the line."""
        currency, sign = self.document.currency, self.document.sign
        path = _ITEM_BOUGHT if is_purchase else _ITEM
        for node in records(self.source, (*_LINES, ubl.EXTENSIONS)):
            if node.parent in _ROOTS and node.name != ubl.EXTENSIONS:
                yield node.line, partial(ubl.line, node, currency, sign, path)

    def charges(self) -> Iterator[Entry]:
        """Yield the allowances and charges of the whole document."""
        return ubl.charges(self.document)

    def reason(self, category: str) -> str | None:
        """Return the exemption reason that the document states for a VAT category."""
        return ubl.reason(self.document, category)
