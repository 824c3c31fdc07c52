"""UBL 2 invoices and credit notes, such as those of Peppol BIS 3, NLCIUS, XRechnung and most accounting programs.

A document names two companies, not our accounts. The reader therefore asks the administration (`PartyMatching`) which
of the two it is itself: if it is the supplier, the invoice is a sales invoice; if it is the customer, a purchase
invoice. The other company is matched to an account. If the roles are not clear, the user must give --as. An unknown
company becomes a new account if the document has our code for it, or with --create-missing: an invented code would
be permanent.
The file is read twice: once for the elements of the head (`_document`), once for the lines (`_File._lines`). All
mappings of elements to fields are in parts/ubl_rows.py.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from segcli.base.errors import SegcliError, UsageError
from segcli.importing.party_matching import Company
from segcli.importing.readers import BadRow, Block, Source, text_head
from segcli.importing.readers.parts import ubl_company as companies
from segcli.importing.readers.parts import ubl_rows as ubl
from segcli.importing.readers.parts.spool import Row, Spool
from segcli.importing.readers.parts.ubl_rows import Document, Record
from segcli.importing.readers.parts.ubl_values import money_of
from segcli.importing.readers.parts.values import UnreadableError
from segcli.importing.readers.parts.xml import Node, records

_ROOT = re.compile(r"<(?:[\w.-]+:)?([A-Z]\w+)\s[^>]*urn:oasis:names:specification:ubl:schema:xsd:\1-2\b")
_ROOTS = {"invoice", "creditnote"}
_LINES = ("InvoiceLine", "CreditNoteLine")
_MOST_NUMBER = 15  # most digits of a line number
_VAT_CODE = ("vat_code", "description", "percent", "category")
# Per kind of invoice: the other company's role, and the paths of our account code and item code.
_SUPPLIER, _CUSTOMER = "AccountingSupplierParty", "AccountingCustomerParty"
_SALES = (_CUSTOMER, "SupplierAssignedAccountID", "Item/SellersItemIdentification/ID")
_PURCHASE = (_SUPPLIER, "CustomerAssignedAccountID", "Item/BuyersItemIdentification/ID")


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
    yield from _File(source, document).blocks()


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
        with source.path.open("rb") as file:
            name = _root(file.read(4096))
        if (name or "").lower() in _ROOTS:
            raise SegcliError(f"{source.name}: this document is empty", "was the export cut off?")
        raise SegcliError(f"{source.name}: a UBL {name} is not taken", "invoices and credit notes are")
    return document


class _File:
    """Builds the blocks of one document."""

    def __init__(self, source: Source, document: Document) -> None:
        self.source, self.document, self.parties = source, document, source.parties
        self.is_purchase = False
        self.accounts = Spool(source, "account", companies.FIELDS)
        self.vat_codes = Spool(source, "vat_code", _VAT_CODE)
        self.made_codes: set[str] = set()

    def blocks(self) -> Iterator[Block]:
        """Yield the non-empty blocks; if the head is unreadable, only its rejection."""
        heads = Spool(self.source, "invoice", ubl.HEAD)
        try:
            self.is_purchase = self._is_purchase()
            head = ubl.head(self.document) | self._account()
        except UnreadableError as error:
            heads.reject(self.document.line, error)
            yield heads.block()._replace(is_settled=True)
            return
        kind = "purchase_invoice" if self.is_purchase else "invoice"
        if self.is_purchase:  # the kind purchase_invoice lacks these fields
            head |= {"your_reference": None, "deliver_to": None}
        heads.kind = kind
        heads.add(self.document.line, head)
        for name in (
            "invoice_number",
            "invoice_date",
        ):  # so that an empty field is reported in its row, not as a missing column
            heads.fills(name)
        lines = self._lines(head, f"{kind}_line")
        self._name_payments(head["currency"] or "")
        for spool in (self.accounts, self.vat_codes, heads):
            if spool:
                yield spool.block()._replace(is_settled=True)
        if lines and head["invoice_number"]:  # lines need an invoice number
            yield lines.block(_numbered(lines))._replace(is_settled=True)

    def _is_purchase(self) -> bool:
        """Tell whether the administration is the customer: by VAT number, else chamber of commerce, else name."""
        wished = self.parties.kind if self.parties else "invoice"
        if wished:
            if wished not in {"invoice", "purchase_invoice"}:
                title = wished.replace("_", "-")
                raise UsageError(
                    f"{self.source.name}: this is an invoice, not of the kind {title}",
                    "use --as invoice or --as purchase-invoice, or neither",
                )
            return wished == "purchase_invoice"
        sides = [self._own(role, path) for role, path, _ in (_PURCHASE, _SALES)]
        for is_supplier, is_customer in zip(*sides, strict=True):
            if is_supplier != is_customer:
                return bool(is_customer)
        both = "both companies are" if any(sides[0]) else "neither company is"
        raise UnreadableError(
            "account",
            None,
            f"{both} this administration by VAT number, chamber of commerce or name",
            "say what it is: --as invoice (sold) or --as purchase-invoice (bought)",
        )

    def _own(self, role: str, path: str) -> tuple[bool, bool, bool]:
        nodes = self.document.all(role)
        return (
            self.parties.is_own(companies.company(nodes[0], path)) if nodes and self.parties else (False, False, False)
        )

    def _account(self) -> Record:
        """Return the fields account and deliver_to; a new account is added to the accounts block."""
        role, path, _ = _PURCHASE if self.is_purchase else _SALES
        nodes = self.document.all(role)
        if not nodes:
            raise UnreadableError("account", None, f"there is no {role}")
        who = companies.company(nodes[0], path)
        return {"account": self._code(who), "deliver_to": self._receiver(who)}

    def _code(self, who: Company) -> str:
        known = self._known(who)
        flags = {"is_sales": str(int(not self.is_purchase)), "is_supplier": str(int(self.is_purchase))}
        if known:
            code, name = known["code"] or "", known["name"]
            if more := companies.lacking(dict(known), dict(who.record)):
                self.accounts.add(who.line, {**more, "account": code, "name": name})
            return code
        made = companies.made_code(who)
        if not who.code and self.parties and not self.parties.must_create:
            raise _at(who, made, "there is no such account", "import the accounts first, or use --create-missing")
        if not made:
            raise _at(who, None, "this company has neither number nor name", "the document should say whom it is for")
        if self.parties and not who.code and self.parties.accounts(replace(who, code=made)):
            raise _at(who, made, f"account {made} is another company", "add the account of this one first")
        self.accounts.add(who.line, {**who.record, **flags, "account": made, "name": who.record.get("name") or made})
        return made

    def _known(self, who: Company) -> Mapping[str, str | None] | None:
        found = self.parties.accounts(who) if self.parties else ()
        if len(found) > 1:
            codes = ", ".join(str(record["code"]) for record in found)
            raise _at(who, None, f"this company may be any of the accounts {codes}", "give one of them its name")
        return found[0] if found else None

    def _receiver(self, buyer: Company) -> str | None:
        """Return the account the goods are delivered to, None if it is the buyer; report a receiver without an account."""
        place = next((who for node in self.document.all("Delivery") if (who := companies.receiver(node))), None)
        if place is None or self.is_purchase or self.parties is None:
            return None
        found = self.parties.accounts(place)
        if len(found) == 1:
            return found[0]["code"]
        if place.names and not set(place.names) & set(buyer.names):
            self.source.warn(f"goes to {place.names[0]}, which is no account: that is left out")
        return None

    def _lines(self, head: Record, kind: str) -> Spool:
        """Return the invoice lines, then the allowances and charges of the whole document, not yet numbered."""
        spool = Spool(self.source, kind, ubl.LINE)
        common = {"invoice_number": head["invoice_number"], "supplier": head["account"] if self.is_purchase else None}
        currency, sign = head["currency"] or "", self.document.sign
        for node in records(self.source, (*_LINES, ubl.EXTENSIONS)):
            if node.parent in _ROOTS and node.name != ubl.EXTENSIONS:
                spool.take(node.line, lambda node=node: common | self._line(node, currency, sign))  # type: ignore[misc]
        for node, value in self.document.charges() if spool else ():
            record = ubl.charge(node, value, currency, sign)
            spool.add(node.line, {**common, **record, "vat_code": self._vat_code(node, record["vat_percent"])})
        for name in ("invoice_number", "line_number", "quantity", "net_amount"):
            spool.fills(name)  # even if every line is unreadable
        return spool

    def _line(self, node: Node, currency: str, sign: int) -> Record:
        _, _, item_path = _PURCHASE if self.is_purchase else _SALES
        record, is_explained = ubl.line(node, currency, sign, item_path)
        if not is_explained:
            self.source.warn(
                f"line {node.get('ID')}: its quantity, price and allowances do not make its net, which stands"
            )
        return {**record, "vat_code": self._vat_code(node, record["vat_percent"])}

    def _vat_code(self, node: Node, percent: str | None) -> str | None:
        """Return our VAT code for this category and rate; create one for an untaxed category that has none."""
        category, rate = ubl.category(node), percent or "0"
        if category is None or (category == "S" and percent is None):
            return None
        code = self.parties.vat_code(category, rate) if self.parties else None
        if code is not None or category == "S":
            return code or None
        made = f"{category}{rate}"
        if made not in self.made_codes:
            self.made_codes.add(made)
            text = ubl.reason(self.document, category)
            self.vat_codes.add(
                node.line, {"vat_code": made, "description": text, "percent": rate, "category": category}
            )
        return made

    def _name_payments(self, currency: str) -> None:
        """Warn about prepaid and rounding amounts, which are not part of the invoice total."""
        for name, words in (("PrepaidAmount", "is paid already"), ("PayableRoundingAmount", "is for rounding")):
            if value := self.document.total(name):
                self.source.warn(f"{money_of(value, currency)} {currency} {words}: the invoice is kept with its total")


def _at(who: Company, value: str | None, reason: str, fix: str) -> UnreadableError:
    """Return the error for a company, with the company's line in the file."""
    name = who.record.get("name")
    error = UnreadableError("account", " ".join(part for part in (value, name) if part) or None, reason, fix)
    error.line = who.line
    return error


def _numbered(lines: Spool) -> Iterator[Row | BadRow]:
    """Yield the lines with numbers: their own if all are whole and distinct, else 1, 2, 3 …; charges come last."""
    at = ubl.LINE.index("line_number")
    own = [text for row in lines.rows() if not isinstance(row, BadRow) and (text := row[1][at]) is not None]
    is_own = len(set(own)) == len(own) and all(_is_whole(text) for text in own)
    last = max(map(int, own), default=0) if is_own else 0
    for row in lines.rows():
        if not isinstance(row, BadRow) and not (is_own and row[1][at]):
            last += 1
            row[1][at] = str(last)
        yield row


def _is_whole(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= _MOST_NUMBER
