"""Plans reminders from items grouped by account and currency, and lists the exclusions with their reasons. Pure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import groupby
from typing import NamedTuple

from segcli.base.money import to_text
from segcli.domain.reasons import Reason, Why
from segcli.domain.reminders.policy import Level, Policy


class Item(NamedTuple):
    """An outstanding item on the reference day, with data of its account. Amounts are in minor units of the item's currency."""

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
    open_now: int  # open amount after all known payments, including later ones
    paid_date: str | None  # of the last payment after the day

    @property
    def still_open(self) -> int:
        """Return the amount open on the day that has not been paid or set off since."""
        return max(min(self.open, self.open_now), 0) if self.open > 0 else min(max(self.open, self.open_now), 0)

    def is_overdue(self, day: date) -> bool:
        """Tell whether a reminder may ask for the item on a day."""
        is_held = self.is_disputed or self.is_blocked
        return self.still_open > 0 and not is_held and date.fromisoformat(self.due_date) < day


class Other(NamedTuple):
    """An item listed on a letter besides the reminded items: another overdue item, or a credit (negative)."""

    item_id: int
    open: int


class Line(NamedTuple):
    """An item on a reminder."""

    item_id: int
    level: int
    open: int
    interest: int
    days: int


@dataclass(frozen=True, slots=True)
class Reminder:
    """A reminder, or, if `why` is set, items excluded from reminders."""

    account_id: int
    currency: str
    level: int
    action: str
    language: str
    lines: tuple[Line, ...]
    fee: int = 0
    unallocated: int = 0  # receipts and credit notes available for set-off, negative
    why: Why | None = None
    others: tuple[Other, ...] = ()

    @property
    def open(self) -> int:
        """Return the open amount of its items."""
        return sum(line.open for line in self.lines)

    @property
    def interest(self) -> int:
        """Return the interest on its items."""
        return sum(line.interest for line in self.lines)

    @property
    def total(self) -> int:
        """Return the reminded amount with fee and interest."""
        return self.open + self.fee + self.interest

    @property
    def also_open(self) -> int:
        """Return the amount of the other overdue items."""
        return sum(max(other.open, 0) for other in self.others)

    @property
    def credits(self) -> int:
        """Return the amount of the listed credits, negative."""
        return sum(min(other.open, 0) for other in self.others)

    @property
    def balance(self) -> int:
        """Return the total overdue amount with fee and interest, less the credits."""
        return self.total + self.also_open + self.credits

    @property
    def to_pay(self) -> int:
        """Return the amount to pay: the total, but at most the balance."""
        return min(self.total, self.balance)


@dataclass(frozen=True, slots=True)
class _Standing:
    """The overdue items and open credits of an account in one currency."""

    currency: str
    items: tuple[Other, ...]  # overdue
    receipts: tuple[Other, ...]  # open credits and receipts, negative

    @classmethod
    def of(cls, items: list[Item], day: date) -> "_Standing":
        """Return the standing of an account on a day."""
        overdue = (Other(item.item_id, item.still_open) for item in items if item.is_overdue(day))
        receipts = (Other(item.item_id, item.still_open) for item in items if item.still_open < 0)
        return cls(items[0].currency, tuple(overdue), tuple(receipts))

    @property
    def overdue(self) -> int:
        """Return the overdue amount."""
        return sum(item.open for item in self.items)

    @property
    def credits(self) -> int:
        """Return the amount available for set-off, negative."""
        return sum(item.open for item in self.receipts)

    def beside(self, reminder: Reminder) -> tuple[Other, ...]:
        """Return the items that a letter lists besides the reminded items."""
        reminded = {line.item_id for line in reminder.lines}
        return (*(item for item in self.items if item.item_id not in reminded), *self.receipts)


