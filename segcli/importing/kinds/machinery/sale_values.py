"""Quantity and amount of a flat sales row, computed while the row is converted: integers, as invoice lines are stored. Pure."""

from collections.abc import Callable, Sequence
from typing import Any

from segcli.base.money import half_up
from segcli.domain.units import MILLIONTHS
from segcli.importing.kinds.machinery.invoice_lines import MOST, fine, worth
from segcli.importing.kinds.machinery.kind_definition import Text

USUAL = "EUR"  # a currency of two decimals: 10,000ths of its smallest unit are millionths of the amount
_DIGITS = 6  # decimals of a millionth


def parts_of(names: Sequence[str]) -> Text:
    """Return the function of a row's quantity in millionths: 1 if the row states none, -1 beside a negative amount."""
    quantity, amount = _picker(names, "quantity"), _picker(names, "amount")

    def make(values: Sequence[Any]) -> Any:  # noqa: ANN401 - int, or str if too large
        text = quantity(values)
        return _millionths(_given(text, amount(values)))

    return make


def net_of(names: Sequence[str]) -> Text:
    """Return the function of a row's amount in 10,000ths of the smallest unit of a currency of two decimals.

    It is the amount as stated, else quantity x unit price rounded half up; None if the row states neither.
    """
    picks = [_picker(names, name) for name in ("amount", "quantity", "unit_price")]

    def make(values: Sequence[Any]) -> Any:  # noqa: ANN401 - int, str if too large, or None
        amount, quantity, price = (pick(values) for pick in picks)
        if amount is not None:
            return _millionths(amount)
        return None if price is None else _product(quantity or "1", price)

    return make


def exact_net(amount: str | None, quantity: str | None, price: str | None, currency: str) -> int | str | None:
    """Return a row's amount in 10,000ths of the smallest unit of any currency, rounded half up."""
    return (
        fine(amount, MILLIONTHS // 100, currency)
        if amount is not None
        else worth(quantity or "1", price, None, currency)
    )


def _picker(names: Sequence[str], name: str) -> Callable[[Sequence[Any]], Any]:
    if name not in names:
        return lambda _: None
    at = names.index(name)
    return lambda values: values[at]


def _given(quantity: str | None, amount: str | None) -> str:
    return quantity or ("-1" if amount and amount.startswith("-") else "1")


def _millionths(text: str) -> int | str | None:
    whole, _, rest = text.partition(".")
    if len(rest) > _DIGITS:
        return fine(text, MILLIONTHS, "")
    number = int(whole + rest.ljust(_DIGITS, "0"))
    return number if -MOST <= number <= MOST else str(number)


def _product(quantity: str, price: str) -> int | str | None:
    factors = _millionths(quantity), _millionths(price)
    if max(_decimals(quantity), _decimals(price)) > _DIGITS or str in map(type, factors):
        return worth(quantity, price, None, USUAL)
    number = half_up(factors[0] * factors[1], MILLIONTHS)  # type: ignore[operator]
    return number if -MOST <= number <= MOST else str(number)


def _decimals(text: str) -> int:
    return len(text.partition(".")[2])
