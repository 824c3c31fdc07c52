"""What is open on a day: the one place where amounts meet their dated allocations."""

# open(D) = amount less the allocations dated up to and including D, for items dated up to and including D.
# It starts from open_amount (all allocations taken off) and adds back those dated later, so that the index of
# open items serves, and the later allocations are only looked at where there are any.
OUTSTANDING = """
outstanding AS NOT MATERIALIZED (
  SELECT i.account_id, i.id AS item_id, i.invoice_date, i.due_date, i.currency, i.amount,
         i.open_amount + CASE WHEN (SELECT max(allocation_date) FROM allocation) > :as_of
           THEN (SELECT coalesce(sum(l.amount), 0) FROM allocation AS l
                  WHERE l.item_id = i.id AND l.allocation_date > :as_of) ELSE 0 END AS open
    FROM selection AS s JOIN outstanding_item AS i ON i.account_id = s.id
   WHERE i.open_amount <> 0 AND i.invoice_date <= :as_of
  UNION ALL
  SELECT i.account_id, i.id, i.invoice_date, i.due_date, i.currency, i.amount, sum(l.amount)
    FROM allocation AS l CROSS JOIN outstanding_item AS i ON i.id = l.item_id JOIN selection AS s ON s.id = i.account_id
   WHERE l.allocation_date > :as_of AND i.open_amount = 0 AND i.invoice_date <= :as_of
   GROUP BY i.id
)"""
