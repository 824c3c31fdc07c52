"""Who is reminded of what: items by account and currency -> reminders, and who is left out and why. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

from segcli.money import to_text
from segcli.reasons import Reason, Why
from segcli.reminding.policy import Level, Policy


class Item(NamedTuple):
    """An outstanding item on the day, and what is known of its account. Amounts in the item's smallest unit."""

    account_id: int
    currency: str
    item_id: int
    open: int
    invoice_date: str
    due_date: str
    amount: int
    base_amount: int | None
    is_disputed: int
    is_blocked: int  # no reminders for this item
    last_level: int | None
    last_date: str | None
    account_is_blocked: int
    email: str | None
    language: str | None
    account_last_date: str | None


class Line(NamedTuple):
    """An item on a reminder."""

    item_id: int
    level: int
    open: int
    interest: int
    days: int


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder, or, where there is a reason, items that nobody is reminded of."""

    account_id: int
    currency: str
    level: int
    action: str
    language: str
    lines: tuple[Line, ...]
    fee: int = 0
    unallocated: int = 0  # receipts and credit notes that could be set off, negative
    why: Why | None = None

    @property
    def open(self) -> int:
        """Return what is open of its items."""
        return sum(line.open for line in self.lines)

    @property
    def interest(self) -> int:
        """Return the interest on its items."""
        return sum(line.interest for line in self.lines)


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans the reminders of one day."""

    policy: Policy
    day: date
    languages: frozenset[str]
    level: int | None = None  # of these only

    def plan(self, items: Iterable[Item]) -> Iterator[Reminder]:
        """Yield reminders and exclusions; the items come by account and currency."""
        for _, members in groupby(items, key=lambda item: (item.account_id, item.currency)):
            yield from self._of_account(list(members))

    def _of_account(self, items: list[Item]) -> Iterator[Reminder]:
        unallocated = sum(item.open for item in items if item.open < 0)
        ripe: list[tuple[Item, Level]] = []
        excluded: dict[Why, list[tuple[Item, Level]]] = {}
        for item in items:
            level = self._next(item) if item.open > 0 else None
            if level is None or self.level not in {None, level.number}:
                continue
            why = self._objection(item, level)
            (excluded.setdefault(why, []) if why else ripe).append((item, level))
        if ripe:
            yield self._reminder(ripe, unallocated)
        for why, left in excluded.items():
            yield self._made(left, unallocated, why)

    def _next(self, item: Item) -> Level | None:
        """Return the level that the item has come to; the last one again where all were sent; None: not yet."""
        levels = self.policy.levels
        last = min(item.last_level or 0, len(levels))
        if last == len(levels):
            return levels[-1] if self._is_ripe(item, levels[-1]) else None
        if self.policy.mode == "step":
            return levels[last] if self._is_ripe(item, levels[last]) else None
        return next((level for level in reversed(levels[last:]) if self._is_ripe(item, level)), None)

    def _is_ripe(self, item: Item, level: Level) -> bool:
        start = {"due date": item.due_date, "invoice date": item.invoice_date}.get(level.start, item.last_date)
        is_due = date.fromisoformat(item.due_date) < self.day
        return bool(start) and is_due and date.fromisoformat(start or "") + timedelta(level.days) <= self.day

    def _objection(self, item: Item, level: Level) -> Why | None:
        """Return why nobody is reminded of an item; None where somebody is."""
        since, interval = item.account_last_date, max(self.policy.interval, 1)
        is_early = bool(since) and (self.day - date.fromisoformat(since or "")).days < interval
        has_no_way = level.action == "email" and not item.email and not self.policy.falls_back_to_letter
        objections = (
            (item.account_is_blocked, Reason.ACCOUNT_BLOCKED),
            (item.is_disputed, Reason.DISPUTED),
            (item.is_blocked, Reason.ITEM_BLOCKED),
            ((item.last_level or 0) >= len(self.policy.levels), Reason.ALL_LEVELS_SENT),
            (is_early, Reason.WITHIN_INTERVAL),
            (has_no_way, Reason.NO_EMAIL),
        )
        found = next((reason for is_so, reason in objections if is_so), None)
        return found.why(levels=len(self.policy.levels), day=since, interval=interval) if found else None

    def _reminder(self, ripe: list[tuple[Item, Level]], unallocated: int) -> Reminder:
        found = self._made(ripe, unallocated)
        if self.policy.is_tolerable(found.open, found.currency):
            return replace(found, why=Reason.TOLERANCE.why(open=to_text(found.open, found.currency)))
        level = self.policy.levels[found.level - 1]
        bases = [item.base_amount for item, _ in ripe]
        base = None if None in bases else sum(b or 0 for b in bases)
        fee = level.fee_of(found.open, sum(item.amount for item, _ in ripe), base)
        if fee is None:
            return replace(found, why=Reason.NO_EXCHANGE_RATE.why(currency=found.currency))
        return replace(found, fee=fee)

    def _made(self, ripe: list[tuple[Item, Level]], unallocated: int, why: Why | None = None) -> Reminder:
        first = ripe[0][0]
        top = max((level for _, level in ripe), key=lambda level: level.number)
        action = "letter" if top.action == "email" and not first.email else top.action
        return Reminder(
            account_id=first.account_id,
            currency=first.currency,
            level=top.number,
            action=action,
            language=self._language(first.language),
            lines=tuple(self._line(item, level) for item, level in ripe),
            unallocated=unallocated,
            why=why,
        )

    def _line(self, item: Item, level: Level) -> Line:
        days = (self.day - date.fromisoformat(item.due_date)).days
        return Line(item.item_id, level.number, item.open, level.interest_of(item.open, days), days)

    def _language(self, wanted: str | None) -> str:
        short = (wanted or "").strip().lower()[:2]
        return short if short in self.languages else self.policy.language
