"""Conversion of a text in a file to a database value: dates, amounts, flags, codes. Pure."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from segcli.base.money import parse as parse_money
from segcli.base.money import parse_plain
from segcli.domain.prices.numbers import canonical
from segcli.domain.requests import STATUSES
from segcli.importing.kinds.machinery import value_words

Value = str | int | None  # None: the text means an empty cell
Converter = Callable[[str], Value]  # raises ValueError(reason) or ValueError(reason, fix)

_CLOCK = r"\d\d?:\d\d(?::\d\d(?:\.\d+)?)?(?: ?[AaPp]\.?[Mm]\.?)?"  # a time of day, which is left out
_ISO = re.compile(r"(\d{4})[-/](\d{1,2})[-/](\d{1,2})(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d+)?)?Z?)?", re.ASCII)
_PARTS = re.compile(rf"(\d{{1,2}})[-/.](\d{{1,2}})[-/.](\d{{4}})(?:,? {_CLOCK})?", re.ASCII)
_TOGETHER = re.compile(rf"(\d{{4}})[-/.]?(\d\d)[-/.]?(\d\d)(?:[T ]{_CLOCK}Z?)?", re.ASCII)  # 19970131
_SHORT = re.compile(r"\d{1,2}[-/. ] ?(?:\d{1,2}|[A-Za-z]{3,9}\.?)[-/. ]\d{2}", re.ASCII)
_NAMED = re.compile(r"(\d{1,2})[-. ] ?([A-Za-z]{3,9})\.?[- ](\d{4})", re.ASCII)
_NUMBER = re.compile(r"[+-]?\d{1,16}(?:\.\d{1,9})?", re.ASCII)
# A column of them, a line each; a line may be empty. Possessive, so that the time grows with the length alone.
_NUMBERS = re.compile(r"(?:(?:[+-]?+\d{1,16}+(?:\.\d{1,9}+)?+)?+\n)*+", re.ASCII)
# Texts of digits: a spreadsheet that takes them for numbers rounds them.
DIGITS = frozenset({
    "phone", "mobile", "fax", "vat_number", "chamber_of_commerce", "postcode", "external_id", "search_code", "reference",
    "your_reference", "subscription_id", "invoice_id",
})  # fmt: skip
_EXPONENT = re.compile(r"[+-]?\d(?:[.,]\d+)?E\+\d{2,3}", re.ASCII | re.IGNORECASE)
NO_AMOUNT = frozenset({"-", "--", "\u2013", "\u2014", "\u2212"})  # dashes, alone in a cell
_DAY = re.compile(r"(?:19|20)\d{6}", re.ASCII)
_FORMS = {"iso": _ISO, "dmy": _PARTS, "mdy": _PARTS, "ymd": _TOGETHER}
_EXAMPLES = {"iso": "2024-01-31", "dmy": "31-01-2024", "mdy": "01-31-2024", "ymd": "20240131"}
_TIME = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)(?::[0-5]\d(?:\.\d+)?)?", re.ASCII)
_EARLIEST = 1900


@dataclass(frozen=True, slots=True)
class Style:
    """How a file writes numbers and dates."""

    decimal: str = "."
    dates: str = "iso"  # iso, dmy, mdy or ymd: 20240131
    proof: str = ""  # the date of the file that proves `dates`; '' if the user says so


class OtherOrderError(ValueError):
    """A date whose day and month stand in another order than in the date that proves the order of the file."""


def dates_of(text: str) -> str | None:
    """Return the date order that a text proves: iso, dmy or mdy; '' if ambiguous, None if it is not a date."""
    if _ISO.fullmatch(text):
        return "iso"
    match = _PARTS.fullmatch(text)
    if not match:
        return None
    first, second = int(match[1]), int(match[2])
    if first > 12 >= second:  # noqa: PLR2004 - months
        return "dmy"
    return "mdy" if second > 12 >= first else ""  # noqa: PLR2004 - months


def to_date(text: str, style: Style) -> str:
    """Return the ISO date of a text that is written in the file's style."""
    if text.startswith("/Date("):  # Microsoft's JSON date
        from segcli.importing.readers.json import moment

        text, style = moment(text), Style()
    if _SHORT.fullmatch(text):
        raise ValueError("this year has two digits", "write the year with four digits")
    match = _FORMS[style.dates].fullmatch(text)
    if not match:
        named = _NAMED.fullmatch(text)
        if named and named[2].lower() in value_words.MONTHS:
            return _day(int(named[3]), value_words.MONTHS[named[2].lower()], int(named[1]))
        fix = ("year, month and day together: --dates ymd",) if _DAY.fullmatch(text) else ()
        raise ValueError(f"this is not a date like {_EXAMPLES[style.dates]}, as the file has them", *fix)
    parts = [int(part) for part in match.groups()]
    if style.proof:
        _refuse_other(text, style)
    year, month, day = {"dmy": parts[::-1], "mdy": [parts[2], *parts[:2]]}.get(style.dates, parts)
    return _day(year, month, day)


