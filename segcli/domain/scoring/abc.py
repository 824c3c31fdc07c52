"""Classes of ABC: A are the largest that make up 80 % of the whole, B those up to 95 %, C the rest. Pure.

What decides is what the strictly larger values make up together: A where that is less than 80 % of the whole. So the one
that crosses a limit belongs to the better class, and equal values always share one. What is not above zero counts for
nothing and has a class of its own. `classes` says it of rows, `sql` of a query; the limits are exact fractions.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import TypeVar

from segcli.base.errors import UsageError

Id = TypeVar("Id")
WITHOUT = "no value"  # the class of what is not above zero
LETTERS = ("A", "B", "C")


@dataclass(frozen=True, slots=True)
class Limits:
    """The parts of the whole up to which the largest are A, and A and B."""

    a: Fraction = Fraction(80, 100)
    b: Fraction = Fraction(95, 100)

    def __post_init__(self) -> None:
        """Refuse limits that leave a class without sense."""
        if not 0 < self.a < self.b <= 1:
            raise UsageError(
                f"ABC: the limits {self.a} and {self.b} are not ascending parts of 1", "such as 0.80 and 0.95"
            )


USUAL = Limits()


def classes(rows: Iterable[tuple[Id, int]], limits: Limits = USUAL) -> Iterator[tuple[Id, str]]:
    """Yield each id with its class, in the order of the rows, which are all read first."""
    held = list(rows)
    letters = _letters((value for _, value in held), limits)
    yield from ((id_, letters.get(value, WITHOUT)) for id_, value in held)


def _letters(values: Iterable[int], limits: Limits) -> dict[int, str]:
    """Return the class of each value above zero."""
    counted = Counter(value for value in values if value > 0)
    whole = sum(value * count for value, count in counted.items())
    found, before = {}, 0
    for value in sorted(counted, reverse=True):
        found[value] = LETTERS[(before >= limits.a * whole) + (before >= limits.b * whole)]
        before += value * counted[value]
    return found


def sql(value: str, within: str, limits: Limits = USUAL) -> str:
    """Return the class as SQL. `value` is an integer column, `within` the columns inside which it is ranked: ours both.

    The larger ones are all up to here less those that are equal (RANGE, not ROWS, which would part them).
    """
    positive = f"sum(max({value}, 0)) OVER (PARTITION BY {within}"
    before = f"({positive} ORDER BY {value} DESC RANGE UNBOUNDED PRECEDING) - {positive}, {value}))"
    tests = (
        f"WHEN {before} * {limit.denominator} < {positive}) * {limit.numerator} THEN '{letter}'"
        for limit, letter in zip((limits.a, limits.b), LETTERS, strict=False)
    )
    return f"CASE WHEN {value} <= 0 THEN '{WITHOUT}' {' '.join(tests)} ELSE '{LETTERS[-1]}' END"
