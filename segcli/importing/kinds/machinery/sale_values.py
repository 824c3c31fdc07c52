"""Quantity and amount of a flat sales row, computed while the row is converted: integers, as invoice lines are stored. Pure."""

from collections.abc import Sequence
from typing import Any

from segcli.base.money import half_up
from segcli.domain.units import MILLIONTHS
from segcli.importing.kinds.machinery.kind_definition import Text
from segcli.importing.kinds.machinery.line_amounts import MOST, TOO_LARGE, fine, worth

USUAL = "EUR"  # a currency of two decimals: 10,000ths of its smallest unit are millionths of the amount
_DIGITS = 6  # decimals of a millionth
_TENS = tuple(10**power for power in range(_DIGITS + 1))
_MOST_KNOWN = 1_000  # distinct quantities that are kept


def parts_of(names: Sequence[str]) -> Text:
    """Return the function of a row's quantity in millionths: 1 if the row states none, -1 beside a negative amount."""
    quantity, amount = (names.index(name) if name in names else None for name in ("quantity", "amount"))
    known: dict[str, Any] = {}

    def make(values: Sequence[Any]) -> Any:  # noqa: ANN401 - int, or TOO_LARGE
        text = None if quantity is None else values[quantity]
        if text is None:
            stated = None if amount is None else values[amount]
            text = "-1" if stated and stated.startswith("-") else "1"
        found = known.get(text)
        if found is None:
            found = _millionths(text)
            if len(known) < _MOST_KNOWN:
                known[text] = found
        return found

    return make


def net_of(names: Sequence[str]) -> Text:
    """Return the function of a row's amount in 10,000ths of the smallest unit of a currency of two decimals.

    It is the amount as stated, else quantity x unit price rounded half up; None if the row states neither.
    """
    amount, quantity, price = (
        names.index(name) if name in names else None for name in ("amount", "quantity", "unit_price")
    )

    def calculated(values: Sequence[Any]) -> Any:  # noqa: ANN401 - int, TOO_LARGE or None
        if price is None or values[price] is None:
            return None
        return _product("1" if quantity is None else values[quantity] or "1", values[price])

    def make(values: Sequence[Any]) -> Any:  # noqa: ANN401 - the same
        text = None if amount is None else values[amount]
        return calculated(values) if text is None else _millionths(text)

    return make


def exact_net(amount: str | None, quantity: str | None, price: str | None, currency: str) -> int | str | None:
    """Return a row's amount in 10,000ths of the smallest unit of any currency, rounded half up."""
    return (
        fine(amount, MILLIONTHS // 100, currency)
        if amount is not None
        else worth(quantity or "1", price, None, currency)
    )


def _millionths(text: str) -> int | str | None:
    whole, _, rest = text.partition(".")
    decimals = len(rest)
    if decimals > _DIGITS:
        return fine(text, MILLIONTHS, "")
    number = int(whole + rest) * _TENS[_DIGITS - decimals]
    return number if -MOST <= number <= MOST else TOO_LARGE


def _product(quantity: str, price: str) -> int | str | None:
    many, each = _millionths(quantity), _millionths(price)
    if max(_decimals(quantity), _decimals(price)) > _DIGITS or not (isinstance(many, int) and isinstance(each, int)):
        return worth(quantity, price, None, USUAL)
    number = half_up(many * each, MILLIONTHS)
    return number if -MOST <= number <= MOST else TOO_LARGE


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])
