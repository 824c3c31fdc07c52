"""Ranges of numbers that a field may hold, each with the message for a number outside it. Pure."""

from typing import NamedTuple


class Bound(NamedTuple):
    """The range of a number, both ends included unless `is_above`, and the message for a number outside it."""

    reason: str
    low: int | None = None
    high: int | None = None
    is_above: bool = False  # `low` itself is excluded

    def is_wrong(self, text: str) -> bool:
        """Tell whether a decimal number is out of bounds."""
        from fractions import Fraction

        number = Fraction(text)
        too_low = self.low is not None and (number <= self.low if self.is_above else number < self.low)
        return too_low or (self.high is not None and number > self.high)

    def sql(self, column: str) -> str:
        """Return the SQL condition that a column of decimal texts is out of bounds."""
        number = f"CAST({column} AS REAL)"
        low = [] if self.low is None else [f"{number} {'<=' if self.is_above else '<'} {self.low}"]
        return " OR ".join([*low, *([] if self.high is None else [f"{number} > {self.high}"])])


DISCOUNT = Bound("a discount is 100 % at most", high=100)  # a negative discount is a surcharge
DISCOUNT_SHARE = Bound("a discount is 100 % at most", high=1)  # 0.1 is 10 %
VAT = Bound("a VAT rate is 0 to 100 %", low=0, high=100)
PRICE = Bound("a price is 0 or more", low=0)
MARGIN = Bound("a margin is 0 or more", low=0)
STEP = Bound("a step is 0 or more", low=0)
BREAK = Bound("a break is 0 or more: a return is priced by its quantity without the sign", low=0)
FACTOR = Bound("a unit is more than 0 of the item's own", low=0, is_above=True)
RATE = Bound("a rate is more than 0", low=0, is_above=True)
