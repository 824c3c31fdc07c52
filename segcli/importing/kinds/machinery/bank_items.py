"""The outstanding items that bank payments may pay: what is open of them, who owes them, and which a receivables file settles."""

import sqlite3
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from segcli.base.text import plain
from segcli.importing.kinds.machinery.bank_booking import OURS, Part, Payment, Result

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


class Items:
    """The items of one run, less what its decisions take of them. Payments and names are in temp.bank_work and temp.bank_named."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self.db = db
        self.accounts: dict[int, list[Item]] = {}
        self.kept = 0  # items in `accounts`
        self.used: dict[int, int] = {}  # item -> what the decisions of this run take of it
        self.statements: dict[int, tuple[str, str]] = {}
        self._names: dict[str, list[int]] | None = None  # the accounts with open items, by name
        self.own = {iban for (iban,) in db.execute("SELECT DISTINCT own_iban FROM bank_payment")}

    def learn(self, payment: Payment, result: Result) -> None:
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

    def owner(self, payment: Payment) -> int | None:
        """Return the account that has the other side's bank account, if only one has."""
        if payment.iban is None or payment.iban in self.own:
            return None
        found = self.db.execute(
            "SELECT account_id FROM account_iban WHERE iban = ? LIMIT 2", (payment.iban,)
        ).fetchall()
        return int(found[0][0]) if len(found) == 1 else None

    def namesake(self, payment: Payment) -> int | None:
        """Return the account with open items that has the other side's name, if only one has. It proves nothing by itself."""
        if self._names is None:
            sql = "SELECT id, name FROM account WHERE id IN (SELECT account_id FROM outstanding_item WHERE open_amount <> 0)"
            self._names = {}
            for account, name in self.db.execute(sql):
                self._names.setdefault(plain(name), []).append(account)
        found = self._names.get(plain(payment.name or ""), [])
        return found[0] if len(found) == 1 and payment.name else None

    def named(self, payment: Payment) -> dict[tuple[int, str], tuple[list[Item], int]]:
        """Return the invoices that a payment names, in its currency, with all their terms and the strength of the name."""
        rows = self.db.execute(
            """SELECT i.account_id, coalesce(i.invoice_number, i.item_key), max(n.strength) FROM temp.bank_named AS n
                 JOIN outstanding_item AS i ON i.id = n.item_id WHERE n.payment_id = ? AND i.currency = ? GROUP BY 1, 2 ORDER BY 1, 2""",
            (payment.id, payment.currency),
        ).fetchall()
        found = {}
        for account, number, strength in rows:
            items = [
                item for item in self.of_account(account) if item.number == number and item.currency == payment.currency
            ]
            if items:
                found[account, number] = (items, strength)
        return found

    def exact(self, groups: Groups, payment: Payment) -> dict[int, list[Part]]:
        """Return by account the parts of the named items, if their open amounts add up to the payment, else nothing.

        If one invoice with several terms is named, its oldest open term may be the payment, too.
        """
        found: dict[int, list[Part]] = {}
        for account in dict.fromkeys(account for account, _ in groups):
            mine = [items for (of, _), items in groups.items() if of == account]
            opened = [(item, free) for items in mine for item in items if (free := self.open(item))]
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

    def of_account(self, account: int) -> list[Item]:
        """Return the items of an account that are open or named, oldest first; receipts of bank payments are left out."""
        if account not in self.accounts:
            rows = self.db.execute(
                f"""SELECT i.id, i.account_id, coalesce(i.invoice_number, i.item_key), i.currency, i.amount,
                       i.open_amount + coalesce((SELECT sum(l.amount) FROM bank_payment_item AS m JOIN temp.bank_work AS w
                         ON w.id = m.bank_payment_id JOIN bank_payment AS p ON p.id = w.id JOIN allocation AS l
                         ON l.item_id = m.item_id AND l.allocation_key = 'bank ' || p.payment_key WHERE m.item_id = i.id), 0),
                       coalesce(i.due_date, i.invoice_date) FROM outstanding_item AS i
                     WHERE i.account_id = ? AND i.item_key NOT GLOB 'bank *' AND (i.open_amount <> 0
                        OR EXISTS (SELECT 1 FROM temp.bank_named AS n WHERE n.item_id = i.id)
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

    def open(self, item: Item) -> int:
        """Return what of an item is open after the decisions of this run."""
        return item.open - self.used.get(item.id, 0)

    def elsewhere(self, item: Item) -> int:
        """Return what of an item is paid by something other than bank payments."""
        sql = f"SELECT coalesce(sum(amount), 0) FROM allocation WHERE item_id = ? AND NOT {OURS}"
        return int(self.db.execute(sql, (item.id,)).fetchone()[0])

    def statement(self, item: int) -> tuple[str, str]:
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

    def is_settled(self, items: Iterable[Item], day: str) -> bool:
        """Tell whether receivables files settle all these items up to a day."""
        return all(self.statement(item.id)[0] >= day for item in items)

    def account_statement(self, account: int) -> str:
        """Return up to which day receivables files settle an account."""
        sql = (
            "SELECT coalesce(max(s.statement_date), '') FROM outstanding_item AS i JOIN receivables_statement AS s"
            " ON i.id BETWEEN s.first_item_id AND s.last_item_id WHERE i.account_id = ?"
        )
        return str(self.db.execute(sql, (account,)).fetchone()[0])
