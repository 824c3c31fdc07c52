"""Debtor ageing: what each account owes, spread over buckets by days past due.

A bucket's upper limit belongs to it: 30 days past due is in 1-30; not due means that the as-of day is not after
the due date. An item without a due date ages from its invoice date. The buckets add up to outstanding, which is
what was invoiced up to the as-of day less what was allocated up to that day. One line per account and currency; with
--base-currency all amounts are in the administration's: as files state them, else at the exchange rate of the item's date;
what has no rate is left out and reported. The total must agree with the debtors' ledger accounts, where
transactions are there: a difference is reported.
"""

from datetime import date, timedelta
from itertools import pairwise

from segcli.base.dates import add_months, month_end
from segcli.base.errors import UsageError
from segcli.domain.table import UNCONVERTED, Chart, Column, Overview
from segcli.query.compose import Request
from segcli.query.outstanding import CONTROL, MISSING, outstanding

AREA = "Finance"
PARAMETERS = ("buckets", "by", "monthly", "details", "share", "base_currency", "chart")
EXAMPLES = (
    "segcli show debtor-ageing --as-of 2026-06-30 --group-by class1",
    "segcli show debtor-ageing --chart --group-by manager -f plain",
    "segcli show debtor-ageing --buckets 14,30,60 --class3 A,B --sort -outstanding -o ageing.xlsx",
)
MOST_BUCKETS = 24


def limits(text: str) -> tuple[int, ...]:
    """Return the upper limits in days. Not rising from 1 is a UsageError."""
    words = [word.strip() for word in text.split(",")]
    if not all(word.isascii() and word.isdigit() and len(word) < 6 for word in words):  # noqa: PLR2004 - 99,999 days
        raise UsageError(f"--buckets: '{text}' is not a list of days", "write --buckets 30,60,90")
    days = tuple(int(word) for word in words)
    if days[0] < 1 or any(a >= b for a, b in pairwise(days)):
        raise UsageError(f"--buckets: '{text}' does not rise from 1 or more", "write --buckets 30,60,90")
    if len(days) > MOST_BUCKETS:
        raise UsageError(f"--buckets: more than {MOST_BUCKETS} buckets")
    return days


def _by_days(as_of: date, days: tuple[int, ...]) -> list[tuple[Column, date]]:
    """Return each bucket with the first due date that lies in it, the newest bucket first."""
    edges = [(1, days[0]), *((a + 1, b) for a, b in pairwise(days))]
    buckets = [(Column(f"days_{a}_{b}", "money", f"{a}-{b}", total="sum"), as_of - timedelta(days=b)) for a, b in edges]
    return [*buckets, (Column(f"days_over_{days[-1]}", "money", f"> {days[-1]}", total="sum"), date.min)]


def _by_months(as_of: date, count: int) -> list[tuple[Column, date]]:
    """Return one bucket per calendar month of the due date, this month first, and one for what is older."""
    first = as_of.replace(day=1)
    months = [add_months(first, -index) for index in range(count)]
    buckets = [(Column(f"month_{m:%Y_%m}", "money", f"{m:%Y-%m}", total="sum"), m) for m in months]
    return [*buckets, (Column("older", "money", f"before {month_end(months[-1]):%Y-%m}", total="sum"), date.min)]


def overview(request: Request) -> Overview:
    """Return the overview with the request's buckets."""
    days = limits(request.values["buckets"])
    is_monthly = bool(request.values.get("monthly"))
    buckets = _by_months(request.as_of, len(days) + 1) if is_monthly else _by_days(request.as_of, days)
    source = "o.invoice_date" if request.values.get("by") == "invoice" else "coalesce(o.due_date, o.invoice_date)"
    values = {"as_of": str(request.as_of)}
    sums = [f"sum(CASE WHEN {source} >= :as_of THEN o.open WHEN o.open IS NOT NULL THEN 0 END) AS not_due"]
    newer = "as_of"
    for index, (column, first) in enumerate(buckets):
        values[f"b{index}"] = str(first) if first > date.min else ""
        sums.append(
            f"sum(CASE WHEN {source} < :{newer} AND {source} >= :b{index} THEN o.open WHEN o.open IS NOT NULL THEN 0 END)"
            f" AS {column.name}"
        )
        newer = f"b{index}"
    money = (Column("not_due", "money", total="sum"), *(column for column, _ in buckets))
    return _assembled(request, money, ", ".join(sums), values)


def _assembled(request: Request, money: tuple[Column, ...], sums: str, values: dict[str, str]) -> Overview:
    has_details, has_share = bool(request.values.get("details")), bool(request.values.get("share"))
    item = (Column("invoice_number", "code", "Invoice"), Column("invoice_date", "date"), Column("due_date", "date"))
    share = (Column("share", "percent", "Share"),)
    detail = ", i.invoice_number, o.invoice_date, o.due_date" if has_details else ""
    in_base = bool(request.values.get("base_currency"))
    extra = (
        ", 100.0 * sum(o.open) / nullif(sum(sum(o.open)) OVER (PARTITION BY o.currency), 0) AS share"
        if has_share
        else ""
    )
    join = "JOIN outstanding_item AS i ON i.id = o.item_id" if has_details else ""
    return Overview(
        columns=(
            Column("account", "code"),
            Column("name"),
            *(item if has_details else ()),
            Column("currency"),
            Column("outstanding", "money", total="sum"),
            *money,
            *(share if has_share else ()),
            UNCONVERTED,
        ),
        keeps=("name", "invoice_number", "outstanding", *(column.name for column in money)),
        counts="items" if has_details else "",
        sql=f"""WITH {outstanding(in_base=in_base)}
SELECT o.account_id, s.account, s.name, o.currency, sum(o.open) AS outstanding, {sums}{detail}{extra},
       sum(o.open IS NULL) AS unconverted
  FROM outstanding AS o JOIN selection AS s ON s.id = o.account_id {join}
 WHERE o.open IS NOT 0
 GROUP BY o.account_id, o.currency{", o.item_id" if has_details else ""}""",
        sort=("account", "currency", *(("invoice_date", "invoice_number") if has_details else ())),
        values=values,
        caption=f"by {request.values.get('by') or 'due'} date",
        control=CONTROL,
        missing=MISSING if in_base else "",
        chart=Chart(
            series=tuple(column.name for column in money),
            kind="stacked",
            label=("account", "name", "invoice_number") if has_details else ("account", "name"),
            is_scale=True,
        ),
    )
