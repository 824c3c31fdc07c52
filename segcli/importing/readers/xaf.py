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
from segcli.importing.readers.parts.values import UnreadableError, date, signed, unique
from segcli.importing.readers.parts.xaf_rows import OPENING, Record
from segcli.importing.readers.parts.xml import Node, records

_ROOT = re.compile(r"<([\w.-]+:)?auditfile[\s>]", re.IGNORECASE)
_VERSION_4 = re.compile(r"xaf[_/]4", re.IGNORECASE)
_MOST_PERIODS = 1000
_SUBLEDGERS = {"CU": "debtors", "SU": "creditors"}
_BOTH, _SIDES = "CS", {"S": "CU", "P": "SU"}  # a combined subledger: each line states its side
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
    currency, text = file.header.get("curcode", "").upper(), file.year or ""
    year = int(text) if text.isascii() and text.isdecimal() else None
    yield from (block._replace(currency=currency, year=year) for block in file.blocks())


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
        self.opened = ""  # date of the opening balance, if stated
        self.starts: dict[str, int] = {}  # first day of a period -> its number
        self.first_period = 0  # of the transactions
        self.members: dict[str, set[str]] = {"debtors": set(), "creditors": set()}
        self.codes: set[str] = set()  # of the relations
        self.balances = PartyBalances()
        self.stated: dict[str, str | None] = {}  # ledger account -> subledger, where no subledger tells
        self.contacts = Spool(source, "contact", ("account", "name"))
        self.left_out: Counter[str] = Counter()
        self.old_banks = 0  # bank accounts without an IBAN
        self.company: dict[str, str] = {}
        self.places: dict[str, Node] = {}
        self.takes = {
            "header": self._header,
            **dict.fromkeys(xaf.COMPANY, self._company),
            "period": self._period,
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
        self.opened = date(node.text.strip()) or ""

    def _company(self, node: Node) -> None:
        if node.parent != "company":
            return
        if node.children:
            self.places.setdefault(node.key, node)
        elif text := node.text.strip():
            self.company.setdefault(node.key, text)

    def _period(self, node: Node) -> None:
        values = node.values()
        number, start = values.get("periodnumber", ""), date(values.get("startdateperiod"))
        if start and number.isdecimal() and 0 < int(number) < self.starts.get(start, _MOST_PERIODS):
            self.starts[start] = int(number)

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
        self.left_out["bankAccount"] += max(0, known - 1)  # an account has one IBAN of a file
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

    def _journal(self, node: Node) -> None:
        if node.parent == "journal":
            _, record = self.journals.setdefault(str(node.parent_number), (node.line, {"type": "other"}))
            text = node.text.strip()
            name = {"jrnid": "journal", "desc": "description", "jrntp": "type"}[node.key]
            record[name] = self._journal_type(text.upper()) if name == "type" else text or None

    def _journal_type(self, code: str) -> str:
        return "other" if self.is_4 and code == "O" else xaf.JOURNALS.get(code, "other")

    @property
    def year(self) -> str | None:
        """Return the financial year; 2015-2016 is 2015."""
        return self.header.get("fiscalyear", "")[:4] or None

    @property
    def position(self) -> int:
        """Return the period that the opening balance stands before; 0: the whole year, as in all but files of a part of it."""
        start = date(self.header.get("startdate")) or ""
        found = self.starts.get(start)
        if found is None and not start.endswith("-01-01") and "-" not in self.header.get("fiscalyear", ""):
            found = self.first_period
        return found if found and found > 1 else 0

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
        return self.opened or self.header.get("startdate") or None

    def _transaction(self, node: Node) -> None:
        about = node.values()
        period = about.get("periodnumber", "")
        if period.isdecimal() and int(period):
            self.first_period = min(self.first_period or _MOST_PERIODS, int(period))
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
        record["financial_year"] = self.year
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
            self.members[_SUBLEDGERS[kind]].add(values.get("custsupid", ""))
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
        if self.references:
            for row in self._completed():
                if not isinstance(row, BadRow):
                    self._found(row[1])
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
                self.members[subledger].add(party)
            if subledger:
                self.balances.take(subledger, party, row[1][_AMOUNT], is_opening=row[1][_JOURNAL] == OPENING)
        for text in self.balances.differing():
            self.source.warn(text)

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
                is_opening = row[1][_JOURNAL] == OPENING or (row[1][_PERIOD] == "0" and OPENING not in self.journals)
                row[1][_TYPE] = OPENING if is_opening else journal.get("type")
            yield row

    def _placed(self, rows: Iterable[Row | BadRow]) -> Iterator[Row | BadRow]:
        """Yield the lines, with the place of the opening balance in the year, and what it has of each relation."""
        place = self.position
        for row in rows:
            if isinstance(row, BadRow) or row[1][_JOURNAL] != OPENING:
                yield row
                continue
            subledger = self.stated.get(row[1][_ACCOUNT] or "")
            row[1][_PERIOD] = str(place)
            row[1][_ENTRY] = self.opening_entry
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
        for spool in (self.contacts, self._ledger(), self._journals()):
            if spool:
                yield spool.block()
        if self.lines:
            self.lines.fills("type")
            if self.balances.is_split:
                self.lines.fills("account")
            lines = self._completed()
            has_opening = any(journal.get("journal") == OPENING for _, journal in self.journals.values())
            yield self.lines.block(_numbered(self._placed(lines) if has_opening else lines))
        if self.items:
            yield self.items.block(self._entered(self.items, self.items.rows()))
        if self.payments:
            self.payments.fills("payment_date")
            yield self.payments.block(self._entered(self.payments, self._dated()))
        if self.matches:
            yield self.matches.block(self._entered(self.matches, self.matches.rows()))

    def _accounts(self) -> Block:
        for subledger, place in _ROLES.items():
            self.relations.fills(self.relations.header[place], is_filled=self._has_role(subledger, place))
        return self.relations.block(self._known_by_role())

    def _has_role(self, subledger: str, place: int) -> bool:
        return bool(self.members[subledger] & self.codes) or not self.relations.lacks(self.relations.header[place])

    def _known_by_role(self) -> Iterator[Row | BadRow]:
        """Yield the relations; whoever is in a subledger is a customer or supplier, whatever the relation itself states."""
        for row in self.relations.rows():
            if not isinstance(row, BadRow) and row[1][_KIND] is None:
                for subledger, place in _ROLES.items():
                    if row[1][_CODE] in self.members[subledger]:
                        row[1][place] = "1"
            yield row

    @property
    def opening_entry(self) -> str:
        return f"{OPENING} {self.position}" if self.position else OPENING

    def _entered(self, spool: Spool, rows: Iterable[Row | BadRow]) -> Iterator[Row | BadRow]:
        """Yield rows of which those of the opening balance have the number of its entry."""
        journal, entry, number = spool.header.index("journal"), spool.header.index("entry_number"), self.opening_entry
        for row in rows:
            if not isinstance(row, BadRow) and row[1][journal] == OPENING:
                row[1][entry] = number
            yield row

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
