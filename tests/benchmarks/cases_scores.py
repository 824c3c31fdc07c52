"""Scores of all accounts against one statement each, written by hand for the sqlite3 shell, with the same rows in the same order."""

from collections.abc import Iterator

from measure import OURS, Case, Contestant
from prepare import ENVIRON, SEGCLI, SQLITE, Ready

SHELL = "sqlite3 shell"
LIMIT = 2.0
_DAY, _YEAR_AGO = "2026-06-30", "2025-06-30"
_SALES = f"i.kind = 'sales' AND i.status = 'processed' AND i.invoice_date <= '{_DAY}'"
# Revenue is in 1/10,000 of a cent: rounded half away from zero, in integers.
_CENTS = "{0} / 10000 + {0} % 10000 / 5000"
_IN_WINDOW = f"coalesce(sum(CASE WHEN i.invoice_date > '{_YEAR_AGO}' THEN i.base_revenue_amount END), 0)"
ABC = f"""WITH t AS MATERIALIZED (SELECT i.account_id, {_CENTS.format(_IN_WINDOW)} AS v FROM invoice AS i WHERE {_SALES} GROUP BY 1),
w AS (SELECT account_id, v, sum(max(v, 0)) OVER (ORDER BY v DESC RANGE UNBOUNDED PRECEDING) AS reached,
             sum(max(v, 0)) OVER (PARTITION BY v) AS same, sum(max(v, 0)) OVER () AS whole FROM t)
SELECT a.code, v / 100.0, CASE WHEN v <= 0 THEN 'no value' WHEN (reached - same) * 5 < whole * 4 THEN 'A'
       WHEN (reached - same) * 20 < whole * 19 THEN 'B' ELSE 'C' END
  FROM w JOIN account AS a ON a.id = w.account_id ORDER BY v DESC, a.code"""
SCORED = "1 + ({0} >= {1}) + ({0} >= {2}) + ({0} >= {3}) + ({0} >= {4})"
RFM = f"""WITH t AS MATERIALIZED (SELECT i.account_id, julianday('{_DAY}') - julianday(max(CASE WHEN i.total_amount >= 0 THEN i.invoice_date END)) AS days,
  count(CASE WHEN i.total_amount >= 0 THEN 1 END) AS invoices, {_CENTS.format("sum(i.base_revenue_amount)")} AS v
  FROM invoice AS i WHERE {_SALES} GROUP BY 1),
s AS (SELECT account_id, days, invoices, v, 6 - ({SCORED.format("days", 30, 90, 180, 365)}) AS r,
             {SCORED.format("invoices", 2, 3, 5, 10)} AS f, {SCORED.format("v", 50000, 200000, 1000000, 5000000)} AS m FROM t WHERE invoices > 0)
SELECT a.code, CAST(days AS INTEGER), invoices, v / 100.0, r, f, m, r || f || m AS rfm FROM s JOIN account AS a ON a.id = s.account_id
 ORDER BY rfm DESC, a.code"""
_DAYS = f"""d AS MATERIALIZED (SELECT i.account_id, julianday(i.invoice_date) AS day, julianday(i.invoice_date)
  - lag(julianday(i.invoice_date)) OVER (PARTITION BY i.account_id ORDER BY i.invoice_date) AS gap
  FROM invoice AS i WHERE {_SALES} GROUP BY i.account_id, i.invoice_date HAVING max(i.total_amount) >= 0),
t AS (SELECT account_id, min(day) AS first, max(day) AS last, count(*) AS k, julianday('{_DAY}') - max(day) AS silent,
             max(gap >= 180 AND julianday('{_DAY}') - day < 90) AS is_back FROM d GROUP BY 1)"""
LIFECYCLE = f"""WITH {_DAYS}
SELECT a.code, date(first), date(last), CAST(silent AS INTEGER), CASE WHEN silent >= 365 THEN 'lost' WHEN silent >= 180 THEN 'sleeping'
       WHEN is_back THEN 'returned' WHEN julianday('{_DAY}') - first < 90 THEN 'new' ELSE 'active' END
  FROM t JOIN account AS a ON a.id = t.account_id ORDER BY silent, a.code"""
CHURN = f"""WITH {_DAYS},
g AS (SELECT gap, row_number() OVER (ORDER BY gap) AS n, count(*) OVER () AS all_gaps FROM d WHERE gap IS NOT NULL),
u AS (SELECT min(gap) AS usual FROM g WHERE n * 10 >= all_gaps * 9),
r AS (SELECT account_id, last, silent, CASE WHEN k >= 3 THEN (last - first) / (k - 1) ELSE (SELECT usual FROM u) END AS own FROM t)
SELECT a.code, date(last), CAST(silent AS INTEGER), CASE WHEN silent >= 365 THEN 'lost' WHEN silent >= 180 THEN 'at risk' ELSE 'active' END,
       CASE WHEN silent > 3 * own THEN 'lost' WHEN silent > 2 * own THEN 'at risk' ELSE 'active' END
  FROM r JOIN account AS a ON a.id = r.account_id ORDER BY silent DESC, a.code"""
SCORES = (
    ("abc", "account,amount,abc", ABC),
    ("rfm", "account,days,invoices,turnover,recency,frequency,monetary,rfm", RFM),
    ("lifecycle", "account,first_invoice,last_invoice,days_silent,lifecycle", LIFECYCLE),
    ("churn", "account,last_invoice,days_silent,churn,churn_by_rhythm", CHURN),
)
NAMES = tuple(f"score {name}" for name, *_ in SCORES)


def cases(ready: Ready) -> Iterator[Case]:
    """Yield each score of all accounts as CSV."""
    for name, columns, sql in SCORES:
        ours = (SEGCLI, "-d", str(ready.database), "score", name, "--columns", columns, "-f", "csv")
        theirs = (*SQLITE, "-csv", "-header", "-readonly", str(ready.database), sql)
        contestants = {OURS: Contestant(ours, environ=ENVIRON), SHELL: Contestant(theirs)}
        yield Case(f"score {name}", contestants, {SHELL: LIMIT}, frozenset({SHELL}))
