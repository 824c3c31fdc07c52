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
    # A movement is an amount with its day: an item, or what was allocated to it from outside.
    return Overview(
        columns=COLUMNS,
        sql=f"""WITH movement AS NOT MATERIALIZED (
  SELECT i.account_id, i.currency, i.invoice_date AS day, i.amount
    FROM selection AS s JOIN outstanding_item AS i ON i.account_id = s.id
  UNION ALL
  SELECT i.account_id, i.currency, l.allocation_date, -l.amount
    FROM selection AS s JOIN outstanding_item AS i ON i.account_id = s.id JOIN allocation AS l ON l.item_id = i.id
)
SELECT m.account_id, s.account, s.name, m.currency,
       sum(CASE WHEN m.day < :start THEN m.amount ELSE 0 END) AS opening,
       sum(CASE WHEN m.day >= :start AND m.amount > 0 THEN m.amount ELSE 0 END) AS debit,
       sum(CASE WHEN m.day >= :start AND m.amount < 0 THEN -m.amount ELSE 0 END) AS credit,
       sum(m.amount) AS closing
  FROM movement AS m JOIN selection AS s ON s.id = m.account_id
 WHERE m.day <= :end
 GROUP BY m.account_id, m.currency {kept}""",
        sort=("account", "currency"),
        values={"start": str(start), "end": str(end)},
        caption=f"{start} to {end}",
    )
