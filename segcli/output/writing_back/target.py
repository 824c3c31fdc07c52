"""Which changes of a reclassified account are written for a program, and why the others are not."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple, Protocol

from segcli.domain.reclassification import Move, Reclassified

_GUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


class Refusal(NamedTuple):
    """Why a change is not written, and what to do; empty if it is written.

    A record holds several classes, so a refusal leaves out the whole account, unless it is partial.
    """

    reason: str = ""
    fix: str = ""
    is_partial: bool = False


TAKEN = Refusal()
_RETIRED = Refusal("this value is retired", "give the account another value, or make the value current again")
_NOT_ALONE = Refusal("another change of this account cannot be written", "see that change")


class Target(Protocol):
    """A format for one program."""

    notes: Sequence[str]  # what the user should know before importing the file

    def account(self, account: Reclassified) -> Refusal:
        """Return why the account is not known there, or cannot be written."""

    def move(self, account: Reclassified, move: Move) -> Refusal:
        """Return why the change cannot be written."""

    def lines(self, accounts: Iterable[Reclassified]) -> Iterator[str]:
        """Yield the text of the file."""


class Sorted(NamedTuple):
    """An account with the changes that are written (None if there are none), and each change with its refusal."""

    written: Reclassified | None
    moves: tuple[tuple[Move, Refusal], ...]


def sort_out(target: Target, account: Reclassified) -> Sorted:
    """Return the changes of an account that are written, and the refusals."""
    whole = target.account(account)
    found = [(move, whole if whole.reason else _refusal(target, account, move)) for move in account.moves]
    if any(refusal.reason and not refusal.is_partial for _, refusal in found):
        found = [(move, refusal if refusal.reason else _NOT_ALONE) for move, refusal in found]
    kept = tuple(move for move, refusal in found if not refusal.reason)
    return Sorted(replace(account, moves=kept) if kept else None, tuple(found))


def _refusal(target: Target, account: Reclassified, move: Move) -> Refusal:
    return _RETIRED if move.new and move.new.is_retired else target.move(account, move)


def is_guid(text: str) -> bool:
    """Tell whether a text is a GUID."""
    return _GUID.fullmatch(text) is not None


def padded(code: str) -> str:
    """Return a code as Exact Online writes it: a number is aligned to the right in 18 characters."""
    return code.rjust(18) if code.isascii() and code.isdigit() else code
