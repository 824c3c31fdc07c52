"""SQL of an analysis: the rows of one period by the dimensions, two periods side by side, and the values of a dimension.

Each statement sums rows `f` (see invoiced): one per account, item and month from the summary, or one per invoice line
where the summary cannot answer (weeks, days within a month, a filter of items, a role other than ordered by). A `Dimension`
is the SQL of one column to group by, with the tables that it needs beside `f`:

    period          f.month; f.day for weeks, which only the lines have
    item field      m, the item of the row
    account field   f itself for the columns that the selection has; else a, the account, and v1 … v8, its class values
    cohort          the first purchases of the accounts

If one account field needs `a`, all account fields are read from it: one more look at each account costs as much as its
invoices, so it is taken only then.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import NamedTuple

from segcli.domain.catalogue import CLASSES
from segcli.overviews.parts.exact import exact
from segcli.overviews.parts.invoiced import NO_COST, NO_REVENUE, from_lines, from_summary
from segcli.query.expressions import fields, first_purchases
from segcli.query.expressions.periods import PERIODS as OF_DAYS

WEEK = "week"
_THURSDAY = "date({d}, '-3 days', 'weekday 4')"  # the year of a week is that of its Thursday (ISO 8601)
# The label of a period, from a month {m} (2026-06) or, for weeks, from a day {d}.
PERIODS: Mapping[str, str] = {
    WEEK: f"substr({_THURSDAY}, 1, 4) || 'W' || printf('%02d', (CAST(strftime('%j', {_THURSDAY}) AS INTEGER) + 6) / 7)",
    **OF_DAYS,
    "month": "{m}",
}
ITEM: Mapping[str, str] = {"item": "m.code", "item_group": "m.item_group"}
_IN_SELECTION = frozenset({"account", "name", "status", "city", "country", "manager"})
_COUNTED: Mapping[str, str] = {"item": "invoices", "item_group": "group_invoices"}  # columns of the summary


class Source(NamedTuple):
    """The rows to sum: those of the summary, or of the lines of a role that fulfil a condition."""

    is_summary: bool
    role: str  # the column of invoice
    condition: str = "TRUE"  # on the item m
    in_base: bool = False  # all amounts in the administration's currency
    has_accounts: bool = False  # the number of accounts is asked for


class Dimension(NamedTuple):
    """A column to group by."""

    name: str
    sql: str
    table: str = "f"  # f, m (the item), s (the selection, as a column of f), a (the account) or c (its first purchase)


def of_account(name: str) -> str:
    """Return the SQL of an account field, from the account `a` and its class values v1 … v8."""
    if name in CLASSES:
        return f"v{name[5:]}.code"
    return fields.sql(name)


def _dimensions(names: Sequence[str]) -> list[Dimension]:
    account = {name for name in names if not {name} & {*PERIODS, *ITEM, *first_purchases.COHORTS}}
    is_selected = account <= _IN_SELECTION
    return [_dimension(name, is_selected=is_selected) for name in names]


def _dimension(name: str, *, is_selected: bool) -> Dimension:
    if name in PERIODS:
        return Dimension(name, PERIODS[name].format(m="f.month", d="f.day"))
    if name in ITEM:
        return Dimension(name, ITEM[name], "m")
    if name in first_purchases.COHORTS:
        return Dimension(name, first_purchases.of(name), "c")
    return Dimension(name, f"f.{name}", "s") if is_selected else Dimension(name, of_account(name), "a")


def grouped(source: Source, names: Sequence[str], prefix: str = "") -> str:
    """Return the statement of one period: account_id, the dimensions, currency and the sums.

    It binds :kind and, with the prefix, :start and :end (days), :first and :last (months); with a cohort, the values of
    first_purchases.
    """
    dimensions = _dimensions(names)
    keys = ", ".join(dimension.sql for dimension in dimensions)
    picked = ", ".join(f"{dimension.sql} AS {dimension.name}" for dimension in dimensions)
    account = "min(f.account_id)" if "account" in names else "NULL"
    cost, margin = "sum(f.cost_amount)", "sum(f.net_amount) - sum(f.uncosted_amount) - sum(f.cost_amount)"
    return f"""SELECT {account} AS account_id, {picked}, f.currency, sum(f.quantity) / 1e6 AS quantity,
       CASE WHEN {NO_REVENUE} THEN NULL ELSE sum(f.net_amount) END AS revenue, CASE WHEN {NO_COST} THEN NULL ELSE {cost} END AS cost,
       CASE WHEN {NO_COST} THEN NULL ELSE {exact(margin)} END AS margin, {_invoices(source, names)} AS invoices,
       {"count(DISTINCT f.account_id)" if source.has_accounts else "NULL"} AS accounts, sum(f.uncosted_lines) AS uncosted,
       sum(f.unconverted_lines) AS unconverted
  FROM ({_rows(source, dimensions, prefix)}) AS f{_joins(source, dimensions)}
 WHERE {source.condition}
 GROUP BY {keys}, f.currency"""


def _rows(source: Source, dimensions: Sequence[Dimension], prefix: str) -> str:
    """Return the statement of the rows, with the account columns that the selection has."""
    columns = "".join(f", s.{d.name}" for d in dimensions if d.table == "s")
    if source.is_summary:
        return from_summary(columns, prefix=prefix, in_base=source.in_base)
    return from_lines(source.role, columns, prefix=prefix, in_base=source.in_base)


def _invoices(source: Source, names: Sequence[str]) -> str:
    """Return the SQL of the number of invoices. The summary has it by item, by item group and for all items."""
    if not source.is_summary:
        return "count(DISTINCT f.invoice_id)"
    finest = next((column for name, column in _COUNTED.items() if name in names), "all_invoices")
    return f"sum(f.{finest})"


def _joins(source: Source, dimensions: Sequence[Dimension]) -> str:
    """Return the joins of the tables that the dimensions and the condition need."""
    tables = {d.table for d in dimensions}
    joins = [" JOIN account AS a ON a.id = f.account_id"] if "a" in tables else []
    if "m" in tables or source.condition != "TRUE":
        joins.append("\n  LEFT JOIN item AS m ON m.id = f.item_id")
    joins.append(first_purchases.join("f.account_id", (d.name for d in dimensions)))
    fields = [d.name[5:] for d in dimensions if d.name in CLASSES]
    joins += [f"\n  LEFT JOIN classification_value AS v{n} ON v{n}.id = a.class{n}" for n in fields]
    return "".join(joins)


def side_by_side(now: str, before: str, names: Sequence[str]) -> str:
    """Return the rows of two periods with the change between them; a row may be in one of them only."""
    keys = ", ".join((*names, "currency"))
    return f"""SELECT min(account_id) AS account_id, {keys}, sum(quantity) AS quantity, sum(revenue) AS revenue, sum(cost) AS cost,
       sum(margin) AS margin, sum(invoices) AS invoices, sum(accounts) AS accounts, sum(uncosted) AS uncosted,
       sum(unconverted) AS unconverted, sum(revenue_before) AS revenue_before,
       {exact("sum(revenue) - sum(revenue_before)")} AS change,
       1e2 * (sum(revenue) - sum(revenue_before)) / nullif(abs(sum(revenue_before)), 0) AS change_percent
  FROM (SELECT account_id, {keys}, quantity, revenue, cost, margin, invoices, accounts, uncosted, unconverted,
               0 AS revenue_before FROM ({now})
        UNION ALL SELECT account_id, {keys}, 0, 0, 0, 0, 0, 0, 0, unconverted, revenue FROM ({before}))
 GROUP BY {keys}"""


def values_of(name: str, start: str, end: str, day: date) -> str:
    """Return the statement of the values of a dimension; periods are those with invoices from `start` to `end`.

    Cohorts are those of a day.
    """
    months = f"SELECT DISTINCT month, '' AS day FROM invoice_summary WHERE month BETWEEN '{start[:7]}' AND '{end[:7]}'"
    if name == WEEK:
        among = f"status = 'processed' AND invoice_date BETWEEN '{start}' AND '{end}'"
        months = f"SELECT DISTINCT '' AS month, invoice_date AS day FROM invoice WHERE {among}"
    periods = {period: sql.format(m="f.month", d="f.day") for period, sql in PERIODS.items()}
    sources = {
        **{period: f"SELECT DISTINCT {sql} FROM ({months}) AS f" for period, sql in periods.items()},
        "item": "SELECT code FROM item",
        "item_group": "SELECT DISTINCT item_group FROM item",
        **{c: f"SELECT code FROM classification_value WHERE field = {c[5:]} ORDER BY position" for c in CLASSES},
    }
    if name in first_purchases.COHORTS:
        return first_purchases.every(name, day)
    return sources.get(name) or f"SELECT DISTINCT {of_account(name)} FROM account AS a"
