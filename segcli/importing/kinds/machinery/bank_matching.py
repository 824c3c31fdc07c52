"""Matching of bank payments to outstanding items, after every import that may change it.

The result follows from what is stored, not from the order in which it came in: payments are decided by date, and those that
compete for an item are decided together, each time anew. What a user accepted stays.

Certain, and allocated on the bank's date: the invoice numbers or the reference in a payment name items of one account, and
their open amounts add up to the payment. Proposed: the items are named, but the amount differs; a number may be a part of a
longer one; or only amount and bank account agree. Settled: a receivables file states what is paid of the items up to that day,
or the named items are paid by something else. The rest is an unallocated receipt of the account, if that is known.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, timedelta

from segcli.base.text import counted
from segcli.importing.kinds.machinery import bank_booking, bank_work
from segcli.importing.kinds.machinery.bank_booking import BOOKED, COLUMNS, OURS, Part, Payment, Result
from segcli.importing.kinds.machinery.bank_items import Groups, Item, Items
from segcli.importing.kinds.machinery.bank_words import NUMBER, REFERENCE

NEAR = 31  # days between a payment and another record of it


def run(db: sqlite3.Connection) -> tuple[str, ...]:
    """Decide the payments that are not decided for good, in the open transaction; return what to tell."""
    if not bank_booking.any_payment(db):
        return ()
    before = _states(db)
    bank_work.collect(db)
    matching = _Matching(db)
    matching.decide()
    after = _states(db)
    notes = []
    for state, text in (
        ("matched", "{} matched"),
        ("proposed", "{} may match: segcli payments review"),
        ("settled", "{} in the figures of receivables already"),
        ("receipt", "{} unallocated"),
    ):
        more = after.get(state, 0) - before.get(state, 0)
        if more > 0:
            notes.append(text.format(counted(more, "bank payment")))
    return tuple(notes)


def _states(db: sqlite3.Connection) -> dict[str, int]:
    found = dict(db.execute("SELECT state, count(*) FROM bank_payment GROUP BY state").fetchall())
    sql = "SELECT count(*) FROM bank_payment WHERE state = 'unmatched' AND account_id IS NOT NULL AND amount > 0"
    return {**found, "receipt": db.execute(sql).fetchone()[0]}


class _Matching:
    """The decisions of one run."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.results: dict[int, Result] = {}
        self.items = Items(db)
        self.tied: set[int] = (
            set()
        )  # payments that fit several accounts: the bank account decides, which others may teach
        self.taken: set[int | None] | None = None  # payments that a reversal takes back

    def decide(self) -> None:
        """Decide by date what is certain, then the rest, and store what differs."""
        for payment in self._work():
            self._decide_certain(payment)
        for payment in self._work() if self.tied else ():
            if payment.id in self.tied and payment.id not in self.results:
                self._decide_certain(payment)
        for payment in self._work():
            if payment.id not in self.results:
                found = self._probable(payment)
                if found != Result():
                    self.results[payment.id] = found
        for payment in self._work():
            bank_booking.write(self.db, payment, self.results.get(payment.id, Result()))

    def _decide_certain(self, payment: Payment) -> None:
        found = self._certain(payment)
        if found is not None:
            self.results[payment.id] = found
            if self.taken is not None:
                self.taken.add(found.reverses)
            self.items.learn(payment, found)

    def _work(self) -> Iterator[Payment]:
        rows = self.db.execute(
            f"SELECT {COLUMNS} FROM temp.bank_work AS w JOIN bank_payment AS p ON p.id = w.id"
            " ORDER BY p.payment_date, p.is_reversal, p.payment_key"
        )
        return map(Payment._make, rows)

    def _certain(self, payment: Payment) -> Result | None:
        if payment.is_reversal:
            return self._reversal(payment)
        named = self.items.named(payment)
        if not named:
            return None
        strong = {key: items for key, items in named.items() if items[1] >= NUMBER}
        kept = {key: items for key, (items, _) in strong.items() if not self.items.is_settled(items, payment.day)}
        referred = {key: items for key, items in kept.items() if strong[key][1] == REFERENCE}
        for groups, reason in ((referred, "reference and amount"), (kept, "invoice number and amount")):
            exact = {account: parts for account, parts in self.items.exact(groups, payment).items() if parts}
            if len(exact) > 1 or payment.id in self.tied:
                self.tied.add(payment.id)
                owner = self.items.owner(payment)
                exact = {account: parts for account, parts in exact.items() if account == owner}
            if len(exact) == 1:
                account, parts = next(iter(exact.items()))
                return self._book(Result("matched", account, reason, tuple(parts)))
        return self._settled(payment, {key: items for key, (items, _) in strong.items()}, kept)

    def _settled(self, payment: Payment, strong: Groups, kept: Groups) -> Result | None:
        """Return the result of a payment whose items a file states as paid already; None if it is another one."""
        if not strong:
            return None
        in_ledger = [key for key, group in kept.items() if self._is_in_ledger(group, payment)]
        if kept and len(in_ledger) < len(kept):
            items = [item for key, group in kept.items() if key not in in_ledger for item in group]
            if not all(self._is_paid_elsewhere(item, payment) for item in items):
                return None
            if sum(abs(self.items.elsewhere(item)) for item in items) < abs(payment.amount):
                return None
        owners = {account for account, _ in strong}
        links = tuple((item.id, 0) for group in strong.values() for item in group)
        owner = owners.pop() if len(owners) == 1 else None
        return Result("settled", owner, "paid according to the receivables", links, has_receipt=False)

    def _is_in_ledger(self, items: Iterable[Item], payment: Payment) -> bool:
        """Tell whether the ledger has the payment as an unallocated receipt of this invoice."""
        first, last = _days(payment.day, -NEAR), _days(payment.day, NEAR)
        return payment.amount > 0 and any(
            self.items.open(item) == -payment.amount and first <= item.due <= last for item in items
        )

    def _is_paid_elsewhere(self, item: Item, payment: Payment) -> bool:
        """Tell whether something other than a bank payment has paid an item, as far as it covers this payment."""
        statement, imported = self.items.statement(item.id)
        paid = self.items.elsewhere(item)
        if statement and imported >= payment.day and abs(paid) >= abs(payment.amount):
            return True
        if self.items.open(item):
            return False
        near = self.db.execute(
            f"SELECT 1 FROM allocation WHERE item_id = ? AND NOT {OURS} AND allocation_date BETWEEN ? AND ? LIMIT 1",
            (item.id, _days(payment.day, -NEAR), _days(payment.day, NEAR)),
        ).fetchone()
        return near is not None

    def _probable(self, payment: Payment) -> Result:
        owner = self.items.owner(payment)
        if payment.is_reversal:
            return Result("unmatched", owner)
        named = self.items.named(payment)
        strong = {key: items for key, (items, strength) in named.items() if strength >= NUMBER}
        kept = {key: items for key, items in strong.items() if not self.items.is_settled(items, payment.day)}
        if payment.decision != "rejected":
            every = {key: items for key, (items, _) in named.items() if not self.items.is_settled(items, payment.day)}
            found = (
                self._one_of(self.items.exact(every, payment), owner, "a part of a number, and amount")
                or self._partly(payment, kept, owner)
                or self._by_amount(payment, owner, "bank account")
                or (self._by_amount(payment, self.items.namesake(payment), "name") if owner is None else None)
            )
            if found is not None:
                return found
        accounts = {account for account, _ in strong}
        account = owner if owner is not None else accounts.pop() if len(accounts) == 1 else None
        if account is not None and self.items.account_statement(account) >= payment.day:
            return Result("settled", account, "before the date of the receivables", has_receipt=False)
        return Result("unmatched", account)

    def _one_of(self, exact: Mapping[int, list[Part]], owner: int | None, reason: str) -> Result | None:
        found = {account: parts for account, parts in exact.items() if parts and owner in {None, account}}
        if len(found) != 1:
            return None
        account, parts = next(iter(found.items()))
        return Result("proposed", account, reason, tuple(parts))

    def _partly(self, payment: Payment, groups: Groups, owner: int | None) -> Result | None:
        """Propose the named items of one account for another amount, oldest first."""
        accounts = {account for account, _ in groups}
        account = owner if owner in accounts else accounts.pop() if len(accounts) == 1 else None
        items = sorted(
            (item for (of, _), group in groups.items() if of == account for item in group),
            key=lambda item: (item.due, item.id),
        )
        left, parts = payment.amount, []
        for item in items:
            free = self.items.open(item)
            if free * payment.amount > 0 and left:
                part = min(left, free) if left > 0 else max(left, free)
                parts.append((item.id, part))
                left -= part
        if not parts:
            return None
        return Result("proposed", account, "invoice number, but another amount", tuple(parts))

    def _by_amount(self, payment: Payment, owner: int | None, by: str) -> Result | None:
        """Propose the one open item of the account with this amount, else all its open items if they add up to it."""
        if owner is None:
            return None
        items = [
            item
            for item in self.items.of_account(owner)
            if item.currency == payment.currency
            and self.items.open(item)
            and not self.items.is_settled([item], payment.day)
        ]
        same = [item for item in items if self.items.open(item) == payment.amount]
        if len(same) == 1:
            return Result("proposed", owner, f"{by} and amount", ((same[0].id, payment.amount),))
        if len(items) > 1 and sum(self.items.open(item) for item in items) == payment.amount:
            parts = tuple((item.id, self.items.open(item)) for item in items)
            return Result("proposed", owner, f"{by} and balance", parts)
        return None

    def _reversal(self, payment: Payment) -> Result | None:
        """Return the result of a payment that takes back an earlier one: its allocations with the opposite sign."""
        same = "p.counter_iban = ?5 OR p.end_to_end_id = ?6 OR p.counter_iban IS NULL AND p.counter_name = ?7 COLLATE NOCASE"
        rows = self.db.execute(
            f"""SELECT {COLUMNS} FROM bank_payment AS p WHERE p.own_iban = ?1 AND p.currency = ?2 AND p.amount = ?3 AND p.payment_date <= ?4
                 AND p.is_reversal = 0 AND ({same}) ORDER BY p.payment_date DESC, p.payment_key DESC""",
            (
                payment.own_iban,
                payment.currency,
                -payment.amount,
                payment.day,
                payment.iban,
                payment.end_to_end_id,
                payment.name,
            ),
        )
        taken = self._taken()
        original = next((found for found in map(Payment._make, rows) if found.id not in taken), None)
        if original is None:
            return None
        known = self.results.get(original.id)
        if known is None and self._is_work(original.id):
            known = Result("unmatched", self.items.owner(original))
        if known is None:
            known = Result(original.state, original.account, original.reason, bank_booking.parts(self.db, original.id))
        if known.state == "settled":
            return Result("settled", known.account, known.reason, has_receipt=False, reverses=None)
        parts = known.parts if known.state in BOOKED else ()
        self._mark_reversed(original, known, parts)
        back = tuple((item, -amount) for item, amount in parts)
        return self._book(
            Result("matched", known.account, f"reversal of the payment of {original.day}", back, original.id)
        )

    def _taken(self) -> set[int | None]:
        """Return the payments that a reversal takes back already: those decided for good, and those of this run."""
        if self.taken is None:
            rows = self.db.execute(
                "SELECT reverses_id FROM bank_payment WHERE reverses_id IS NOT NULL AND id NOT IN (SELECT id FROM temp.bank_work)"
            )
            self.taken = {number for (number,) in rows} | {result.reverses for result in self.results.values()}
        return self.taken

    def _mark_reversed(self, original: Payment, known: Result, parts: tuple[Part, ...]) -> None:
        if self._is_work(original.id):
            self.results[original.id] = known._replace(state="reversed", parts=parts)
        else:
            self.db.execute(
                "UPDATE bank_payment SET state = 'reversed' WHERE id = ? AND state <> 'reversed'", (original.id,)
            )

    def _is_work(self, number: int) -> bool:
        return self.db.execute("SELECT 1 FROM temp.bank_work WHERE id = ?", (number,)).fetchone() is not None

    def _book(self, result: Result) -> Result:
        for item, amount in result.parts:
            self.items.used[item] = self.items.used.get(item, 0) + amount
        return result


def _days(day: str, more: int) -> str:
    return str(date.fromisoformat(day) + timedelta(days=more))
