"""Division of accounts into groups A, B, … and a holdout, by a bucket from 0 to 9,999 that follows from a seed and the code. Pure.

The holdout has the first buckets, and the groups divide the others by their shares. Neither new accounts nor another order moves an
account.
"""

import json
from collections.abc import Sequence
from string import ascii_uppercase
from typing import NamedTuple

from segcli.base.errors import UsageError
from segcli.base.text import is_whole

HOLDOUT = "holdout"
BUCKETS = 10_000
_HUNDRED = 100


class Group(NamedTuple):
    """A group: its name and its buckets, from `first` to below `past`."""

    name: str
    first: int
    past: int

    @property
    def buckets(self) -> int:
        """Return how many of the 10,000 buckets are the group's."""
        return self.past - self.first


class Split(NamedTuple):
    """The shares of the groups in any unit, and the percentage that is held out. Without shares there is one group."""

    shares: tuple[int, ...]
    holdout: int

    @property
    def groups(self) -> tuple[Group, ...]:
        """Return the groups A, B, …, then the holdout if there is one."""
        held = self.holdout * BUCKETS // _HUNDRED
        shares = self.shares or (1,)
        total, first, found = sum(shares), held, []
        for number, name in zip(range(1, len(shares) + 1), ascii_uppercase, strict=False):
            past = held - (held - BUCKETS) * sum(shares[:number]) // total  # rounded up
            found.append(Group(name, first, past))
            first = past
        return (*found, *([Group(HOLDOUT, 0, held)] if held else []))

    @property
    def weights(self) -> tuple[int, ...]:
        """Return the exact shares of the groups, in the same order; buckets round them to 1 in 10,000."""
        shares = self.shares or (1,)
        held = (self.holdout * sum(shares),) if self.holdout else ()
        return (*(share * (_HUNDRED - self.holdout) for share in shares), *held)

    @property
    def text(self) -> str:
        """Return the split as it is stored."""
        return json.dumps({"holdout": self.holdout, "shares": self.shares})

    @property
    def words(self) -> str:
        """Return the split for people: 45:45, holdout 10 %."""
        parts = [":".join(map(str, self.shares))] if self.shares else []
        return ", ".join((*parts, *([f"{HOLDOUT} {self.holdout} %"] if self.holdout else [])))


def stored(text: str) -> Split:
    """Return a split from its stored text."""
    found = json.loads(text)
    return Split(tuple(found["shares"]), found["holdout"])


def read(shares: str | None, holdout: str | None) -> Split:
    """Return the split of --split and --holdout. Raise UsageError for invalid shares or an invalid percentage."""
    found = Split(tuple(_shares(shares)), _percent(holdout))
    if empty := next((group.name for group in found.groups if not group.buckets), None):
        raise UsageError(
            f"--split: group {empty} would have less than one in {BUCKETS:,} accounts", "write larger shares"
        )
    return found


def _percent(text: str | None) -> int:
    if text is None:
        return 0
    number = text.removesuffix("%")
    if not (is_whole(number) and 0 < int(number) < _HUNDRED):
        raise UsageError(f"--holdout: '{text}' is no share", "write 10 or 10%")
    return int(number)


def _shares(text: str | None) -> Sequence[int]:
    """Return the shares of the groups, in any unit: 90:10, 1:1:1."""
    parts = (text or "").split(":") if text else []
    is_right = all(is_whole(part) and int(part) for part in parts)
    if text and not (is_right and 1 < len(parts) <= len(ascii_uppercase)):
        raise UsageError(f"--split: '{text}' is no list of shares", "write 90:10 or 1:1:1")
    return [int(part) for part in parts]
