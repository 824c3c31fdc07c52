"""Money as integers in minor units: formatting and parsing, without floats. Pure."""

import re
from functools import cache
from typing import TYPE_CHECKING

from segcli.base.deferred import regex

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from decimal import Decimal

# Currencies that do not have two decimals (ISO 4217, list one).
_CODES = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
DECIMALS = {code: decimals for decimals, codes in _CODES.items() for code in codes.split()}
MOST_DECIMALS = max(_CODES)
_SYMBOLS = {"€": ("EUR",), "$": ("USD",), "£": ("GBP",), "¥": ("JPY", "CNY")}
MOST = 2**63 - 1  # largest SQLite INTEGER; -MOST is the lower limit
_MOST_DIGITS = len(str(MOST))

_BLANK = "[ \u00a0\u202f]"  # a space and the two no-break spaces
_CURRENCY = "[A-Z]{3}|[€$£¥]"
_MINUS = "\u2212"
_DASHES = regex(r"\d([.,])--?(?!\d)")  # no cents: 121,-
_TO_COMMA = str.maketrans(",.", ".,")


def exponent(currency: str) -> int:
    """Return the number of decimals of a currency (ISO 4217): 0 for JPY, 3 for KWD, 4 for CLF, 2 for most."""
    return DECIMALS.get(currency, 2)


def to_text(minor: int, currency: str) -> str:
    """Format an amount for machines, always with all its decimals: -1230 EUR is -12.30."""
    decimals = exponent(currency)
    if not decimals:
        return str(minor)
    digits = str(abs(minor)).rjust(decimals + 1, "0")
    return f"{'-' * (minor < 0)}{digits[:-decimals]}.{digits[-decimals:]}"


def to_human(minor: int, currency: str, decimal: str = ".") -> str:
    """Format an amount for people: 123456 EUR is 1,234.56, or 1.234,56 with a decimal comma."""
    decimals = exponent(currency)
    whole, rest = divmod(abs(minor), 10**decimals)
    text = f"{'-' * (minor < 0)}{whole:,}" + (f".{rest:0{decimals}}" if decimals else "")
    return text if decimal == "." else text.translate(_TO_COMMA)


@cache
def _ends(decimals: int) -> tuple[str, ...]:
    """Return the decimal point and the decimals of each number of minor units below a major unit."""
    return tuple(f".{rest:0{decimals}}" if decimals else "" for rest in range(10**decimals))


def to_texts(amounts: "Sequence[int | None]", currency: str) -> list[str]:
    """Return the results of `to_text`, '' for None; a column takes a fifth of the time."""
    unit, ends = 10 ** exponent(currency), _ends(exponent(currency))
    return [
        "" if minor is None else f"{minor // unit}{ends[minor % unit]}" if minor >= 0 else to_text(minor, currency)
        for minor in amounts
    ]


def to_human_texts(amounts: "Sequence[int | None]", currency: str, decimal: str = ".") -> list[str]:
    """Return the results of `to_human`, '' for None; a column takes a third of the time."""
    unit, ends = 10 ** exponent(currency), _ends(exponent(currency))
    found = [
        "" if minor is None else f"{minor // unit:,}{ends[minor % unit]}" if minor >= 0 else to_human(minor, currency)
        for minor in amounts
    ]
    return found if decimal == "." or not found else "|".join(found).translate(_TO_COMMA).split("|")