@dataclass(frozen=True, slots=True)
class Planner:
    """Plans the reminders of one day."""

    policy: Policy
    day: date
    languages: frozenset[str]
    level: int | None = None  # only this level

    def plan(self, items: Iterable[Item]) -> Iterator[Reminder]:
        """Yield reminders and exclusions; `items` must be sorted by account and currency."""
        for _, members in groupby(items, key=lambda item: (item.account_id, item.currency)):
            yield from self._of_account(list(members))

    def _of_account(self, items: list[Item]) -> Iterator[Reminder]:
        standing = _Standing.of(items, self.day)
        covered = self._covered(standing)
        ripe: list[tuple[Item, Level]] = []
        excluded: dict[Why, list[tuple[Item, Level]]] = {}
        for item in items:
            level = self._next(item) if item.open > 0 else None
            if level is None or self.level not in {None, level.number}:
                continue
            why = self._objection(item, level, covered)
            (excluded.setdefault(why, []) if why else ripe).append((item, level))
        if ripe:
            yield self._reminder(ripe, standing)
        for why, left in excluded.items():
            found = self._made(left, standing, why)
            yield replace(found, why=self._tolerated(found) or why) if why.reason.is_failed else found

    def _covered(self, standing: "_Standing") -> Why | None:
        """Return the exclusion if the overdue amount less credits is within the tolerance."""
        overdue, credits_ = standing.overdue, standing.credits
        if not credits_ or not self.policy.is_tolerable(overdue + credits_, standing.currency):
            return None
        amounts = {"overdue": overdue, "credits": -credits_}
        return Reason.COVERED_BY_CREDITS.why(**{k: to_text(v, standing.currency) for k, v in amounts.items()})

    def _tolerated(self, found: Reminder) -> Why | None:
        if not self.policy.is_tolerable(found.open, found.currency):
            return None
        return Reason.TOLERANCE.why(open=to_text(found.open, found.currency))

    def _next(self, item: Item) -> Level | None:
        """Return the next level that the item has reached; the last level if all were sent; None if none is reached yet."""
        levels = self.policy.levels
        last = min(item.last_level or 0, len(levels))
        if last == len(levels):
            return levels[-1] if self._is_ripe(item, levels[-1]) else None
        if self.policy.mode == "step":
            return levels[last] if self._is_ripe(item, levels[last]) else None
        return next((level for level in reversed(levels[last:]) if self._is_ripe(item, level)), None)

    def _is_ripe(self, item: Item, level: Level) -> bool:
        due = date.fromisoformat(item.due_date)
        last = date.fromisoformat(item.last_date) if item.last_date else None
        start = level.start_of(due, date.fromisoformat(item.invoice_date), last)
        return start is not None and due < self.day and start + timedelta(level.days) <= self.day

    def _objection(self, item: Item, level: Level, covered: Why | None) -> Why | None:
        """Return why an item is excluded; None if it may be reminded."""
        since, interval = item.account_last_date, max(self.policy.interval, 1)
        is_early = bool(since) and (self.day - date.fromisoformat(since or "")).days < interval
        has_no_way = level.action == "email" and not item.email and not self.policy.falls_back_to_letter
        objections = (
            (item.account_is_blocked, Reason.ACCOUNT_BLOCKED),
            (item.is_disputed, Reason.DISPUTED),
            (item.is_blocked, Reason.ITEM_BLOCKED),
            (not item.still_open, Reason.PAID_SINCE),
            ((item.last_level or 0) >= len(self.policy.levels), Reason.ALL_LEVELS_SENT),
            (is_early, Reason.WITHIN_INTERVAL),
        )
        found = next((reason for is_so, reason in objections if is_so), None)
        if found:
            day = item.paid_date if found is Reason.PAID_SINCE else since
            return found.why(levels=len(self.policy.levels), day=day, interval=interval)
        return covered or (Reason.NO_EMAIL.why() if has_no_way else None)

    def _reminder(self, ripe: list[tuple[Item, Level]], standing: "_Standing") -> Reminder:
        found = self._made(ripe, standing)
        tolerated = self._tolerated(found)
        if tolerated:
            return replace(found, why=tolerated)
        level = self.policy.levels[found.level - 1]
        bases = [item.base_amount for item, _ in ripe]
        base = None if None in bases else sum(b or 0 for b in bases)
        fee = level.fee_of(found.open, sum(item.amount for item, _ in ripe), base)
        if fee is None:
            return replace(found, why=Reason.NO_EXCHANGE_RATE.why(currency=found.currency))
        others = standing.beside(found) if self.policy.lists_also_open else ()
        return replace(found, fee=fee, others=others)

    def _made(self, ripe: list[tuple[Item, Level]], standing: "_Standing", why: Why | None = None) -> Reminder:
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
            unallocated=standing.credits,
            why=why,
        )

    def _line(self, item: Item, level: Level) -> Line:
        days = (self.day - date.fromisoformat(item.due_date)).days
        open_ = item.still_open or item.open  # paid since: show the amount open on the day
        return Line(item.item_id, level.number, open_, level.interest_of(open_, days), days)

    def _language(self, wanted: str | None) -> str:
        short = (wanted or "").strip().lower()[:2]
        return short if short in self.languages else self.policy.language
