"""The input of a price calculation: the item, the price lists with their lines, and the question."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from segcli.domain.prices.numbers import signed, words

Base = Literal["sales", "cost", "price", "list"]


@dataclass(frozen=True, slots=True)
class Item:
    """An item; its prices are per own unit."""

    code: str
    groups: tuple[str, ...] = ()  # its own group first, then the parent groups
    unit: str = ""
    currency: str = "EUR"
    sales_price: Fraction | None = None
    cost_price: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a price list in one of its periods. Numbers are per unit of the line, which is `factor` of the item's own units."""

    price_list: str = ""
    is_offer: bool = False
    start: str = ""  # first and last day, inclusive; '' if open
    end: str = ""
    item: str = ""  # an item, a group, or neither (everything)
    item_group: str = ""
    minimum: Fraction = Fraction(0)  # quantity break, inclusive
    unit: str = ""
    factor: Fraction = Fraction(1)
    base: Base = "sales"  # the price that a discount applies to
    base_price: Fraction | None = None
    base_list: str = ""
    new_price: Fraction | None = None
    discount: Fraction | None = None  # per cent
    rounding: Fraction | None = None  # round to multiples of this
    surcharge: Fraction | None = None
    minimum_margin: Fraction | None = None  # above the base; None or 0: no limit
    maximum_margin: Fraction | None = None

    def words(self) -> str:
        """Describe the line for people: period, item, break and price."""
        what = f"item {self.item}" if self.item else f"group {self.item_group}" if self.item_group else "everything"
        period = "special offer" if self.is_offer else "basic"
        days = "" if not (self.start or self.end) else f" {self.start}..{self.end}"
        unit = f" {self.unit}" if self.unit else ""
        above = f", from {words(self.minimum)}{unit}" if self.minimum else ""
        return f"{period}{days}, {what}{above}: {self._price()}{f' per{unit}' if unit else ''}"

    def _price(self) -> str:
        if self.new_price is not None:
            return words(self.new_price)
        bases = {"sales": "", "cost": "cost price", "price": words(self.base_price or Fraction(0))}
        parts = (
            bases.get(self.base, f"price of {self.base_list}"),
            f"less {words(self.discount)} %" if self.discount is not None else "",
            f"rounded to {words(self.rounding)}" if self.rounding else "",
            signed(self.surcharge) if self.surcharge else "",
            f"margin from {words(self.minimum_margin)}" if self.minimum_margin else "",
            f"margin up to {words(self.maximum_margin)}" if self.maximum_margin else "",
        )
        return ", ".join(part for part in parts if part)


@dataclass(frozen=True, slots=True)
class PriceList:
    """A price list with the lines that may apply to the item."""

    code: str
    currency: str = "EUR"
    rate: Fraction | None = None  # units of its currency per unit of the administration's
    is_standard: bool = False  # applies to every account, after its own list
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """A price question: an item, a quantity and a day."""

    item: Item
    quantity: Fraction  # in the item's own unit; a return (negative) is priced as a sale
    day: str
    home: str = "EUR"  # the administration's currency


Find = Callable[[str], PriceList | None]  # returns a price list by code, with the lines that may apply to the item
