"""Debtor balance for a period: opening + debit - credit = closing, per account and currency.

Debit is what was invoiced in the period, credit what was credited, received or allocated in it; both days of the
period are included. Without --from, --to or --period it is the year of the as-of day up to that day. closing is
what outstanding-items adds up to on the last day. Accounts without an opening, a movement or a closing are left
out unless --zero asks for them.
"""

from datetime import date

from segcli.overview import Column, Overview
from segcli.query import Request

AREA = "Finance"
PARAMETERS = ("zero",)
EXAMPLES = (
    "segcli show debtor-balance --period 2026Q1 --class1 N",
    "segcli show debtor-balance --period lastmonth --group-by manager",
)
COLUMNS = (
    Column("account", "code"),
    Column("name"),
    Column("currency"),
    Column("opening", "money", total="sum"),
    Column("debit", "money", total="sum"),
    Column("credit", "money", total="sum"),
    Column("closing", "money", total="sum"),
)


def overview(request: Request) -> Overview:
    """Return the overview for the request's period."""
    end = request.end or request.as_of
    start = request.start or date(end.year, 1, 1)
    kept = "" if request.values.get("zero") else "HAVING opening <> 0 OR debit <> 0 OR credit <> 0"
    # What was invoiced, and what was allocated from outside: each added up per account before the two are joined.
    return Overview(
        columns=COLUMNS,
        sql=f"""WITH movement AS NOT MATERIALIZED (
  SELECT i.account_id, i.currency, sum(CASE WHEN i.invoice_date < :start THEN i.amount ELSE 0 END) AS opening,
         sum(CASE WHEN i.invoice_date >= :start AND i.amount > 0 THEN i.amount ELSE 0 END) AS debit,
         sum(CASE WHEN i.invoice_date >= :start AND i.amount < 0 THEN -i.amount ELSE 0 END) AS credit
    FROM selection AS s JOIN outstanding_item AS i ON i.account_id = s.id
   WHERE i.invoice_date <= :end GROUP BY i.account_id, i.currency
  UNION ALL
  SELECT i.account_id, i.currency, -sum(CASE WHEN l.allocation_date < :start THEN l.amount ELSE 0 END),
         sum(CASE WHEN l.allocation_date >= :start AND l.amount < 0 THEN -l.amount ELSE 0 END),
         sum(CASE WHEN l.allocation_date >= :start AND l.amount > 0 THEN l.amount ELSE 0 END)
    FROM selection AS s JOIN outstanding_item AS i ON i.account_id = s.id JOIN allocation AS l ON l.item_id = i.id
   WHERE l.allocation_date <= :end GROUP BY i.account_id, i.currency
)
SELECT m.account_id, s.account, s.name, m.currency, sum(m.opening) AS opening, sum(m.debit) AS debit,
       sum(m.credit) AS credit, sum(m.opening + m.debit - m.credit) AS closing
  FROM movement AS m JOIN selection AS s ON s.id = m.account_id
 GROUP BY m.account_id, m.currency {kept}""",
        sort=("account", "currency"),
        values={"start": str(start), "end": str(end)},
        caption=f"{start} to {end}",
    )