def half_up(numerator: int, denominator: int) -> int:
    """Return the quotient rounded to a whole number, halves away from zero. Raises ZeroDivisionError."""
    sign = -1 if (numerator < 0) != (denominator < 0) else 1
    return sign * ((2 * abs(numerator) + abs(denominator)) // (2 * abs(denominator)))


def minor_units(number: "Decimal", currency: str) -> int:
    """Convert a number of major units to minor units without rounding. Raises ValueError(reason)."""
    minor = number.scaleb(exponent(currency))
    if minor != minor.to_integral_value():
        raise ValueError("it has too many decimals")
    if abs(minor) > MOST:
        raise ValueError("it is larger than can be kept")
    return int(minor)


def _digits(decimal: str) -> str:
    """Return the pattern of a number with this decimal sign: plain, or in groups of three with one consistent separator.

    A grouped number does not start with a zero: 0.123 is never 123.
    """
    by = rf"[{',' if decimal == '.' else '.'} \u00a0\u202f'\u2019]"
    grouped = rf"[1-9]\d{{0,2}}(?P<by>{by})\d{{3}}(?:(?P=by)\d{{3}})*"
    return rf"(?P<whole>\d+|{grouped})(?:\{decimal}(?:(?P<rest>\d+)|-{{1,2}}(?!-)))?"


@cache
def _shape(decimal: str) -> re.Pattern[str]:
    return re.compile(_digits(decimal), re.ASCII)


@cache
def _amount(decimal: str) -> re.Pattern[str]:
    sign = rf"(?:[+-]{_BLANK}?)?"
    currency = f"(?:(?:{_CURRENCY}){_BLANK}?)?"
    front = rf"(?P<front>\(?{sign}{currency}{sign}\(?)"
    back = rf"(?P<back>\)?(?:{_BLANK}?[+-])?(?:{_BLANK}?(?:{_CURRENCY}))?(?:{_BLANK}?[+-])?\)?)"
    return re.compile(front + _digits(decimal) + back, re.ASCII)


def parse(text: str, currency: str, decimal: str = ".") -> int:
    """Parse an amount written with this decimal sign to minor units. Raises ValueError(reason).

    Accepted: a leading or trailing sign; (5.00) for negative; thousands in proper groups separated by the other sign,
    a space or an apostrophe; the currency's symbol or code; dashes for no cents (5,-). Nothing is rounded: surplus decimals must be zeros.
    """
    whole, _, rest = text.partition(decimal)
    if (
        len(rest) == exponent(currency)
        and text.isascii()
        and whole.isdigit()
        and rest.isdigit()
        and len(text) < _MOST_DIGITS
    ):
        return int(whole + rest)  # fast path for 1234.50, the form of nearly every amount in a file
    match = _amount(decimal).fullmatch(text.strip(" \u00a0\u202f").replace(_MINUS, "-"))
    if match is None:
        raise ValueError(_why(text, decimal))
    around = match["front"] + match["back"]
    minor = _minor(match["whole"], match["rest"] or "", currency)
    return -minor if around and _is_negative(around, currency) else minor


@cache
def _plain_column(decimals: int, decimal: str) -> re.Pattern[str]:
    cents = rf"\{decimal}\d{{{decimals}}}" if decimals else ""
    return re.compile(rf"(?:(?:-?+\d{{1,12}}+{cents})?+\n)*+", re.ASCII)


def parse_plain(
    texts: "Sequence[str | None]", currencies: "Collection[str]", decimal: str = "."
) -> "list[int | None] | None":
    """Parse a column of stripped texts as `parse` parses each, in a third of the time; a blank cell is None.

    Every amount must have the form of -1234.50, with all decimals, and the currencies must have the same number of decimals.
    Otherwise the result is None instead of a list.
    """
    column, decimals = [text or "" for text in texts], set(map(exponent, currencies))
    joined = "\n".join([*column, ""])
    if len(decimals) > 1 or joined.count("\n") != len(column):
        return None
    if not _plain_column(decimals.pop(), decimal).fullmatch(joined):
        return None
    digits = joined.replace(decimal, "").split("\n")[:-1]
    return [int(one) if one else None for one in digits] if "" in column else list(map(int, digits))


def _minor(whole: str, rest: str, currency: str) -> int:
    decimals = exponent(currency)
    if rest[decimals:].strip("0"):
        raise ValueError(f"{currency} has {decimals or 'no'} decimals, this has {len(rest)}")
    digits = re.sub(r"\D", "", whole) if not whole.isdigit() else whole
    digits = (digits + rest[:decimals].ljust(decimals, "0")).lstrip("0") or "0"
    # Check the length first: int() of very long digits is slow.
    if len(digits) > _MOST_DIGITS or int(digits) > MOST:
        raise ValueError("this is larger than can be kept")
    return int(digits)


def _is_negative(around: str, currency: str) -> bool:
    """Tell whether the text around the digits means negative. Raises ValueError for two signs or another currency."""
    found = re.findall(_CURRENCY, around)
    for mark in found:
        if mark != currency and currency not in _SYMBOLS.get(mark, ()):
            raise ValueError(f"this is {mark}, not {currency}")
    signs = re.sub(r"[^-+()]", "", around)
    if len(found) > 1 or signs not in {"", "-", "+", "()"}:
        raise ValueError("this is not an amount")
    return signs in {"-", "()"}


def _why(text: str, decimal: str) -> str:
    other = "," if decimal == "." else "."
    if other in text:
        return f"this is not an amount with a decimal {'point' if decimal == '.' else 'comma'}, as the file has them"
    return "this is not an amount"


_AROUND = regex(r"[^\d]*(\d(?:.*\d)?)[^\d]*", re.ASCII)


def decimal_sign(text: str) -> str | None:
    """Infer the decimal sign from a number: '.' or ',', '' if ambiguous, None if the text gives no evidence.

    - ',' for 12,5, 1.234,56, 1.234.567 and 121,-; '.' likewise.
    - '' for 1.234 and 1,234: other values of the file must decide.
    - None for 1234, and for text that is not a number with either sign, which `parse` refuses.

    A column has one decimal sign, the one its values prove. `parse` then refuses values with the other sign.
    """
    dashes = _DASHES.search(text)
    if dashes:
        return dashes[1]
    match = _AROUND.fullmatch(text)
    body = match[1] if match else ""
    if "." not in body and "," not in body:
        return None
    fits = [sign for sign in ".," if _shape(sign).fullmatch(body)]
    if len(fits) > 1:
        return ""
    return fits[0] if fits else None
