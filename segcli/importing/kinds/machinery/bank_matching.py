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
from typing import NamedTuple

from segcli.base.text import counted
from segcli.importing.kinds.machinery import bank_booking, bank_words
from segcli.importing.kinds.machinery.bank_booking import BOOKED, COLUMNS, OURS, Part, Payment, Result
from segcli.importing.kinds.machinery.bank_words import NUMBER, REFERENCE, WEAK

NEAR = 31  # days between a payment and another record of it
_AT_ONCE = 5000
_MOST_KEPT = 50_000  # items that are kept in memory, and dates up to which items are settled; the rest is read again


class Item(NamedTuple):
    """An outstanding item; amounts are in minor units, `open` without the bank payments that are decided now."""

    id: int
    account: int
    number: str | None
    currency: str
    amount: int
    open: int
    due: str


Groups = Mapping[tuple[int, str], list[Item]]  # account and invoice number -> its terms, oldest first


def run(db: sqlite3.Connection) -> tuple[str, ...]:
    """Decide the payments that are not decided for good, in the open transaction; return what to tell."""
    if not bank_booking.any_payment(db):
        return ()
    before = _states(db)
    _collect_work(db)
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


def _collect_work(db: sqlite3.Connection) -> None:
    """Fill temp.bank_work with the payments to decide, and temp.bank_named with the items that their words name."""
    for name, columns in (
        ("bank_work", "id INTEGER PRIMARY KEY, is_named INTEGER NOT NULL DEFAULT 0)"),
        ("bank_word", "word TEXT, payment_id INTEGER, strength INTEGER, PRIMARY KEY (word, payment_id)) WITHOUT ROWID"),
        ("bank_named", "payment_id INTEGER, item_id INTEGER, strength INTEGER, PRIMARY KEY (payment_id, item_id)) WITHOUT ROWID"),
    ):  # fmt: skip
        db.execute(f"DROP TABLE IF EXISTS temp.{name}")
        db.execute(f"CREATE TEMP TABLE {name} ({columns}")
    db.create_function("bank_number", 1, bank_words.number, deterministic=True)
    db.create_function("bank_short", 1, bank_words.short, deterministic=True)
    db.execute(
        """INSERT INTO temp.bank_work (id) SELECT p.id FROM bank_payment AS p WHERE p.is_batch = 0 AND p.decision IS NOT 'accepted'
             AND (p.state IN ('unmatched', 'proposed') OR p.state IN ('settled', 'reversed') AND NOT EXISTS
                  (SELECT 1 FROM bank_payment_item AS m WHERE m.bank_payment_id = p.id))"""
    )
    while db.execute("SELECT EXISTS (SELECT 1 FROM temp.bank_work WHERE is_named = 0)").fetchone()[0]:
        _name_items(db)
        db.execute(  # payments that hold what others name, and the two sides of a reversal
            """INSERT OR IGNORE INTO temp.bank_work (id) SELECT p.id FROM temp.bank_named AS n JOIN bank_payment_item AS m
                 ON m.item_id = n.item_id JOIN bank_payment AS p ON p.id = m.bank_payment_id
              WHERE p.state IN ('matched', 'reversed') AND p.decision IS NULL
              UNION SELECT p.reverses_id FROM temp.bank_work AS w JOIN bank_payment AS p ON p.id = w.id WHERE p.reverses_id IS NOT NULL
              UNION SELECT p.id FROM temp.bank_work AS w JOIN bank_payment AS p ON p.reverses_id = w.id"""
        )


