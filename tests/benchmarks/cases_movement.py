"""How accounts moved between two days, through `segcli matrix` and through one hand-written statement: a class, and scores of each day.

The statements know that every amount is in euros, so that every score is known.
"""

from collections.abc import Iterator
from datetime import date, timedelta

import prepare
from cases_overviews import SQLITE, shell
from cases_scores import SCORED
from generate import DAY
from measure import OURS, Case, Contestant
from prepare import SEGCLI, Ready

LIMIT = 3
FIRST, DAYS = date(DAY.year - 1, 12, 31), 180
_SALES = "invoice AS i WHERE i.kind = 'sales' AND i.status = 'processed'"
_BOUGHT = f"{_SALES} AND i.total_amount >= 0 AND i.invoice_date <= '{{day}}'"
_AMOUNT = f"""SELECT {{at}} AS day, i.account_id, sum(i.base_revenue_amount) AS v FROM {_SALES}
   AND i.invoice_date > '{{start}}' AND i.invoice_date <= '{{day}}' GROUP BY i.account_id"""
ABC = f"""SELECT day, account_id, CASE WHEN larger * 5 < whole * 4 THEN 'A' WHEN larger * 20 < whole * 19 THEN 'B' ELSE 'C' END AS c FROM (
  SELECT day, account_id, sum(v) OVER (ORDER BY v DESC RANGE UNBOUNDED PRECEDING) - sum(v) OVER (PARTITION BY v)
         AS larger, sum(v) OVER () AS whole FROM ({_AMOUNT}) WHERE v > 0)"""
CHURN = f"""SELECT {{at}} AS day, account_id, CASE WHEN silent >= 365 THEN 'lost' WHEN silent >= 180 THEN 'at risk' ELSE 'active' END AS c FROM (
  SELECT i.account_id, julianday('{{day}}') - julianday(max(i.invoice_date)) AS silent FROM {_BOUGHT} GROUP BY i.account_id)"""
LIFECYCLE = f"""SELECT {{at}} AS day, account_id, CASE WHEN silent >= 365 THEN 'lost' WHEN silent >= 180 THEN 'sleeping'
       WHEN is_back THEN 'returned' WHEN age < 90 THEN 'new' ELSE 'active' END AS c FROM (
  SELECT account_id, julianday('{{day}}') - max(n) AS silent, julianday('{{day}}') - min(n) AS age,
         max(gap >= 180 AND julianday('{{day}}') - n < 90) AS is_back FROM (
    SELECT i.account_id, julianday(i.invoice_date) AS n, julianday(i.invoice_date)
           - lag(julianday(i.invoice_date)) OVER (PARTITION BY i.account_id ORDER BY i.invoice_date) AS gap
      FROM {_BOUGHT} GROUP BY i.account_id, i.invoice_date) GROUP BY account_id)"""
RFM = f"""SELECT {{at}} AS day, account_id, CASE WHEN r >= 4 AND f >= 4 AND m >= 4 THEN 'champions' WHEN r >= 3 AND f >= 3 AND m >= 3 THEN 'loyal'
       WHEN r >= 4 AND f = 1 THEN 'new' WHEN r = 3 AND f = 1 THEN 'promising' WHEN r >= 3 AND f >= 2 THEN 'potential loyal'
       WHEN r = 1 AND f >= 4 AND m >= 4 THEN 'cannot lose' WHEN r <= 2 AND f >= 3 AND m >= 3 THEN 'at risk' WHEN r = 2 THEN 'about to sleep'
       WHEN r = 1 THEN 'lost' ELSE 'others' END AS c FROM (
  SELECT account_id, 6 - ({SCORED.format("days", 30, 90, 180, 365)}) AS r, {SCORED.format("invoices", 2, 3, 5, 10)} AS f,
         {SCORED.format("v", 50000, 200000, 1000000, 5000000)} AS m FROM (
    SELECT i.account_id, julianday('{{day}}') - julianday(max(CASE WHEN i.total_amount >= 0 THEN i.invoice_date END)) AS days,
           count(CASE WHEN i.total_amount >= 0 THEN 1 END) AS invoices,
           sum(i.base_revenue_amount) / 10000 + sum(i.base_revenue_amount) % 10000 / 5000 AS v
      FROM {_SALES} AND i.invoice_date <= '{{day}}' GROUP BY i.account_id) WHERE invoices > 0)"""
