"""Cohorts against one hand-written statement with the same figures, which knows that there is no filter and no other currency.

It finds the first and the second day of each account, sums active accounts, second days and turnover per cohort and month since, and
accumulates them over the accounts for which a month is complete.
"""

from collections.abc import Iterator

from cases_overviews import shell
from generate import DAY
from measure import OURS, Case, Contestant
from prepare import ENVIRON, SEGCLI, Ready

SHELL = "sqlite3 shell"
LIMIT = 3
PERIODS, SHOWN = 60, 12  # of the long table, and of the wide ones
_IS_SALE = f"i.kind = 'sales' AND i.status = 'processed' AND i.invoice_date <= '{DAY}'"
_MONTH = "(CAST(substr({0}, 1, 4) AS INTEGER) * 12 + CAST(substr({0}, 6, 2) AS INTEGER))"
_LAST = DAY.year * 12 + DAY.month  # DAY is the end of its month
_DAYS = f"SELECT i.account_id, i.invoice_date AS day FROM invoice AS i WHERE {_IS_SALE} AND i.total_amount >= 0"
_SUMS = f"""WITH RECURSIVE f AS MATERIALIZED (SELECT account_id, min(day) AS first FROM ({_DAYS}) GROUP BY account_id),
g AS MATERIALIZED (SELECT f.account_id, min(f.first) AS first, {{cohort}} AS cohort, min(d.day) AS second FROM f
    JOIN account AS a ON a.id = f.account_id LEFT JOIN ({_DAYS}) AS d ON d.account_id = f.account_id AND d.day > f.first GROUP BY f.account_id),
cell AS MATERIALIZED (SELECT g.cohort, {_MONTH.format("g.first")} AS start, {_MONTH.format("i.invoice_date")} - {_MONTH.format("g.first")} AS since,
       count(DISTINCT CASE WHEN i.total_amount >= 0 THEN i.account_id END) AS active,
       count(DISTINCT CASE WHEN substr(g.second, 1, 7) = substr(i.invoice_date, 1, 7) THEN i.account_id END) AS again,
       sum(i.base_revenue_amount) AS turnover
  FROM invoice AS i JOIN g ON g.account_id = i.account_id WHERE {_IS_SALE} GROUP BY 1, 2, 3),
period(since) AS (SELECT 0 UNION ALL SELECT since + 1 FROM period WHERE since < {{most}}),
cohort AS (SELECT cohort, start, active AS size FROM cell WHERE since = 0),
figure AS MATERIALIZED (SELECT c.cohort, c.start, p.since, c.size, coalesce(x.active, 0) AS active,
    sum(coalesce(x.again, 0)) OVER w AS repeated, coalesce(x.turnover, 0) AS turnover, sum(coalesce(x.turnover, 0)) OVER w AS cumulative
  FROM cohort AS c JOIN period AS p ON c.start + p.since <= {_LAST} LEFT JOIN cell AS x ON x.cohort IS c.cohort AND x.start = c.start AND x.since = p.since
  WINDOW w AS (PARTITION BY c.cohort, c.start ORDER BY p.since)),
found AS (SELECT cohort, since, sum(size) AS observed, sum(active) AS active, sum(repeated) AS repeated, sum(turnover) AS turnover,
    sum(cumulative) AS cumulative FROM figure GROUP BY cohort, since),
whole AS (SELECT cohort, sum(size) AS accounts FROM cohort GROUP BY cohort)
"""
_EUROS = "round(({0}) / 1000000.0, 2)"
_PART = "round(100.0 * {0} / observed, 4)"
_LONG = f"""SELECT cohort, accounts, since, observed, active, {_PART.format("active")}, repeated, {_PART.format("repeated")},
  {_EUROS.format("turnover")}, {_EUROS.format("cumulative")}, {_EUROS.format("1.0 * cumulative / observed")}
  FROM found JOIN whole USING (cohort)"""
_WIDE = "SELECT {name}, max(accounts), {cells} FROM found JOIN whole AS w ON w.cohort IS found.cohort {join} GROUP BY found.cohort"
_NAMED = "coalesce(v.code, 'none'), coalesce(v.description, '')"
_BY_MONTH = "substr(f.first, 1, 7)"
NAMES = ("cohort --long", "cohort", "cohort --by class1")


def wide(name: str, join: str = "") -> str:
    """Return the statement of the retention, a column per period."""
    cells = ", ".join(f"max({_PART.format('active')}) FILTER (WHERE since = {at})" for at in range(SHOWN + 1))
    return _WIDE.format(name=name, cells=cells, join=join)


def cases(ready: Ready) -> Iterator[Case]:
    """Yield all figures by month, the retention by month, and the retention by a class."""
    questions = (
        (("--long", "--periods", str(PERIODS)), _BY_MONTH, PERIODS, _LONG),
        ((), _BY_MONTH, SHOWN, wide("found.cohort")),
        (
            ("--by", "class1"),
            "a.class1",
            SHOWN,
            wide(_NAMED, "LEFT JOIN classification_value AS v ON v.id = found.cohort"),
        ),
    )
    for name, (words, cohort, most, sql) in zip(NAMES, questions, strict=True):
        ours = Contestant((SEGCLI, "-d", str(ready.database), "cohort", *words, "-f", "csv"), environ=ENVIRON)
        statement = _SUMS.format(cohort=cohort, most=most) + sql
        yield Case(name, {OURS: ours, SHELL: shell(ready, statement)}, {SHELL: LIMIT})
