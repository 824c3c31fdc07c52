"""Debtor balance for a period: opening + debit - credit = closing, per account and currency.

Debit is what was invoiced in the period; credit is what was credited, received or matched in it. Both days of the
period are included. Without --from, --to or --period, the period is the year of the as-of day up to that day. The
column outstanding is the total of outstanding-items on the last day. With --base-currency all amounts are in the
administration's currency; exchange differences are booked on the day of the last payment. With --ledger, opening,
debit, credit and closing come from the transactions on the debtors' ledger accounts, and difference shows where the
items do not agree. Accounts without an opening, movement or closing are left out unless --zero is given.
"""

from dataclasses import replace
from datetime import date

from segcli.base import dates
from segcli.domain.table import UNCONVERTED, Chart, Column, Overview
from segcli.overviews.parts.exact import exact
from segcli.query.compose import Request
from segcli.query.outstanding import CONTROL, MISSING, outstanding
from segcli.storage.exchange import OWN

AREA = "Finance"
PARAMETERS = ("zero", "base_currency", "ledger", "chart")
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
    Column("outstanding", "money", total="sum"),
    Column("difference", "money", total="sum", is_extra=True),
    UNCONVERTED,
)


# Debit and credit are movements dated :start or later; earlier ones are the opening.
_SPLIT = """sum(CASE WHEN {date} < :start THEN {amount} ELSE 0 END) AS opening,
         sum(CASE WHEN {date} >= :start AND {amount} > 0 THEN {amount} ELSE 0 END) AS debit,
         sum(CASE WHEN {date} >= :start AND {amount} < 0 THEN -{amount} ELSE 0 END) AS credit, 0 AS outstanding,
         sum({amount} IS NULL AND {counts}) AS unconverted"""
# The sums are written out, because a bare name in HAVING is the column of an arbitrary movement, not its sum.
_KEPT = "HAVING " + " OR ".join(
    f"sum(m.{name}) <> 0" for name in ("opening", "debit", "credit", "outstanding", "unconverted")
)


def _split(date_column: str, amount: str, *, counts: bool = False) -> str:
    """Return the sums of movements by date and amount. With `counts`, a movement without an amount counts as unconverted."""
    return _SPLIT.format(date=date_column, amount=amount, counts=int(counts))


def _items(*, in_base: bool) -> str:
    """Return the invoiced and the paid amounts, each summed per account before they are combined."""
    prefix, currency = ("base_", OWN) if in_base else ("", "i.currency")
    differences = f"""
  UNION ALL
  SELECT account_id, {OWN}, {_split("day", "amount")} FROM (
    SELECT i.account_id, max(max(l.allocation_date), i.invoice_date) AS day, sum(l.base_amount) - i.base_amount AS amount
      FROM selection AS s JOIN outstanding_item AS i ON i.account_id = s.id JOIN allocation AS l ON l.item_id = i.id
     WHERE i.currency <> {OWN} AND i.invoice_date <= :end AND l.allocation_date <= :end
     GROUP BY i.id HAVING sum(l.amount) = i.amount)
   GROUP BY account_id"""
    return f"""
  SELECT i.account_id, {currency} AS currency, {_split("i.invoice_date", f"i.{prefix}amount", counts=True)}
    FROM selection AS s JOIN outstanding_item AS i ON i.account_id = s.id
   WHERE i.invoice_date <= :end GROUP BY 1, 2
  UNION ALL
  SELECT i.account_id, {currency}, {_split("l.allocation_date", f"(-l.{prefix}amount)")}
    FROM selection AS s JOIN outstanding_item AS i ON i.account_id = s.id JOIN allocation AS l ON l.item_id = i.id
   WHERE l.allocation_date <= :end GROUP BY 1, 2{differences if in_base else ""}"""


_LEDGER = f"""
  SELECT t.account_id, {OWN} AS currency, {_split("t.entry_date", "t.amount")}
    FROM selection AS s JOIN transaction_line AS t ON t.account_id = s.id JOIN gl_account AS g ON g.id = t.gl_account_id
   WHERE g.subledger = 'debtors' AND t.entry_date <= :end GROUP BY 1, 2"""


def overview(request: Request) -> Overview:
    """Return the overview for the request's period."""
    end = dates.earlier(request.end, request.known) or request.as_of
    start = request.start or date(end.year, 1, 1)
    by_ledger = bool(request.values.get("ledger"))
    in_base = by_ledger or bool(request.values.get("base_currency"))
    kept = "" if request.values.get("zero") else _KEPT
    return Overview(
        columns=(*COLUMNS[:-2], replace(COLUMNS[-2], is_extra=not by_ledger), UNCONVERTED),
        keeps=("name", "closing"),
        sql=f"""WITH {outstanding(in_base=in_base)}, movement AS NOT MATERIALIZED ({_LEDGER if by_ledger else _items(in_base=in_base)}
  UNION ALL
  SELECT account_id, currency, 0, 0, 0, sum(open), 0 FROM outstanding GROUP BY 1, 2
)
SELECT m.account_id, s.account, s.name, m.currency, sum(m.opening) AS opening, sum(m.debit) AS debit,
       sum(m.credit) AS credit, {exact("sum(m.opening) + sum(m.debit) - sum(m.credit)")} AS closing,
       sum(m.outstanding) AS outstanding,
       {exact("sum(m.opening) + sum(m.debit) - sum(m.credit) - sum(m.outstanding)")} AS difference,
       sum(m.unconverted) AS unconverted
  FROM movement AS m JOIN selection AS s ON s.id = m.account_id
 GROUP BY m.account_id, m.currency {kept}""",
        sort=("account", "currency"),
        values={"start": str(start), "end": str(end), "as_of": str(end)},
        caption=f"{start} to {end}",
        control=CONTROL,
        missing=MISSING if in_base else "",
        chart=Chart(series=("closing",), label=("account", "name")),
    )
