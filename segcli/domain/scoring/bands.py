"""Bands between fixed limits. The lower limit is inclusive. Pure."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from itertools import pairwise
from typing import TypeVar

from segcli.base.errors import UsageError

Id = TypeVar("Id")
Number = int | Fraction


def checked(limits: Sequence[Number], what: str) -> tuple[Number, ...]:
    """Return the limits. UsageError if they are not ascending; equal limits are allowed and give an empty band."""
    if any(low > high for low, high in pairwise(limits)):
        raise UsageError(f"{what}: the limits {', '.join(map(str, limits))} do not ascend", "put the smallest first")
    return tuple(limits)


def bands(rows: Iterable[tuple[Id, Number]], limits: Sequence[Number]) -> Iterator[tuple[Id, int]]:
    """Yield each id with the number of limits its value has reached; 0 is below the first limit."""
    held = checked(limits, "bands")
    return ((id_, bisect_right(held, value)) for id_, value in rows)
