"""Compile metrics to SQL: correlated for one account in a condition, or one scan per source for all accounts. Pure."""

import re
from collections.abc import Collection, Iterable, Mapping
from datetime import date
from typing import NamedTuple

from segcli.base.windows import ALWAYS, Window, window
from segcli.domain.clause import Clause
from segcli.domain.units import FINE
from segcli.query.expressions.metrics import CATALOGUE, FINE_SOURCES, LINES, SOURCES, Metric
from segcli.query.expressions.periods import PERIODS

UNKNOWN = -(2**63)  # marks an unknown metric: an amount has no exchange rate
_PART = re.compile(r"(:first\b|:day\b|:as_of\b|:where\b)")


class Call(NamedTuple):
    """A call of a metric: its window, its `where` condition if any, and the source it reads."""

    metric: str
    window: Window
    where: Clause | None
    source: str


def call(  # noqa: PLR0913 - a metric, and all that is in its brackets
    name: str,
    words: tuple[str, ...],
    day: date,
    where: Clause | None = None,
    named: Iterable[str] = (),
    span: Window | None = None,
) -> Call:
    """Return the call of a metric. Raise ValueError for an invalid window.

    `named` are the fields used in `where`; `span` is the window of a metric that takes one and names none.
    """
    metric = CATALOGUE[name]
    if words and not metric.has_window:
        raise ValueError(f"{name} takes no window")
    is_age = name == "overdue"  # its time is an age, not a period: 0d is any
    found = span if span and metric.has_window and not words else window(words, day, may_be_empty=is_age)
    if is_age and not words:
        found = Window(str(day), str(day))
    elif is_age and len(words) > 1:
        raise ValueError("overdue takes one time: overdue(30d) is for more than 30 days")
    needs_lines = set(named) - SOURCES[metric.source].fields.keys()
    return Call(name, found, where, LINES[metric.source] if needs_lines else metric.source)


def fields(metric: Metric) -> Mapping[str, str]:
    """Return the fields that `where` inside a metric can use, with their types."""
    own = SOURCES[metric.source].fields
    return {**SOURCES[LINES[metric.source]].fields, **own} if metric.lines else own


def correlated(asked: Call, day: date, row: str = "a") -> Clause:
    """Return a metric of the account with the alias `row` as a correlated subquery."""
    source = SOURCES[asked.source]
    rows = source.sql.format(one=f"AND {source.account} = {row}.id")
    metric = CATALOGUE[asked.metric]
    parts = [_aggregate(asked, ""), f"FROM ({rows}) AS f"]
    parts += [f"WHERE {condition}"] if (condition := _condition(asked)) else []
    return _bound(_known(metric, f"(SELECT {' '.join(parts)})"), asked, day)


def grouped(
    asked: Iterable[Call], day: date, *, within_windows: bool = False, only: Collection[int] = ()
) -> dict[str, tuple[list[Call], Clause]]:
    """Return per source the calls, and one statement that yields account_id and their values as c0, c1 and so on.

    With `within_windows` the statement has no row for an account all of whose rows are older than the windows; with `only`, the ids of
    accounts, it reads the rows of these alone.
    """
    by_source: dict[str, list[Call]] = {}
    for one in dict.fromkeys(asked):
        by_source.setdefault(one.source, []).append(one)
    return {
        source: (calls, _scan(source, calls, day, _since(calls) if within_windows else "", _among(source, only)))
        for source, calls in by_source.items()
    }


def _among(source: str, only: Collection[int]) -> str:
    """Return the condition on the accounts of a source; '' for all."""
    return f"AND {SOURCES[source].account} IN ({', '.join(str(int(one)) for one in only)})" if only else ""


def _since(calls: list[Call]) -> str:
    """Return the day, excluded, at which the earliest window begins; '' if a window is open."""
    starts = [one.window.first if "f.date > :first" in CATALOGUE[one.metric].condition else ALWAYS for one in calls]
    return "" if ALWAYS in starts else min(starts)


