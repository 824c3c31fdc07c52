"""XAF audit files (auditfile financieel 3.x and 4.0): relations, ledger, journals and the debtors' subledger.

Real files violate the official schema, so nothing here depends on it: elements are found by name, in any order.
"""

import re
from collections import Counter
from collections.abc import Iterable, Iterator

from segcli.base.text import counted
from segcli.importing.readers import BadRow, Block, Place, Source, text_head
from segcli.importing.readers.parts import xaf_rows as xaf
from segcli.importing.readers.parts.party_balances import PartyBalances
from segcli.importing.readers.parts.spool import Row, Spool
from segcli.importing.readers.parts.values import UnreadableError, date, unique
from segcli.importing.readers.parts.xaf_journals import Journals
from segcli.importing.readers.parts.xaf_rows import OPENING, Record
from segcli.importing.readers.parts.xaf_subledgers import Subledgers
from segcli.importing.readers.parts.xaf_year import Year
from segcli.importing.readers.parts.xml import Node, records

_ROOT = re.compile(r"<([\w.-]+:)?auditfile[\s>]", re.IGNORECASE)
_VERSION_4 = re.compile(r"xaf[_/]4", re.IGNORECASE)
_JOURNAL, _TYPE = xaf.LINE.index("journal"), xaf.LINE.index("type")
_ENTRY, _NUMBER, _PERIOD = (xaf.LINE.index(name) for name in ("entry_number", "line_number", "period"))
_ACCOUNT, _DATE = xaf.LINE.index("gl_account"), xaf.LINE.index("entry_date")
_PARTY, _AMOUNT = xaf.LINE.index("account"), xaf.LINE.index("amount")
_ROLES = {"debtors": list(xaf.RELATION).index("is_sales"), "creditors": list(xaf.RELATION).index("is_supplier")}
_CODE, _KIND = list(xaf.RELATION).index("account"), list(xaf.RELATION).index("type")


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
    currency, text = file.year.currency.upper(), file.year.name or ""
    year = int(text) if text.isascii() and text.isdecimal() else None
    yield from (block._replace(currency=currency, year=year) for block in file.blocks())


