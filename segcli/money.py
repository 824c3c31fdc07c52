"""Money: integers of minor units, to text and back, without a float anywhere. Pure."""

import re

_NO_DECIMALS = frozenset(
    [
        "BIF",
        "CLP",
        "DJF",
        "GNF",
        "ISK",
        "JPY",
        "KMF",
        "KRW",
        "PYG",
        "RWF",
        "UGX",
        "UYI",
        "VND",
        "VUV",
        "XAF",
        "XOF",
        "XPF",
    ]
)
_THREE_DECIMALS = frozenset(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"])
_MOST = 2**63 - 1
_SPACES = str.maketrans("", "", " \u00a0\u202f\u2009'’")
_SIGNS = {"€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY"}
_DIGITS = {
    sign: re.compile(rf"(\d{{1,3}}(?:\{other}\d{{3}})+|\d+)(?:\{sign}(\d*))?", re.ASCII)
    for sign, other in ((".", ","), (",", "."))
}
_PROOF = re.compile(r"[^\d.,]*([\d.,]*)[^\d.,]*", re.ASCII)


def exponent(currency: str) -> int:
    """Return how many decimals a currency has (ISO 4217): 0 for JPY, 3 for KWD, 2 for most."""
    if currency in _NO_DECIMALS:
        return 0
    return 3 if currency in _THREE_DECIMALS else 2


def to_text(minor: int, currency: str) -> str:
    """Return an amount as machines read it: -1230 EUR is -12.30."""
    decimals = exponent(currency)
    if not decimals:
        return str(minor)
    digits = str(abs(minor)).rjust(decimals + 1, "0")
    return f"{'-' * (minor < 0)}{digits[:-decimals]}.{digits[-decimals:]}"


def to_human(minor: int, currency: str, decimal: str = ".") -> str:
    """Return an amount as people read it: 123456 EUR is 1,234.56, or 1.234,56 with a decimal comma."""
    decimals = exponent(currency)
    whole, rest = divmod(abs(minor), 10**decimals)
    text = f"{'-' * (minor < 0)}{whole:,}" + (f".{rest:0{decimals}}" if decimals else "")
    return text if decimal == "." else text.translate(str.maketrans(",.", ".,"))


def half_up(numerator: int, denominator: int) -> int:
    """Return the quotient rounded to a whole number, halves away from zero."""
    sign = -1 if (numerator < 0) != (denominator < 0) else 1
    return sign * ((2 * abs(numerator) + abs(denominator)) // (2 * abs(denominator)))


def parse(text: str, currency: str, decimal: str = ".") -> int:
    """Return the minor units of an amount written with this decimal sign. Raises ValueError with the reason.

    Taken: a sign in front or behind, (5.00) for negative, thousands in proper groups by the other sign, blanks or
    apostrophes, and the currency's own sign or code. Nothing is rounded: surplus decimals must be zeros.
    """
    body, is_negative = _unsigned(_without_currency(text.strip(), currency))
    match = _DIGITS[decimal].fullmatch(body.translate(_SPACES))
    if not match:
        raise ValueError(_why(text, decimal))
    decimals = exponent(currency)
    whole = match[1].replace(",", "").replace(".", "")
    rest = match[2] or ""
    if rest[decimals:].strip("0"):
        raise ValueError(f"{currency} has {decimals or 'no'} decimals, this has {len(rest)}")
    if len(whole) > 18:  # noqa: PLR2004 - int() of endless digits takes long
        raise ValueError("this is larger than can be kept")
    minor = int(whole + rest[:decimals].ljust(decimals, "0"))
    if minor > _MOST:
        raise ValueError("this is larger than can be kept")
    return -minor if is_negative else minor


def _without_currency(text: str, currency: str) -> str:
    for sign in (currency, *(s for s, code in _SIGNS.items() if code == currency)):
        if text.startswith(sign):
            return text[len(sign) :].strip()
        if text.endswith(sign):
            return text[: -len(sign)].strip()
        for mark in "-+":
            if text.startswith(mark + sign):
                return mark + text[1 + len(sign) :].strip()
    return text


def _unsigned(text: str) -> tuple[str, bool]:
    if text.startswith("(") and text.endswith(")"):
        return text[1:-1].strip(), True
    for mark in "-+":
        if text.startswith(mark):
            return text[1:].strip(), mark == "-"
        if text.endswith(mark):
            return text[:-1].strip(), mark == "-"
    return text, False


def _why(text: str, decimal: str) -> str:
    other = "," if decimal == "." else "."
    if other in text:
        return f"this is not an amount with a decimal {'point' if decimal == '.' else 'comma'}, as the file has them"
    return "this is not an amount"


def decimal_sign(text: str) -> str | None:
    """Return the decimal sign that a text proves, '' where it may be either (1.234), None where it has none."""
    match = _PROOF.fullmatch(text.translate(_SPACES))
    body = match[1] if match else ""
    points, commas = body.count("."), body.count(",")
    if not points and not commas:
        return None
    if points and commas:
        return "." if body.rindex(".") > body.rindex(",") else ","
    sign = "." if points else ","
    if points + commas > 1:  # 1.234.567 has no decimals, and its points are thousands
        return "," if points else "."
    return (
        "" if len(body.partition(sign)[2]) == 3 and 1 <= len(body.partition(sign)[0]) <= 3 and body[0] != "0" else sign
    )
