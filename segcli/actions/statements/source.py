"""The lines of statements: the movements of an account in a period, and its items that are open on a day."""

import json
import sqlite3
from itertools import groupby
from typing import NamedTuple

from segcli.actions.parts.job import Job
from segcli.actions.statements.span import Span
from segcli.query.outstanding import outstanding

# One movement each: all terms of an invoice, all parts of its payment, and all items of a set-off.
_MOVEMENTS = """SELECT day, kind, numbers, debit, credit FROM (
  SELECT i.invoice_date AS day, CASE WHEN i.amount > 0 THEN 'invoice' WHEN i.invoice_number IS NULL THEN 'receipt'
         ELSE 'credit_note' END AS kind, json_array(i.invoice_number) AS numbers, sum(max(i.amount, 0)) AS debit,
         sum(max(-i.amount, 0)) AS credit, min(i.id) AS first
    FROM outstanding_item AS i
   WHERE i.account_id = :account AND i.currency = :currency AND i.amount <> 0 AND i.invoice_date BETWEEN :start AND :end
   GROUP BY i.invoice_date, i.amount > 0, coalesce(i.invoice_number, i.id)
  UNION ALL
  SELECT l.allocation_date, CASE WHEN l.counter_item_id IS NOT NULL THEN 'set_off' WHEN i.amount > 0 THEN 'payment' ELSE 'use' END,
         json_group_array(i.invoice_number), sum(max(-l.amount, 0)), sum(max(l.amount, 0)), min(l.id)
    FROM outstanding_item AS i JOIN allocation AS l ON l.item_id = i.id
   WHERE i.account_id = :account AND i.currency = :currency AND l.amount <> 0 AND l.allocation_date BETWEEN :start AND :end
   GROUP BY l.allocation_date, l.allocation_key, i.amount > 0 OR l.counter_item_id IS NOT NULL, l.counter_item_id IS NULL,
         CASE WHEN l.counter_item_id IS NULL THEN coalesce(i.invoice_number, i.id) END)
 ORDER BY day, CASE kind WHEN 'invoice' THEN 1 WHEN 'credit_note' THEN 2 WHEN 'receipt' THEN 3 ELSE 4 END, first"""
_ITEMS = f"""{outstanding()}
SELECT o.account_id, o.currency, o.item_id, o.open FROM outstanding AS o WHERE o.open <> 0"""
# A payment before the invoice date is a receipt, because the invoice does not exist yet; its amount is the open amount.
_OPEN = """SELECT CASE WHEN i.invoice_date > :day OR (i.amount < 0 AND i.invoice_number IS NULL) THEN 'receipt'
         WHEN i.amount > 0 THEN 'invoice' ELSE 'credit_note' END AS kind, i.invoice_number,
       CASE WHEN i.invoice_date <= :day THEN i.invoice_date ELSE
         (SELECT max(l.allocation_date) FROM allocation AS l WHERE l.item_id = i.id AND l.allocation_date <= :day) END,
       CASE WHEN i.invoice_date <= :day AND i.amount > 0 THEN i.due_date END,
       CASE WHEN i.invoice_date <= :day THEN i.amount ELSE t.open END, t.open,
       CASE WHEN t.open > 0 THEN CAST(julianday(:day) - julianday(coalesce(i.due_date, i.invoice_date)) AS INTEGER) END
  FROM temp.statement_item AS t JOIN outstanding_item AS i ON i.id = t.item_id
 WHERE t.account_id = :account AND t.currency = :currency
 ORDER BY coalesce(i.due_date, i.invoice_date), i.invoice_number, i.id"""


class Movement(NamedTuple):
    """A document, a payment or a set-off, in minor units.

    `kind` is invoice, credit_note, receipt (a payment without an invoice), payment (of an invoice), use (of a credit note or
    receipt: repaid or set off) or set_off.
    """

    day: str
    kind: str
    numbers: tuple[str | None, ...]  # of the documents; None: a payment without one
    debit: int
    credit: int


class Open(NamedTuple):
    """An open item. `days` is the number of days overdue: negative before the due date, None for a credit."""

    kind: str
    number: str | None
    day: str
    due_date: str | None
    amount: int
    open: int
    days: int | None


def movements(db: sqlite3.Connection, account: int, currency: str, span: Span) -> list[Movement]:
    """Return the movements of an account in a currency, by date."""
    values = {"account": account, "currency": currency, "start": str(span.start), "end": str(span.end)}
    found = [
        Movement(day, kind, tuple(dict.fromkeys(json.loads(numbers))), debit, credit)
        for day, kind, numbers, debit, credit in db.execute(_MOVEMENTS, values)
    ]
    return [one for _, of_day in groupby(found, key=lambda one: one.day) for one in set_off(list(of_day))]


def set_off(of_day: list[Movement]) -> list[Movement]:
    """Return the movements of a day, with each set-off as one movement.

    Some files state a set-off as two unrelated allocations: on one day a credit is used and an invoice is paid by the same amount,
    or the totals of both are the same.
    """
    used = [one for one in of_day if one.kind == "use" and one.debit and not one.credit]
    paid = [one for one in of_day if one.kind == "payment" and one.credit and not one.debit]
    sets, alone = [], []
    for one in used:
        at = next((at for at, other in enumerate(paid) if other.credit == one.debit), None)
        if at is None:
            alone.append(one)
        else:
            sets.append([paid.pop(at), one])
    if alone and sum(one.debit for one in alone) == sum(one.credit for one in paid):
        sets.append([*paid, *alone])
    gone = {id(one) for members in sets for one in members}
    return [*(one for one in of_day if id(one) not in gone), *map(_one_set, sets)]


def _one_set(members: list[Movement]) -> Movement:
    numbers = dict.fromkeys(number for one in members for number in one.numbers)
    amounts = (sum(one.debit for one in members), sum(one.credit for one in members))
    return Movement(members[0].day, "set_off", tuple(numbers), *amounts)


def stage_items(job: Job, span: Span) -> None:
    """Store the open items of the selected accounts in a temporary table, with one query for all accounts."""
    job.db.execute("DROP TABLE IF EXISTS temp.statement_item")
    job.db.execute(
        "CREATE TEMP TABLE statement_item (account_id INTEGER, currency TEXT, item_id INTEGER, open INTEGER,"
        " PRIMARY KEY (account_id, currency, item_id)) WITHOUT ROWID"
    )
    found = job.select(_ITEMS, {"as_of": str(span.end)})
    job.db.executemany("INSERT INTO temp.statement_item VALUES (?, ?, ?, ?)", found)


def items(db: sqlite3.Connection, account: int, currency: str, span: Span) -> list[Open]:
    """Return the staged items of an account in a currency, by due date."""
    values = {"account": account, "currency": currency, "day": str(span.end)}
    return [Open(*row) for row in db.execute(_OPEN, values)]