def _refuse_other(text: str, style: Style) -> None:
    """Raise ValueError for a date in another order than the proof, or one that may be: with another separator."""
    proven = dates_of(text)
    fix = "say which order all dates have: --dates dmy or --dates mdy"
    if proven in {"dmy", "mdy"} and proven != style.dates:
        raise OtherOrderError(f"day and month stand in another order than in {style.proof}", fix)
    if proven == "" and text.lstrip("0123456789")[:1] != style.proof.lstrip("0123456789")[:1]:
        raise ValueError(
            f"this has another separator than {style.proof}, so the order of day and month is not sure", fix
        )


def _day(year: int, month: int, day: int) -> str:
    if year < _EARLIEST:
        raise ValueError(f"the year {year} lies before {_EARLIEST}", "write the year with four digits")
    try:
        return date(year, month, day).isoformat()
    except ValueError as error:
        from segcli.base.dates import month_end

        if 1 <= month <= 12:  # noqa: PLR2004 - months
            last = month_end(date(year, month, 1))
            raise ValueError("this day does not exist", f"the last day of that month is {last}") from error
        raise ValueError("this day does not exist", "months run from 01 to 12") from error


def to_flag(text: str) -> int:
    """Return 1 for yes and 0 for no, in English or Dutch."""
    word = text.lower()
    if word in value_words.YES:
        return 1
    if word in value_words.NO:
        return 0
    raise ValueError("this is neither yes nor no", "write 1 or 0")


def to_status(text: str) -> str:
    """Return A, S, P or C."""
    if text.lower() not in value_words.STATUS:
        raise ValueError("this is not a status", "A none, S suspect, P prospect, C customer")
    return value_words.STATUS[text.lower()]


def to_one_of(words: Mapping[str, str]) -> Converter:
    """Return a converter that maps each of these words, in any case, to its value."""

    def convert(text: str) -> str:
        word = text.lower().replace(" ", "")
        if word not in words:
            raise ValueError("this word is not known here", ", ".join(dict.fromkeys(words.values())))
        return words[word]

    return convert


def to_currency(text: str) -> str:
    """Return an ISO 4217 currency code in upper case."""
    code = text.upper()
    if not (len(code) == 3 and code.isascii() and code.isalpha()):  # noqa: PLR2004 - three letters
        raise ValueError("this is not a currency", "write its three letters, such as EUR")
    return code


def to_request_status(text: str) -> int:
    """Return the number of a request's status."""
    word = text.lower().replace(" ", "").removesuffix(".0")
    if word not in value_words.REQUEST_STATUSES:
        raise ValueError("this is not the status of a request", ", ".join(STATUSES.values()))
    return value_words.REQUEST_STATUSES[word]


def to_iban(text: str) -> str:
    """Return a bank account number: an IBAN with right check digits, without blanks and in capitals."""
    from segcli.base.errors import SegcliError
    from segcli.domain.bank_account import check_iban

    try:
        return check_iban(text)
    except SegcliError as error:
        raise ValueError(
            "this is not an IBAN: its length or its check digits are wrong", "a digit may be mistyped"
        ) from error


