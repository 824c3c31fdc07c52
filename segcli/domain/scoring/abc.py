"""ABC classes: A are the largest values that make up 80 % of the total, B those up to 95 %, C the rest. Pure.

A value is A if the sum of all strictly larger values is less than 80 % of the total. So the value that crosses a limit gets
the better class, and equal values always share a class. Values of zero or less do not count and have a class of their own.
`classes` classifies rows, `sql` and `limits_sql` do so in a query; the limits are exact fractions.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from segcli.base.errors import UsageError

Id = TypeVar("Id")
WITHOUT = "no value"  # the class of values of zero or less
LETTERS = ("A", "B", "C")


@dataclass(frozen=True, slots=True)
class Limits:
    """Cumulative shares of the total: up to `a` is A, up to `b` is B."""

    a: Fraction = Fraction(80, 100)
    b: Fraction = Fraction(95, 100)

    def __post_init__(self) -> None:
        """Raise UsageError unless 0 < a < b <= 1."""
        if not 0 < self.a < self.b <= 1:
            raise UsageError(
                f"ABC: the limits {self.a} and {self.b} are not ascending parts of 1", "such as 0.80 and 0.95"
            )


USUAL = Limits()


def classes(rows: Iterable[tuple[Id, int]], limits: Limits = USUAL) -> Iterator[tuple[Id, str]]:
    """Yield each id with its class, in row order. All rows are read first."""
    held = list(rows)
    letters = _letters((value for _, value in held), limits)
    yield from ((id_, letters.get(value, WITHOUT)) for id_, value in held)


def _letters(values: Iterable[int], limits: Limits) -> dict[int, str]:
    """Return the class of each positive value."""
    counted = Counter(value for value in values if value > 0)
    whole = sum(value * count for value, count in counted.items())
    found, before = {}, 0
    for value in sorted(counted, reverse=True):
        found[value] = LETTERS[(before >= limits.a * whole) + (before >= limits.b * whole)]
        before += value * counted[value]
    return found


def sql(value: str, within: str, limits: Limits = USUAL) -> str:
    """Return the SQL of the class. `value` is an integer column, `within` the partition columns; both are trusted SQL.

    The sum of the larger values is the running sum less the equal values (RANGE; ROWS would separate equal values).
    """
    positive = f"sum(CASE WHEN {value} > 0 THEN {value} ELSE 0 END) OVER (PARTITION BY {within}"
    before = f"({positive} ORDER BY {value} DESC RANGE UNBOUNDED PRECEDING) - {positive}, {value}))"
    tests = (
        f"WHEN {before} * {limit.denominator} < {positive}) * {limit.numerator} THEN '{letter}'"
        for limit, letter in zip((limits.a, limits.b), LETTERS, strict=False)
    )
    return f"CASE WHEN {value} <= 0 THEN '{WITHOUT}' {' '.join(tests)} ELSE '{LETTERS[-1]}' END"


def limits_sql(table: str, value: str, limits: Limits = USUAL) -> str:
    """Return the SQL of the smallest value of class A and that of class B, over a table of one value per row.

    NULL where there is none. Each distinct value is counted once, so that this costs less than `sql` for a whole table.
    """
    found = (
        f"min({value}) FILTER (WHERE (reached - part) * {limit.denominator} < whole * {limit.numerator})"
        for limit in (limits.a, limits.b)
    )
    parts = f"SELECT {value}, {value} * count(*) AS part FROM {table} WHERE {value} > 0 GROUP BY {value}"
    reached = f"SELECT {value}, part, sum(part) OVER (ORDER BY {value} DESC) AS reached, sum(part) OVER () AS whole FROM ({parts})"
    return f"SELECT {', '.join(found)} FROM ({reached})"


def letter_sql(value: str) -> str:
    """Return the SQL of the class of a value, with the two values of `limits_sql` bound; NULL for an unknown value."""
    return (
        f"CASE WHEN {value} <= 0 THEN '{WITHOUT}' WHEN {value} >= ? THEN 'A' WHEN {value} >= ? THEN 'B'"
        f" WHEN {value} > 0 THEN 'C' END"
    )
