"""SAF-T files: the OECD's Standard Audit File for Tax, of Norway, Portugal, or of no stated country.

The reader takes the company itself, customers and suppliers, the ledger with its opening balances and entries, products, sales
and purchase invoices, and payments. It refuses files of other countries by name (parts/saft_countries.py).
"""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import chain

from segcli.base.text import counted
from segcli.importing.readers import HEAD_BYTES, BadRow, Block, Place, Source, text_head
from segcli.importing.readers.parts import saft_countries as countries
from segcli.importing.readers.parts import saft_opening as opening
from segcli.importing.readers.parts import saft_rows as saft
from segcli.importing.readers.parts.saft_documents import Documents
from segcli.importing.readers.parts.saft_opening import OPENING, Openings
from segcli.importing.readers.parts.saft_rows import Record
from segcli.importing.readers.parts.spool import Row, Spool
from segcli.importing.readers.parts.values import unique
from segcli.importing.readers.parts.xml import Node, records

_ROOT = re.compile(r"<([\w.-]+:)?AuditFile[\s>]")
_MARK = re.compile(r"StandardAuditFile|SAF-?T|OECD|:d406|AuditFileVersion|MasterFiles")
_LINES = frozenset({"line", "transactionline", "debitline", "creditline"})
_LEDGERS = frozenset({"generalledgeraccounts", "masterfiles"})
_MOST_LABELS = 8
_CLASSES = tuple(f"class{field}" for field in range(1, _MOST_LABELS + 1))
_JOURNAL, _TYPE = saft.LINE.index("journal"), saft.LINE.index("type")
_ENTRY, _NUMBER = saft.LINE.index("entry_number"), saft.LINE.index("line_number")
_YEAR, _DATE = saft.LINE.index("financial_year"), saft.LINE.index("entry_date")
_PARTY, _ACCOUNT = saft.PARTY.index("account"), saft.LINE.index("account")
_SUPPLIER = saft.PARTY.index("is_supplier")


def recognises(head: bytes) -> bool:
    """Tell whether the file is SAF-T, or a tax file that is refused. The Dutch audit file has a root name in lower case."""
    start = text_head(head)
    if countries.is_other(start):
        return True
    return start.startswith("<") and _ROOT.search(start) is not None and _MARK.search(start) is not None


def read(source: Source) -> Iterator[Block]:
    """Yield classifications, customers and suppliers, the ledger, products, invoices and payments.

    Raises SegcliError for a file of a country that is not taken, or of a cash register.
    """
    with source.path.open("rb") as stream:
        start = text_head(stream.read(HEAD_BYTES))
    countries.refuse(source.name, start)
    file = _File(source, countries.country(start))
    for node in records(source, file.takes):
        file.takes[node.key](node)
    yield from (block._replace(currency=(file.currency or "").upper()) for block in file.blocks())
    file.documents.tell()


