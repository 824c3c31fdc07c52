"""Outstanding items as of a day: one line per invoice term, credit note or unallocated receipt.

open = amount less what was allocated up to and including that day; a later payment is not deducted. Credit notes
and unallocated receipts are negative. days_overdue counts from the due date (from the invoice date where there is
none) and is negative before it.
"""

from segcli.overview import Column, Overview
from segcli.overviews._outstanding import OUTSTANDING
from segcli.query import Request

AREA = "Finance"
PARAMETERS = ("overdue",)
EXAMPLES = (
    "segcli show outstanding-items --class1 N --as-of 2026-06-30",
    "segcli show outstanding-items --overdue --sort -days_overdue --limit 20",
)
COLUMNS = (
    Column("account", "code"),
    Column("name"),
    Column("invoice_number", "code", "Invoice"),
    Column("invoice_date", "date"),
    Column("due_date", "date"),
    Column("currency"),
    Column("amount", "money", total="sum"),
    Column("allocated", "money", total="sum"),
    Column("open", "money", total="sum"),
    Column("days_overdue", "integer"),
    Column("term", "integer", is_extra=True),
    Column("entry_number", is_extra=True),
    Column("description", is_extra=True),
    Column("reference", is_extra=True),
    Column("item_id", "integer", is_extra=True),
)


def overview(request: Request) -> Overview:
    """Return the overview as of the request's day."""
    overdue = "AND coalesce(i.due_date, i.invoice_date) < :as_of" if request.values.get("overdue") else ""
    return Overview(
        columns=COLUMNS,
        counts="items",
        sql=f"""WITH {OUTSTANDING}
SELECT o.account_id, s.account, s.name, i.invoice_number, o.invoice_date, o.due_date, o.currency, o.amount,
       o.amount - o.open AS allocated, o.open, o.item_id, i.term, i.entry_number, i.description, i.reference,
       CAST(julianday(:as_of) - julianday(coalesce(o.due_date, o.invoice_date)) AS INTEGER) AS days_overdue
  FROM outstanding AS o JOIN outstanding_item AS i ON i.id = o.item_id JOIN selection AS s ON s.id = o.account_id
 WHERE o.open <> 0 {overdue}""",
        sort=("account", "invoice_date", "invoice_number", "term", "item_id"),
        values={"as_of": str(request.as_of)},
        caption="overdue only" if overdue else "",
    )
