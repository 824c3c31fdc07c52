"""Values of XML elements as canonical text: signed numbers and dates, and the error for anything else."""

import re
from decimal import Decimal, InvalidOperation

_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(T.*|Z|[+-][0-9]{2}:[0-9]{2})?")
_MOST_DIGITS = 30


class UnreadableError(ValueError):
    """A value that cannot be read; its row is rejected."""

    def __init__(self, column: str, value: str | None, reason: str, fix: str = "") -> None:
        super().__init__(reason)
        self.column, self.value, self.reason, self.fix = column, value, reason, fix
        self.line: int | None = None  # its line, if other than that of the row


def number(text: str | None, column: str = "amount") -> str | None:
    """Return a number of an XML schema, such as 1.2E3, without exponent."""
    if text is None or (len(text) <= _MOST_DIGITS and _PLAIN.fullmatch(text)):
        return text
    try:
        found = Decimal(text) if text.isascii() and "_" not in text else Decimal("nan")
    except InvalidOperation:
        found = Decimal("nan")
    if not found.is_finite() or abs(found.adjusted()) > _MOST_DIGITS:
        raise UnreadableError(column, text, "this is not a number", "write 1234.56")
    return f"{found:f}"


def decimal(text: str | None, times: int = 1, places: int = 9) -> str | None:
    """Return a number multiplied by `times`, rounded, without exponent; a text that is no number is returned as is.

    Exact's doubles come with more digits than they hold.
    """
    if text is None:
        return None
    try:
        found = Decimal(text) * times
        return f"{found.quantize(Decimal(1).scaleb(-places)).normalize():f}" if found.is_finite() else text
    except InvalidOperation:
        return text


def percent(text: str | None, column: str) -> str | None:
    """Return a fraction as per cent; a value above 1 is per cent already."""
    found = number(text, column)
    if found is None:
        return None
    value = Decimal(found)
    return f"{(value * 100 if abs(value) <= 1 else value).normalize():f}"


def negated(text: str) -> str:
    """Return a number with its sign reversed."""
    return text[1:] if text.startswith("-") else f"-{text}"


def signed(amount: str | None, side: str | None, column: str = "amount") -> str | None:
    """Return a debit (D) amount as positive and a credit (C) amount as negative."""
    found = number(amount, column)
    side = (side or "").upper()
    if found is None or not found.strip("-0."):
        return found
    if side not in {"D", "C"}:
        raise UnreadableError(column, amount, "neither debit nor credit is said of it", "write D or C")
    return negated(found) if side == "C" else found


def like(amount: str | None, other: str | None) -> str | None:
    """Return an amount with the sign of another one: the same sum in another currency."""
    if amount is None or other is None or not other.strip("-0."):
        return amount
    return amount if amount.startswith("-") == other.startswith("-") else negated(amount)


def date(text: str | None) -> str | None:
    """Return the day of a date with a time or zone; any other text is returned as is."""
    match = _DATE.fullmatch(text) if text else None
    return match[1] if match else text


def unique(seen: dict[int, int], number: str | None, *where: str | None) -> str | None:
    """Return a line number that is unique within its entry: a repeated number gets a suffix: 1, 1.2, 1.3."""
    place = tuple(part or "" for part in where)
    key = first = hash((*place, number or ""))
    found = number
    while key in seen:
        seen[first] += 1
        found = f"{number or ''}.{seen[first]}"
        key = hash((*place, found))
    seen[key] = 1
    return found
