"""CII invoices and credit notes (UN/CEFACT Cross Industry Invoice D16B): XRechnung, ZUGFeRD 2 and Factur-X.

parts/invoice_blocks.py decides whether a document is a sale or a purchase, and for which account. The file is read
twice: once for the parts of the head (`_document`), once for the lines (`_Paper.lines`). All mappings of elements to
fields are in parts/cii_rows.py. The profiles MINIMUM and BASIC WL have no lines: they give a head only.
ZUGFeRD 1 (2014) has another structure and is refused by name.
"""

import re
from collections.abc import Callable, Iterator
from functools import partial

from segcli.base.errors import SegcliError
from segcli.importing.party_matching import Company
from segcli.importing.readers import Block, Source, opening, text_head
from segcli.importing.readers.parts import cii_company as companies
from segcli.importing.readers.parts import cii_rows as cii
from segcli.importing.readers.parts.cii_rows import Document
from segcli.importing.readers.parts.invoice_blocks import InvoiceBlocks
from segcli.importing.readers.parts.invoice_rows import Entry, Record
from segcli.importing.readers.parts.xml import records

_ROOT = re.compile(
    r"<(?:[\w.-]+:)?(CrossIndustryInvoice|CrossIndustryDocument)\s[^>]*"
    r"urn:(?:un:unece:uncefact:data:standard|ferd):\1:([\w:.-]+)"
)
_VERSION = "100"  # of the namespace: D16B and later
# The element of our item code in a product, if we sold it and if we bought it.
_ITEM, _ITEM_BOUGHT = "SellerAssignedID", "BuyerAssignedID"


def recognises(head: bytes) -> bool:
    """Tell whether the file is CII or ZUGFeRD 1, possibly UTF-16 without a byte order mark."""
    return _root(head) is not None


def _root(head: bytes) -> re.Match[str] | None:
    start = text_head(head).replace("\0", "")
    return _ROOT.search(start) if start.startswith("<") else None


def read(source: Source) -> Iterator[Block]:
    """Yield the blocks: the other company's account, new VAT codes, the invoice head and its lines."""
    _refuse_others(source)
    document = _document(source)
    paper = _Paper(source, document)
    yield from InvoiceBlocks(source, paper).blocks()
    paper.say_what_it_lacks()


def _refuse_others(source: Source) -> None:
    """Raise SegcliError for ZUGFeRD 1 and for versions of CII before D16B."""
    root = _root(opening(source.path))
    if root and root[1] == "CrossIndustryDocument":
        raise SegcliError(
            f"{source.name}: ZUGFeRD 1 is not taken", "ask for ZUGFeRD 2, Factur-X or XRechnung, which replaced it"
        )
    if root and root[2] != _VERSION:
        raise SegcliError(
            f"{source.name}: version {root[2]} of CII is not taken", f"version {_VERSION} is: D16B, as in EN 16931"
        )


def _document(source: Source) -> Document:
    """Return the single document of the file, without its lines."""
    document = Document()
    for node in records(source, cii.PARTS):
        if node.parent != cii.PARTS.get(node.name):
            continue
        document.take(node)
        if node.name == cii.DOCUMENT and node.parent_number != document.number:
            raise SegcliError(f"{source.name}:{node.line}: a second document in one file", "save each in its own file")
    if not document.number:
        raise SegcliError(f"{source.name}: this document is empty", "was the export cut off?")
    return document


class _Paper:
    """One document, for parts/invoice_blocks.py."""

    roles = (cii.SELLER, cii.BUYER)
    settled: tuple[tuple[str, str], ...] = (
        ("TotalPrepaidAmount", "is paid already"),
        ("RoundingAmount", "is for rounding"),
    )

    def __init__(self, source: Source, document: Document) -> None:
        self.source, self.document = source, document
        self.line, self.total = document.line, document.total
        self._not_counted: list[str] = []

    def head(self) -> Record:
        """Return the head without its accounts."""
        return cii.head(self.document)

    def company(self, role: int) -> Company | None:
        """Return the supplier (0) or customer (1)."""
        node = cii.party(self.document, self.roles[role])
        return companies.company(node) if node else None

    def receivers(self) -> Iterator[Company]:
        """Yield the receivers of the goods."""
        return (who for node in cii.receivers(self.document) if (who := companies.receiver(node)))

    def lines(self, *, is_purchase: bool) -> Iterator[tuple[int, Callable[[], Entry]]]:
        """Yield the place of each line, and a function that returns the line."""
        currency, sign = self.document.currency, self.document.sign
        item = _ITEM_BOUGHT if is_purchase else _ITEM
        for node in records(self.source, (cii.LINE_ITEM,)):
            if node.parent != "supplychaintradetransaction":
                continue
            if cii.is_counted(node):
                yield node.line, partial(cii.line, node, currency, sign, item)
            else:
                self._not_counted.append(node.get("AssociatedDocumentLineDocument/LineID") or f"at {node.line}")

    def charges(self) -> Iterator[Entry]:
        """Yield the allowances and charges of the whole document."""
        return cii.charges(self.document)

    def reason(self, category: str) -> str | None:
        """Return the exemption reason that the document states for a VAT category."""
        return cii.reason(self.document, category)

    def say_what_it_lacks(self) -> None:
        """Warn about what the profile lacks, of instalments, and of lines that are not part of the sum."""
        if lacks := self.document.lacks:
            self.source.warn(f"profile {self.document.profile}: {lacks}; only the head of the invoice is taken")
        dates = cii.due_dates(self.document)
        if len(dates) > 1:
            self.source.warn(f"it is due on {', '.join(dates)}: the first is kept")
        if self._not_counted:
            shown = ", ".join(self._not_counted[:_SHOWN]) + (" …" if len(self._not_counted) > _SHOWN else "")
            self.source.warn(f"lines {shown} only group or explain others: they are not kept")


_SHOWN = 5
