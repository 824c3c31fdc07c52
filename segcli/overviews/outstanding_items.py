"""Outstanding items as of a day: one line per invoice term, credit note or unmatched receipt.

open is the amount less what was paid up to and including that day. A later payment is not deducted but shown as future;
remaining is what is left after it. Credit notes and unmatched receipts are negative. A payment before its invoice is
negative until the invoice date. days_overdue counts from the due date, or from the invoice date if there is no due
date, and is negative before it. With --base-currency all amounts are in the administration's currency: as stated in the
files, else converted at the exchange rate of the item's date; amounts without a rate are empty and reported. The total
is compared with the debtors' ledger accounts; a difference is reported.
"""

from segcli.domain.clause import as_number
from segcli.domain.table import UNCONVERTED, Column, Overview
from segcli.query.compose import Request
from segcli.query.outstanding import asks as asks_settled
from segcli.query.outstanding import control, is_settled, missing, outstanding

AREA = "Finance"
PARAMETERS = ("overdue", "base_currency")
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
    Column("amount", "money", total="sum", base="base_amount"),
    Column("allocated", "money", total="sum"),
    Column("open", "money", total="sum", base="base_open"),
    Column("days_overdue", "integer"),
    Column("future", "money", total="sum"),
    Column("remaining", "money", total="sum", is_extra=True),
    Column("reminder_level", "integer", "Reminded"),
    Column("is_disputed", "flag", "Disputed", is_extra=True),
    Column("dispute_reason", is_extra=True),
    Column("is_reminder_blocked", "flag", "No reminders", is_extra=True),
    Column("term", "integer", is_extra=True),
    Column("journal", "code", is_extra=True),
    Column("entry_number", "code", is_extra=True),
    Column("payment_condition", "code", is_extra=True),
    Column("base_amount", "money", total="sum", is_base=True, is_extra=True),
    Column("base_open", "money", total="sum", is_base=True, is_extra=True),
    Column("description", is_extra=True),
    Column("reference", is_extra=True),
    Column("item_id", "integer", is_extra=True),
    UNCONVERTED,
)
asks = asks_settled


# The amount paid after the day, and the amount still open in the administration's currency.
_LATER = "(SELECT coalesce(sum(l.{0}), 0) FROM allocation AS l WHERE l.item_id = i.id AND l.allocation_date > :as_of)"
_BASE_OPEN = """CASE WHEN i.currency = (SELECT currency FROM administration) THEN o.open ELSE i.base_amount -
       (SELECT coalesce(sum(l.base_amount), 0) FROM allocation AS l
         WHERE l.item_id = i.id AND l.allocation_date <= :as_of) END"""


def overview(request: Request) -> Overview:
    """Return the overview as of the request's day."""
    in_base, settled = bool(request.values.get("base_currency")), is_settled(request)
    overdue = "AND coalesce(i.due_date, i.invoice_date) < :as_of" if request.values.get("overdue") else ""
    later = f"CASE WHEN i.invoice_date > :as_of THEN 0 ELSE {_LATER.format('base_amount' if in_base else 'amount')} END"
    base_open = "o.open" if in_base else _BASE_OPEN
    return Overview(
        columns=COLUMNS,
        keeps=("invoice_number", "due_date", "open"),
        counts="items",
        sql=f"""WITH {outstanding(in_base=in_base, settled=settled)}
SELECT o.account_id, s.account, s.name, i.invoice_number, o.invoice_date, o.due_date, o.currency, o.amount,
       o.amount - o.open AS allocated, o.open, o.item_id, i.term, i.journal, i.entry_number, i.description, i.reference,
       i.payment_condition, i.is_disputed, i.dispute_reason, i.is_reminder_blocked,
       i.base_amount, {base_open} AS base_open, {later} AS future, o.open - {later} AS remaining,
       (SELECT max(r.level) FROM reminder_line AS r JOIN reminder AS m ON m.id = r.reminder_id
         WHERE r.item_id = i.id AND m.reminder_date <= :as_of) AS reminder_level,
       {as_number("o.open IS NULL")} AS unconverted,
       CAST(julianday(:as_of) - julianday(coalesce(o.due_date, o.invoice_date)) AS INTEGER) AS days_overdue
  FROM outstanding AS o JOIN outstanding_item AS i ON i.id = o.item_id JOIN selection AS s ON s.id = o.account_id
 WHERE o.open IS NOT 0 {overdue}""",
        sort=("account", "invoice_date", "invoice_number", "term", "item_id"),
        values={"as_of": str(request.as_of)},
        caption="overdue only" if overdue else "",
        control="" if overdue else control(settled=settled),
        missing=missing(settled=settled) if in_base else "",
    )
