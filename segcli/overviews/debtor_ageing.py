"""Debtor ageing: what each account owes, in buckets by days past due.

A bucket includes its upper limit: 30 days past due is in 1-30. An item is not due if the as-of day is not after its due
date. An item without a due date ages from its invoice date. The buckets add up to outstanding: what was invoiced up to
the as-of day less what was paid up to that day. There is one line per account and currency. With --base-currency all
amounts are in the administration's currency: as stated in the files, else converted at the exchange rate of the item's
date; amounts without a rate are left out and reported. If transactions were imported, the total is compared with the
debtors' ledger accounts; a difference is reported.
"""

from datetime import date

from segcli.base.dates import add_months, month_end
from segcli.domain.clause import number_where
from segcli.domain.table import UNCONVERTED, Chart, Column, Overview
from segcli.overviews.parts import buckets
from segcli.overviews.parts.buckets import Bucket
from segcli.query.compose import Request
from segcli.query.outstanding import asks as asks_settled
from segcli.query.outstanding import control, is_settled, missing, outstanding

AREA = "Finance"
PARAMETERS = ("buckets", "by", "monthly", "details", "share", "base_currency", "chart")
EXAMPLES = (
    "segcli show debtor-ageing --as-of 2026-06-30 --group-by class1",
    "segcli show debtor-ageing --chart --group-by manager -f plain",
    "segcli show debtor-ageing --buckets 14,30,60 --class3 A,B --sort -outstanding -o ageing.xlsx",
)
asks = asks_settled


def _by_months(as_of: date, count: int) -> list[Bucket]:
    """Return one bucket per calendar month of the due date, this month first, and one for what is older."""
    first = as_of.replace(day=1)
    months = [add_months(first, -index) for index in range(count)]
    found = [Bucket(Column(f"month_{m:%Y_%m}", "money", f"{m:%Y-%m}", total="sum"), m) for m in months]
    return [*found, Bucket(Column("older", "money", f"before {month_end(months[-1]):%Y-%m}", total="sum"), date.min)]


def overview(request: Request) -> Overview:
    """Return the overview with the request's buckets."""
    days = buckets.limits(request.values["buckets"])
    is_monthly = bool(request.values.get("monthly"))
    found = _by_months(request.as_of, len(days) + 1) if is_monthly else buckets.by_days(request.as_of, days)
    source = "o.invoice_date" if request.values.get("by") == "invoice" else buckets.BY_DUE_DATE
    sums, values = buckets.sums(found, source)
    return _assembled(request, buckets.columns(found), sums, {"as_of": str(request.as_of), **values})


def _assembled(request: Request, money: tuple[Column, ...], sums: str, values: dict[str, str]) -> Overview:
    has_details, has_share = bool(request.values.get("details")), bool(request.values.get("share"))
    item = (Column("invoice_number", "code", "Invoice"), Column("invoice_date", "date"), Column("due_date", "date"))
    share = (Column("share", "percent", "Share"),)
    detail = ", i.invoice_number, i.invoice_date, i.due_date" if has_details else ""
    in_base, settled = bool(request.values.get("base_currency")), is_settled(request)
    extra = ", 1e2 * g.outstanding / nullif(sum(g.outstanding) OVER (PARTITION BY g.currency), 0) AS share" * has_share
    join = "JOIN outstanding_item AS i ON i.id = g.item_id" if has_details else ""
    keys = f"o.account_id, o.currency{', o.item_id' * has_details}"
    return Overview(
        columns=(
            Column("account", "code"),
            Column("name"),
            *(item if has_details else ()),
            Column("currency"),
            Column("outstanding", "money", total="sum"),
            *money,
            *(share if has_share else ()),
            *((Column("item_id", "integer", is_extra=True),) if has_details else ()),
            UNCONVERTED,
        ),
        keeps=("name", "invoice_number", "outstanding", *(column.name for column in money)),
        counts="items" if has_details else "",
        sql=f"""WITH {outstanding(in_base=in_base, settled=settled)}, aged AS (
  SELECT {keys}, sum(o.open) AS outstanding, {sums}, {number_where("o.open IS NULL")} AS unconverted
    FROM outstanding AS o WHERE o.open IS NOT 0 GROUP BY {keys}
)
SELECT g.*, s.account, s.name{detail}{extra} FROM aged AS g JOIN selection AS s ON s.id = g.account_id {join}""",
        sort=(
            "account",
            "currency",
            *(("invoice_date", "invoice_number", "due_date", "item_id") if has_details else ()),
        ),
        values=values,
        caption=f"by {request.values.get('by') or 'due'} date",
        control=control(settled=settled),
        missing=missing(settled=settled) if in_base else "",
        chart=Chart(
            series=tuple(column.name for column in money),
            kind="stacked",
            label=("account", "name", "invoice_number") if has_details else ("account", "name"),
            is_scale=True,
        ),
    )
