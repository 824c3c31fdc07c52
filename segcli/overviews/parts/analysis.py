"""Sales and purchase analysis: any dimension by any other, from the summary that imports keep current.

Whole months of who ordered are in invoice_summary; days within a month, and other roles, are added up from the lines.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import starmap
from typing import Literal

from segcli.base import dates
from segcli.base.dates import add_months, month_end
from segcli.base.errors import UsageError
from segcli.domain.catalogue import CLASSES, nearest, parse_values
from segcli.domain.clause import Kind, both, named, plain_words, text_values
from segcli.domain.scoring.abc import LETTERS, WITHOUT
from segcli.domain.table import UNCONVERTED, Chart, Column, Expected, Overview
from segcli.domain.units import FINE
from segcli.overviews.parts import ranking
from segcli.overviews.parts.exact import exact
from segcli.overviews.parts.invoiced import HAS_UNCOSTED, NO_COST, NO_REVENUE, from_lines, from_summary, unconverted
from segcli.query.compose import Request
from segcli.query.expressions.fields import bare, is_own

PERIODS: Mapping[str, str] = {
    "month": "{m}",
    "quarter": "substr({m}, 1, 4) || 'Q' || ((CAST(substr({m}, 6, 2) AS INTEGER) + 2) / 3)",
    "year": "substr({m}, 1, 4)",
}
ACCOUNT = ("account", "name", "status", "city", "country", "manager", "sector", "state", "language")
OTHERS: Mapping[str, str] = {"item": "m.code", "item_group": "m.item_group"}
_KINDS: Mapping[str, Kind] = {"m.code": "code", "m.item_group": "text"}
DIMENSIONS = (*PERIODS, *OTHERS, *ACCOUNT, *CLASSES)
MEASURES = (
    Column("quantity", "decimal", total="sum"),
    Column("revenue", "money", total="sum", parts=FINE),
    Column("cost", "money", total="sum", parts=FINE),
    Column("margin", "money", total="sum", parts=FINE),
)
UNCOSTED = Column("uncosted", "integer", "Without cost", total="sum", is_extra=True)
EXTRAS = (
    UNCOSTED,
    UNCONVERTED,
    Column("margin_percent", "percent", "Margin %", is_extra=True),
    Column("share", "percent", "Share", is_extra=True),
    Column("accounts", "integer", is_extra=True),
    Column("is_rest", "flag", is_extra=True),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """What is analysed: which invoices, by which dimensions, in which days."""

    kind: str  # sales or purchase
    rows: tuple[str, ...]
    start: date | None
    end: date | None
    role: str  # the column of invoice
    is_whole: bool  # whole months, all items: the summary answers
    condition: str
    values: Mapping[str, object]
    has_accounts: bool = False  # how many accounts there are is asked for
    in_base: bool = False  # all amounts in the administration's currency


def read(request: Request, kind: str, role: str) -> Asked:
    """Return what is asked. An unknown dimension is a UsageError that names the nearest."""
    rows = tuple(_dimension(name, "--group-by") for name in request.group_by) or ("account", "name")
    lists = {
        column: [parse_values(text, f"--{name.replace('_', '-')}") for text in request.values.get(name) or ()]
        for name, column in (("item", "m.code"), ("item_group", "m.item_group"))
    }
    condition, values = named(both([text_values(c, found, _KINDS[c]) for c, found in lists.items() if found]), "asked")
    start, end = request.start, dates.earlier(request.end, request.known)
    is_whole = (start is None or start.day == 1) and (end is None or end == month_end(end))
    is_whole = is_whole and role == "ordered_by_id"
    in_base = bool(request.values.get("base_currency"))
    return Asked(kind, rows, start, end, role, is_whole, condition, values, "accounts" in request.columns, in_base)


def _dimension(name: str, flag: str) -> str:
    key = bare(name.strip().lower().replace("-", "_"))
    if key not in (ACCOUNT if is_own(name.strip()) else DIMENSIONS):
        raise UsageError(f"{flag}: there is no column '{name}'", nearest(key, DIMENSIONS))
    return key


def overview(request: Request, kind: str, role: str) -> Overview:
    """Return the analysis."""
    asked = read(request, kind, role)
    before = _before(asked, request.values.get("compare"))
    dimensions = tuple(_column(name) for name in asked.rows)
    values: dict[str, object] = {**asked.values, "kind": kind, **_span("", asked)}
    compared: tuple[Column, ...] = ()
    across: tuple[Column, ...] = ()
    now = _grouped(asked, "")
    if before:
        values |= _span("before_", before)
        compared = _COMPARED
        now = _joined(now, _grouped(before, "before_"), asked.rows)
    name, found = _found(request)
    if name:
        now, across = ranking.across(asked.rows, name, _grouped(replace(asked, rows=(*asked.rows, name)), ""), found)
        values |= {f"x{at}": value for at, value in enumerate(found)}
    ranked, more = ranking.ranked(request, asked.rows, now, bool(before))
    return Overview(
        columns=(*dimensions, Column("currency"), *MEASURES, _counted(asked.rows), *compared, *across, *more, *EXTRAS),
        keeps=(*asked.rows, "revenue"),
        sql=ranked,
        sort=("currency", "is_rest", *(asked.rows if set(asked.rows) & set(PERIODS) else ()), "-revenue", *asked.rows),
        values=values,
        caption=_caption(asked, before),
        chart=_chart(asked, request, across),
        is_grouped=True,
        missing=unconverted(asked.role, asked.condition, ("", "before_") if before else ("",)) if asked.in_base else "",
        shown_if={UNCOSTED.name: HAS_UNCOSTED} if kind == "sales" else {},
        expects=tuple(_expected(request)),
    )


def _chart(asked: Asked, request: Request, across: Sequence[Column]) -> Chart:
    """Return revenue per row: in order of time, by class of ABC, or in the parts that --across makes of it."""
    kind: Literal["time", "bar"] = "time" if len(asked.rows) == 1 and asked.rows[0] in PERIODS else "bar"
    chart = Chart(("revenue",), kind, asked.rows, rest=ranking.REST.strip("'"))
    if across:
        return replace(chart, series=tuple(column.name for column in across))
    if request.values.get("abc"):
        return replace(chart, by="abc", order=(*LETTERS, WITHOUT), note="cumulative")
    return chart


_COMPARED = (
    Column("revenue_before", "money", "Before", total="sum", parts=FINE),
    Column("change", "money", total="sum", parts=FINE),
    Column("change_percent", "percent", "Change %"),
)


def _counted(rows: Iterable[str]) -> Column:
    """Return the number of invoices; by item it has no total, since an invoice has several of them."""
    return Column("invoices", "integer", total="" if set(rows) & set(OTHERS) else "sum")


def _column(name: str) -> Column:
    kind = "code" if name in {"account", "item", *CLASSES} else "text"
    return Column(name, kind, empty="(none)")  # type: ignore[arg-type]


def _span(prefix: str, asked: Asked) -> dict[str, object]:
    start, end = str(asked.start or "0000-00-00"), str(asked.end or "9999-99-99")
    return {f"{prefix}start": start, f"{prefix}end": end, f"{prefix}first": start[:7], f"{prefix}last": end[:7]}


def _before(asked: Asked, compare: str | None) -> Asked | None:
    """Return the same a period or a year earlier. A UsageError where there is no period to go back from."""
    if not compare:
        return None
    if asked.start is None or asked.end is None:
        raise UsageError("--compare needs a period", "say --period 2026Q1, or --from and --to")
    if set(asked.rows) & set(PERIODS):
        raise UsageError(
            "--compare and a period as a dimension exclude each other", "leave month, quarter and year out"
        )
    if compare == "year":
        start, end = add_months(asked.start, -12), add_months(asked.end, -12)
        return replace(asked, start=start, end=month_end(end) if asked.end == month_end(asked.end) else end)
    if asked.is_whole or (asked.start.day == 1 and asked.end == month_end(asked.end)):
        months = (asked.end.year - asked.start.year) * 12 + asked.end.month - asked.start.month + 1
        return replace(asked, start=add_months(asked.start, -months), end=asked.start - timedelta(days=1))
    days = (asked.end - asked.start).days + 1
    return replace(asked, start=asked.start - timedelta(days=days), end=asked.start - timedelta(days=1))


def _caption(asked: Asked, before: Asked | None) -> str:
    days = dates.words(asked.start, asked.end, "all invoices")
    return f"{days}, against {before.start} to {before.end}" if before else days


def _grouped(asked: Asked, prefix: str) -> str:
    """Return the rows of the dimensions with what is added up."""
    month = "f.month"
    of_account = [name for name in asked.rows if name not in PERIODS and name not in OTHERS]
    # What the selection has of an account comes from there: another look at each account would cost as much as its invoices.
    is_selected = _SELECTED.issuperset(of_account)
    terms = {
        name: PERIODS[name].format(m=month)
        if name in PERIODS
        else OTHERS.get(name) or (f"f.{name}" if is_selected else _of_account(name))
        for name in asked.rows
    }
    columns = "".join(f", s.{name}" for name in of_account) if is_selected else ""
    joined = "" if is_selected else " JOIN account AS a ON a.id = f.account_id"
    counted = "invoices" if "item" in terms else "group_invoices" if "item_group" in terms else "all_invoices"
    has_filter = asked.condition != "1"
    invoices = f"sum(f.{counted})" if asked.is_whole and not has_filter else "count(DISTINCT f.invoice_id)"
    if asked.is_whole and not has_filter:
        source = from_summary(columns, prefix=prefix, in_base=asked.in_base)
    else:
        source = from_lines(asked.role, columns, prefix=prefix, in_base=asked.in_base)
    picked = ", ".join(f"{term} AS {name}" for name, term in terms.items())
    account = "min(f.account_id)" if "account" in asked.rows else "NULL"
    item = (
        "\n  LEFT JOIN item AS m ON m.id = f.item_id"
        if any("m." in t for t in (*terms.values(), asked.condition))
        else ""
    )
    cost, margin = "sum(f.cost_amount)", "sum(f.net_amount) - sum(f.uncosted_amount) - sum(f.cost_amount)"
    return f"""SELECT {account} AS account_id, {picked}, f.currency, sum(f.quantity) / 1000000.0 AS quantity,
       CASE WHEN {NO_REVENUE} THEN NULL ELSE sum(f.net_amount) END AS revenue, CASE WHEN {NO_COST} THEN NULL ELSE {cost} END AS cost,
       CASE WHEN {NO_COST} THEN NULL ELSE {exact(margin)} END AS margin, {invoices} AS invoices,
       {"count(DISTINCT f.account_id)" if asked.has_accounts else "NULL"} AS accounts, sum(f.uncosted_lines) AS uncosted,
       sum(f.unconverted_lines) AS unconverted
  FROM ({source}) AS f{joined}{item}{_joins(asked.rows)}
 WHERE {asked.condition}
 GROUP BY {", ".join(terms.values())}, f.currency"""


_SELECTED = frozenset({"account", "name", "status", "city", "country", "manager"})


def _of_account(name: str) -> str:
    if name in CLASSES:
        return f"v{name[5:]}.code"
    return "a.code" if name == "account" else f"a.{name}"


def _joins(rows: Iterable[str]) -> str:
    fields = [name[5:] for name in rows if name in CLASSES]
    return "".join(f"\n  LEFT JOIN classification_value AS v{n} ON v{n}.id = a.class{n}" for n in fields)


def _joined(now: str, before: str, rows: Sequence[str]) -> str:
    """Return the rows of both periods side by side; what is in one of them only is there, too."""
    keys = ", ".join((*rows, "currency"))
    return f"""SELECT min(account_id) AS account_id, {keys}, sum(quantity) AS quantity, sum(revenue) AS revenue, sum(cost) AS cost,
       sum(margin) AS margin, sum(invoices) AS invoices, sum(accounts) AS accounts, sum(uncosted) AS uncosted,
       sum(unconverted) AS unconverted, sum(revenue_before) AS revenue_before,
       {exact("sum(revenue) - sum(revenue_before)")} AS change,
       100.0 * (sum(revenue) - sum(revenue_before)) / nullif(abs(sum(revenue_before)), 0) AS change_percent
  FROM (SELECT account_id, {keys}, quantity, revenue, cost, margin, invoices, accounts, uncosted, unconverted,
               0 AS revenue_before FROM ({now})
        UNION ALL SELECT account_id, {keys}, 0, 0, 0, 0, 0, 0, 0, unconverted, revenue FROM ({before}))
 GROUP BY {keys}"""


MOST_ACROSS = 60


def asks(request: Request) -> str:
    """Return the SQL of the values that --across turns into columns; '' where it is not asked for."""
    if not request.values.get("across"):
        return ""
    name = _dimension(request.values["across"], "--across")
    if name in request.group_by:
        raise UsageError(f"--across {name}: --group-by has it already", "leave it out of one of them")
    if request.values.get("compare"):
        raise UsageError("--across and --compare exclude each other")
    end = dates.earlier(request.end, request.known)
    last = f"WHERE month <= '{end:%Y-%m}'" if end else ""
    month = f"(SELECT DISTINCT month FROM invoice_summary {last}) AS f"
    sources = {
        **{period: f"SELECT DISTINCT {sql.format(m='f.month')} FROM {month}" for period, sql in PERIODS.items()},
        "item": "SELECT code FROM item",
        "item_group": "SELECT DISTINCT item_group FROM item",
        **{c: f"SELECT code FROM classification_value WHERE field = {c[5:]} ORDER BY position" for c in CLASSES},
    }
    return sources.get(name) or f"SELECT DISTINCT {_of_account(name)} FROM account AS a"


def _found(request: Request) -> tuple[str, list[str]]:
    """Return the dimension of --across and its values. Too many for columns are a UsageError."""
    if not request.values.get("across"):
        return "", []
    name = _dimension(request.values["across"], "--across")
    found = sorted({str(value) for value in request.values.get("found", ()) if value is not None})
    if request.for_people and name in CLASSES:
        found.sort(key=[str(value) for value in request.values["found"]].index)
    if len(found) > MOST_ACROSS:
        raise UsageError(
            f"--across {name}: that would be {len(found)} columns", f"{MOST_ACROSS} is the most: use --group-by"
        )
    return name, found


def _expected(request: Request) -> Iterable[Expected]:
    known = {
        "item": "SELECT code FROM item",
        "item_group": "SELECT DISTINCT item_group FROM item WHERE item_group IS NOT NULL",
    }
    for name, sql in known.items():
        flag = f"--{name.replace('_', '-')}"
        words = plain_words(parse_values(text, flag) for text in request.values.get(name) or ())
        yield from starmap(Expected, ((flag, word, sql) for word in words))
