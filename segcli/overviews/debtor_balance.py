"""Debtor balance for a period: opening + debit - credit = closing, per account and currency.

Debit is what was invoiced in the period; credit is what was credited, received or matched in it. Both days of the
period are included. Without --from, --to or --period, the period is the year of the as-of day up to that day. The
column outstanding is the total of outstanding-items on the last day. With --base-currency all amounts are in the
administration's currency; exchange differences are booked on the day of the last payment. With --ledger, opening,
debit, credit and closing come from the transactions on the debtors' ledger accounts, and difference shows where the
items do not agree. Accounts without an opening, movement or closing are left out unless --zero is given.
"""

from datetime import date

from segcli.base import dates
from segcli.base.record import replace
from segcli.domain.table import UNCONVERTED, Chart, Column, Overview
from segcli.overviews.parts import balances
from segcli.overviews.parts.exact import exact
from segcli.query.compose import Request
from segcli.query.outstanding import control, is_settled, later_than, missing, outstanding
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


# The sums are written out, because a bare name in HAVING is the column of an arbitrary movement, not its sum.
_KEPT = "HAVING " + " OR ".join(
    f"sum(m.{name}) <> 0" for name in ("opening", "debit", "credit", "outstanding", "unconverted")
)


_LEDGER = f"""
  SELECT t.account_id, {OWN} AS currency, {balances.split("t.entry_date", "t.amount")}
    FROM selection AS s JOIN transaction_line AS t ON t.account_id = s.id JOIN gl_account AS g ON g.id = t.gl_account_id
   WHERE g.subledger = 'debtors' AND t.entry_date <= :end GROUP BY 1, 2"""


def _end(request: Request) -> date:
    return dates.earlier(request.end, request.known) or request.as_of


def asks(request: Request) -> str:
    """Return the query that tells whether a payment is dated after the period."""
    return later_than(_end(request))


def overview(request: Request) -> Overview:
    """Return the overview for the request's period."""
    end, settled = _end(request), is_settled(request)
    start = request.start or date(end.year, 1, 1)
    by_ledger = bool(request.values.get("ledger"))
    in_base = by_ledger or bool(request.values.get("base_currency"))
    movements = _LEDGER if by_ledger else balances.items(in_base=in_base)
    kept = "" if request.values.get("zero") else _KEPT
    return Overview(
        columns=(*COLUMNS[:-2], replace(COLUMNS[-2], is_extra=not by_ledger), UNCONVERTED),
        keeps=("name", "closing"),
        sql=f"""WITH {outstanding(in_base=in_base, settled=settled)}, movement AS NOT MATERIALIZED ({movements}
  UNION ALL
  SELECT account_id, currency, 0, 0, 0, sum(open), 0 FROM outstanding GROUP BY 1, 2
)
SELECT g.account_id, s.account, s.name, g.currency, g.opening, g.debit, g.credit,
       {exact("g.opening + g.debit - g.credit")} AS closing, g.outstanding,
       {exact("g.opening + g.debit - g.credit - g.outstanding")} AS difference, g.unconverted
  FROM (SELECT m.account_id, m.currency, sum(m.opening) AS opening, sum(m.debit) AS debit, sum(m.credit) AS credit,
               sum(m.outstanding) AS outstanding, sum(m.unconverted) AS unconverted
          FROM movement AS m GROUP BY m.account_id, m.currency {kept}) AS g
  JOIN selection AS s ON s.id = g.account_id""",
        sort=("account", "currency"),
        values={"start": str(start), "end": str(end), "as_of": str(end)},
        caption=f"{start} to {end}",
        control=control(settled=settled),
        missing=missing(settled=settled) if in_base else "",
        chart=Chart(series=("closing",), label=("account", "name")),
    )
