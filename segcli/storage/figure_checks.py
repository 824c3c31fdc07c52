"""Checks that figures agree: each returns up to 100 findings, for people; none if all is right.

The connection needs two SQL functions: money(amount, currency) writes an amount; worth(quantity, price, discount, currency)
calculates the amount of a line.
"""

import sqlite3
from collections.abc import Callable

Finder = Callable[[sqlite3.Connection], list[str]]
_MANY = 100  # findings of a check that are read


def _query(sql: str, text: str) -> Finder:
    """Return a check that passes if a query returns no rows."""
    return lambda db: [text.format(*row) for row in db.execute(f"{sql} LIMIT {_MANY}")]


open_amounts = _query(
    """SELECT i.id, a.code, money(i.open_amount, i.currency), money(i.amount - x.paid, i.currency) FROM outstanding_item AS i
        JOIN account AS a ON a.id = i.account_id JOIN (SELECT o.id, coalesce(sum(l.amount), 0) AS paid FROM outstanding_item AS o
        LEFT JOIN allocation AS l ON l.item_id = o.id GROUP BY o.id) AS x ON x.id = i.id
       WHERE i.open_amount <> i.amount - x.paid""",
    "item {0} of account {1} says {2} is open, its allocations leave {3}",
)

allocations = _query(
    """SELECT i.id, a.code FROM outstanding_item AS i JOIN account AS a ON a.id = i.account_id
       WHERE i.open_amount <> 0 AND (i.open_amount > 0) <> (i.amount > 0)""",
    "item {0} of account {1} has more allocated than it amounts to",
)

# Earlier versions of segcli spread payments over terms in order of import. Those payments have no term in their key: they
# belong to an entry, or are an allocation whose amount is followed by two blanks.
_OUT_OF_ORDER = """WITH spread AS (
  SELECT i.id, i.account_id, i.invoice_number, coalesce(i.due_date, i.invoice_date) AS due, i.term, l.allocation_date AS day
    FROM allocation AS l JOIN outstanding_item AS i ON i.id = l.item_id
   WHERE l.is_stated = 1 AND l.amount * i.amount > 0 AND i.invoice_number IS NOT NULL AND (l.allocation_key GLOB 'entry *'
      OR (l.allocation_key GLOB '????-??-?? *' AND substr(ltrim(substr(l.allocation_key, 12), '-0123456789'), 1, 2) = '  ')))
SELECT DISTINCT a.code, x.invoice_number FROM spread AS x JOIN spread AS y ON y.account_id = x.account_id
   AND y.invoice_number = x.invoice_number AND (y.due, y.term) > (x.due, x.term) AND y.day < x.day
  JOIN account AS a ON a.id = x.account_id ORDER BY 1, 2"""
_OUT_OF_ORDER_TEXT = (
    "invoice {1} of account {0}: its payments are not spread over its terms by date; import them once more with --again"
)

payments_by_date = _query(_OUT_OF_ORDER, _OUT_OF_ORDER_TEXT)

entries = _query(
    """SELECT j.code, e.financial_year, e.entry_number,
             money(sum(coalesce(t.opening_amount, t.amount)), (SELECT currency FROM administration)) FROM entry AS e
        JOIN journal AS j ON j.id = e.journal_id JOIN transaction_line AS t ON t.entry_id = e.id
       GROUP BY e.id HAVING sum(coalesce(t.opening_amount, t.amount)) <> 0""",
    "entry {0}/{1}/{2} does not balance: {3}",
)

allocation_copies = _query(
    """SELECT i.id, iif(l.is_advance <> (l.allocation_date < i.invoice_date), 'is or is not before its invoice, against its mark',
             'has another account or currency than the item') FROM allocation AS l JOIN outstanding_item AS i ON i.id = l.item_id
       WHERE (l.is_advance, l.account_id, l.currency) IS NOT (l.allocation_date < i.invoice_date, i.account_id, i.currency)""",
    "an allocation of item {0} {1}",
)

base_amounts = _query(
    """SELECT i.id FROM outstanding_item AS i, administration AS o WHERE i.currency = o.currency AND (i.base_amount <> i.amount
       OR i.id IN (SELECT l.item_id FROM allocation AS l WHERE l.base_amount <> l.amount))""",
    "item {0} is in our own currency, and its base amount or that of an allocation is another",
)

invoice_vat = _query(
    """SELECT i.kind, i.invoice_number, money(i.vat_amount, i.currency), money(sum(l.vat_amount), i.currency) FROM invoice AS i
        JOIN invoice_line AS l ON l.invoice_id = i.id
       GROUP BY i.id HAVING count(l.vat_amount) = count(*) AND i.vat_amount <> sum(l.vat_amount)""",
    "the {0} invoice {1} has {2} of VAT, its lines add up to {3}",
)

reminders = _query(
    """SELECT r.id, a.code FROM reminder AS r JOIN account AS a ON a.id = r.account_id
        JOIN reminder_line AS l ON l.reminder_id = r.id GROUP BY r.id
      HAVING r.open_amount <> sum(l.open_amount) OR r.interest_amount <> sum(l.interest_amount)""",
    "reminder {0} of account {1} is not the sum of its lines",
)

subscriptions = _query(
    """SELECT s.subscription_number, l.line_number, p.start_date FROM subscription_period AS p
        JOIN subscription_line AS l ON l.id = p.subscription_line_id JOIN subscription AS s ON s.id = l.subscription_id
       WHERE coalesce(l.invoiced_to_date, '') < p.end_date OR EXISTS (SELECT 1 FROM subscription_period AS o
             WHERE o.subscription_line_id = p.subscription_line_id AND o.start_date > p.start_date AND o.start_date <= p.end_date)
          OR p.invoice_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM invoice_line AS i WHERE i.invoice_id = p.invoice_id)""",
    "the period of subscription {0}, line {1}, from {2} on is not what was invoiced of it",
)

subscription_prices = _query(
    """SELECT s.subscription_number, l.line_number FROM subscription_line AS l JOIN subscription AS s ON s.id = l.subscription_id
       WHERE l.period_amount IS NOT worth(
             (l.quantity / 1000000) || '.' || substr(CAST(abs(l.quantity) % 1000000 + 1000000 AS TEXT), 2),
             l.unit_price, l.discount_percent, s.currency) AND l.quantity >= 0""",
    "line {1} of subscription {0} does not cost what its quantity and price say",
)

class_history = _query(
    "SELECT a.code, c.field FROM classification_change AS c JOIN account AS a ON a.id = c.account_id"
    " WHERE c.id = (SELECT max(l.id) FROM classification_change AS l WHERE l.account_id = c.account_id AND l.field = c.field)"
    " AND c.new_value_id IS NOT CASE c.field " + " ".join(f"WHEN {n} THEN a.class{n}" for n in range(1, 9)) + " END",
    "account {0}: class{1} is not what its history says",
)

main_contacts = _query(
    "SELECT a.code, count(*) FROM contact AS c JOIN account AS a ON a.id = c.account_id WHERE c.is_main_contact = 1"
    " GROUP BY a.id HAVING count(*) > 1",
    "account {0} has {1} main contacts",
)
