"""The blocks of an electronic invoice, whatever its syntax (UBL or CII): account, VAT codes, head and lines.

A document names two companies, not our accounts. The blocks therefore ask the administration (`PartyMatching`) which
of the two it is itself: if it is the supplier, the invoice is a sales invoice; if it is the customer, a purchase
invoice. The other company is matched to an account. If the roles are not clear, the user must give --as. An unknown
company becomes a new account if the document has our code for it, or with --create-missing: an invented code would
be permanent.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from fractions import Fraction
from typing import Protocol

from segcli.base.errors import UsageError
from segcli.importing.party_matching import Company
from segcli.importing.readers import Block, Source
from segcli.importing.readers.parts import invoice_company as companies
from segcli.importing.readers.parts import invoice_rows as rows
from segcli.importing.readers.parts.invoice_rows import Entry, Record
from segcli.importing.readers.parts.invoice_values import money_of
from segcli.importing.readers.parts.spool import Spool
from segcli.importing.readers.parts.values import UnreadableError

_VAT_CODE = ("vat_code", "description", "percent", "category")
_SUPPLIER, _CUSTOMER = 0, 1


class Paper(Protocol):
    """A document in its own syntax. Each method may raise UnreadableError for a value that it cannot read."""

    roles: tuple[str, str]  # the elements of the supplier and of the customer
    line: int  # where the document starts
    settled: tuple[tuple[str, str], ...]  # the totals that settle a part of the invoice, and what each does

    def head(self) -> Record:
        """Return the head without its accounts."""

    def company(self, role: int) -> Company | None:
        """Return the supplier (0) or customer (1)."""

    def receivers(self) -> Iterator[Company]:
        """Yield the receivers of the goods."""

    def total(self, name: str) -> Fraction | None:
        """Return one of the totals in `settled`."""

    def lines(self, *, is_purchase: bool) -> Iterator[tuple[int, Callable[[], Entry]]]:
        """Yield the place of each line, and a function that returns the line."""

    def charges(self) -> Iterator[Entry]:
        """Yield the allowances and charges of the whole document."""

    def reason(self, category: str) -> str | None:
        """Return the exemption reason that the document states for a VAT category."""


class InvoiceBlocks:
    """Builds the blocks of one document."""

    def __init__(self, source: Source, paper: Paper) -> None:
        self.source, self.paper, self.parties = source, paper, source.parties
        self.is_purchase = False
        self.accounts = Spool(source, "account", companies.FIELDS)
        self.vat_codes = Spool(source, "vat_code", _VAT_CODE)
        self.made_codes: set[str] = set()

    def blocks(self) -> Iterator[Block]:
        """Yield the non-empty blocks; if the head is unreadable, only its rejection."""
        heads = Spool(self.source, "invoice", rows.HEAD)
        try:
            self.is_purchase = self._is_purchase()
            head = self.paper.head() | self._account()
            self._name_payments(head["currency"] or "")
        except UnreadableError as error:
            heads.reject(self.paper.line, error)
            yield heads.block()._replace(is_settled=True)
            return
        kind = "purchase_invoice" if self.is_purchase else "invoice"
        if self.is_purchase:  # the kind purchase_invoice lacks these fields
            head |= dict.fromkeys(rows.SALES_ONLY)
        heads.kind = kind
        heads.add(self.paper.line, head)
        for name in (
            "invoice_number",
            "invoice_date",
        ):  # so that an empty field is reported in its row, not as a missing column
            heads.fills(name)
        lines = self._lines(head, f"{kind}_line")
        for spool in (self.accounts, self.vat_codes, heads):
            if spool:
                yield spool.block()._replace(is_settled=True)
        if lines and head["invoice_number"]:  # lines need an invoice number
            yield lines.block(rows.numbered(lines))._replace(is_settled=True)

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
        sides = [self._own(role) for role in (_SUPPLIER, _CUSTOMER)]
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

    def _own(self, role: int) -> tuple[bool, bool, bool]:
        who = self.paper.company(role)
        return self.parties.is_own(who) if who and self.parties else (False, False, False)

    def _account(self) -> Record:
        """Return the fields account and deliver_to; a new account is added to the accounts block."""
        role = _SUPPLIER if self.is_purchase else _CUSTOMER
        who = self.paper.company(role)
        if who is None:
            raise UnreadableError("account", None, f"there is no {self.paper.roles[role]}")
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
            raise _at(who, None, "this company has neither number nor name", "the document must state its parties")
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
        place = next(self.paper.receivers(), None)
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
        spool = Spool(self.source, kind, rows.LINE)
        common = {"invoice_number": head["invoice_number"], "supplier": head["account"] if self.is_purchase else None}
        for place, make in self.paper.lines(is_purchase=self.is_purchase):
            spool.take(place, lambda make=make: common | self._line(make()))  # type: ignore[misc]
        for entry in self.paper.charges() if spool else ():
            spool.add(entry.place, common | self._line(entry))
        for name in ("invoice_number", "line_number", "quantity", "net_amount"):
            spool.fills(name)  # even if every line is unreadable
        return spool

    def _line(self, entry: Entry) -> Record:
        if not entry.is_explained:
            number = entry.record["line_number"]
            self.source.warn(f"line {number}: its quantity, price and allowances do not make its net, which stands")
        return {**entry.record, "vat_code": self._vat_code(entry)}

    def _vat_code(self, entry: Entry) -> str | None:
        """Return our VAT code for this category and rate; create one for an untaxed category that has none."""
        category, percent = entry.category, entry.record["vat_percent"]
        rate = percent or "0"
        if category is None or (category == "S" and percent is None):
            return None
        code = self.parties.vat_code(category, rate) if self.parties else None
        if code is not None or category == "S":
            return code or None
        made = f"{category}{rate}"
        if made not in self.made_codes:
            self.made_codes.add(made)
            text = self.paper.reason(category)
            self.vat_codes.add(
                entry.place, {"vat_code": made, "description": text, "percent": rate, "category": category}
            )
        return made

    def _name_payments(self, currency: str) -> None:
        """Warn about prepaid and rounding amounts, which are not part of the invoice total."""
        for name, words in self.paper.settled:
            if value := self.paper.total(name):
                self.source.warn(f"{money_of(value, currency)} {currency} {words}: the invoice is kept with its total")


def _at(who: Company, value: str | None, reason: str, fix: str) -> UnreadableError:
    """Return the error for a company, with the company's line in the file."""
    name = who.record.get("name")
    error = UnreadableError("account", " ".join(part for part in (value, name) if part) or None, reason, fix)
    error.line = who.line
    return error
