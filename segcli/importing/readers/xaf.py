"""XAF audit files (auditfile financieel 3.x and 4.0): relations, ledger, journals and the debtors' subledger.

Real files violate the official schema, so nothing here depends on it: elements are found by name, in any order.
"""

import re
from collections.abc import Iterable, Iterator

from segcli.importing.readers import BadRow, Block, Place, Source, text_head
from segcli.importing.readers.parts import xaf_rows as xaf
from segcli.importing.readers.parts.spool import Row, Spool
from segcli.importing.readers.parts.values import UnreadableError, date, signed, unique
from segcli.importing.readers.parts.xaf_rows import OPENING, Record
from segcli.importing.readers.parts.xml import Node, records

_ROOT = re.compile(r"<([\w.-]+:)?auditfile[\s>]", re.IGNORECASE)
_VERSION_4 = re.compile(r"xaf[_/]4", re.IGNORECASE)
_SUBLEDGERS = {"CU": "debtors", "SU": "creditors"}
_BOTH, _SIDES = "CS", {"S": "CU", "P": "SU"}  # a combined subledger: each line states its side
_JOURNAL, _TYPE = xaf.LINE.index("journal"), xaf.LINE.index("type")
_ENTRY, _NUMBER, _PERIOD = (xaf.LINE.index(name) for name in ("entry_number", "line_number", "period"))
_ACCOUNT, _DATE = xaf.LINE.index("gl_account"), xaf.LINE.index("entry_date")


def recognises(head: bytes) -> bool:
    """Tell whether the file is an audit file."""
    start = text_head(head)
    return start.startswith("<") and _ROOT.search(start) is not None


def read(source: Source) -> Iterator[Block]:
    """Yield relations, ledger accounts, journals, journal lines, and the items and payments of the debtors' subledger."""
    file = _File(source)
    for node in records(source, file.takes):
        file.takes[node.key](node)
    file.settle()
    yield from (block._replace(currency=file.header.get("curcode", "").upper()) for block in file.blocks())