def _name_items(db: sqlite3.Connection) -> None:
    """Find the items that the words of the new payments in temp.bank_work name: one pass over the items."""
    db.execute("DELETE FROM temp.bank_word")
    fresh = db.execute(
        "SELECT p.id, p.description, p.reference, p.end_to_end_id FROM temp.bank_work AS w JOIN bank_payment AS p ON p.id = w.id"
        " WHERE w.is_named = 0"
    )
    while block := fresh.fetchmany(_AT_ONCE):
        db.executemany(
            "INSERT OR IGNORE INTO temp.bank_word (word, payment_id, strength) VALUES (?, ?, ?)", _words(block)
        )
    named = f"min(w.strength, CASE WHEN length(w.word) < {bank_words.SHORT} THEN {WEAK} ELSE {REFERENCE} END)"
    for strength, where in (
        (named, "w.word = bank_number(i.invoice_number)"),
        (str(WEAK), "w.word = bank_short(i.invoice_number)"),
        (str(REFERENCE), f"w.word = bank_number(i.reference) AND w.strength = {REFERENCE}"),
    ):
        column = "i.reference" if "i.reference" in where else "i.invoice_number"
        db.execute(
            f"""INSERT INTO temp.bank_named SELECT w.payment_id, i.id, {strength} FROM outstanding_item AS i
                 CROSS JOIN temp.bank_word AS w ON {where} WHERE {column} IS NOT NULL AND i.item_key NOT GLOB 'bank *'
                ON CONFLICT DO UPDATE SET strength = max(strength, excluded.strength)"""
        )
    db.execute("UPDATE temp.bank_work SET is_named = 1 WHERE is_named = 0")


def _words(rows: Iterable[tuple[int, str | None, str | None, str | None]]) -> Iterator[tuple[str, int, int]]:
    for number, text, reference, end_to_end in rows:
        found = bank_words.words(text)
        for word, strength in bank_words.references(reference, end_to_end).items():
            found[word] = max(found.get(word, 0), strength)
        yield from ((word, number, strength) for word, strength in found.items())


