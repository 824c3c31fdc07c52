"""MT940 bank statements (SWIFT), one payment per :61:, with the details of :86: as Dutch and German banks structure them.

The fields of :61: and of the balances are read with the patterns of the package mt-940.
"""

import calendar
import re
from collections.abc import Iterator
from decimal import Decimal
from functools import cache
from typing import NamedTuple

from segcli.base.errors import Problem, SegcliError
from segcli.importing.readers import BadRow, Block, Source, text_head
from segcli.importing.readers.parts import bank, bank_details
from segcli.importing.readers.parts.bank import HEADER, KIND, Row, Statement
from segcli.importing.readers.parts.text_bytes import detected_encoding
from segcli.importing.readers.parts.values import UnreadableError

_TAG = re.compile(r":(\d{2}[A-Z]?|NS):", re.ASCII)
_HEAD = re.compile(r"^:20:[^\n]*\n(?:[^\n]*\n){0,4}?:25", re.MULTILINE)
_REPORT = re.compile(r"^:(?:34F|13D):|\{2:[OI]942|^942\b", re.MULTILINE)
_END = re.compile(r"-\}?(?:\{5:.*)?|\{[1-5]:.*")
_IBAN = re.compile(r"\b[A-Z]{2}\d{2}[A-Z]{4}[A-Z0-9]{10,}\b|\b[A-Z]{2}\d{16,20}\b", re.ASCII)
_ASN = "ASNB"  # writes the other account into the reference of :61:
_MOST_LINES = 1000  # lines of a field
_LONGEST = 10_000  # characters of a line
_HALF_YEAR = 6  # months: entry and value date of 31 December and 1 January lie in two years
_FEBRUARY = 2


class _Tag(NamedTuple):
    """A field: its name, its lines and the line where it starts."""

    name: str
    lines: list[str]
    line: int

    @property
    def text(self) -> str:
        return "\n".join(self.lines).strip()


def recognises(head: bytes) -> bool:
    """Tell whether the file is an MT940 or MT942 message."""
    start = text_head(head).replace("\r", "")
    return not start.startswith("<") and _HEAD.search(start) is not None


def read(source: Source) -> Iterator[Block]:
    """Yield the block of payments; its rows are read while they are used."""
    with source.path.open("rb") as file:
        head = text_head(file.read(4096)).replace("\r", "")
    if _REPORT.search(head) and ":60" not in head:
        raise SegcliError(
            f"{source.name} is an MT942 report of the day, which is not final",
            "download the MT940 statement of that day",
        )
    yield Block(KIND, "", HEADER, _File(source).rows(), is_canonical=True)


@cache
def _pattern(name: str) -> "re.Pattern[str]":
    """Return a pattern of the package mt-940. Raises SegcliError if it is not installed."""
    try:
        from mt940 import tags
    except ImportError as error:
        raise SegcliError("reading MT940 needs the package mt-940", "install it: pip install 'segcli[bank]'") from error
    pattern: re.Pattern[str] = getattr(tags, name)().re
    return pattern


