"""CSV exports of Dutch, Belgian and German banks, recognised by their headings; titles and balances around the table are skipped."""

import codecs
import csv
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from segcli.base.errors import Problem, SegcliError
from segcli.importing.readers import HEAD_BYTES, BadRow, Block, Source, text_head
from segcli.importing.readers.parts import bank, bank_details, bank_layouts
from segcli.importing.readers.parts.bank import HEADER, KIND, Row
from segcli.importing.readers.parts.bank_layouts import ABN_TAB, TRIODOS, Layout
from segcli.importing.readers.parts.text_bytes import detected_encoding
from segcli.importing.readers.parts.values import UnreadableError

_SIGNS = (";", ",", "\t")
_ABOVE = 30  # lines above the table
_MOST_CELL = 100_000  # characters
_ABN = re.compile(
    r"(?:\d{9,10}|[A-Z]{2}\d{2}[A-Z0-9]{11,30})\t[A-Z]{3}\t\d{8}\t[^\t\n]*,\d\d\t[^\t\n]*,\d\d\t\d{8}\t[^\t\n]*,\d\d\t",
    re.ASCII,
)
_TRIODOS = re.compile(r'"?\d\d-\d\d-\d{4}"?,"?NL\d\dTRIO\d{10}"?,"?[\d.]+,\d\d"?,"?(?:Debet|Credit)', re.ASCII)
_IBAN = re.compile(r"\b[A-Z]{2}\d{2} ?(?:[A-Z0-9]{4} ?){2,7}[A-Z0-9]{0,4}\b", re.ASCII)
_FOOTER = re.compile(r"kontostand|saldo|neuer|laatste|dernier|solde|summe|totaal|total", re.IGNORECASE)


class _Table(NamedTuple):
    """Where the table begins: its layout, headings, delimiter and line; `own` is the bank account named above it."""

    layout: Layout
    headings: Sequence[str]
    sign: str
    line: int  # of the first row
    own: str | None


def recognises(head: bytes) -> bool:
    """Tell whether the head has the headings of a bank's export."""
    if head.startswith(b"PK") or (
        b"\0" in head.strip(b"\0")[:200] and not head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
    ):
        return False
    return _table(_text(head)) is not None


def read(source: Source) -> Iterator[Block]:
    """Yield the block of payments."""
    encoding = detected_encoding(source)
    with source.path.open(encoding=encoding, errors="replace", newline="") as file:
        table = _table(file.read(HEAD_BYTES))
    if table is None:
        raise SegcliError(
            f"{source.name}: its headings cannot be read in the encoding '{encoding}'", "name it with --encoding"
        )
    yield Block(KIND, "", HEADER, _rows(source, encoding, table), is_canonical=True)


def _text(head: bytes) -> str:
    try:
        found = (
            text_head(head) if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)) else head.decode("utf-8-sig")
        )
    except UnicodeDecodeError as error:
        is_cut = error.start > len(head) - 4
        found = head[: error.start].decode("utf-8-sig") if is_cut else head.decode("latin-1")
    return found


def _table(text: str) -> _Table | None:
    """Return where a bank's table begins in the first lines of a file."""
    lines = text.splitlines()[:_ABOVE]
    if lines and _ABN.match(lines[0]):
        return _Table(_layout(ABN_TAB), ABN_TAB, "\t", 1, None)
    if lines and _TRIODOS.match(lines[0]):
        return _Table(_layout(TRIODOS), TRIODOS, ",", 1, None)
    for number, line in enumerate(lines, 1):
        for sign in _SIGNS:
            if line.count(sign) < 3:  # noqa: PLR2004 - the shortest has more columns
                continue
            headings = _cells(line, sign)
            layout = bank_layouts.find(headings)
            if layout:
                return _Table(layout, headings, sign, number + 1, _named(lines[: number - 1]))
    return None


def _layout(headings: Sequence[str]) -> Layout:
    layout = bank_layouts.find(headings)
    assert layout is not None  # noqa: S101 - both are made of the headings of a layout
    return layout


def _cells(line: str, sign: str) -> list[str]:
    try:
        return next(csv.reader([line], delimiter=sign), [])
    except csv.Error:
        return []


def _named(lines: Sequence[str]) -> str | None:
    """Return the bank account that is named above a table."""
    for line in lines:
        for match in _IBAN.finditer(line):
            found = bank.own_account(match[0])
            if found and len(found) > 14:  # noqa: PLR2004 - the shortest IBAN has 15
                return found
    return None


