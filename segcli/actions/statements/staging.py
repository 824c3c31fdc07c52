"""Planned statements in a temporary table, for the preview and for --apply."""

from collections.abc import Iterator
from typing import Any

from segcli.actions.parts.job import Job
from segcli.actions.statements import span
from segcli.actions.statements.policy import Policy
from segcli.domain import email_addresses, reasons
from segcli.domain.clause import in_order
from segcli.domain.reasons import Reason
from segcli.overviews.parts import balances, buckets
from segcli.overviews.parts.exact import exact
from segcli.query.compose import Request
from segcli.query.outstanding import outstanding

_AGEING = """ageing AS (
  SELECT o.account_id, o.currency, count(*) AS items, sum(o.open) AS outstanding, {sums}
    FROM outstanding AS o WHERE o.open <> 0 GROUP BY 1, 2)"""
_MOVED = f"""{{outstanding}}, movement AS NOT MATERIALIZED ({balances.items()}),
balance AS (
  SELECT m.account_id, m.currency, sum(m.opening) AS opening, sum(m.debit) AS debit, sum(m.credit) AS credit
    FROM movement AS m GROUP BY 1, 2 HAVING sum(m.opening) <> 0 OR sum(m.debit) <> 0 OR sum(m.credit) <> 0),
{{ageing}}
SELECT b.account_id, b.currency, b.opening, b.debit, b.credit, {exact("b.opening + b.debit - b.credit")},
       coalesce(g.items, 0), a.email, a.language, {{ages}}
  FROM balance AS b JOIN account AS a ON a.id = b.account_id
  LEFT JOIN ageing AS g ON g.account_id = b.account_id AND g.currency = b.currency
 ORDER BY {in_order("a.code")}, b.currency"""
_OPEN = f"""{{outstanding}}, {{ageing}}
SELECT g.account_id, g.currency, NULL, NULL, NULL, g.outstanding, g.items, a.email, a.language, {{ages}}
  FROM ageing AS g JOIN account AS a ON a.id = g.account_id ORDER BY {in_order("a.code")}, g.currency"""


def ageing(request: Request) -> list[buckets.Bucket]:
    """Return the ageing buckets on the last day of the statements."""
    return buckets.by_days(span.of(request).end, buckets.limits(request.values["buckets"]))


def prepare(job: Job, policy: Policy) -> None:
    """Stage the statements of the selected accounts."""
    found, days = ageing(job.request), span.of(job.request)
    names = [column.name for column in buckets.columns(found)]
    job.db.execute("DROP TABLE IF EXISTS temp.statement_plan")
    job.db.execute(
        "CREATE TEMP TABLE statement_plan (id INTEGER PRIMARY KEY, account_id INTEGER, currency TEXT, opening INTEGER,"
        " debit INTEGER, credit INTEGER, closing INTEGER, items INTEGER, sent_by TEXT, language TEXT, cause TEXT, reason TEXT,"
        f" {', '.join(f'{name} INTEGER' for name in names)})"
    )
    job.db.execute("CREATE INDEX temp.statement_plan_account ON statement_plan (account_id)")
    sums, values = buckets.sums(found, buckets.BY_DUE_DATE)
    sql = (_OPEN if job.values["open_items"] else _MOVED).format(
        outstanding=outstanding(),
        ageing=_AGEING.format(sums=sums),
        ages=", ".join(f"coalesce(g.{name}, 0)" for name in names),
    )
    rows = job.select(sql, {"start": str(days.start), "end": str(days.end), "as_of": str(days.end), **values})
    marks = ", ".join("?" * (11 + len(names)))
    job.db.executemany(f"INSERT INTO temp.statement_plan VALUES (NULL, {marks})", _planned(rows, policy))


def _planned(rows: Iterator[tuple[Any, ...]], policy: Policy) -> Iterator[tuple[Any, ...]]:
    """Yield the rows of the plan: how each statement is sent and in which language, or why it is skipped."""
    for *figures, email, language, at in ((*row[:9], row[9:]) for row in rows):
        sent_by = policy.way(email_addresses.address(email or ""))
        why = None if sent_by else Reason.NO_EMAIL.why()
        yield (*figures, sent_by, policy.language_of(language), *reasons.cells(why), *at)
