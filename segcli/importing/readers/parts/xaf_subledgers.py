"""The subledgers of an audit file: its open items, payments and matches, and the control accounts of the ledger."""

from collections.abc import Iterator

from segcli.importing.readers import BadRow, Source
from segcli.importing.readers.parts import xaf_rows as xaf
from segcli.importing.readers.parts.spool import Row, Spool
from segcli.importing.readers.parts.values import UnreadableError, signed
from segcli.importing.readers.parts.xaf_rows import OPENING, Record
from segcli.importing.readers.parts.xaf_year import Year
from segcli.importing.readers.parts.xml import Node

_SUBLEDGERS = {"CU": "debtors", "SU": "creditors"}
_BOTH, _SIDES = "CS", {"S": "CU", "P": "SU"}  # a combined subledger: each line states its side


class Subledgers:
    """The lines of the subledgers, and the journal lines that they refer to."""

    def __init__(self, source: Source, year: Year) -> None:
        self.year = year
        self.items = Spool(source, "outstanding_item", xaf.ITEM)
        self.payments = Spool(source, "payment", xaf.PAYMENT)
        self.matches = Spool(source, "match", xaf.MATCH)
        self.members: dict[str, set[str]] = {"debtors": set(), "creditors": set()}  # codes of relations
        self.controls: dict[str, str] = {}  # control account -> its subledger
        self._types: dict[int, str] = {}  # ordinal of a subledger in the file -> CU, SU or CS
        self._waiting: dict[int, list[Node]] = {}  # lines read before the type of their subledger
        self._references: dict[int, str] = {}  # hash of a journal line -> its subledger
        self._days: dict[int, str | None] = {}  # hash of a receipt's journal line -> its entry date

    def __bool__(self) -> bool:
        """Tell whether the file has subledgers with lines."""
        return bool(self._references)

    def take_type(self, node: Node) -> None:
        """Read the type of a subledger, and its lines that precede the type."""
        self._types[node.parent_number] = node.text.strip().upper()
        for line in self._waiting.pop(node.parent_number, ()):
            self.take_line(line)

    def take_line(self, node: Node) -> None:
        """Read a line; it waits if the type of its subledger is not read yet."""
        kind = self._types.get(node.parent_number)
        if kind is None:
            self._waiting.setdefault(node.parent_number, []).append(node)
            return
        values = node.values()
        if kind == _BOTH:
            kind = _SIDES.get(values.get("invpursaltp", "").upper(), kind)
        if kind in _SUBLEDGERS:
            self._references[_hash(*_place(node, values))] = _SUBLEDGERS[kind]
            self.members[_SUBLEDGERS[kind]].add(values.get("custsupid", ""))
        if kind == "CU":
            self._take_receivable(node, values)

    def _take_receivable(self, node: Node, values: dict[str, str]) -> None:
        is_payment = xaf.is_payment(values)
        (self.payments if is_payment else self.items).take(node.line, lambda: self._item(node, values))
        if is_payment:
            self._days[_hash(*_place(node, values))] = None
        if values.get("recref"):
            self.matches.take(node.line, lambda: self._match(node, values))

    def _item(self, node: Node, values: dict[str, str]) -> Record:
        record = xaf.subledger_line(node, values, self.year.currency)
        journal, entry, line = _place(node, values)
        if journal == OPENING:  # an opening balance line sums up several subledger lines
            line = ":".join(part for part in (line, values.get("nr")) if part)
        return {**record, "journal": journal, "entry_number": entry, "line_number": line or None}

    def _match(self, node: Node, values: dict[str, str]) -> Record:
        amount = signed(values.get("amnt"), values.get("amnttp"))
        return {**self._item(node, values), "amount": amount, "match": values.get("recref")}

    def reject_untyped(self) -> None:
        """Reject the lines of subledgers without a type."""
        for nodes in self._waiting.values():
            for node in nodes:
                self.items.reject(
                    node.line, UnreadableError("sbType", None, "its subledger is not named", "name it: CU or SU")
                )

    def note_journal_line(
        self, place: tuple[str | None, str | None, str | None], account: str | None, day: str | None
    ) -> None:
        """Note the control account and the entry date of a journal line that a subledger refers to."""
        key = _hash(*place)
        subledger = self._references.get(key)
        if subledger and account:
            self.controls.setdefault(account, subledger)
        if key in self._days:
            self._days[key] = day

    def dated_payments(self) -> Iterator[Row | BadRow]:
        """Yield the receipts with the date of their entry, else the date on the line."""
        at = [xaf.PAYMENT.index(name) for name in ("journal", "entry_number", "line_number", "payment_date")]
        for row in self.payments.rows():
            if not isinstance(row, BadRow):
                found = self._days.get(_hash(*(row[1][number] for number in at[:3])))
                row[1][at[3]] = found or row[1][at[3]]
            yield row


def _place(node: Node, values: dict[str, str]) -> tuple[str, str, str]:
    """Return the journal, entry and line number that a subledger line refers to."""
    if node.key == "obsbline":
        return OPENING, OPENING, values.get("oblinenr", "")
    return values.get("jrnid", ""), values.get("trnr", ""), values.get("trlinenr", "")


def _hash(journal: str | None, entry: str | None, line: str | None) -> int:
    return hash((journal or "", entry or "", line or ""))