def to_country(text: str) -> str:
    """Return a country as ISO 3166-1 alpha-2 code; a name that is not known stays as it is."""
    from segcli.domain import countries  # imports babel for a name only

    return countries.code(text)


def to_digits(text: str) -> str:
    """Return the text of a code or number. Raises ValueError if it is a number that a spreadsheet has rounded."""
    if "+" in text and _EXPONENT.fullmatch(text):
        raise ValueError(
            "a spreadsheet has rounded this number",
            "Excel keeps 15 digits of a number and shows fewer: format the column as text and enter it again",
        )
    return text


def to_time(text: str) -> str:
    """Return a time of day as hh:mm."""
    match = _TIME.fullmatch(text)
    if not match:
        raise ValueError("this is not a time of day", "write it as 14:30")
    return f"{int(match[1]):02d}:{match[2]}"


def to_integer(text: str) -> int:
    """Return a whole number of at most 15 digits."""
    body = text[1:] if text[:1] in {"-", "+"} else text
    if not (body.isascii() and body.isdigit() and len(body) < 16):  # noqa: PLR2004 - 15 digits are exact in a float too
        raise ValueError("this is not a whole number")
    return int(text)


def to_decimal(text: str, style: Style) -> str:
    """Return a decimal number as plain text with a decimal point."""
    plain = text.replace(".", "").replace(",", ".") if style.decimal == "," else text
    if not _NUMBER.fullmatch(plain):
        raise ValueError("this is not a number")
    return plain


def to_decimals(column: Sequence[str | None], style: Style) -> list[str | None]:
    """Convert a column as `to_decimal` converts each cell, in a quarter of the time; a blank cell is None.

    Raises ValueError if a cell is not a number.
    """
    texts = [cell.strip() if cell else "" for cell in column]
    blank, joined = texts.count(""), "\n".join([*texts, ""])
    if style.decimal == ",":
        joined = joined.replace(".", "").replace(",", ".")
        texts = joined.split("\n")[:-1]
    is_one_each = joined.count("\n") == len(column) and texts.count("") == blank
    if not is_one_each or not _NUMBERS.fullmatch(joined):
        raise ValueError("one of these is not a number")
    return [text or None for text in texts] if blank else [*texts]


def converter(kind: str, style: Style) -> Converter | None:
    """Return the converter of a field type for stripped, non-empty texts; None if the text itself is the value.

    Amounts are not in this table because they need a currency; see `money`.
    """
    if kind in value_words.CHOICES:
        return to_one_of(value_words.CHOICES[kind])
    table: dict[str, Converter | None] = {
        "text": None,
        "code": None,
        "date": lambda text: to_date(text, style),
        "flag": to_flag,
        "status": to_status,
        "currency": to_currency,
        "country": to_country,
        "integer": to_integer,
        "decimal": lambda text: to_decimal(text, style),
        "exact": lambda text: canonical(to_decimal(text, style)),
        "request_status": to_request_status,
        "iban": to_iban,
        "time": to_time,
    }
    return table[kind]


def money(text: str, currency: str, style: Style) -> int:
    """Return an amount in minor units. Raises ValueError(reason)."""
    return parse_money(text, currency, style.decimal)


def optional_money(text: str, currency: str, style: Style) -> int | None:
    """Return an amount in minor units, None for a dash that stands for no amount. Raises ValueError(reason)."""
    try:
        return parse_money(text, currency, style.decimal)  # not by `money`: a call less for each amount
    except ValueError:
        if text in NO_AMOUNT:
            return None
        raise


def plain_amounts(
    texts: Sequence[str | None], currencies: Sequence[str | None], base: str, style: Style
) -> list[int | None] | None:
    """Return a column of amounts in minor units, or None unless all are written plainly. `base` stands for a missing currency."""
    return parse_plain(texts, {code or base for code in set(currencies)} or {base}, style.decimal)


def choices(kind: str) -> tuple[str, ...]:
    """Return the values of a field type that is one of a few words; nothing for other types."""
    own = {"status": value_words.STATUS.values(), "request_status": STATUSES.values()}
    return tuple(dict.fromkeys(own.get(kind) or value_words.CHOICES.get(kind, {}).values()))
