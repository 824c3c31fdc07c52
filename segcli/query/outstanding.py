"""SQL for outstanding items as of a day, and for the comparison with the debtors' ledger accounts."""

from segcli.storage.exchange import OWN

# open(D) = amount less the allocations dated up to and including D, for items dated up to and including D.
# The SQL starts from open_amount (amount less all allocations) and adds back the later allocations. So it can use the
# index of open items, and reads later allocations only if there are any. A payment before its invoice (is_advance) is
# open as a receipt until the invoice date.
_OPEN = """i.open_amount + CASE WHEN (SELECT max(allocation_date) FROM allocation) > :as_of
           THEN (SELECT coalesce(sum(l.amount), 0) FROM allocation AS l
                  WHERE l.item_id = i.id AND l.allocation_date > :as_of) ELSE 0 END"""
# In the administration's currency, open = amount at its own rate less payments at theirs; the last payment closes the
# item with its exchange difference. NULL if the item has no base amount; 0 if nothing is open. For items in the base
# currency the index holds the amounts, so their rows are not read.
_BASE_OPEN = f"""CASE WHEN i.currency = {OWN} THEN {{open}} WHEN ({{open}}) = 0 THEN 0 ELSE i.base_amount - (
           SELECT coalesce(sum(l.base_amount), 0) FROM allocation AS l
            WHERE l.item_id = i.id AND l.allocation_date <= :as_of) END"""
_BASE_AMOUNT = f"CASE WHEN i.currency = {OWN} THEN i.amount ELSE i.base_amount END"


def outstanding(*, in_base: bool = False) -> str:
    """Return the CTE `outstanding`: the open items of the selected accounts on :as_of.

    Amounts are in the currency of each item, or with `in_base` in the administration's currency.
    """
    currency, amount, paid = ("i.currency", "i.amount", "l.amount")
    first, closed = _OPEN, "sum(l.amount)"
    if in_base:
        currency, amount, paid = (OWN, _BASE_AMOUNT, "l.base_amount")
        first = _BASE_OPEN.format(open=_OPEN)
        closed = _BASE_OPEN.format(open="sum(l.amount)")
    return f"""
outstanding AS NOT MATERIALIZED (
  SELECT i.account_id, i.id AS item_id, i.invoice_date, i.due_date, {currency} AS currency, {amount} AS amount,
         {first} AS open
    FROM selection AS s JOIN outstanding_item AS i ON i.account_id = s.id
   WHERE i.open_amount <> 0 AND i.invoice_date <= :as_of
  UNION ALL
  SELECT i.account_id, i.id, i.invoice_date, i.due_date, {currency}, {amount}, {closed}
    FROM allocation AS l CROSS JOIN outstanding_item AS i ON i.id = l.item_id JOIN selection AS s ON s.id = i.account_id
   WHERE l.allocation_date > :as_of AND i.open_amount = 0 AND i.invoice_date <= :as_of
   GROUP BY i.id
  UNION ALL
  SELECT i.account_id, i.id, i.invoice_date, i.due_date, {currency}, 0, -sum({paid})
    FROM allocation AS l CROSS JOIN outstanding_item AS i ON i.id = l.item_id JOIN selection AS s ON s.id = i.account_id
   WHERE l.is_advance = 1 AND l.allocation_date <= :as_of AND i.invoice_date > :as_of
   GROUP BY i.id
)"""


# Open items without an amount in the administration's currency, with the open amount in their own currency.
MISSING = f"""{outstanding()}
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
# The balance of the debtors' ledger accounts and the sum of the items, both in the administration's currency.
CONTROL = f"""{outstanding(in_base=True)},{_UNBOOKED}
SELECT (SELECT group_concat(code, ', ') FROM gl_account WHERE subledger = 'debtors') AS gl_accounts,
       coalesce((SELECT sum(t.amount) FROM selection AS s JOIN transaction_line AS t ON t.account_id = s.id
                   JOIN gl_account AS g ON g.id = t.gl_account_id
                  WHERE g.subledger = 'debtors' AND t.entry_date <= :as_of), 0)
       + coalesce((SELECT sum(t.amount) FROM nobody CROSS JOIN gl_account AS g JOIN transaction_line AS t ON t.gl_account_id = g.id
                    WHERE g.subledger = 'debtors' AND t.entry_date <= :as_of AND t.account_id IS NULL), 0) AS ledger,
       coalesce((SELECT sum(open) FROM outstanding), 0) AS items,
       (SELECT count(*) FROM outstanding WHERE open IS NULL) AS unknown,
       (SELECT count(*) FROM unbooked WHERE base_amount IS NOT NULL) AS unbooked,
       coalesce((SELECT sum(base_amount) FROM unbooked), 0) AS unbooked_amount"""