class _File:
    """The state of one file while it is read; forward references are resolved at the end."""

    def __init__(self, source: Source, country: str) -> None:
        self.source, self.country = source, country
        self.header: dict[str, str] = {}
        self.start = opening.Start(None, None)
        self.openings = Openings()
        self.first_period = 0  # of the transactions
        self.documents = Documents(source)
        self.customers = Spool(source, "account", (*saft.PARTY, *_CLASSES, "analysis"))
        self.suppliers = Spool(source, "account", self.customers.header)
        self.names: dict[str, dict[str, str | None]] = {"customer": {}, "supplier": {}}
        self.controls: dict[str, str] = {}  # ledger account -> its subledger
        self.ledger: list[tuple[Place, Record]] = []
        self.journals: dict[str, tuple[Place, Record]] = {}  # by the ordinal of the element in the file
        self.lines = Spool(source, "transaction_line", saft.LINE)
        self.table: dict[str, dict[str, str | None]] = {}  # analysis type -> value -> description
        self.labels: dict[str, tuple[Place, str | None]] = {}
        self.used: dict[str, None] = {}  # analysis types that customers use
        self.takes = {
            "header": self._header,
            "customer": self._party,
            "supplier": self._party,
            "account": self._ledger_account,
            "generalledger": self._ledger_account,  # the account's element name before OECD 2.0
            "analysistypetableentry": self._analysis_type,
            "journalid": self._journal,
            "description": self._journal,
            "type": self._journal,
            "transaction": self._transaction,
            **self.documents.takes,
        }

    def _header(self, node: Node) -> None:
        if node.parent != "auditfile":
            return
        self.header = node.values()
        self.country = self.country or (node.get("AuditFileCountry") or "").upper()
        countries.refuse_country(self.source.name, self.country)
        self.start = opening.start(node, self.country)
        self.documents.currency = (self.currency or "").upper()
        if company := saft.company(node, self.country):
            self.customers.add(node.line, company)

    @property
    def currency(self) -> str | None:
        return self.header.get("defaultcurrencycode") or self.header.get("currencycode")

    def _ledger_account(self, node: Node) -> None:
        if node.parent in _LEDGERS and node.get("AccountID"):
            self.ledger.append((node.line, saft.gl_account(node)))
            self.openings.take_account(node)

    def _party(self, node: Node) -> None:
        if node.parent not in {"masterfiles", f"{node.key}s"}:
            return
        is_customer = node.key == "customer"
        record = saft.party(node) | {"is_sales": str(int(is_customer)), "is_supplier": str(int(not is_customer))}
        for account in saft.ledger_accounts_of(node):
            self.controls.setdefault(account, "debtors" if is_customer else "creditors")
        self.openings.take_party(node, record["account"])
        if record["account"]:
            self.names[node.key][record["account"]] = record["name"]
        if is_customer and (found := saft.analysis(node)):
            self.used.update((kind, None) for kind, _ in found)
            record["analysis"] = json.dumps(found)
        (self.customers if is_customer else self.suppliers).add(node.line, record)

    def _analysis_type(self, node: Node) -> None:
        kind, value = node.get("AnalysisType"), node.get("AnalysisID")
        if kind and value:
            self.labels.setdefault(kind, (node.line, node.get("AnalysisTypeDescription")))
            self.table.setdefault(kind, {})[value] = node.get("AnalysisIDDescription")

    def _journal(self, node: Node) -> None:
        if node.parent == "journal":
            _, record = self.journals.setdefault(str(node.parent_number), (node.line, {}))
            text = node.text.strip() or None
            name = {"journalid": "journal", "description": "description", "type": "type"}[node.key]
            record[name] = saft.journal(text) if name == "type" else text

    def _transaction(self, node: Node) -> None:
        if node.parent != "journal":
            return
        entry = saft.entry(node, self.header.get("fiscalyear")) | {"journal": str(node.parent_number)}
        if period := opening.period_of(entry["period"]):
            self.first_period = min(self.first_period or period, period)
        for line in (child for child in _descendants(node) if child.key in _LINES):
            self.lines.take(line.line, lambda line=line: self._line(line, entry))  # type: ignore[misc]

    def _line(self, node: Node, entry: Record) -> Record:
        """Return a line. The entry's customer is only set on lines in a customer control account."""
        record = saft.line(node, self.currency)
        head = dict(entry)
        if head["account"] and record["gl_account"] not in self.controls:
            head["account"] = None
        return {**head, **{name: text for name, text in record.items() if text is not None}}

    def blocks(self) -> Iterator[Block]:
        """Yield the non-empty blocks; referenced kinds come first."""
        self._open()
        fields = self._fields()
        if fields:
            yield self._labels(fields).block()
            yield self._values(fields).block()
        if self.customers or self.suppliers:
            yield self._accounts(fields)
        for spool in (self._ledger(), self._journals()):
            if spool:
                yield spool.block()
        if self.lines:
            is_typed = OPENING in self.journals or any(record.get("type") for _, record in self.journals.values())
            self.lines.fills("type", is_filled=is_typed)
            yield self.lines.block(self._completed())
        yield from self.documents.blocks()

    def _open(self) -> None:
        """Add the lines of the opening entry, and report balances that do not add up or have no ledger account."""
        if self.start.day is None:
            days = (row[1][_DATE] for row in self.lines.rows() if not isinstance(row, BadRow))
            day = min(filter(None, days), default=None)
            self.start = opening.Start(day, day[:4] if day else None)
        if self.start.period is None:
            self.start = self.start._replace(period=self.first_period if self.first_period > 1 else 0)
        for place, error in self.openings.wrong:
            self.lines.reject(place, error)
        for place, record in self.openings.lines(self.start):
            self.journals.setdefault(OPENING, (place, {"journal": OPENING, "description": "Opening balance"}))
            self.lines.add(place, record)
            if record["gl_account"] == opening.DIFFERENCE:
                self.ledger.append((place, opening.DIFFERENCE_ACCOUNT))
                amount = record["amount"]
                self.source.warn(
                    f"the opening balances do not add up: {amount} is on the account '{opening.DIFFERENCE}'"
                )
        if self.openings.homeless:
            what = counted(self.openings.homeless, "opening balance")
            self.source.leave_out(f"{what} of customers or suppliers not taken: no ledger account is stated")

    def _fields(self) -> dict[str, str]:
        """Return the class number of each analysis type that customers use, in the order of the file's table."""
        kinds = [kind for kind in chain(self.table, self.used) if kind in self.used]
        kinds = list(dict.fromkeys(kinds))
        if len(kinds) > _MOST_LABELS:
            left = ", ".join(kinds[_MOST_LABELS:])
            self.source.leave_out(f"there are eight classifications; left out: {left}")
        return {kind: str(number) for number, kind in enumerate(kinds[:_MOST_LABELS], 1)}

    def _labels(self, fields: Mapping[str, str]) -> Spool:
        spool = Spool(self.source, "classification_label", ("field", "label"))
        for kind, field in fields.items():
            place, label = self.labels.get(kind, (1, None))
            spool.add(place, {"field": field, "label": label or kind})
        return spool

    def _values(self, fields: Mapping[str, str]) -> Spool:
        spool = Spool(self.source, "classification_value", ("field", "code", "description"))
        for row in self.customers.rows():
            for kind, code in _analysed(row):
                self.table.setdefault(kind, {}).setdefault(code, None)
        for kind, field in fields.items():
            for code, description in self.table[kind].items():
                place = self.labels.get(kind, (1, None))[0]
                spool.add(place, {"field": field, "code": code, "description": description})
        return spool

    def _accounts(self, fields: Mapping[str, str]) -> Block:
        """Return customers and suppliers as accounts, merged if they are the same company.

        If two companies have the same number, the customer keeps it and the supplier is left out.
        """
        customers, suppliers = self.names["customer"], self.names["supplier"]
        shared = {code for code in suppliers if code in customers}
        self.strangers = {code for code in shared if suppliers[code] != customers[code]}
        if self.strangers:
            some = ", ".join(sorted(self.strangers)[:5])
            self.source.leave_out(
                f"{counted(len(self.strangers), 'supplier')} left out: another company is a customer with that number: {some}"
            )
        whole = self.customers.joined(self.suppliers)
        whole.fills("analysis", is_filled=False)
        for field in fields.values():
            whole.fills(f"class{field}")
        return whole.block(chain(self._classified(fields, shared), self._others(shared)))

    def _classified(self, fields: Mapping[str, str], shared: set[str]) -> Iterator[Row | BadRow]:
        for row in self.customers.rows():
            if not isinstance(row, BadRow):
                if row[1][_PARTY] in shared - self.strangers:
                    row[1][_SUPPLIER] = "1"
                for kind, code in _analysed(row):
                    if kind in fields:
                        row[1][self.customers.header.index(f"class{fields[kind]}")] = code
            yield row

    def _others(self, shared: set[str]) -> Iterator[Row | BadRow]:
        return (row for row in self.suppliers.rows() if isinstance(row, BadRow) or row[1][_PARTY] not in shared)

    def _ledger(self) -> Spool:
        spool = Spool(self.source, "gl_account", ("gl_account", "description", "type", "subledger"))
        for place, record in self.ledger:
            spool.add(place, {**record, "subledger": self.controls.get(record["gl_account"] or "")})
        return spool

    def _journals(self) -> Spool:
        spool = Spool(self.source, "journal", ("journal", "description", "type"))
        codes: set[str | None] = set()
        others = [record for key, (_, record) in self.journals.items() if key != OPENING]
        if not others or any(record.get("type") for record in others):  # else the column would clear known types
            self.journals.get(OPENING, (0, {}))[1]["type"] = OPENING
        for place, record in self.journals.values():
            if record.get("journal") and record["journal"] not in codes:
                spool.add(place, record)
                codes.add(record["journal"])
        return spool

    def _completed(self) -> Iterator[Row | BadRow]:
        """Yield the lines with their journals, and with line numbers that are unique within the entry."""
        seen: dict[int, int] = {}
        for row in self.lines.rows():
            if not isinstance(row, BadRow):
                cells = row[1]
                record = self.journals.get(cells[_JOURNAL] or "", (0, {}))[1]
                kind = OPENING if cells[_JOURNAL] == OPENING else record.get("type")
                cells[_JOURNAL], cells[_TYPE] = record.get("journal"), kind
                cells[_NUMBER] = unique(seen, cells[_NUMBER], cells[_JOURNAL], cells[_YEAR], cells[_ENTRY])
            yield row


def _descendants(node: Node) -> Iterator[Node]:
    for child in node.children:
        yield child
        yield from _descendants(child)


def _analysed(row: Row | BadRow) -> list[tuple[str, str]]:
    text = None if isinstance(row, BadRow) else row[1][-1]
    return [(kind, code) for kind, code in json.loads(text)] if text else []
