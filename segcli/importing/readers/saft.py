"""SAF-T files: the OECD's Standard Audit File for Tax, as used in Norway, Portugal, Luxembourg, Romania and elsewhere."""

import json
import re
from collections.abc import Iterator, Mapping
from itertools import chain

from segcli.base.text import counted
from segcli.importing.readers import BadRow, Block, Place, Source, text_head
from segcli.importing.readers.parts import saft_rows as saft
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
_YEAR = saft.LINE.index("financial_year")
_PARTY, _ACCOUNT = saft.PARTY.index("account"), saft.LINE.index("account")
_SUPPLIER = saft.PARTY.index("is_supplier")


def recognises(head: bytes) -> bool:
    """Tell whether the file is SAF-T. The Dutch audit file has the same root name, in lower case."""
    start = text_head(head)
    return start.startswith("<") and _ROOT.search(start) is not None and _MARK.search(start) is not None


def read(source: Source) -> Iterator[Block]:
    """Yield classifications, customers and suppliers, ledger accounts, journals and journal lines."""
    file = _File(source)
    for node in records(source, file.takes):
        file.takes[node.key](node)
    yield from (block._replace(currency=(file.currency or "").upper()) for block in file.blocks())


class _File:
    """The state of one file while it is read; forward references are resolved at the end."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.header: dict[str, str] = {}
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
        }

    def _header(self, node: Node) -> None:
        self.header = node.values()

    @property
    def currency(self) -> str | None:
        return self.header.get("defaultcurrencycode") or self.header.get("currencycode")

    def _ledger_account(self, node: Node) -> None:
        if node.parent in _LEDGERS and node.get("AccountID"):
            self.ledger.append((node.line, saft.gl_account(node)))

    def _party(self, node: Node) -> None:
        if node.parent not in {"masterfiles", f"{node.key}s"}:
            return
        is_customer = node.key == "customer"
        record = saft.party(node) | {"is_sales": str(int(is_customer)), "is_supplier": str(int(not is_customer))}
        for account in saft.ledger_accounts_of(node):
            self.controls.setdefault(account, "debtors" if is_customer else "creditors")
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
            self.lines.fills("type", is_filled=any(record.get("type") for _, record in self.journals.values()))
            yield self.lines.block(self._completed())

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

        If a number stands for two companies, the customer keeps it and the supplier is left out.
        """
        customers, suppliers = self.names["customer"], self.names["supplier"]
        shared = {code for code in suppliers if code in customers}
        self.strangers = {code for code in shared if suppliers[code] != customers[code]}
        if self.strangers:
            some = ", ".join(sorted(self.strangers)[:5])
            self.source.leave_out(
                f"{counted(len(self.strangers), 'supplier')} left out, numbered like another company's customer account: {some}"
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
                cells[_JOURNAL], cells[_TYPE] = record.get("journal"), record.get("type")
                cells[_NUMBER] = unique(seen, cells[_NUMBER], cells[_JOURNAL], cells[_YEAR], cells[_ENTRY])
            yield row


def _descendants(node: Node) -> Iterator[Node]:
    for child in node.children:
        yield child
        yield from _descendants(child)


def _analysed(row: Row | BadRow) -> list[tuple[str, str]]:
    text = None if isinstance(row, BadRow) else row[1][-1]
    return [(kind, code) for kind, code in json.loads(text)] if text else []