class _File:
    """The state of one file while it is read; forward references are resolved at the end."""

    def __init__(self, source: Source) -> None:
        with source.path.open("rb") as file:
            self.is_4 = bool(_VERSION_4.search(text_head(file.read(4096))))
        self.source = source
        self.header: dict[str, str] = {}
        self.own: set[str] = set()  # relations that are the administration itself
        self.journals: dict[str, tuple[Place, Record]] = {}  # by the ordinal of the element in the file
        self.ledger: list[tuple[Place, Record]] = []
        self.relations = Spool(source, "account", tuple(xaf.RELATION))
        self.lines = Spool(source, "transaction_line", xaf.LINE)
        self.items = Spool(source, "outstanding_item", xaf.ITEM)
        self.payments = Spool(source, "payment", xaf.PAYMENT)
        self.matches = Spool(source, "match", xaf.MATCH)
        self.subledgers: dict[int, str] = {}
        self.waiting: dict[int, list[Node]] = {}  # lines read before the type of their subledger
        self.references: dict[int, str] = {}  # hash of a journal line -> its subledger
        self.controls: dict[str, str] = {}  # control account -> its subledger
        self.days: dict[int, str | None] = {}  # hash of a receipt's journal line -> its entry date
        self.takes = {
            "header": self._header,
            "customersupplier": self._relation,
            "ledgeraccount": self._ledger_account,
            "opbaldate": self._opening_date,
            "obline": self._opening_line,
            "jrnid": self._journal,
            "jrntp": self._journal,
            "desc": self._journal,
            "transaction": self._transaction,
            "sbtype": self._subledger,
            "sbline": self._subledger_line,
            "obsbline": self._subledger_line,
        }

    def _header(self, node: Node) -> None:
        self.header = node.values()

    def _opening_date(self, node: Node) -> None:
        self.header["startdate"] = date(node.text.strip()) or ""

    def _relation(self, node: Node) -> None:
        record = {name: get(node) for name, get in xaf.RELATION.items()}
        if record["type"] == "D":
            self.own.add(record["account"] or "")
        self.relations.add(node.line, record)

    def _ledger_account(self, node: Node) -> None:
        self.ledger.append((node.line, xaf.ledger_account(node)))

    def _journal(self, node: Node) -> None:
        if node.parent == "journal":
            _, record = self.journals.setdefault(str(node.parent_number), (node.line, {"type": "other"}))
            text = node.text.strip()
            name = {"jrnid": "journal", "desc": "description", "jrntp": "type"}[node.key]
            record[name] = xaf.JOURNALS.get(text.upper(), "other") if name == "type" else text or None

    def _year(self) -> str | None:
        """Return the financial year; 2015-2016 is 2015."""
        return self.header.get("fiscalyear", "")[:4] or None

    def _opening_line(self, node: Node) -> None:
        if not self.journals.get(OPENING):
            self.journals[OPENING] = (
                node.line,
                {"journal": OPENING, "description": "Opening balance", "type": OPENING},
            )
        values = node.values()

        def record() -> Record:
            entered = {"entry_number": OPENING, "line_number": values.get("nr"), "period": "0"}
            return {**self._line(node, values, {}), **entered, "journal": OPENING, "entry_date": self._opened()}

        self.lines.take(node.line, record)

    def _opened(self) -> str | None:
        return self.header.get("startdate") or None

    def _transaction(self, node: Node) -> None:
        about = node.values()
        for line in node.all("trLine"):
            values = line.values()
            self.lines.take(
                line.line,
                lambda line=line, values=values: {  # type: ignore[misc]
                    **self._line(line, values, about),
                    "journal": str(node.parent_number),
                    "period": about.get("periodnumber"),
                    "entry_number": about.get("nr"),
                    "line_number": values.get("nr"),
                },
            )

    def _line(self, node: Node, values: dict[str, str], about: dict[str, str]) -> Record:
        """Return a journal line. Its effDate is the invoice date in 4.0, the date of the event before."""
        record = xaf.journal_line(node, values, self.header.get("curcode", ""))
        days = (about.get("trdt"), values.get("effdate"))
        record["entry_date"] = date(next(filter(None, days if self.is_4 else days[::-1]), None))
        record["financial_year"] = self._year()
        record["description"] = record["description"] or about.get("desc")
        if record["account"] in self.own:
            record["account"] = None
        return record

    def _subledger(self, node: Node) -> None:
        self.subledgers[node.parent_number] = node.text.strip().upper()
        for line in self.waiting.pop(node.parent_number, ()):
            self._subledger_line(line)

    def _subledger_line(self, node: Node) -> None:
        kind = self.subledgers.get(node.parent_number)
        if kind is None:
            self.waiting.setdefault(node.parent_number, []).append(node)
            return
        values = node.values()
        if kind == _BOTH:
            kind = _SIDES.get(values.get("invpursaltp", "").upper(), kind)
        if kind in _SUBLEDGERS:
            self.references[_hash(*_place(node, values))] = _SUBLEDGERS[kind]
        if kind == "CU":
            self._receivable(node, values)

    def _receivable(self, node: Node, values: dict[str, str]) -> None:
        is_payment = xaf.is_payment(values)
        (self.payments if is_payment else self.items).take(node.line, lambda: self._item(node, values))
        if is_payment:
            self.days[_hash(*_place(node, values))] = None
        if values.get("recref"):
            self.matches.take(node.line, lambda: self._match(node, values))

    def _item(self, node: Node, values: dict[str, str]) -> Record:
        record = xaf.subledger_line(node, values, self.header.get("curcode", ""))
        journal, entry, line = _place(node, values)
        if journal == OPENING:  # an opening balance line sums up several subledger lines
            line = ":".join(part for part in (line, values.get("nr")) if part)
        return {**record, "journal": journal, "entry_number": entry, "line_number": line or None}

    def _match(self, node: Node, values: dict[str, str]) -> Record:
        amount = signed(values.get("amnt"), values.get("amnttp"))
        return {**self._item(node, values), "amount": amount, "match": values.get("recref")}

    def settle(self) -> None:
        """Find the control accounts and the entry dates of the journal lines that the subledgers refer to."""
        for nodes in self.waiting.values():
            for node in nodes:
                self.items.reject(
                    node.line, UnreadableError("sbType", None, "its subledger is not named", "name it: CU or SU")
                )
        for row in self._completed() if self.references else ():
            if not isinstance(row, BadRow):
                self._found(row[1])

    def _found(self, cells: list[str | None]) -> None:
        key = _hash(cells[_JOURNAL], cells[_ENTRY], cells[_NUMBER])
        subledger, account = self.references.get(key), cells[_ACCOUNT]
        if subledger and account:
            self.controls.setdefault(account, subledger)
        if key in self.days:
            self.days[key] = cells[_DATE]

    def _completed(self) -> Iterator[Row | BadRow]:
        """Yield the lines with the codes and types of their journals, which may follow them in the file."""
        for row in self.lines.rows():
            if not isinstance(row, BadRow):
                journal = self.journals.get(row[1][_JOURNAL] or "", (0, {}))[1]
                row[1][_JOURNAL] = journal.get("journal")
                row[1][_TYPE] = OPENING if row[1][_PERIOD] == "0" else journal.get("type")
            yield row

    def blocks(self) -> Iterator[Block]:
        """Yield the non-empty blocks; referenced kinds come first."""
        for spool in (self.relations, self._ledger(), self._journals()):
            if spool:
                yield spool.block()
        if self.lines:
            self.lines.fills("type")
            yield self.lines.block(_numbered(self._completed()))
        if self.items:
            yield self.items.block()
        if self.payments:
            self.payments.fills("payment_date")
            yield self.payments.block(self._dated())
        if self.matches:
            yield self.matches.block()

    def _ledger(self) -> Spool:
        spool = Spool(self.source, "gl_account", ("gl_account", "description", "type", "subledger"))
        for place, record in self.ledger:
            if self.controls:  # subledgers are more reliable than the reference scheme
                record["subledger"] = self.controls.get(record["gl_account"] or "")
            spool.add(place, record)
        return spool

    def _journals(self) -> Spool:
        spool = Spool(self.source, "journal", ("journal", "description", "type"))
        codes: set[str | None] = set()
        for place, record in self.journals.values():
            if record.get("journal") not in codes:
                spool.add(place, record)
                codes.add(record.get("journal"))
        return spool

    def _dated(self) -> Iterator[Row | BadRow]:
        """Yield the receipts with the date of their entry, else the date on the line."""
        at = [xaf.PAYMENT.index(name) for name in ("journal", "entry_number", "line_number", "payment_date")]
        for row in self.payments.rows():
            if not isinstance(row, BadRow):
                found = self.days.get(_hash(*(row[1][number] for number in at[:3])))
                row[1][at[3]] = found or row[1][at[3]]
            yield row


def _place(node: Node, values: dict[str, str]) -> tuple[str, str, str]:
    """Return the journal, entry and line number that a subledger line refers to."""
    if node.key == "obsbline":
        return OPENING, OPENING, values.get("oblinenr", "")
    return values.get("jrnid", ""), values.get("trnr", ""), values.get("trlinenr", "")


def _hash(journal: str | None, entry: str | None, line: str | None) -> int:
    return hash((journal or "", entry or "", line or ""))


def _numbered(rows: Iterable[Row | BadRow]) -> Iterator[Row | BadRow]:
    """Yield the lines with unique numbers: a number repeated within an entry gets a suffix."""
    seen: dict[int, int] = {}
    for row in rows:
        if not isinstance(row, BadRow):
            row[1][_NUMBER] = unique(seen, row[1][_NUMBER], row[1][_JOURNAL], row[1][_ENTRY])
        yield row
