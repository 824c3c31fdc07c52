"""Allocation of an invoice's payments to its terms: by date, oldest term first. Pure.

The result does not depend on the order in which payments were imported. All amounts have the sign of the invoice: a
payment is positive, a reversal of a payment is negative.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple


class Term(NamedTuple):
    """A term of the invoice."""

    id: int
    amount: int


class Fixed(NamedTuple):
    """An allocation that cannot move, because its file names the term."""

    term: int
    day: str
    amount: int


class Receipt(NamedTuple):
    """A payment of the invoice as a whole. A set-off must be allocated completely, because it has a counterpart."""

    key: str
    day: str
    amount: int
    is_set_off: bool = False


class Laid(NamedTuple):
    """The amounts of a receipt per term, and the unallocated rest."""

    parts: dict[int, int]
    left: int


def lay(terms: Sequence[Term], fixed: Sequence[Fixed], receipts: Iterable[Receipt]) -> dict[str, Laid]:
    """Return the allocation of each receipt by key: earlier receipts first, each to the oldest term first.

    A reversal reduces the newest term first, by at most what was allocated up to its day. The rest of it stays
    unallocated, and as much of later payments stays unallocated with it: an allocation of the reversal itself would
    change the terms on days before these payments.
    """
    ordered = sorted(receipts, key=lambda receipt: (receipt.day, receipt.key))
    work = _Work(terms, fixed, sum(receipt.amount for receipt in ordered if receipt.is_set_off))
    return {receipt.key: work.pay(receipt) if receipt.amount >= 0 else work.take_back(receipt) for receipt in ordered}


class _Work:
    """The amounts allocated so far."""

    def __init__(self, terms: Sequence[Term], fixed: Sequence[Fixed], set_off: int) -> None:
        self.terms = terms
        self.fixed = {term.id: sorted((f.day, f.amount) for f in fixed if f.term == term.id) for term in terms}
        self.laid = dict.fromkeys((term.id for term in terms), 0)
        self.set_off = set_off  # amount of the set-offs still to come
        self.reversed = 0  # amount of the reversals that found nothing to reduce

    def pay(self, receipt: Receipt) -> Laid:
        """Return the allocation of a payment; room that later set-offs need is reserved."""
        rooms = [(term.id, max(self._room(term, receipt.day), 0)) for term in self.terms]
        if receipt.is_set_off:
            self.set_off -= receipt.amount
            wanted = receipt.amount
        else:
            kept = min(receipt.amount, self.reversed)
            self.reversed -= kept
            wanted = min(receipt.amount - kept, max(sum(room for _, room in rooms) - self.set_off, 0))
        left, parts = receipt.amount - wanted, {}
        for term, room in rooms:
            if part := min(wanted, room):
                parts[term] = part
                wanted -= part
        if wanted:  # a set-off without room: the terms were reduced since
            last = self.terms[-1].id
            parts[last] = parts.get(last, 0) + wanted
        for term, part in parts.items():
            self.laid[term] += part
        return Laid(parts, left)

    def take_back(self, reversal: Receipt) -> Laid:
        """Return the allocation of a reversal, which reduces what was allocated up to its day."""
        parts, left = {}, reversal.amount
        for term in reversed(self.terms):
            held = self.laid[term.id] + sum(amount for on, amount in self.fixed[term.id] if on <= reversal.day)
            if part := max(left, -max(held, 0)):
                parts[term.id] = part
                self.laid[term.id] += part
                left -= part
        self.reversed -= left
        return Laid(parts, left)

    def _room(self, term: Term, day: str) -> int:
        """Return the amount of a term that is still free on a day and on every later day."""
        reached = sum(amount for on, amount in self.fixed[term.id] if on <= day)
        most = reached
        for on, amount in self.fixed[term.id]:
            if on > day:
                reached += amount
                most = max(most, reached)
        return term.amount - self.laid[term.id] - most
