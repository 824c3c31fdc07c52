"""Balances that an audit file without a subledger (XAF 4.0) states for each customer and supplier.

The opening balance of the ledger names no relation in such a file. Its line on the ledger account of debtors is split over the
customers, its line on that of creditors over the suppliers. The rest has no relation.
"""

from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from segcli.base.text import counted

_NOTHING = Decimal(0)
_SHOWN = 3


class _Party(NamedTuple):
    opening: Decimal | None
    closing: Decimal | None


class PartyBalances:
    """The stated balances of relations by subledger, and the sums of their lines."""

    def __init__(self) -> None:
        self._parties: dict[str, dict[str, _Party]] = {"debtors": {}, "creditors": {}}
        self._sums: dict[str, dict[str, Decimal]] = {"debtors": {}, "creditors": {}}
        self._lines = {"debtors": 0, "creditors": 0}  # lines of the opening balance
        self._opened = {"debtors": _NOTHING, "creditors": _NOTHING}

    def add(self, code: str | None, kind: str, opening: str | None, closing: str | None) -> None:
        """Add a relation of a type (C, S, B or none) with its opening and closing balance, debit positive."""
        if not code or (opening is None and closing is None):
            return
        first, last = (None if text is None else Decimal(text) for text in (opening, closing))
        is_debtor = kind == "C" or (kind != "S" and (first or last or _NOTHING) >= 0)
        self._parties["debtors" if is_debtor else "creditors"][code] = _Party(first, last)

    def take(self, subledger: str, party: str | None, amount: str | None, *, is_opening: bool) -> None:
        """Take a line on a ledger account of a subledger."""
        value = Decimal(amount or 0)
        if is_opening:
            self._lines[subledger] += 1
            self._opened[subledger] += value
        elif party in self._parties[subledger]:
            sums = self._sums[subledger]
            sums[party] = sums.get(party, _NOTHING) + value

    @property
    def is_split(self) -> bool:
        """Tell whether lines of the opening balance are split over relations."""
        return any(self._is_split(subledger) and any(self._openings(subledger)) for subledger in self._lines)

    def _is_split(self, subledger: str | None) -> bool:
        return subledger is not None and self._lines[subledger] == 1

    def _openings(self, subledger: str) -> Iterator[tuple[str, Decimal]]:
        return ((code, party.opening) for code, party in self._parties[subledger].items() if party.opening)

    def shares(self, subledger: str | None, amount: str | None) -> Iterator[tuple[str | None, str | None]]:
        """Yield the parts of a line of the opening balance: one per relation, and the rest without a relation."""
        rest = Decimal(amount or 0)
        parts = list(self._openings(subledger)) if subledger and self._is_split(subledger) else []
        for code, part in parts:
            rest -= part
            yield code, f"{part:f}"
        if rest or not parts:
            yield None, f"{rest:f}" if parts else amount

    def differing(self) -> Iterator[str]:
        """Yield a message for opening balances without a ledger line and for closing balances that differ from the lines."""
        for subledger in self._lines:
            opened = dict(self._openings(subledger))
            if opened and not self._is_split(subledger):
                why = "several ledger accounts" if self._lines[subledger] else "no ledger account"
                what = f"the opening balances of {counted(len(opened), 'relation')} are not taken"
                yield f"{what}: {why} of {subledger} in the opening balance"
            elif opened and sum(opened.values()) != self._opened[subledger]:
                yield (
                    f"the opening balances of relations add up to {sum(opened.values()):f},"
                    f" the ledger account of {subledger} opens at {self._opened[subledger]:f}"
                )
            yield from self._closing(subledger)

    def _closing(self, subledger: str) -> Iterator[str]:
        found = []
        for code, party in self._parties[subledger].items():
            closing = (party.opening or _NOTHING) + self._sums[subledger].get(code, _NOTHING)
            if party.closing is not None and closing != party.closing:
                found.append(f"{code} {party.closing:f}, by its lines {closing:f}")
        if found:
            more = f" and {len(found) - _SHOWN} more" if len(found) > _SHOWN else ""
            what = f"the closing balance differs from the lines for {counted(len(found), 'relation')} of {subledger}"
            yield f"{what}: {'; '.join(found[:_SHOWN])}{more}"