MOVES = (
    ("matrix of ABC on two days", f"abc({DAYS}d)", ABC, "no value"),
    ("matrix of churn on two days", "churn", CHURN, "none"),
    ("matrix of life cycles on two days", "lifecycle", LIFECYCLE, "none"),
    ("matrix of RFM segments on two days", "rfm_segment", RFM, "none"),
)
CLASS = "matrix of a class on two days"
NAMES = (*(name for name, *_ in MOVES), CLASS)


def cases(ready: Ready) -> Iterator[Case]:
    """Yield scores at the end of the year and half a year later, and a class before and after the day of the imports."""
    for name, score, sql, default in MOVES:
        yield _case(ready, name, score, FIRST, by_hand(sql, default))
    yield _case(ready, CLASS, "class1", DAY, of_class())


def _case(ready: Ready, name: str, what: str, first: date, sql: str) -> Case:
    words = ("matrix", what, "--from", str(first), "--to", str(DAY), "-f", "csv")
    ours = Contestant((SEGCLI, "-d", str(ready.database), *words), environ=prepare.ENVIRON)
    return Case(name, {OURS: ours, SQLITE: shell(ready, sql)}, {SQLITE: LIMIT}, starts=frozenset({SQLITE}))


def by_hand(sql: str, default: str) -> str:
    """Return the statement of a score: what it is on each day, joined, and the accounts that did not exist yet."""
    sides = " UNION ALL ".join(
        f"SELECT * FROM ({sql.format(at=at, day=day, start=day - timedelta(days=DAYS))})"
        for at, day in enumerate((FIRST, DAY))
    )
    return f"""WITH class AS ({sides}),
moved AS (SELECT account_id, max(CASE WHEN day = 0 THEN c END) AS one, max(CASE WHEN day = 1 THEN c END) AS two FROM (
  SELECT day, account_id, c FROM class UNION ALL SELECT NULL, id, NULL FROM account) GROUP BY account_id),
pair AS (SELECT coalesce(one, CASE WHEN EXISTS (SELECT 1 FROM {_SALES} AND i.account_id = moved.account_id AND i.invoice_date <= '{FIRST}')
    THEN '{default}' ELSE '(new)' END) AS source, coalesce(two, '{default}') AS target FROM moved)
SELECT source, target, count(*), round(100.0 * count(*) / sum(count(*)) OVER (PARTITION BY source), 4), NULL, NULL
  FROM pair GROUP BY source, target"""


def of_class() -> str:
    """Return the statement of a class: the old value of the first change after each day, else the present value."""
    end = f"{DAY}T99"
    value = f"""CASE WHEN a.added_run_id IN (SELECT id FROM run WHERE started_at >= '{end}') THEN -1
      WHEN l.account_id IS NOT NULL THEN coalesce(l.old_value_id, 0) ELSE coalesce(a.class1, 0) END"""
    return f"""WITH later AS MATERIALIZED (SELECT h.account_id, h.old_value_id, min(h.id) FROM classification_change AS h JOIN run AS r
    ON r.id = h.run_id WHERE h.field = 1 AND r.started_at >= '{end}' GROUP BY h.account_id),
pair AS (SELECT {value} AS source, {value.replace("l.", "m.")} AS target FROM account AS a LEFT JOIN later AS l ON l.account_id = a.id
  LEFT JOIN later AS m ON m.account_id = a.id),
name AS (SELECT id, code, description FROM classification_value WHERE field = 1 UNION ALL VALUES (0, 'none', NULL), (-1, '(new)', NULL))
SELECT s.code, t.code, p.n, p.share, s.description, t.description FROM (SELECT source, target, count(*) AS n,
    round(100.0 * count(*) / sum(count(*)) OVER (PARTITION BY source), 4) AS share FROM pair GROUP BY source, target) AS p
  JOIN name AS s ON s.id = p.source JOIN name AS t ON t.id = p.target"""