class _File:
    """The state of one file while it is read."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.account: str | None = None
        self.currency: str | None = None
        self.number = ""
        self.statement: Statement | None = None
        self.entry: _Tag | None = None
        self.details: list[str] = []
        self.seen: set[tuple[str | None, str, str]] = set()
        self.is_repeated = False

    def rows(self) -> Iterator[Row | BadRow]:
        """Yield the payments."""
        for tag in self._tags():
            if tag.name == "86" and self.entry is not None:
                self.details += tag.lines
                continue
            yield from self._entry_done()
            self._take(tag)
        yield from self._entry_done()
        self._statement_done()

    def _take(self, tag: _Tag) -> None:
        if tag.name == "20":
            self._statement_done()
            self.account = self.currency = None
            self.number, self.is_repeated = "", False
        elif tag.name == "25":
            self.account = bank.own_account(tag.text.split("\n")[0])
        elif tag.name in {"28", "28C"}:
            self.number = tag.text
        elif tag.name in {"60F", "60M"}:
            self._opened(tag)
        elif tag.name in {"62F", "62M"} and self.statement is not None:
            self.statement.closing = self._balance(tag)[1]
            self._statement_done()
        elif tag.name == "61":
            self.entry = tag

    def _opened(self, tag: _Tag) -> None:
        self._statement_done()
        key = (self.account, self.number, tag.text)
        self.is_repeated = bool(self.number.strip("0/ ")) and key in self.seen
        self.seen.add(key)
        self.currency, opening = self._balance(tag)
        if not self.is_repeated:
            self.statement = Statement(self.source, f"{self.account} {self.number}".strip(), opening)

    def _statement_done(self) -> None:
        if self.statement is not None:
            self.statement.check()
        self.statement = None

    def _balance(self, tag: _Tag) -> tuple[str, Decimal]:
        match = _pattern("BalanceBase").match(tag.text)
        if match is None:
            raise SegcliError(
                f"{self.source.name}:{tag.line}: ':{tag.name}:{tag.text[:40]}' is not a balance", "is the file damaged?"
            )
        try:
            amount = _decimal(match["amount"])
        except UnreadableError as error:
            raise SegcliError(
                f"{self.source.name}:{tag.line}: the balance '{error.value}' is not an amount", "is the file damaged?"
            ) from error
        return match["currency"].upper(), -amount if match["status"].upper() == "D" else amount

    def _entry_done(self) -> Iterator[Row | BadRow]:
        """Yield the payment of the last :61: with its :86:."""
        tag, lines = self.entry, self.details
        self.entry, self.details = None, []
        if tag is None or self.is_repeated:
            return
        try:
            made = self._payment(tag, lines)
        except UnreadableError as error:
            problem = Problem(self.source.name, tag.line, error.column, error.value, error.reason, error.fix)
            yield BadRow(problem, tag.line)
            return
        if made is not None:
            yield made

    def _payment(self, tag: _Tag, lines: list[str]) -> Row | None:
        name = "StatementASNB" if _ASN in (self.account or "") else "Statement"
        match = _pattern(name).match(tag.text)
        if match is None or (match["id"] is None and (match["customer_reference"] or "").startswith(".")):
            raise UnreadableError(
                "amount", tag.text.split("\n")[0][:60], "this is not a line of a statement (:61:)", ""
            )
        if self.account is None:
            raise UnreadableError("own_iban", None, "the statement does not name its bank account (:25:)")
        if self.currency is None:
            raise UnreadableError(
                "currency", None, "the statement has no opening balance (:60F:), which states the currency"
            )
        mark = match["status"].upper()
        is_debit = mark in {"D", "RC"}  # RC reverses a credit
        amount = _decimal(match["amount"])
        amount = -amount if is_debit else amount
        if self.statement is not None:
            self.statement.total += amount
        if not amount:
            return None
        found = bank_details.of_lines(lines)
        extra = (match["extra_details"] or "").strip()
        account = _IBAN.search(f"{extra} {match['customer_reference'] or ''}")
        if not found.get("counter_iban") and account:
            found["counter_iban"] = bank.own_account(account[0])
        own_reference = bank.reference(match["customer_reference"]) if not account else None
        back = mark.startswith("R") or found.get("is_reversal") == "1"
        about: dict[str, str | None] = {
            **found,
            "own_iban": self.account,
            "payment_date": _booked(match),
            "currency": self.currency,
            "amount": f"{amount:f}",
            "end_to_end_id": found.get("end_to_end_id") or own_reference,
            "description": found.get("description") or (None if account else bank.texts(extra)),
            "bank_id": bank.reference(match["bank_reference"]),
            "is_batch": "0",
            "is_reversal": str(int(back)),
            "source": "mt940",
        }
        return bank.row(tag.line, about)

    def _tags(self) -> Iterator[_Tag]:
        """Yield the fields of the file in order."""
        tag: _Tag | None = None
        for number, line in enumerate(self._lines(), 1):
            match = _TAG.match(line)
            if match:
                if tag is not None:
                    yield tag
                tag = _Tag(match[1], [line[match.end() :]], number)
            elif tag is not None and _END.fullmatch(line.strip()):
                yield tag
                tag = None
            elif tag is not None and line.strip():
                tag.lines.append(line)
                if len(tag.lines) > _MOST_LINES:
                    raise SegcliError(
                        f"{self.source.name}:{number}: a field has more than {_MOST_LINES:,} lines",
                        "is the file damaged?",
                    )
        if tag is not None:
            yield tag

    def _lines(self) -> Iterator[str]:
        with self.source.path.open(encoding=detected_encoding(self.source), newline=None) as file:
            try:
                while line := file.readline(_LONGEST + 1):
                    if len(line) > _LONGEST:
                        raise SegcliError(
                            f"{self.source.name}: a line has more than {_LONGEST:,} characters", "is the file damaged?"
                        )
                    yield line.rstrip("\n")
            except UnicodeError as error:
                raise SegcliError(f"{self.source.name} cannot be read: {error}", "is --encoding right?") from error


def _decimal(text: str) -> Decimal:
    """Return an amount of SWIFT: digits with one comma. Raises UnreadableError."""
    if text.count(",") > 1 or not text.strip(","):
        raise UnreadableError("amount", text, "this is not an amount", "SWIFT writes 1234,56")
    return Decimal(text.replace(",", ".").rstrip("."))


def _booked(match: "re.Match[str]") -> str:
    """Return the booking date, else the value date. The booking date has no year: it is the one nearest to the value date."""
    year, month, day = 2000 + int(match["year"]), int(match["month"]), int(match["day"])
    entry_month, entry_day = (match["entry_month"] or "").strip(), (match["entry_day"] or "").strip()
    if entry_month.isdigit() and entry_day.isdigit():
        between = int(entry_month) - month
        year += (between < -_HALF_YEAR) - (between > _HALF_YEAR)
        month, day = int(entry_month), int(entry_day)
    if month == _FEBRUARY and 28 < day <= 30:  # noqa: PLR2004 - interest days: German banks have a 30th of February
        day = calendar.monthrange(year, month)[1]
    return bank.day(f"{year:04d}-{month:02d}-{day:02d}")
