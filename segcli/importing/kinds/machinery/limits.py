"""Checks that apply to every file and command: numbers within bounds, and no end before the start."""

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from segcli.importing.kinds.machinery.stage import Stage


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
BEFORE_START = "this lies before the start, {0}"
AFTER_END = "this lies after the end, {0}"


def refuse(stage: "Stage") -> None:
    """Reject staged rows that violate the bounds and spans declared by the kind."""
    for field in stage.kind.fields:
        if field.bound and stage.has(field.name):
            sql = f"SELECT n, place, {field.name} FROM {stage.table} WHERE {field.bound.sql(field.name)}"
            stage.reject(sql, field.name, field.bound.reason)
    known = " OR ".join(f"t.{column} = s.{name}" for name, column in stage.kind.known.items() if stage.has(name))
    for first, last in stage.kind.spans:
        refuse_backwards(stage, first, last, stage.kind.name, known)


def refuse_backwards(stage: "Stage", first: str, last: str, table: str, known: str) -> None:
    """Reject rows that end before they start. A date that the file lacks is taken from the `known` record."""
    if not (stage.has(first) or stage.has(last)) or not (known or (stage.has(first) and stage.has(last))):
        return
    start, end = (f"s.{name}" if stage.has(name) else f"t.{name}" for name in (first, last))
    here = "" if stage.has(first) and stage.has(last) else f" JOIN {table} AS t ON {known}"
    column, other, reason = (last, start, BEFORE_START) if stage.has(last) else (first, end, AFTER_END)
    sql = f"SELECT s.n, s.place, s.{column}, {other} FROM {stage.table} AS s{here} WHERE {end} < {start}"
    stage.reject(sql, column, reason)
