"""What prices are made from: the item, the price lists with their lines, and the question."""

from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from segcli.domain.prices.numbers import signed, words

Base = Literal["sales", "cost", "price", "list"]


@dataclass(frozen=True, slots=True)
class Item:
    """An item; prices are per unit of its own."""

    code: str
    groups: tuple[str, ...] = ()  # its own first, then the groups above it
    unit: str = ""
    currency: str = "EUR"
    sales_price: Fraction | None = None
    cost_price: Fraction | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a price list in one of its periods; numbers are per unit of the line: `factor` of the item's own."""

    price_list: str = ""
    is_offer: bool = False
    start: str = ""  # first and last day, both included; '' where it is open
    end: str = ""
    item: str = ""  # or a group, or neither: everything
    item_group: str = ""
    minimum: Fraction = Fraction(0)  # the break: the smallest quantity, included
    unit: str = ""
    factor: Fraction = Fraction(1)
    base: Base = "sales"  # what a discount starts from
    base_price: Fraction | None = None
    base_list: str = ""
    new_price: Fraction | None = None
    discount: Fraction | None = None  # per cent
    rounding: Fraction | None = None  # to multiples of it
    surcharge: Fraction | None = None
    minimum_margin: Fraction | None = None  # over the base; none or 0: no limit
    maximum_margin: Fraction | None = None

    def words(self) -> str:
        """Return the line as people read it: period, item, break and price."""
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
    """A price list with the lines that may concern the item."""

    code: str
    currency: str = "EUR"
    rate: Fraction | None = None  # of its currency for one of the administration's
    is_standard: bool = False  # for every account, after its own list
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """What does this quantity of an item cost on a day?"""

    item: Item
    quantity: Fraction  # in the item's own unit; a return (negative) is priced as a sale
    day: str
    home: str = "EUR"  # the administration's currency


Find = Callable[[str], PriceList | None]  # a price list by its code, with the lines that concern the item
