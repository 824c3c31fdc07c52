"""Columns of features and the tests on them: a value, a set of values, a limit, or being empty. Pure."""

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from typing import NamedTuple

from segcli.domain.induction.rounding import Number, Scale, between

LIMITS = 16  # limits per column that are tried at first; the best is then refined among all
VALUES = 50  # values per column that are tried, the most frequent ones
_ONE = ord("1")
_ORDER = ("known", "empty", "=", ">=", "<=", ">", "<", "!=", "in")  # of tests that select the same accounts


class Column(NamedTuple):
    """A feature: a cell per account, None where it is empty. Days count back from the reference date."""

    cells: Sequence[Hashable | None]
    scale: Scale
    has_unknown: bool = False  # an empty cell is an unknown amount: no test asks for it


class Test(NamedTuple):
    """A test on a column, and the accounts that pass it. Signs: = != in >= < > <= empty known."""

    column: int
    sign: str
    values: tuple[Hashable, ...]
    bits: int

    @property
    def length(self) -> int:
        """Return how long it is to read."""
        return max(len(self.values), 1)


def bits_of(positions: Iterable[int], size: int) -> int:
    """Return a set of accounts as an integer; account 0 is the highest bit."""
    digits = bytearray(b"0") * size
    for position in positions:
        digits[position] = _ONE
    return int(digits, 2) if size else 0


def positions_of(bits: int, size: int) -> list[int]:
    """Return the accounts of a set in order."""
    return [position for position, digit in enumerate(format(bits, f"0{size}b")) if digit == "1"] if size else []


def candidates(columns: Sequence[Column], size: int) -> list[Test]:
    """Return the tests on the columns that select some but not all accounts; one of several that select the same."""
    every = (1 << size) - 1
    found: dict[int, Test] = {}
    for number, column in enumerate(columns):
        tests = _values(number, column, size) if column.scale == "category" else _limits(number, column, size)
        missing = () if column.has_unknown else _missing(number, column, size)
        for test in sorted((*missing, *tests), key=lambda test: _ORDER.index(test.sign)):
            if test.bits and test.bits != every:
                found.setdefault(test.bits, test)
    return list(found.values())


def _missing(number: int, column: Column, size: int) -> Iterator[Test]:
    empty = bits_of((at for at, cell in enumerate(column.cells) if cell is None), size)
    yield Test(number, "empty", (), empty)
    yield Test(number, "known", (), empty ^ ((1 << size) - 1))


def groups(column: Column, size: int) -> list[tuple[Hashable, int]]:
    """Return the values of a column with their accounts, the most frequent first."""
    at: dict[Hashable, list[int]] = defaultdict(list)
    for position, cell in enumerate(column.cells):
        if cell is not None:
            at[cell].append(position)
    found = [(value, bits_of(positions, size)) for value, positions in at.items()]
    found.sort(key=lambda pair: (-pair[1].bit_count(), -pair[1]))
    return found[:VALUES]


def _values(number: int, column: Column, size: int) -> Iterator[Test]:
    every = (1 << size) - 1
    for value, bits in groups(column, size):
        yield Test(number, "=", (value,), bits)
        yield Test(number, "!=", (value,), bits ^ every)


class Sorted(NamedTuple):
    """The accounts of a numeric column by value: the distinct values, where each ends in `positions`, and marks.

    A mark is the index of a value after which to cut, with the accounts up to it: up to LIMITS of them at about equal distances.
    """

    values: list[Number]
    ends: list[int]
    positions: list[int]
    marks: list[tuple[int, int]]


def in_order(column: Column, size: int) -> Sorted:
    """Return the accounts of a numeric column by value."""
    cells = column.cells
    positions = [at for at, cell in enumerate(cells) if cell is not None]
    positions.sort(key=lambda at: cells[at])  # type: ignore[arg-type, return-value]
    values: list[Number] = []
    ends: list[int] = []
    for rank, at in enumerate(positions, 1):
        value: Number = cells[at]  # type: ignore[assignment]
        if values and values[-1] == value:
            ends[-1] = rank
        else:
            values.append(value)
            ends.append(rank)
    return Sorted(values, ends, positions, list(_marks(ends, positions, size)))


def _marks(ends: Sequence[int], positions: Sequence[int], size: int) -> Iterator[tuple[int, int]]:
    digits = bytearray(b"0") * size
    start = 0
    for index in _spread(ends):
        for at in positions[start : ends[index]]:
            digits[at] = _ONE
        start = ends[index]
        yield index, int(digits, 2)


def _spread(ends: Sequence[int]) -> Iterator[int]:
    """Yield the indexes of up to LIMITS values after which to cut."""
    cut = 1
    for index, end in enumerate(ends[:-1]):
        if len(ends) <= LIMITS + 1:
            yield index
        elif end * (LIMITS + 1) >= cut * ends[-1]:
            yield index
            cut = end * (LIMITS + 1) // ends[-1] + 1


def _limits(number: int, column: Column, size: int) -> Iterator[Test]:
    """Yield tests on round limits between the values at about equal distances in rank."""
    ranked = in_order(column, size)
    known = bits_of(ranked.positions, size)
    for index, low in ranked.marks:
        for is_low in (False, True):
            test = limit(number, column.scale, ranked.values[index], ranked.values[index + 1], is_low=is_low)
            if test:
                yield test._replace(bits=low if is_low else low ^ known)


def limit(column: int, scale: Scale, low: Number, high: Number, *, is_low: bool) -> Test | None:
    """Return the test that selects values up to `low` or those from `high`, without its accounts; None if no limit is short."""
    if scale != "days" and low == 0:
        return Test(column, "<=" if is_low else ">", (0,), 0)
    found = between(low, high, scale)
    if found is None:
        return None
    signs = ("<=", ">") if scale == "days" else ("<", ">=")
    return Test(column, signs[0] if is_low else signs[1], (found,), 0)