class _File:
    """The state of one file while it is read; forward references are resolved at the end."""

    def __init__(self, source: Source) -> None:
        with source.path.open("rb") as file:
            self.is_4 = bool(_VERSION_4.search(text_head(file.read(4096))))
        self.source = source
        self.year = Year()
        self.subledgers = Subledgers(source, self.year)
        self.own: set[str] = set()  # relations that are the administration itself
        self.journals = Journals(is_4=self.is_4)
        self.ledger: list[tuple[Place, Record]] = []
        self.relations = Spool(source, "account", tuple(xaf.RELATION))
        self.lines = Spool(source, "transaction_line", xaf.LINE)
        self.codes: set[str] = set()  # of the relations
        self.balances = PartyBalances()
        self.stated: dict[str, str | None] = {}  # ledger account -> subledger, as the ledger states it
        self.contacts = Spool(source, "contact", ("account", "name"))
        self.left_out: Counter[str] = Counter()
        self.old_banks = 0  # bank accounts without an IBAN
        self.company: dict[str, str] = {}
        self.places: dict[str, Node] = {}
        self.takes = {
            "header": self.year.take_header,
            **dict.fromkeys(xaf.COMPANY, self._company),
            "period": self.year.take_period,
            "customersupplier": self._relation,
            "ledgeraccount": self._ledger_account,
            "opbaldate": self.year.take_opening_date,
            "obline": self._opening_line,
            "jrnid": self.journals.take,
            "jrntp": self.journals.take,
            "desc": self.journals.take,
            "transaction": self._transaction,
            "sbtype": self.subledgers.take_type,
            "sbline": self.subledgers.take_line,
            "obsbline": self.subledgers.take_line,
        }

    def _company(self, node: Node) -> None:
        if node.parent != "company":
            return
        if node.children:
            self.places.setdefault(node.key, node)
        elif text := node.text.strip():
            self.company.setdefault(node.key, text)

    def _relation(self, node: Node) -> None:
        if node.parent.endswith("history"):
            return
        record = {name: get(node) for name, get in xaf.RELATION.items()}
        code = record["account"]
        if record["type"] == "D":
            self.own.add(code or "")
        elif code:
            self.codes.add(code)
        if code and (person := node.get("contact")) and person != record["name"]:
            self.contacts.add(node.line, {"account": code, "name": person})
        self.relations.add(node.line, record)
        known = len(xaf.ibans(node))
        self.old_banks += sum(child.key == "bankaccount" for child in node.children) - known
        self.left_out["bankAccount"] += max(0, known - 1)  # one IBAN per account is imported
        try:
            stated = [xaf.open_balance(node, name) for name in ("op", "cl")]
        except UnreadableError as error:
            self.relations.reject(node.line, error)
        else:
            self.balances.add(code, (node.get("custSupTp") or "").upper(), *stated)

    def _ledger_account(self, node: Node) -> None:
        if node.parent.endswith("history"):
            return
        self.ledger.append((node.line, xaf.ledger_account(node)))

    def _opening_line(self, node: Node) -> None:
        self.journals.add_opening(node.line)
        values = node.values()

        def record() -> Record:
            entered = {"entry_number": OPENING, "line_number": values.get("nr"), "period": "0"}
            return {**self._line(node, values, {}), **entered, "journal": OPENING, "entry_date": self.year.opened}

        self.lines.take(node.line, record)

    def _transaction(self, node: Node) -> None:
        about = node.values()
        self.year.note_period(about.get("periodnumber", ""))
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
        record = xaf.journal_line(node, values, self.year.currency)
        days = (about.get("trdt"), values.get("effdate"))
        record["entry_date"] = date(next(filter(None, days if self.is_4 else days[::-1]), None))
        record["financial_year"] = self.year.name
        record["description"] = record["description"] or about.get("desc")
        if record["account"] in self.own:
            record["account"] = None
        return record

    def settle(self) -> None:
        """Find the control accounts and the entry dates of the journal lines that the subledgers refer to."""
        self.subledgers.reject_untyped()
        if self.subledgers:
            for row in self._completed():
                if not isinstance(row, BadRow):
                    cells = row[1]
                    place = (cells[_JOURNAL], cells[_ENTRY], cells[_NUMBER])
                    self.subledgers.note_journal_line(place, cells[_ACCOUNT], cells[_DATE])
        else:
            self._find_members()
        if self.old_banks:
            self.source.warn(f"{counted(self.old_banks, 'bank account')} without an IBAN left out")
        for what, count in self.left_out.items():
            if count:
                self.source.leave_out(f"not taken: {what} {count}")

    def _find_members(self) -> None:
        """Find customers and suppliers by the ledger accounts of their lines, where the file has no subledger."""
        self.stated = {r["gl_account"] or "": r["subledger"] for _, r in self.ledger if r["subledger"]}
        if not self.stated:
            return
        for row in self.lines.rows():
            if isinstance(row, BadRow):
                continue
            subledger, party = self.stated.get(row[1][_ACCOUNT] or ""), row[1][_PARTY]
            if subledger and party:
                self.subledgers.members[subledger].add(party)
            if subledger:
                self.balances.take(subledger, party, row[1][_AMOUNT], is_opening=row[1][_JOURNAL] == OPENING)
        for text in self.balances.differing():
            self.source.warn(text)

    def _completed(self) -> Iterator[Row | BadRow]:
        """Yield the lines with the codes and types of their journals, which may follow them in the file."""
        for row in self.lines.rows():
            if not isinstance(row, BadRow):
                journal = self.journals.journal(row[1][_JOURNAL])
                row[1][_JOURNAL] = journal.get("journal")
                is_opening = row[1][_JOURNAL] == OPENING or (row[1][_PERIOD] == "0" and not self.journals.has_opening)
                row[1][_TYPE] = OPENING if is_opening else journal.get("type")
            yield row

    def _placed(self, rows: Iterable[Row | BadRow]) -> Iterator[Row | BadRow]:
        """Yield the lines; those of the opening balance get their period and are split over relations."""
        place = self.year.position
        for row in rows:
            if isinstance(row, BadRow) or row[1][_JOURNAL] != OPENING:
                yield row
                continue
            subledger = self.stated.get(row[1][_ACCOUNT] or "")
            row[1][_PERIOD] = str(place)
            row[1][_ENTRY] = self.year.opening_entry
            for party, amount in self.balances.shares(subledger, row[1][_AMOUNT]):
                cells = list(row[1])
                if party is not None:
                    cells[_PARTY], cells[_NUMBER] = party, f"{cells[_NUMBER] or ''}:{party}"
                cells[_AMOUNT] = amount
                yield row[0], cells

    def blocks(self) -> Iterator[Block]:
        """Yield the non-empty blocks; referenced kinds come first."""
        self.source.company.update(xaf.company(self.company, self.places))
        if self.relations:
            yield self._accounts()
        for spool in (self.contacts, self._ledger(), self.journals.spool(self.source)):
            if spool:
                yield spool.block()
        if self.lines:
            self.lines.fills("type")
            if self.balances.is_split:
                self.lines.fills("account")
            lines = self._completed()
            yield self.lines.block(_numbered(self._placed(lines) if self.journals.has_opening else lines))
        subledgers = self.subledgers
        if subledgers.items:
            yield subledgers.items.block(self._entered(subledgers.items, subledgers.items.rows()))
        if subledgers.payments:
            subledgers.payments.fills("payment_date")
            yield subledgers.payments.block(self._entered(subledgers.payments, subledgers.dated_payments()))
        if subledgers.matches:
            yield subledgers.matches.block(self._entered(subledgers.matches, subledgers.matches.rows()))

    def _accounts(self) -> Block:
        for subledger, place in _ROLES.items():
            self.relations.fills(self.relations.header[place], is_filled=self._has_role(subledger, place))
        return self.relations.block(self._known_by_role())

    def _has_role(self, subledger: str, place: int) -> bool:
        return bool(self.subledgers.members[subledger] & self.codes) or not self.relations.lacks(
            self.relations.header[place]
        )

    def _known_by_role(self) -> Iterator[Row | BadRow]:
        """Yield the relations; a member of a subledger is a customer or supplier even if the relation states another role."""
        for row in self.relations.rows():
            if not isinstance(row, BadRow) and row[1][_KIND] is None:
                for subledger, place in _ROLES.items():
                    if row[1][_CODE] in self.subledgers.members[subledger]:
                        row[1][place] = "1"
            yield row

    def _entered(self, spool: Spool, rows: Iterable[Row | BadRow]) -> Iterator[Row | BadRow]:
        """Yield the rows, with the entry number of the opening balance in its own rows."""
        journal, entry, number = (
            spool.header.index("journal"),
            spool.header.index("entry_number"),
            self.year.opening_entry,
        )
        for row in rows:
            if not isinstance(row, BadRow) and row[1][journal] == OPENING:
                row[1][entry] = number
            yield row

    def _ledger(self) -> Spool:
        spool = Spool(self.source, "gl_account", ("gl_account", "description", "type", "subledger"))
        for place, record in self.ledger:
            if self.subledgers.controls:  # subledgers are more reliable than the reference scheme
                record["subledger"] = self.subledgers.controls.get(record["gl_account"] or "")
            spool.add(place, record)
        return spool


def _numbered(rows: Iterable[Row | BadRow]) -> Iterator[Row | BadRow]:
    """Yield the lines with unique numbers: a number repeated within an entry gets a suffix."""
    seen: dict[int, int] = {}
    for row in rows:
        if not isinstance(row, BadRow):
            row[1][_NUMBER] = unique(seen, row[1][_NUMBER], row[1][_JOURNAL], row[1][_ENTRY])
        yield row
