"""Payments of an invoice laid over its terms: by date, the oldest term first, whatever the order in which they came in. Pure.

All amounts have the sign of the invoice: a payment is positive, what takes a payment back is negative.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

_END = "9999-12-31"


class Term(NamedTuple):
    """A term of the invoice."""

    id: int
    amount: int


class Fixed(NamedTuple):
    """What is allocated to a term and stays there: its file names the term."""

    term: int
    day: str
    amount: int


class Receipt(NamedTuple):
    """What was paid of the invoice as a whole. A set-off has its counterpart: nothing of it may be left over."""

    key: str
    day: str
    amount: int
    is_set_off: bool = False


class Laid(NamedTuple):
    """The parts of a receipt by term, and what is left over."""

    parts: dict[int, int]
    left: int


def lay(terms: Sequence[Term], fixed: Sequence[Fixed], receipts: Iterable[Receipt]) -> dict[str, Laid]:
    """Return by key what each receipt pays: those of earlier days first, each the oldest term first.

    What takes back takes from the newest term what was allocated by its day, and the rest from what is allocated next.
    """
    ordered = sorted(receipts, key=lambda receipt: (receipt.day, receipt.key))
    work = _Work(terms, fixed, sum(receipt.amount for receipt in ordered if receipt.is_set_off))
    found = {receipt.key: Laid({}, receipt.amount) for receipt in ordered}
    waiting: list[str] = []
    for receipt in ordered:
        if receipt.amount < 0:
            found[receipt.key] = work.take_back(found[receipt.key], receipt.day)
            waiting += [receipt.key] if found[receipt.key].left else []
            continue
        found[receipt.key] = work.pay(receipt)
        for key in waiting:
            found[key] = work.take_back(found[key], _END)
    return found


class _Work:
    """What is allocated so far."""

    def __init__(self, terms: Sequence[Term], fixed: Sequence[Fixed], set_off: int) -> None:
        self.terms = terms
        self.fixed = {term.id: sorted((f.day, f.amount) for f in fixed if f.term == term.id) for term in terms}
        self.laid = dict.fromkeys((term.id for term in terms), 0)
        self.set_off = set_off  # still to come

    def pay(self, receipt: Receipt) -> Laid:
        """Return the parts of a payment; what set-offs need later is not for others."""
        rooms = [(term.id, max(self._room(term, receipt.day), 0)) for term in self.terms]
        if receipt.is_set_off:
            self.set_off -= receipt.amount
            wanted = receipt.amount
        else:
            wanted = min(receipt.amount, max(sum(room for _, room in rooms) - self.set_off, 0))
        left, parts = receipt.amount - wanted, {}
        for term, room in rooms:
            if part := min(wanted, room):
                parts[term] = part
                wanted -= part
        if wanted:  # a set-off without room: the terms became less since
            last = self.terms[-1].id
            parts[last] = parts.get(last, 0) + wanted
        for term, part in parts.items():
            self.laid[term] += part
        return Laid(parts, left)

    def take_back(self, found: Laid, day: str) -> Laid:
        """Return the parts of what takes back, with what it can take by a day."""
        parts, left = dict(found.parts), found.left
        for term in reversed(self.terms):
            held = self.laid[term.id] + sum(amount for on, amount in self.fixed[term.id] if on <= day)
            if part := max(left, -max(held, 0)):
                parts[term.id] = parts.get(term.id, 0) + part
                self.laid[term.id] += part
                left -= part
        return Laid(parts, left)

    def _room(self, term: Term, day: str) -> int:
        """Return what a payment of a day may take: what stays free on that day and on every later one."""
        reached = sum(amount for on, amount in self.fixed[term.id] if on <= day)
        most = reached
        for on, amount in self.fixed[term.id]:
            if on > day:
                reached += amount
                most = max(most, reached)
        return term.amount - self.laid[term.id] - most
