"""How accounts moved between ABC classes on two days, through `segcli matrix` and through one hand-written statement."""

from collections.abc import Iterator
from datetime import date, timedelta

import prepare
from cases_overviews import SQLITE, shell
from generate import DAY
from measure import OURS, Case, Contestant
from prepare import SEGCLI, Ready

LIMIT = 3
FIRST, DAYS = date(DAY.year - 1, 12, 31), 180
_SALES = "invoice AS i WHERE i.kind = 'sales' AND i.status = 'processed'"


def cases(ready: Ready) -> Iterator[Case]:
    """Yield ABC over 180 days at the end of the year and half a year later."""
    words = ("matrix", f"abc({DAYS}d)", "--from", str(FIRST), "--to", str(DAY), "-f", "csv")
    ours = Contestant((SEGCLI, "-d", str(ready.database), *words), environ=prepare.ENVIRON)
    yield Case(
        "matrix of ABC on two days",
        {OURS: ours, SQLITE: shell(ready, by_hand())},
        {SQLITE: LIMIT},
        starts=frozenset({SQLITE}),
    )


def by_hand() -> str:
    """Return the statement: the ABC of each day with window functions, joined, and the accounts that did not exist yet."""
    amounts = " UNION ALL ".join(
        f"""SELECT {at}, i.account_id, sum(i.base_revenue_amount) FROM {_SALES} AND i.invoice_date > '{day - timedelta(days=DAYS)}'
             AND i.invoice_date <= '{day}' GROUP BY i.account_id"""
        for at, day in enumerate((FIRST, DAY))
    )
    return f"""WITH amount(day, account_id, v) AS ({amounts}),
class AS (SELECT day, account_id, CASE WHEN larger * 5 < whole * 4 THEN 'A' WHEN larger * 20 < whole * 19 THEN 'B' ELSE 'C' END AS c FROM (
  SELECT day, account_id, sum(v) OVER (PARTITION BY day ORDER BY v DESC RANGE UNBOUNDED PRECEDING) - sum(v) OVER (PARTITION BY day, v)
         AS larger, sum(v) OVER (PARTITION BY day) AS whole FROM amount WHERE v > 0)),
moved AS (SELECT account_id, max(CASE WHEN day = 0 THEN c END) AS one, max(CASE WHEN day = 1 THEN c END) AS two FROM (
  SELECT day, account_id, c FROM class UNION ALL SELECT NULL, id, NULL FROM account) GROUP BY account_id),
pair AS (SELECT coalesce(one, CASE WHEN EXISTS (SELECT 1 FROM {_SALES} AND i.account_id = moved.account_id AND i.invoice_date <= '{FIRST}')
    THEN 'no value' ELSE '(new)' END) AS source, coalesce(two, 'no value') AS target FROM moved)
SELECT source, target, count(*), round(100.0 * count(*) / sum(count(*)) OVER (PARTITION BY source), 4), NULL, NULL
  FROM pair GROUP BY source, target"""