def _rows(source: Source, encoding: str, table: _Table) -> Iterator[Row | BadRow]:
    places = {bank_layouts.key(heading): at for at, heading in reversed(list(enumerate(table.headings)))}
    pending = 0
    csv.field_size_limit(_MOST_CELL)
    with source.path.open(encoding=encoding, newline="") as file:
        for _ in range(table.line - 1):
            file.readline(HEAD_BYTES)
        reader = csv.reader(file, delimiter=table.sign)
        line = table.line
        try:
            for cells in reader:
                record = _Record(table, places, cells)
                if not any(cell.strip() for cell in cells) or record.is_footer:
                    pass
                elif record.is_pending:
                    pending += 1
                else:
                    yield _row(source, line, record)
                line = table.line + reader.line_num
        except (csv.Error, UnicodeDecodeError) as error:
            raise SegcliError(
                f"{source.name}:{line}: this row cannot be read: {error}", "is a quote missing?"
            ) from error
    if pending:
        source.leave_out(f"{pending} payments are not booked yet, or were refused by the bank, and left out")


def _row(source: Source, line: int, record: "_Record") -> Row | BadRow:
    try:
        return bank.row(line, record.payment())
    except UnreadableError as error:
        problem = Problem(source.name, line, error.column, error.value, error.reason, error.fix)
        return BadRow(problem, line, tuple(record.cells))


class _Record:
    """A row of a bank's export."""

    def __init__(self, table: _Table, places: Mapping[str, int], cells: Sequence[str]) -> None:
        self.table, self.places, self.cells = table, places, cells
        self.layout = table.layout

    def get(self, headings: str) -> str:
        """Return the first non-empty cell under one of these headings, '' if there is none."""
        for heading in headings.split("|") if headings else ():
            at = self.places.get(bank_layouts.key(heading))
            if at is not None and at < len(self.cells) and self.cells[at].strip():
                return self.cells[at].strip()
        return ""

    @property
    def is_footer(self) -> bool:
        """Tell whether the row states a balance instead of a payment."""
        first = next((cell.strip() for cell in self.cells if cell.strip()), "")
        return len(self.cells) < len(self.table.headings) / 2 or _FOOTER.match(first) is not None

    @property
    def is_pending(self) -> bool:
        """Tell whether the bank has not booked the payment, or has refused it."""
        return bank_layouts.key(self.get(self.layout.status)) in self.layout.pending or bool(
            self.get(self.layout.refused)
        )

    def payment(self) -> bank.Payment:
        """Return the payment. Raises UnreadableError."""
        layout = self.layout
        amount = self._amount()
        text = bank.texts(*(self.get(name) for name in layout.texts))
        found = bank_details.of_text(text) if layout.is_parsed and text else {"description": text}
        note = bank.texts(*(self.get(name) for name in layout.notes))
        name = self.get(layout.payer) if layout.payer and not amount.startswith("-") else self.get(layout.name_of)
        return {
            **found,
            "own_iban": self._own(),
            "payment_date": bank.day(self._needed("payment_date", layout.day)),
            "currency": self._currency(),
            "amount": amount,
            "counter_iban": bank.iban(self.get(layout.account)) or found.get("counter_iban"),
            "counter_name": bank.texts(name) or found.get("counter_name"),
            "description": found.get("description") or note,
            "reference": bank.reference(self.get(layout.reference)) or found.get("reference"),
            "end_to_end_id": bank.reference(self.get(layout.end_to_end)) or found.get("end_to_end_id"),
            "bank_id": self._bank_id(),
            "is_batch": "0",
            "is_reversal": str(int(amount.startswith("-") and bank.is_reversal(f"{text} {note}"))),
            "source": layout.name,
        }

    def _needed(self, column: str, headings: str) -> str:
        text = self.get(headings)
        if not text:
            raise UnreadableError(column, None, "this is empty")
        return text

    def _amount(self) -> str:
        layout = self.layout
        text = self.get(layout.amount)
        if not text and layout.debit:
            debit, credit = self.get(layout.debit), self.get(layout.credit)
            paid = bank.amount(debit, decimal=layout.decimal) if debit else ""
            if paid and not credit:
                return paid if paid.startswith("-") else bank.negated(paid)
            text = credit
        if not text:
            raise UnreadableError("amount", None, "this is empty")
        amount = bank.amount(text, decimal=layout.decimal)
        is_paid = bool(layout.side) and self.get(layout.side).lower() in layout.paid
        return bank.negated(amount) if is_paid and not amount.startswith("-") else amount

    def _own(self) -> str:
        text = self.get(self.layout.own)
        if self.layout.name == "abnamro" and text.isdigit():
            return bank.dutch("ABNA", text)
        return bank.own_account(text) or self.table.own or self.layout.name

    def _currency(self) -> str | None:
        text = self.get(self.layout.currency).upper()
        return {"€": "EUR", "": None}.get(text, text)

    def _bank_id(self) -> str | None:
        """Return the bank's number of the payment; BNP Paribas Fortis gives only the year until it is booked."""
        text = self.get(self.layout.bank_id)
        return None if text.endswith("-") else bank.reference(text)
