"""What UBL's amounts and prices are worth: one currency per document, and prices and discounts that make the net."""

from fractions import Fraction
from typing import NamedTuple

from segcli.base.money import exponent, half_up
from segcli.importing.readers.parts.values import UnreadableError, number
from segcli.importing.readers.parts.xml import Node

_DECIMALS = 9  # of a number that is imported
_EXACT = 40  # more than a number of a file is read with
_SLACK = Fraction(2, 100)  # what Peppol lets a line differ from its price and quantity (PEPPOL-EN16931-R120)


class Priced(NamedTuple):
    """What a line is worth, and how that came about."""

    unit_price: str | None
    discount_percent: str | None
    net: Fraction | None
    is_explained: bool = True  # price, quantity and allowances make the net


def amount(node: Node | None, column: str, currency: str = "") -> Fraction | None:
    """Return the number in an element, None where there is none. Another currency than the document's is an error."""
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
    """Return a number in at most so many decimals, rounded half up."""
    if value is None:
        return None
    whole, rest = divmod(abs(half_up(value.numerator * 10**most, value.denominator)), 10**most)
    text = f"{'-' * (value < 0)}{whole}.{rest:0{most}}"
    text = text.rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def money_of(value: Fraction, currency: str) -> str:
    """Return an amount with its decimals: those of the currency, more where the file has more, so that none is lost."""
    is_exact = 10**_EXACT % value.denominator == 0
    text = text_of(value, _EXACT if is_exact else _DECIMALS) or "0"
    whole, _, rest = text.partition(".")
    decimals = exponent(currency)
    return f"{whole}.{rest.ljust(decimals, '0')}" if decimals or rest else whole


def priced(  # noqa: PLR0913 - what a line says of its worth
    quantity: Fraction, price: Fraction | None, base: Fraction, less: Fraction, net: Fraction | None, currency: str
) -> Priced:
    """Return unit price and discount per cent that make the net, which stands; `less` is allowances - charges.

    A discount has as few decimals as make the net to the cent. Where there is a charge, the price holds it.
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
    """Return the discount in per cent, with the fewest decimals that make the net; None where none do."""
    exact = (gross - net) / gross * 100
    for decimals in range(_DECIMALS + 1):
        percent = Fraction(half_up(exact.numerator * 10**decimals, exact.denominator), 10**decimals)
        if _rounded(gross * (100 - percent) / 100, currency) == _rounded(net, currency):
            return text_of(percent)
    return None


def _rounded(value: Fraction, currency: str) -> int:
    return half_up(value.numerator * 10 ** exponent(currency), value.denominator)
