"""Amounts and prices of electronic invoices: one currency per document, and a price and discount that produce the net amount."""

from fractions import Fraction
from typing import NamedTuple

from segcli.base.money import exponent, half_up
from segcli.importing.readers.parts.values import UnreadableError, number
from segcli.importing.readers.parts.xml import Node

_DECIMALS = 9  # decimals of an imported number
_EXACT = 40  # more decimals than any number in a file can have
_SLACK = Fraction(2, 100)  # Peppol's tolerance between net and quantity x price (PEPPOL-EN16931-R120)


class Priced(NamedTuple):
    """The price, discount and net amount of a line."""

    unit_price: str | None
    discount_percent: str | None
    net: Fraction | None
    is_explained: bool = True  # price, quantity and allowances produce the net


def amount(node: Node | None, column: str, currency: str = "") -> Fraction | None:
    """Return the number in an element, None if empty. A currency other than the document's is an error."""
    text = node.text.strip() if node else ""
    if node is None or not text:
        return None
    stated = node.attributes.get("currencyID", "").strip().upper()
    wrong = None
    if currency and stated and stated != currency:
        wrong = UnreadableError(column, text, f"this is {stated}, the document is in {currency}")
    try:
        found = number(text, column)
    except UnreadableError as error:
        wrong = error
    if wrong:
        wrong.line = node.line
        raise wrong
    return Fraction(found) if found else None


def text_of(value: Fraction | None, most: int = _DECIMALS) -> str | None:
    """Return a number with at most `most` decimals, rounded half up."""
    if value is None:
        return None
    whole, rest = divmod(abs(half_up(value.numerator * 10**most, value.denominator)), 10**most)
    text = f"{'-' * (value < 0)}{whole}.{rest:0{most}}"
    text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def money_of(value: Fraction, currency: str) -> str:
    """Return an amount with the currency's decimals, or more if the file has more."""
    is_exact = 10**_EXACT % value.denominator == 0
    text = text_of(value, _EXACT if is_exact else _DECIMALS) or "0"
    whole, _, rest = text.partition(".")
    decimals = exponent(currency)
    return f"{whole}.{rest.ljust(decimals, '0')}" if decimals or rest else whole


def priced(  # noqa: PLR0913 - all figures of a line
    quantity: Fraction, price: Fraction | None, base: Fraction, less: Fraction, net: Fraction | None, currency: str
) -> Priced:
    """Return the unit price and discount per cent that produce the net; `less` is allowances minus charges.

    The stated net is kept. A discount has as few decimals as needed to produce the net exactly. A charge is
    included in the price.
    """
    if price is None:
        return Priced(text_of(net / quantity) if net is not None and quantity else None, None, net)
    unit = price / base
    gross = unit * quantity
    made = gross - less
    worth = made if net is None else net
    is_explained = abs(made - worth) <= _SLACK
    if less > 0 and gross and is_explained:
        return Priced(text_of(unit), _percent(gross, worth, currency), worth)
    if less < 0 and quantity and is_explained:
        return Priced(text_of(worth / quantity), None, worth)
    return Priced(text_of(unit), None, worth, is_explained)


def _percent(gross: Fraction, net: Fraction, currency: str) -> str | None:
    """Return the discount per cent with the fewest decimals that produce the net; None if none do."""
    exact = (gross - net) / gross * 100
    for decimals in range(_DECIMALS + 1):
        percent = Fraction(half_up(exact.numerator * 10**decimals, exact.denominator), 10**decimals)
        if _rounded(gross * (100 - percent) / 100, currency) == _rounded(net, currency):
            return text_of(percent)
    return None


def _rounded(value: Fraction, currency: str) -> int:
    return half_up(value.numerator * 10 ** exponent(currency), value.denominator)
