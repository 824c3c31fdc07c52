"""A profile of classes, fields, item groups and metrics, against one SQL statement by hand over the same tables.

The statement knows what segcli has to find out: that every amount is in euros, that each line has a cost, and that no payment is dated
after the day, so that what is open is as it is stored.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from datetime import timedelta

from cases_overviews import filtered, shell
from generate import DAY
from measure import OURS, Case, Contestant
from prepare import ENVIRON, SEGCLI, Ready

SHELL = "sqlite3 shell"
LIMIT = 3
SHOWN = ("dimension", "value", "accounts", "base_accounts")
START = DAY - timedelta(days=365)
_SALES = f"i.kind = 'sales' AND i.status = 'processed' AND i.invoice_date > '{START}' AND i.invoice_date <= '{DAY}'"
_ROUNDED = "coalesce({0} / 10000 + {0} % 10000 / 5000, 0)"
_FEATURES = f"""WITH sold AS (SELECT i.account_id, sum(i.base_revenue_amount) FILTER (WHERE i.invoice_date > '{START}') AS fine,
  count(*) FILTER (WHERE i.invoice_date > '{START}' AND i.total_amount >= 0) AS invoices,
  max(i.invoice_date) FILTER (WHERE i.total_amount >= 0) AS last
  FROM invoice AS i WHERE i.kind = 'sales' AND i.status = 'processed' AND i.invoice_date <= '{DAY}' GROUP BY i.account_id),
earned AS (SELECT i.account_id, sum(l.net_amount - l.cost_amount) AS fine FROM invoice AS i JOIN invoice_line AS l ON l.invoice_id = i.id
  WHERE {_SALES} GROUP BY i.account_id),
owed AS (SELECT account_id, sum(open_amount) AS total, sum(open_amount) FILTER (WHERE due_date < '{DAY}') AS late FROM outstanding_item
  WHERE open_amount <> 0 AND invoice_date <= '{DAY}' GROUP BY account_id),
paid AS (SELECT o.account_id, avg(julianday(p.last) - julianday(o.invoice_date)) AS days FROM outstanding_item AS o
  JOIN (SELECT item_id, max(allocation_date) AS last, sum(amount) AS amount FROM allocation WHERE allocation_date <= '{DAY}' GROUP BY item_id) AS p
    ON p.item_id = o.id AND p.amount = o.amount
  WHERE o.amount > 0 AND o.invoice_date > '{START}' AND o.invoice_date <= '{DAY}' GROUP BY o.account_id),
feature AS MATERIALIZED (SELECT a.id, coalesce(a.class{{field}} = {{value}}, 0) AS chosen, {{classes}}, a.country, a.manager, a.sector, a.status,
  {_ROUNDED.format("s.fine")} AS turnover, coalesce(s.invoices, 0) AS invoices, {_ROUNDED.format("e.fine")} AS margin,
  CAST(julianday('{DAY}') - julianday(s.last) AS INTEGER) AS silent, p.days, coalesce(w.total, 0) AS owed, coalesce(w.late, 0) AS late
  FROM account AS a LEFT JOIN sold AS s ON s.account_id = a.id LEFT JOIN earned AS e ON e.account_id = a.id
  LEFT JOIN owed AS w ON w.account_id = a.id LEFT JOIN paid AS p ON p.account_id = a.id),
bought AS (SELECT DISTINCT i.account_id, t.item_group FROM invoice AS i JOIN invoice_line AS l ON l.invoice_id = i.id
  LEFT JOIN item AS t ON t.id = l.item_id WHERE {_SALES} AND i.total_amount >= 0)
"""
_CLASS = """SELECT 'class{0}' AS dimension, coalesce(v.code, 'none') AS value, x.accounts, x.base_accounts FROM (SELECT class{0} AS id,
  sum(chosen) AS accounts, count(*) AS base_accounts FROM feature GROUP BY class{0}) AS x LEFT JOIN classification_value AS v ON v.id = x.id"""
_TEXT = "SELECT '{0}', coalesce({0}, 'none'), sum(chosen), count(*) FROM feature GROUP BY {0}"
_GROUPS = """SELECT 'item_group', b.item_group, sum(f.chosen), count(*) FROM bought AS b JOIN feature AS f ON f.id = b.account_id GROUP BY b.item_group
 UNION ALL SELECT 'item_group', 'none', sum(chosen), count(*) FROM feature WHERE invoices = 0 HAVING count(*) > 0"""
_QUARTERS = """SELECT '{name}', CASE WHEN f.{0} IS NULL THEN 'none' {zero} WHEN f.{0} <= q.q1 THEN 'Q1' WHEN f.{0} <= q.q2 THEN 'Q2'
    WHEN f.{0} <= q.q3 THEN 'Q3' ELSE 'Q4' END AS cell, sum(f.chosen), count(*) FROM feature AS f, (
  SELECT max(v) FILTER (WHERE part = 1) AS q1, max(v) FILTER (WHERE part <= 2) AS q2, max(v) FILTER (WHERE part <= 3) AS q3 FROM (
    SELECT {0} AS v, (row_number() OVER (ORDER BY {0}) - 1) * 4 / count(*) OVER () + 1 AS part FROM feature WHERE {known})) AS q GROUP BY cell"""
METRICS = {
    "turnover": "turnover(12m)", "invoices": "invoices(12m)", "margin": "margin(12m)", "silent": "days since last_invoice",
    "days": "days_to_pay(12m)", "owed": "outstanding", "late": "overdue",
}  # fmt: skip
_MEANT = frozenset({"silent", "days"})  # of which 0 is a value as any other
NAMES = ("profile of a tenth",)


def statement(field: int, code: str) -> str:
    """Return the statement for the accounts with a value of a class."""
    classes = ", ".join(f"a.class{n}" for n in range(1, 9))
    parts = [
        *(_CLASS.format(n) for n in range(1, 9)),
        *map(_TEXT.format, ("country", "manager", "sector", "status")),
        _GROUPS,
    ]
    for column, name in METRICS.items():
        known = f"{column} IS NOT NULL" if column in _MEANT else f"{column} <> 0"
        zero = "" if column in _MEANT else f"WHEN f.{column} = 0 THEN 'zero'"
        parts.append(_QUARTERS.format(column, name=name, known=known, zero=zero))
    value = f"(SELECT id FROM classification_value WHERE field = {field} AND code = '{code}')"
    return _FEATURES.format(field=field, value=value, classes=classes) + "\nUNION ALL ".join(parts)


def cases(ready: Ready) -> Iterator[Case]:
    """Yield the profile of a class value that a tenth of the accounts have, of all values and without the metrics."""
    field, code = filtered(ready, 0.1)
    answer = ready.folder / "profile.csv"

    def rows() -> Iterable[Sequence[str]]:
        with answer.open(newline="", encoding="utf-8") as file:
            yield from (tuple(row[name] for name in SHOWN) for row in csv.DictReader(file))

    ours = Contestant((SEGCLI, "-d", str(ready.database), "profile", f"--class{field}", code, "-o", str(answer)),
                      result=rows, environ=ENVIRON)  # fmt: skip
    yield Case("profile of a tenth", {OURS: ours, SHELL: shell(ready, statement(field, code))}, {SHELL: LIMIT})
