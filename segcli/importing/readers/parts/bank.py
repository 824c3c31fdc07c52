"""Shared by readers of bank statements: the row of a payment, bank accounts, amounts, dates and the check of balances."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from segcli.base.errors import SegcliError
from segcli.domain.bank_account import check_iban
from segcli.importing.readers import Place, Source
from segcli.importing.readers.parts.values import UnreadableError

KIND = "bank_payment"
HEADER = (
    "own_iban", "payment_date", "currency", "amount", "counter_iban", "counter_name", "description", "reference", "end_to_end_id",
    "bank_id", "entry_id", "is_batch", "is_reversal", "source",
)  # fmt: skip
Payment = Mapping[str, str | None]
Row = tuple[Place, list[str | None]]

# Words that banks write where there is no reference.
_NO_REFERENCE = frozenset({"NOTPROVIDED", "NONREF", "NOREF", "NOTAVAILABLE", "NONE", "NVT", "EREF"})
_IBAN = re.compile(r"[A-Z]{2}\d{2}[A-Z0-9]{11,30}", re.ASCII)
_GERMAN = re.compile(r"(\d{8})/(\d{1,10})", re.ASCII)  # Bankleitzahl and Kontonummer
_ALPHANUMERIC = re.compile(r"[^A-Z0-9]", re.ASCII)
_DAY = re.compile(r"(\d{1,2})[-./](\d{1,2})[-./](\d{4}|\d{2})", re.ASCII)
_ISO = re.compile(r"(\d{4})-?(\d{2})-?(\d{2})(?:[T ].*)?", re.ASCII)
_AMOUNT = re.compile(r"([+-]?)(\d{1,15}|\d{1,3}(?:([.,' ])\d{3})(?:\3\d{3}){0,4})(?:([.,])(\d{1,5}))?([+-]?)", re.ASCII)
_REVERSAL = re.compile(
    r"\b(storno|storneri?ng|terugboek\w*|r(?:ü|ue)ck(?:buchung|lastschrift)\w*|reversal|retourbuchung)\b", re.IGNORECASE
)
_CENTURY = 2000


def row(place: Place, payment: Payment) -> Row:
    """Return the row of a payment."""
    return place, [payment.get(name) for name in HEADER]


def iban(text: str | None) -> str | None:
    """Return a bank account without blanks, in capitals; None if there is none."""
    return re.sub(r"\s", "", text).upper() or None if text else None


def own_account(text: str | None) -> str | None:
    """Return our bank account: the IBAN at the start of the text, else that of a German bank code and number, else the text.

    :25: of MT940 may have a currency after the IBAN, or the bank's own number only.
    """
    plain = iban(text)
    if plain is None:
        return None
    german = _GERMAN.match(plain)
    if german:
        return _made("DE", german[1] + german[2].zfill(10))
    match = _IBAN.match(plain)
    for end in range(match.end() if match else 0, 14, -1):  # the longest one with right check digits
        try:
            return check_iban(plain[:end])
        except SegcliError:
            continue
    return plain


def dutch(bank: str, number: str) -> str:
    """Return the IBAN of a Dutch account number at a bank, such as ABNA."""
    return _made("NL", bank + number.zfill(10))


def _made(country: str, rest: str) -> str:
    """Return the IBAN of a national number, with its check digits (ISO 13616)."""
    digits = int("".join(str(int(c, 36)) for c in f"{rest}{country}00"))
    return f"{country}{98 - digits % 97:02d}{rest}"


def reference(text: str | None) -> str | None:
    """Return a reference; None if it is a word for no reference."""
    plain = (text or "").strip()
    bare = _ALPHANUMERIC.sub("", plain.upper())
    return plain if bare.strip("0") and bare not in _NO_REFERENCE and not bare.endswith("NONREF") else None


def texts(*parts: str | None) -> str | None:
    """Return the distinct texts joined by a blank, each with single blanks; None if there is none."""
    found = (" ".join(part.split()) for part in parts if part)
    return " ".join(dict.fromkeys(filter(None, found))) or None


def is_reversal(text: str | None) -> bool:
    """Tell whether a text says that a payment is reversed, in Dutch, German or English."""
    return text is not None and _REVERSAL.search(text) is not None


def day(text: str, column: str = "payment_date") -> str:
    """Return the ISO date of a date as banks write it: 2026-01-31, 20260131, 31-01-2026, 31.1.26. Raises UnreadableError."""
    match = _ISO.fullmatch(text)
    parts = match.groups() if match else None
    if parts is None and (match := _DAY.fullmatch(text)):
        parts = match[3], match[2], match[1]
    if parts is None:
        raise UnreadableError(column, text, "this is not a date", "write 31-01-2026")
    year, month, number = map(int, parts)
    try:
        return str(date(year + _CENTURY if year < 100 else year, month, number))  # noqa: PLR2004 - two digits
    except ValueError as error:
        raise UnreadableError(column, text, "this day does not exist") from error


def amount(text: str, column: str = "amount", decimal: str = ",") -> str:
    """Return a plain number. Raises UnreadableError.

    The last sign before one or two digits is the decimal sign, whichever it is. Before three digits it groups thousands,
    unless it is the bank's own decimal sign.
    """
    bare = (
        text.strip().replace("\u00a0", " ").replace("€", "").replace("EUR", "").replace(" ", "").replace("\u2212", "-")
    )
    match = _AMOUNT.fullmatch(bare)
    if not match or (match[1] and match[6]):
        raise UnreadableError(column, text, "this is not an amount", "write 1.234,56 or 1234.56")
    sign, whole, group, point, rest, after = match.groups()
    if group and group == point:
        raise UnreadableError(column, text, "this is not an amount", "write 1.234,56 or 1234.56")
    if point and len(rest) == 3 and point != decimal and not group:  # noqa: PLR2004 - a group of thousands
        whole, rest = f"{whole}{rest}", ""
    whole = re.sub(r"\D", "", whole)
    return f"{'-' if '-' in (sign, after) else ''}{whole}{'.' + rest if rest else ''}"


def negated(number: str) -> str:
    """Return a number with its sign reversed."""
    return number[1:] if number.startswith("-") else f"-{number}"


@dataclass(slots=True)
class Statement:
    """The balances of a statement: its entries must lead from the opening to the closing balance."""

    source: Source
    name: str  # for the message: the account and the statement's number
    opening: Decimal | None = None
    closing: Decimal | None = None
    total: Decimal = Decimal(0)

    def check(self) -> None:
        """Warn if the entries do not add up to the difference of the balances."""
        if self.opening is None or self.closing is None or self.opening + self.total == self.closing:
            return
        self.source.warn(
            f"statement {self.name}: its entries add up to {self.total}, its balances differ by {self.closing - self.opening}:"
            " is it complete?"
        )
