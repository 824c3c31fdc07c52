"""Bank payments in the database: their matches, their allocations and their unallocated receipts."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from segcli.importing.kinds.machinery.item_sql import base_of

OURS = "allocation_key GLOB 'bank *'"
BOOKED = ("matched", "reversed")  # states whose parts are allocated
Part = tuple[int, int]  # item, and amount with the sign of the payment


class Payment(NamedTuple):
    """A payment as it is stored."""

    id: int
    key: str
    day: str
    currency: str
    amount: int
    own_iban: str
    iban: str | None
    name: str | None
    end_to_end_id: str | None
    is_reversal: int
    account: int | None
    state: str
    decision: str | None
    reverses: int | None
    reason: str | None


COLUMNS = (
    "p.id, p.payment_key, p.payment_date, p.currency, p.amount, p.own_iban, p.counter_iban, p.counter_name, p.end_to_end_id,"
    " p.is_reversal, p.account_id, p.state, p.decision, p.reverses_id, p.reason"
)


class Result(NamedTuple):
    """What a payment is matched with."""

    state: str = "unmatched"
    account: int | None = None
    reason: str | None = None
    parts: tuple[Part, ...] = ()
    reverses: int | None = None
    has_receipt: bool = True  # the rest is an unallocated receipt of the account


class Receipt(NamedTuple):
    """The outstanding item of a payment that is not allocated."""

    id: int
    account: int
    amount: int
    is_taken: bool  # something other than a bank payment is allocated to it


def any_payment(db: sqlite3.Connection) -> bool:
    """Tell whether there are bank payments."""
    return bool(db.execute("SELECT EXISTS (SELECT 1 FROM bank_payment)").fetchone()[0])


def parts(db: sqlite3.Connection, payment: int) -> tuple[Part, ...]:
    """Return what a payment is matched with, or proposed for."""
    sql = "SELECT item_id, amount FROM bank_payment_item WHERE bank_payment_id = ? ORDER BY item_id"
    return tuple(db.execute(sql, (payment,)))


def receipt(db: sqlite3.Connection, payment: Payment) -> Receipt | None:
    """Return the unallocated receipt of a payment."""
    if payment.account is None:
        return None
    row = db.execute(
        f"""SELECT i.id, i.account_id, i.amount, EXISTS (SELECT 1 FROM allocation AS l WHERE l.item_id = i.id AND NOT l.{OURS})
              FROM outstanding_item AS i WHERE i.account_id = ? AND i.item_key = ?""",
        (payment.account, f"bank {payment.key}"),
    ).fetchone()
    return None if row is None else Receipt(row[0], row[1], row[2], bool(row[3]))


def write(db: sqlite3.Connection, payment: Payment, new: Result) -> bool:
    """Store the match of a payment; tell whether it changed."""
    there = receipt(db, payment)
    if there is not None and there.is_taken:
        return False
    wanted = _parts_with_receipt(db, new)
    old = parts(db, payment.id)
    is_booked, was_booked = new.state in BOOKED, payment.state in BOOKED
    is_other = sorted(wanted) != sorted(old) or is_booked != was_booked
    if is_other:
        _take_off(db, payment, old)
        _put_on(db, payment, wanted, is_booked=is_booked)
    rest = _rest(payment, new, wanted, is_booked=is_booked)
    is_kept = _keep_receipt(db, payment, there, new.account, rest)
    fields = (new.state, new.account, new.reason, new.reverses)
    if fields != (payment.state, payment.account, payment.reason, payment.reverses):
        db.execute(
            "UPDATE bank_payment SET state = ?, account_id = ?, reason = ?, reverses_id = ? WHERE id = ?",
            (*fields, payment.id),
        )
        return True
    return is_other or not is_kept


def _parts_with_receipt(db: sqlite3.Connection, new: Result) -> tuple[Part, ...]:
    """Return the parts of a result; a reversal also takes back the unallocated receipt of the payment that it reverses."""
    if new.reverses is None:
        return new.parts
    row = db.execute(
        "SELECT i.id, i.amount FROM bank_payment AS p JOIN outstanding_item AS i ON i.account_id = p.account_id"
        " AND i.item_key = 'bank ' || p.payment_key WHERE p.id = ?",
        (new.reverses,),
    ).fetchone()
    return new.parts if row is None else (*new.parts, (row[0], row[1]))


def _rest(payment: Payment, new: Result, wanted: Sequence[Part], *, is_booked: bool) -> int:
    """Return the part of a payment that is an unallocated receipt."""
    if new.account is None or not new.has_receipt or payment.amount < 0 or payment.is_reversal:
        return 0
    return payment.amount - (sum(amount for _, amount in wanted) if is_booked else 0)


def _take_off(db: sqlite3.Connection, payment: Payment, old: Iterable[Part]) -> None:
    for item, _ in old:
        db.execute("DELETE FROM allocation WHERE item_id = ? AND allocation_key = ?", (item, f"bank {payment.key}"))
    db.execute("DELETE FROM bank_payment_item WHERE bank_payment_id = ?", (payment.id,))


def _put_on(db: sqlite3.Connection, payment: Payment, wanted: Iterable[Part], *, is_booked: bool) -> None:
    for item, amount in wanted:
        db.execute(
            "INSERT INTO bank_payment_item (bank_payment_id, item_id, amount) VALUES (?, ?, ?)",
            (payment.id, item, amount),
        )
        if is_booked and amount:
            db.execute(
                f"""INSERT INTO allocation (item_id, account_id, currency, allocation_key, allocation_date, amount, base_amount)
                    SELECT i.id, i.account_id, i.currency, ?1, ?2, ?3, {base_of("?3", "i.amount", "i.base_amount")}
                      FROM outstanding_item AS i WHERE i.id = ?4""",
                (f"bank {payment.key}", payment.day, amount, item),
            )


def _keep_receipt(
    db: sqlite3.Connection, payment: Payment, there: Receipt | None, account: int | None, rest: int
) -> bool:
    """Set the amount of the unallocated receipt; tell whether it had that amount already."""
    if there is not None and (account != there.account or not rest):
        db.execute("DELETE FROM outstanding_item WHERE id = ?", (there.id,))
        there, was_right = None, False
    else:
        was_right = True
    if not rest or (there is not None and there.amount == -rest):
        return was_right
    if there is not None:
        db.execute(
            "UPDATE outstanding_item SET open_amount = open_amount - amount + ?1, base_amount = iif(base_amount = amount, ?1, NULL),"
            " amount = ?1 WHERE id = ?2",
            (-rest, there.id),
        )
        return False
    db.execute(
        """INSERT INTO outstanding_item (account_id, item_key, invoice_date, currency, amount, open_amount, base_amount, description,
             reference) SELECT ?1, 'bank ' || p.payment_key, p.payment_date, p.currency, ?2, ?2,
                               iif(p.currency = (SELECT currency FROM administration), ?2, NULL), 'bank payment ' || p.id, p.reference
                          FROM bank_payment AS p WHERE p.id = ?3""",
        (account, -rest, payment.id),
    )
    return False


def learn(db: sqlite3.Connection, payment: Payment) -> None:
    """Store the payer's bank account with the account, unless it is one of ours."""
    db.execute(
        "INSERT INTO account_iban (account_id, iban) SELECT p.account_id, p.counter_iban FROM bank_payment AS p WHERE p.id = ?1"
        " AND p.account_id IS NOT NULL AND p.counter_iban IS NOT NULL"
        " AND NOT EXISTS (SELECT 1 FROM bank_payment AS o WHERE o.own_iban = p.counter_iban)"
        " AND NOT EXISTS (SELECT 1 FROM account_iban AS x WHERE x.account_id = p.account_id AND x.iban = p.counter_iban)",
        (payment.id,),
    )


