"""Bands between fixed limits, closed at the lower one: at a limit is above it. Pure."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TypeVar

from segcli.base.errors import UsageError

Id = TypeVar("Id")
Number = int | Fraction


def checked(limits: Sequence[Number], what: str) -> tuple[Number, ...]:
    """Return the limits. A UsageError where they do not ascend; two that are equal leave a band that nobody is in."""
    if any(low > high for low, high in pairwise(limits)):
        raise UsageError(f"{what}: the limits {', '.join(map(str, limits))} do not ascend", "put the smallest first")
    return tuple(limits)


def bands(rows: Iterable[tuple[Id, Number]], limits: Sequence[Number]) -> Iterator[tuple[Id, int]]:
    """Yield each id with the number of limits that its value has reached: 0 below the first one."""
    held = checked(limits, "bands")
    return ((id_, bisect_right(held, value)) for id_, value in rows)