def _scan(source: str, calls: list[Call], day: date, since: str, accounts: str = "") -> Clause:
    columns = []
    for number, one in enumerate(calls):
        condition = _condition(one)
        sql = _aggregate(one, f" FILTER (WHERE {condition})" if condition else "")
        columns.append(_bound(f"{sql} AS c{number}", one, day))
    rows = _bound(SOURCES[source].sql.format(one=accounts), calls[0], day)
    sql = f"SELECT f.account_id, {', '.join(c.sql for c in columns)} FROM ({rows.sql}) AS f{' WHERE f.date > ?' if since else ''}"
    values = (*(v for c in columns for v in c.values), *rows.values, *([since] if since else ()))
    return Clause(f"{sql} GROUP BY f.account_id", values)


def among(asked: Call, day: date, accounts: str) -> Clause:
    """Return the statement that yields account_id and the metric as c0, for the accounts of a condition on the source."""
    return _scan(asked.source, [asked], day, "", accounts)


def column(asked: Call, name: str) -> str:
    """Return the SQL of a metric from its column of the scan, which has no row for accounts without rows."""
    return _known(CATALOGUE[asked.metric], name)


def _aggregate(asked: Call, among: str) -> str:
    """Return the aggregate, with the FILTER clause `among`; UNKNOWN if a row lacks its amount in the base currency."""
    metric = CATALOGUE[asked.metric]
    if asked.source == metric.source:
        value, lacks = metric.value, metric.lacks
    else:  # from lines: count each invoice once
        value = f"{'DISTINCT ' * (metric.aggregate == 'count')}{metric.lines}"
        lacks = metric.lacks.replace(metric.value, metric.lines)
    sql = f"{metric.aggregate}({value}){among}"
    if metric.part:
        return PERIODS[metric.part].format(m=sql)
    if metric.per:
        unique = "DISTINCT " * (asked.source != metric.source)
        found = f"share({sql}, 1, {FINE} * count({unique}{metric.per}){among})"
    else:
        found = _rounded(sql) if metric.kind == "money" and asked.source in FINE_SOURCES else sql
    if not metric.lacks:
        return found
    # Rows without any value are unknown too: sales without a known cost do not have a margin of 0.
    is_unknown = f"{lacks.format(filter=among)} <> 0 OR {sql} IS NULL AND count(*){among} > 0"
    return f"CASE WHEN {is_unknown} THEN {UNKNOWN} ELSE {found} END"


def _rounded(sql: str) -> str:
    """Return the SQL that rounds fine amounts to minor units, half away from zero, with integer arithmetic."""
    return f"({sql} / {FINE} + {sql} % {FINE} / {FINE // 2})"


def _condition(asked: Call) -> str:
    """Return the condition on the rows; omit the start of the window if it is open."""
    condition = CATALOGUE[asked.metric].condition
    if asked.window.first == ALWAYS:
        condition = condition.replace("f.date > :first AND ", "")
    return " AND ".join(part for part in (condition, "(:where)" if asked.where else "") if part)


def _known(metric: Metric, sql: str) -> str:
    """Return the SQL of a metric's value: 0 for a sum or count without rows, NULL if unknown or without a divisor."""
    is_zero = metric.aggregate in {"sum", "count"} and not metric.per
    found = f"coalesce({sql}, 0)" if is_zero else sql
    return f"nullif({found}, {UNKNOWN})" if metric.lacks else found


def _bound(sql: str, asked: Call, day: date) -> Clause:
    """Replace the named parameters by question marks; return the SQL with its values in order."""
    values: dict[str, tuple[str, tuple[object, ...]]] = {
        ":first": ("?", (asked.window.first,)),
        ":day": ("?", (asked.window.day,)),
        ":as_of": ("?", (str(day),)),
        ":where": (asked.where.sql, asked.where.values) if asked.where else ("TRUE", ()),
    }
    parts = _PART.split(sql)
    return Clause(
        "".join(values[part][0] if part in values else part for part in parts),
        tuple(value for part in parts if part in values for value in values[part][1]),
    )