def remove(db: sqlite3.Connection, numbers: Iterable[int]) -> None:
    """Delete payments, their matches and their receipts."""
    for number in numbers:
        row = db.execute(f"SELECT {COLUMNS} FROM bank_payment AS p WHERE p.id = ?", (number,)).fetchone()
        payment = Payment(*row)
        _take_off(db, payment, parts(db, payment.id))
        _keep_receipt(db, payment, receipt(db, payment), None, 0)
        db.execute("DELETE FROM bank_payment WHERE id = ?", (number,))


def make_room(db: sqlite3.Connection, rows: str) -> None:
    """Release bank payments from invoices that payments in another file name. The table `rows` has account_id and invoice_number."""
    if any_payment(db):
        take_off_items(
            db,
            f"SELECT i.id FROM {rows} AS s JOIN outstanding_item AS i ON i.account_id = s.account_id"
            " AND i.invoice_number = s.invoice_number",
        )


def take_off_items(db: sqlite3.Connection, items: str, until: str = "") -> int:
    """Release bank payments from the items whose ids a query yields; return their number. They are matched again afterwards.

    `until` narrows it to payments up to this day.
    """
    limit = "AND p.payment_date <= ?" if until else ""
    found = db.execute(
        f"SELECT DISTINCT p.id FROM bank_payment_item AS m JOIN bank_payment AS p ON p.id = m.bank_payment_id"
        f" WHERE m.item_id IN ({items}) AND p.state IN ('matched', 'reversed') {limit}",
        (until,) if until else (),
    ).fetchall()
    for (number,) in found:
        payment = Payment(*db.execute(f"SELECT {COLUMNS} FROM bank_payment AS p WHERE p.id = ?", (number,)).fetchone())
        _take_off(db, payment, parts(db, payment.id))
        db.execute(
            "UPDATE bank_payment SET state = 'unmatched', decision = NULL, reverses_id = NULL WHERE id = ?", (number,)
        )
    return len(found)