class _Matching:
    """The decisions of one run."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.results: dict[int, Result] = {}
        self.accounts: dict[int, list[Item]] = {}
        self.kept = 0  # items in `accounts`
        self.used: dict[int, int] = {}  # item -> what the decisions of this run take of it
        self.statements: dict[int, tuple[str, str]] = {}
        self.tied: set[int] = (
            set()
        )  # payments that fit several accounts: the bank account decides, which may be learned from others
        self.taken: set[int | None] | None = None  # payments that a reversal takes back
        self.own = {iban for (iban,) in db.execute("SELECT DISTINCT own_iban FROM bank_payment")}

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
            self._learn(payment, found)

    def _work(self) -> Iterator[Payment]:
        rows = self.db.execute(
            f"SELECT {COLUMNS} FROM temp.bank_work AS w JOIN bank_payment AS p ON p.id = w.id"
            " ORDER BY p.payment_date, p.is_reversal, p.payment_key"
        )
        return map(Payment._make, rows)

    def _certain(self, payment: Payment) -> Result | None:
        if payment.is_reversal:
            return self._reversal(payment)
        named = self._named(payment)
        if not named:
            return None
        strong = {key: items for key, items in named.items() if items[1] >= NUMBER}
        kept = {key: items for key, (items, _) in strong.items() if not self._is_settled(items, payment.day)}
        referred = {key: items for key, items in kept.items() if strong[key][1] == REFERENCE}
        for groups, reason in ((referred, "reference and amount"), (kept, "invoice number and amount")):
            exact = {account: parts for account, parts in self._exact(groups, payment).items() if parts}
            if len(exact) > 1 or payment.id in self.tied:
                self.tied.add(payment.id)
                owner = self._owner(payment)
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
            if sum(abs(self._elsewhere(item)) for item in items) < abs(payment.amount):
                return None
        owners = {account for account, _ in strong}
        links = tuple((item.id, 0) for group in strong.values() for item in group)
        owner = owners.pop() if len(owners) == 1 else None
        return Result("settled", owner, "paid according to the receivables", links, has_receipt=False)

    def _is_in_ledger(self, items: Iterable[Item], payment: Payment) -> bool:
        """Tell whether the ledger has the payment as an unallocated receipt of this invoice."""
        first, last = _days(payment.day, -NEAR), _days(payment.day, NEAR)
        return payment.amount > 0 and any(
            self._open(item) == -payment.amount and first <= item.due <= last for item in items
        )

    def _is_paid_elsewhere(self, item: Item, payment: Payment) -> bool:
        """Tell whether something other than a bank payment has paid an item, as far as it covers this payment."""
        statement, imported = self._statement(item.id)
        paid = self._elsewhere(item)
        if statement and imported >= payment.day and abs(paid) >= abs(payment.amount):
            return True
        if self._open(item):
            return False
        near = self.db.execute(
            f"SELECT 1 FROM allocation WHERE item_id = ? AND NOT {OURS} AND allocation_date BETWEEN ? AND ? LIMIT 1",
            (item.id, _days(payment.day, -NEAR), _days(payment.day, NEAR)),
        ).fetchone()
        return near is not None

    def _probable(self, payment: Payment) -> Result:
        owner = self._owner(payment)
        if payment.is_reversal:
            return Result("unmatched", owner)
        named = self._named(payment)
        strong = {key: items for key, (items, strength) in named.items() if strength >= NUMBER}
        kept = {key: items for key, items in strong.items() if not self._is_settled(items, payment.day)}
        if payment.decision != "rejected":
            every = {key: items for key, (items, _) in named.items() if not self._is_settled(items, payment.day)}
            found = (
                self._one_of(self._exact(every, payment), owner, "a part of a number, and amount")
                or self._partly(payment, kept, owner)
                or self._by_amount(payment, owner)
            )
            if found is not None:
                return found
        accounts = {account for account, _ in strong}
        account = owner if owner is not None else accounts.pop() if len(accounts) == 1 else None
        if account is not None and self._account_statement(account) >= payment.day:
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
            free = self._open(item)
            if free * payment.amount > 0 and left:
                part = min(left, free) if left > 0 else max(left, free)
                parts.append((item.id, part))
                left -= part
        if not parts:
            return None
        return Result("proposed", account, "invoice number, but another amount", tuple(parts))

    def _by_amount(self, payment: Payment, owner: int | None) -> Result | None:
        """Propose the one open item of the account with this amount, else all its open items if they add up to it."""
        if owner is None:
            return None
        items = [
            item
            for item in self._items(owner)
            if item.currency == payment.currency and self._open(item) and not self._is_settled([item], payment.day)
        ]
        same = [item for item in items if self._open(item) == payment.amount]
        if len(same) == 1:
            return Result("proposed", owner, "bank account and amount", ((same[0].id, payment.amount),))
        if len(items) > 1 and sum(self._open(item) for item in items) == payment.amount:
            parts = tuple((item.id, self._open(item)) for item in items)
            return Result("proposed", owner, "bank account and balance", parts)
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
            known = Result("unmatched", self._owner(original))
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
            self.used[item] = self.used.get(item, 0) + amount
        return result

    def _learn(self, payment: Payment, result: Result) -> None:
        """Store the bank account of who paid, where the match is certain and pays items."""
        if (
            result.account is None
            or payment.iban is None
            or payment.iban in self.own
            or not result.parts
            or payment.is_reversal
        ):
            return
        if result.state == "settled" and not self._is_whole(payment, result):
            return
        self.db.execute(
            "INSERT INTO account_iban (account_id, iban) SELECT ?1, ?2 WHERE NOT EXISTS"
            " (SELECT 1 FROM account_iban WHERE account_id = ?1 AND iban = ?2)",
            (result.account, payment.iban),
        )

    def _is_whole(self, payment: Payment, result: Result) -> bool:
        """Tell whether a payment amounts to the items that it names."""
        marks = ", ".join("?" * len(result.parts))
        sql = f"SELECT sum(amount) FROM outstanding_item WHERE id IN ({marks})"
        return bool(self.db.execute(sql, [item for item, _ in result.parts]).fetchone()[0] == payment.amount)

    def _owner(self, payment: Payment) -> int | None:
        """Return the account that has the other side's bank account, if only one has."""
        if payment.iban is None or payment.iban in self.own:
            return None
        found = self.db.execute(
            "SELECT account_id FROM account_iban WHERE iban = ? LIMIT 2", (payment.iban,)
        ).fetchall()
        return int(found[0][0]) if len(found) == 1 else None

    def _named(self, payment: Payment) -> dict[tuple[int, str], tuple[list[Item], int]]:
        """Return the invoices that a payment names, in its currency, with all their terms and the strength of the name."""
        rows = self.db.execute(
            """SELECT i.account_id, coalesce(i.invoice_number, i.item_key), max(n.strength) FROM temp.bank_named AS n
                 JOIN outstanding_item AS i ON i.id = n.item_id WHERE n.payment_id = ? AND i.currency = ? GROUP BY 1, 2 ORDER BY 1, 2""",
            (payment.id, payment.currency),
        ).fetchall()
        found = {}
        for account, number, strength in rows:
            items = [
                item for item in self._items(account) if item.number == number and item.currency == payment.currency
            ]
            if items:
                found[account, number] = (items, strength)
        return found

    def _exact(self, groups: Groups, payment: Payment) -> dict[int, list[Part]]:
        """Return by account the parts of the named items, if their open amounts add up to the payment, else nothing.

        If one invoice with several terms is named, its oldest open term may be the payment, too.
        """
        found: dict[int, list[Part]] = {}
        for account in dict.fromkeys(account for account, _ in groups):
            mine = [items for (of, _), items in groups.items() if of == account]
            opened = [(item, free) for items in mine for item in items if (free := self._open(item))]
            parts = [(item.id, free) for item, free in opened]
            if parts and sum(free for _, free in parts) == payment.amount:
                found[account] = parts
            elif (
                len(mine) == 1
                and opened
                and opened[0][1] == payment.amount
                and not any(free * payment.amount < 0 for _, free in parts)
            ):
                found[account] = parts[:1]
        return found

    def _items(self, account: int) -> list[Item]:
        """Return the items of an account that are open or named, oldest first; receipts of bank payments are left out."""
        if account not in self.accounts:
            rows = self.db.execute(
                f"""SELECT i.id, i.account_id, coalesce(i.invoice_number, i.item_key), i.currency, i.amount,
                       i.open_amount + coalesce((SELECT sum(l.amount) FROM bank_payment_item AS m JOIN temp.bank_work AS w
                         ON w.id = m.bank_payment_id JOIN bank_payment AS p ON p.id = w.id JOIN allocation AS l
                         ON l.item_id = m.item_id AND l.allocation_key = 'bank ' || p.payment_key WHERE m.item_id = i.id), 0),
                       coalesce(i.due_date, i.invoice_date) FROM outstanding_item AS i
                     WHERE i.account_id = ? AND i.item_key NOT GLOB 'bank *' AND (i.open_amount <> 0
                        OR i.id IN (SELECT item_id FROM temp.bank_named)
                        OR EXISTS (SELECT 1 FROM allocation AS l WHERE l.item_id = i.id AND l.{OURS}))
                     ORDER BY 7, i.term, i.id""",
                (account,),
            )
            if self.kept > _MOST_KEPT:
                self.accounts.clear()
                self.kept = 0
            self.accounts[account] = [Item(*row) for row in rows]
            self.kept += len(self.accounts[account]) + 1
        return self.accounts[account]

    def _open(self, item: Item) -> int:
        return item.open - self.used.get(item.id, 0)

    def _elsewhere(self, item: Item) -> int:
        """Return what of an item is paid by something other than bank payments."""
        sql = f"SELECT coalesce(sum(amount), 0) FROM allocation WHERE item_id = ? AND NOT {OURS}"
        return int(self.db.execute(sql, (item.id,)).fetchone()[0])

    def _statement(self, item: int) -> tuple[str, str]:
        """Return up to which day a receivables file settles an item, and when that was imported; '' if none does."""
        if item not in self.statements:
            sql = (
                "SELECT coalesce(max(statement_date), ''), coalesce(max(import_date), '') FROM receivables_statement"
                " WHERE ? BETWEEN first_item_id AND last_item_id"
            )
            if len(self.statements) > _MOST_KEPT:
                self.statements.clear()
            self.statements[item] = self.db.execute(sql, (item,)).fetchone()
        return self.statements[item]

    def _is_settled(self, items: Iterable[Item], day: str) -> bool:
        return all(self._statement(item.id)[0] >= day for item in items)

    def _account_statement(self, account: int) -> str:
        """Return up to which day receivables files settle an account."""
        sql = (
            "SELECT coalesce(max(s.statement_date), '') FROM outstanding_item AS i JOIN receivables_statement AS s"
            " ON i.id BETWEEN s.first_item_id AND s.last_item_id WHERE i.account_id = ?"
        )
        return str(self.db.execute(sql, (account,)).fetchone()[0])


def _days(day: str, more: int) -> str:
    return str(date.fromisoformat(day) + timedelta(days=more))
