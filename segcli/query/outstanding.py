"""SQL for outstanding items as of a day, and for the comparison with the debtors' ledger accounts.

Most questions are of today, when no payment is dated later. Then the items are as they are stored (`settled`), and no engine reads the
payments. `later_than` is the query that tells; an overview asks it first (its `asks`), and `is_settled` reads the answer.
"""

from datetime import date
from typing import TYPE_CHECKING

from segcli.storage.exchange import OWN

if TYPE_CHECKING:
    from segcli.query.compose import Request

# open(D) = amount less the allocations dated up to and including D, for items dated up to and including D.
# The SQL starts from open_amount (amount less all allocations) and adds back the later allocations. So it can use the
# index of open items, and reads later allocations only if there are any. A payment before its invoice (is_advance) is
# open as a receipt until the invoice date.
_OPEN = """i.open_amount + CASE WHEN (SELECT max(allocation_date) FROM allocation) > :as_of
           THEN (SELECT coalesce(sum(l.amount), 0) FROM allocation AS l
                  WHERE l.item_id = i.id AND l.allocation_date > :as_of) ELSE 0 END"""
# Read by its id, so that SQLite finds the open items in their index, which has all the other columns: it would take a narrower index
# of all items otherwise, and read the rows of those that are paid.
_BASE = "(SELECT b.base_amount FROM outstanding_item AS b WHERE b.id = i.id)"
# In the administration's currency, open = amount at its own rate less payments at theirs; the last payment closes the
# item with its exchange difference. NULL if the item has no base amount; 0 if nothing is open. For items in the base
# currency the index holds the amounts, so their rows are not read.
_BASE_OPEN = f"""CASE WHEN i.currency = {OWN} THEN {{open}} WHEN ({{open}}) = 0 THEN 0 ELSE {_BASE} - (
           SELECT coalesce(sum(l.base_amount), 0) FROM allocation AS l
            WHERE l.item_id = i.id AND l.allocation_date <= :as_of) END"""
_BASE_AMOUNT = f"CASE WHEN i.currency = {OWN} THEN i.amount ELSE {_BASE} END"


def later_than(day: date) -> str:
    """Return the query that yields a row if a payment is dated after a day."""
    return f"SELECT 1 FROM allocation WHERE allocation_date > '{day.isoformat()}' LIMIT 1"


def asks(request: "Request") -> str:
    """Return the query whose answer `is_settled` reads."""
    return later_than(request.as_of)


def is_settled(request: "Request") -> bool:
    """Tell whether no payment is dated after the day; False if that was not asked."""
    return not request.values.get("found", True)


# `+` keeps SQLite from reading all allocations in the order of their items, where an index finds the few that are asked for.
def outstanding(*, in_base: bool = False, settled: bool = False) -> str:
    """Return the CTE `outstanding`: the open items of the selected accounts on :as_of.

    Amounts are in the currency of each item, or with `in_base` in the administration's currency. `settled` says that no payment
    is dated after :as_of.
    """
    currency, amount, paid = ("i.currency", "i.amount", "l.amount")
    first, closed = "i.open_amount" if settled else _OPEN, "p.later"
    if in_base:
        currency, amount, paid = (OWN, _BASE_AMOUNT, "l.base_amount")
        first = _BASE_OPEN.format(open=first)
        closed = _BASE_OPEN.format(open="p.later")
    reopened = f"""
  UNION ALL
  SELECT i.account_id, i.id, i.invoice_date, i.due_date, {currency}, {amount}, {closed}
    FROM (SELECT +l.item_id AS item_id, sum(l.amount) AS later FROM allocation AS l WHERE l.allocation_date > :as_of GROUP BY 1) AS p
   CROSS JOIN outstanding_item AS i JOIN selection AS s ON s.id = i.account_id
   WHERE i.id = p.item_id AND i.open_amount = 0 AND i.invoice_date <= :as_of"""
    return f"""
outstanding AS NOT MATERIALIZED (
  SELECT i.account_id, i.id AS item_id, i.invoice_date, i.due_date, {currency} AS currency, {amount} AS amount,
         {first} AS open
    FROM selection AS s JOIN outstanding_item AS i ON i.account_id = s.id
   WHERE i.open_amount <> 0 AND i.invoice_date <= :as_of{"" if settled else reopened}
  UNION ALL
  SELECT i.account_id, i.id, i.invoice_date, i.due_date, {currency}, 0, -p.paid
    FROM (SELECT +l.item_id AS item_id, sum({paid}) AS paid FROM allocation AS l
           WHERE l.is_advance = 1 AND l.allocation_date <= :as_of GROUP BY 1) AS p
   CROSS JOIN outstanding_item AS i JOIN selection AS s ON s.id = i.account_id
   WHERE i.id = p.item_id AND i.invoice_date > :as_of
)"""


def missing(*, settled: bool = False) -> str:
    """Return the statement of the open items without an amount in the administration's currency, by their own currency."""
    return f"""{outstanding(settled=settled)}
SELECT 'items', o.currency, count(*), count(DISTINCT o.account_id), sum(o.open)
  FROM outstanding AS o JOIN outstanding_item AS i ON i.id = o.item_id
 WHERE i.base_amount IS NULL AND o.open <> 0 GROUP BY o.currency ORDER BY o.currency"""


# Invoices numbered here that are not in the debtors' ledger accounts: no ledger line on the same side as the invoice.
_UNBOOKED = """
unbooked AS (
  SELECT x.base_amount FROM invoice AS i JOIN selection AS s ON s.id = i.account_id
    JOIN outstanding_item AS x ON x.account_id = i.account_id AND x.item_key = 'invoice ' || i.invoice_number || ' 1'
   WHERE i.processed_run_id IS NOT NULL AND i.kind = 'sales' AND x.invoice_date <= :as_of
     AND NOT EXISTS (SELECT 1 FROM transaction_line AS t JOIN gl_account AS g ON g.id = t.gl_account_id
                      WHERE t.account_id = i.account_id AND t.invoice_number = i.invoice_number AND t.entry_date <= :as_of
                        AND g.subledger = 'debtors' AND (t.amount > 0) = (x.amount > 0))
)"""


def control(*, settled: bool = False) -> str:
    """Return the statement of the debtors' ledger balance and the sum of the items, both in the administration's currency."""
    return f"""{outstanding(in_base=True, settled=settled)},{_UNBOOKED}
SELECT (SELECT group_concat(code, ', ') FROM (SELECT DISTINCT code FROM gl_account WHERE subledger = 'debtors')) AS gl_accounts,
       coalesce((SELECT sum(t.amount) FROM selection AS s JOIN transaction_line AS t ON t.account_id = s.id
                   JOIN gl_account AS g ON g.id = t.gl_account_id
                  WHERE g.subledger = 'debtors' AND t.entry_date <= :as_of), 0)
       + coalesce((SELECT sum(t.amount) FROM nobody CROSS JOIN gl_account AS g JOIN transaction_line AS t ON t.gl_account_id = g.id
                    WHERE g.subledger = 'debtors' AND t.entry_date <= :as_of AND t.account_id IS NULL), 0) AS ledger,
       o.items, o.unknown, u.number AS unbooked, u.amount AS unbooked_amount
  FROM (SELECT coalesce(sum(open), 0) AS items, count(*) - count(open) AS unknown FROM outstanding) AS o
 CROSS JOIN (SELECT count(base_amount) AS number, coalesce(sum(base_amount), 0) AS amount FROM unbooked) AS u"""
