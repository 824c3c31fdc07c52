"""The 14 overviews as SQL that somebody who knows schema.sql would write by hand, for SQLite and for DuckDB.

Each gives the columns that `segcli show NAME -f csv` gives, in its order: on the benchmarks' day, of the accounts `a` that {keep}
keeps. Where one text does not serve both engines, DuckDB's stands apart: it has no summaries, and wants none.
"""

from typing import NamedTuple

DAY = "'2026-06-30'"


class Question(NamedTuple):
    """An overview and its SQL; words after the overview's name; DuckDB's own SQL where it is another one."""

    name: str
    sql: str
    duck: str = ""
    words: tuple[str, ...] = ()


_CODE = "length(a.code), a.code"
_CLASSES = ", ".join(f"v{n}.code AS class{n}" for n in range(1, 9))
_VALUES = "".join(f" LEFT JOIN classification_value AS v{n} ON v{n}.id = a.class{n}" for n in range(1, 9))
_WHY_NOT = f"""CASE WHEN a.is_blocked = 1 THEN 'account blocked' WHEN a.end_date < {DAY} THEN 'account ended'
  WHEN c.end_date < {DAY} THEN 'contact ended' WHEN a.is_mailing_excluded = 1 THEN 'account excluded'
  WHEN c.is_mailing_excluded = 1 THEN 'contact excluded' WHEN c.email IS NULL THEN 'no e-mail address'
  WHEN NOT (c.email GLOB '?*@?*.?*') OR c.email GLOB '*@*@*' OR c.email GLOB '*[ ,;<>]*' OR c.email GLOB '*.'
  THEN 'malformed e-mail address' WHEN u.why IS NOT NULL THEN 'same address: ' || u.why END"""
_ACCOUNT_WHY = f"""CASE WHEN y.is_blocked = 1 THEN 'account blocked' WHEN y.end_date < {DAY} THEN 'account ended'
  WHEN y.is_mailing_excluded = 1 THEN 'account excluded' END"""
# The addresses of all that may not be written to, whoever is selected.
_SUPPRESSED = f"""LEFT JOIN (SELECT lower(email) AS mail, min(why) AS why FROM (
  SELECT y.email, {_ACCOUNT_WHY} AS why FROM account AS y
  UNION ALL SELECT x.email, {_ACCOUNT_WHY} FROM account AS y JOIN contact AS x ON x.account_id = y.id
  UNION ALL SELECT x.email, CASE WHEN x.end_date < {DAY} THEN 'contact ended' WHEN x.is_mailing_excluded = 1 THEN 'contact excluded' END
    FROM contact AS x) AS found WHERE why IS NOT NULL AND email IS NOT NULL GROUP BY 1) AS u ON u.mail = lower(c.email)"""
_MONTHS = "CASE t.frequency WHEN 'monthly' THEN 1 WHEN 'quarterly' THEN 3 WHEN 'half-yearly' THEN 6 ELSE 12 END"
_DAYS_SQLITE = f"CAST(julianday({DAY}) - julianday({{}}) AS INTEGER)"
_DAYS_DUCK = f"date_diff('day', {{}}, DATE {DAY})"


_ACCOUNT_OVERVIEW = f"""
SELECT a.code, a.name, a.status, a.manager, a.country, {_CLASSES}, coalesce(people.contacts, 0), coalesce(sold.turnover, 0) / 100.0,
  coalesce(sold.turnover_before, 0) / 100.0, sold.last_invoice, coalesce(owed.outstanding, 0) / 100.0, coalesce(owed.overdue, 0) / 100.0,
  coalesce(run.subscriptions, 0), coalesce(run.monthly, 0) / 100.0, coalesce(asked.requests, 0)
  FROM account AS a
  LEFT JOIN (SELECT c.account_id, count(*) AS contacts FROM account AS a JOIN contact AS c ON c.account_id = a.id WHERE {{keep}} GROUP BY 1)
    AS people ON people.account_id = a.id
  LEFT JOIN (SELECT i.account_id, sum(i.open_amount) AS outstanding, sum(CASE WHEN i.due_date < {DAY} THEN i.open_amount ELSE 0 END) AS overdue
    FROM account AS a JOIN outstanding_item AS i ON i.account_id = a.id
   WHERE {{keep}} AND i.open_amount <> 0 AND i.invoice_date <= {DAY} GROUP BY 1) AS owed ON owed.account_id = a.id
  LEFT JOIN (SELECT i.account_id, max(CASE WHEN i.total_amount >= 0 THEN i.invoice_date END) AS last_invoice,
    sum(CASE WHEN i.invoice_date > '2025-06-30' THEN i.net_amount ELSE 0 END) AS turnover,
    sum(CASE WHEN i.invoice_date > '2024-06-30' AND i.invoice_date <= '2025-06-30' THEN i.net_amount ELSE 0 END) AS turnover_before
    FROM account AS a JOIN invoice AS i ON i.account_id = a.id
   WHERE {{keep}} AND i.kind = 'sales' AND i.status = 'processed' AND i.invoice_date <= {DAY} GROUP BY 1) AS sold ON sold.account_id = a.id
  LEFT JOIN (SELECT s.ordered_by_id AS account_id, count(DISTINCT s.id) AS subscriptions, sum(round(l.period_amount / 10000.0 / {_MONTHS})) AS monthly
    FROM account AS a JOIN subscription AS s ON s.ordered_by_id = a.id JOIN subscription_type AS t ON t.code = s.subscription_type
    JOIN subscription_line AS l ON l.subscription_id = s.id
   WHERE {{keep}} AND s.start_date <= {DAY} AND coalesce(s.end_date, '9999-12-31') >= {DAY} GROUP BY 1) AS run ON run.account_id = a.id
  LEFT JOIN (SELECT r.account_id, count(*) AS requests FROM account AS a JOIN request AS r ON r.account_id = a.id
   WHERE {{keep}} AND r.status IN (10, 20, 30) GROUP BY 1) AS asked ON asked.account_id = a.id{_VALUES}
 WHERE {{keep}} AND a.is_blocked = 0 AND coalesce(a.end_date, '9999-12-31') >= {DAY} ORDER BY {_CODE}"""

_AGEING = f"""
SELECT a.code, a.name, i.currency, sum(i.open_amount) / 100.0, sum(CASE WHEN i.due_date >= {DAY} THEN i.open_amount ELSE 0 END) / 100.0,
  sum(CASE WHEN i.due_date < {DAY} AND i.due_date >= '2026-05-31' THEN i.open_amount ELSE 0 END) / 100.0,
  sum(CASE WHEN i.due_date < '2026-05-31' AND i.due_date >= '2026-05-01' THEN i.open_amount ELSE 0 END) / 100.0,
  sum(CASE WHEN i.due_date < '2026-05-01' AND i.due_date >= '2026-04-01' THEN i.open_amount ELSE 0 END) / 100.0,
  sum(CASE WHEN i.due_date < '2026-04-01' THEN i.open_amount ELSE 0 END) / 100.0
  FROM account AS a JOIN outstanding_item AS i ON i.account_id = a.id
 WHERE {{keep}} AND i.open_amount <> 0 AND i.invoice_date <= {DAY}
 GROUP BY a.id, a.code, a.name, i.currency ORDER BY {_CODE}, i.currency"""

_OUTSTANDING = f"""
SELECT a.code, a.name, i.invoice_number, i.invoice_date, i.due_date, i.currency, i.amount / 100.0, (i.amount - i.open_amount) / 100.0,
  i.open_amount / 100.0, {{days}}, 0, NULL
  FROM account AS a JOIN outstanding_item AS i ON i.account_id = a.id
 WHERE {{{{keep}}}} AND i.open_amount <> 0 AND i.invoice_date <= {DAY}
 ORDER BY {_CODE}, i.invoice_date, length(i.invoice_number), i.invoice_number, i.term, i.id"""

BALANCE = f"""
WITH moved AS (
  SELECT i.account_id, i.currency, i.invoice_date AS day, i.amount, i.open_amount
    FROM outstanding_item AS i JOIN account AS a ON a.id = i.account_id WHERE {{keep}} AND i.invoice_date <= {DAY}
  UNION ALL
  SELECT i.account_id, i.currency, l.allocation_date, -l.amount, 0
    FROM account AS a JOIN outstanding_item AS i ON i.account_id = a.id JOIN allocation AS l ON l.item_id = i.id
   WHERE {{keep}} AND l.allocation_date <= {DAY}),
summed AS (SELECT account_id, currency, sum(CASE WHEN day < '2026-01-01' THEN amount ELSE 0 END) AS opening,
    sum(CASE WHEN day >= '2026-01-01' AND amount > 0 THEN amount ELSE 0 END) AS debit,
    sum(CASE WHEN day >= '2026-01-01' AND amount < 0 THEN -amount ELSE 0 END) AS credit, sum(open_amount) AS outstanding
  FROM moved GROUP BY account_id, currency)
SELECT a.code, a.name, s.currency, s.opening / 100.0, s.debit / 100.0, s.credit / 100.0, (s.opening + s.debit - s.credit) / 100.0, s.outstanding / 100.0
  FROM summed AS s JOIN account AS a ON a.id = s.account_id
 WHERE s.opening <> 0 OR s.debit <> 0 OR s.credit <> 0 OR s.outstanding <> 0 ORDER BY {_CODE}, s.currency"""

_HISTORY = """
SELECT i.invoice_number, i.invoice_date, i.due_date, a.code, a.name, i.status, i.currency, i.net_amount / 100.0, i.vat_amount / 100.0,
  i.total_amount / 100.0, i.sent_by,
  CASE WHEN (SELECT sum(o.open_amount) FROM outstanding_item AS o WHERE o.account_id = i.account_id AND o.invoice_number = i.invoice_number) = 0
  THEN (SELECT max(l.allocation_date) FROM outstanding_item AS o JOIN allocation AS l ON l.item_id = o.id
         WHERE o.account_id = i.account_id AND o.invoice_number = i.invoice_number) END
  FROM account AS a JOIN invoice AS i ON i.account_id = a.id WHERE {keep} AND i.kind = 'sales'
 ORDER BY i.invoice_date, length(i.invoice_number), i.invoice_number, i.id"""
_HISTORY_DUCK = """
WITH paid AS (SELECT o.account_id, o.invoice_number, sum(o.open_amount) AS open, max(l.day) AS day
  FROM account AS a JOIN outstanding_item AS o ON o.account_id = a.id
  LEFT JOIN (SELECT item_id, max(allocation_date) AS day FROM allocation GROUP BY item_id) AS l ON l.item_id = o.id WHERE {keep} GROUP BY 1, 2)
SELECT i.invoice_number, i.invoice_date, i.due_date, a.code, a.name, i.status, i.currency, i.net_amount / 100.0, i.vat_amount / 100.0,
  i.total_amount / 100.0, i.sent_by, CASE WHEN p.open = 0 THEN p.day END
  FROM account AS a JOIN invoice AS i ON i.account_id = a.id LEFT JOIN paid AS p ON p.account_id = i.account_id AND p.invoice_number = i.invoice_number
 WHERE {keep} AND i.kind = 'sales' ORDER BY i.invoice_date, length(i.invoice_number), i.invoice_number, i.id"""


def analysis(kind: str, keys: str, order: str, counted: str = "all_invoices", joins: str = "") -> str:
    """Return sums of invoice lines by account or anything else, from the summaries of schema.sql."""
    return f"""
SELECT {keys}, x.currency, sum(x.quantity) / 1000000.0, round(sum(x.net_amount) / 1000000.0, 2),
  CASE WHEN sum(x.net_amount) <> sum(x.uncosted_amount) OR sum(x.uncosted_lines) = 0 THEN round(sum(x.cost_amount) / 1000000.0, 2) END,
  CASE WHEN sum(x.net_amount) <> sum(x.uncosted_amount) OR sum(x.uncosted_lines) = 0 THEN round(sum(x.net_amount - x.uncosted_amount - x.cost_amount) / 1000000.0, 2) END,
  sum(x.{counted})
  FROM account AS a JOIN invoice_summary AS x ON x.account_id = a.id{joins}
 WHERE {{keep}} AND x.kind = '{kind}' GROUP BY {keys}, x.currency ORDER BY x.currency, {order}"""


def lines(kind: str, keys: str, order: str, joins: str = "") -> str:
    """Return the same from the lines."""
    return f"""
SELECT {keys}, i.currency, sum(l.quantity) / 1000000.0, round(sum(l.net_amount) / 1000000.0, 2), round(sum(l.cost_amount) / 1000000.0, 2),
  round(sum(l.net_amount - l.cost_amount) / 1000000.0, 2), count(DISTINCT i.id)
  FROM account AS a JOIN invoice AS i ON i.ordered_by_id = a.id JOIN invoice_line AS l ON l.invoice_id = i.id{joins}
 WHERE {{keep}} AND i.kind = '{kind}' AND i.status = 'processed' GROUP BY {keys}, i.currency ORDER BY i.currency, {order}"""


_BY_ACCOUNT = ("a.code, a.name", f"5 DESC, {_CODE}")
_MARKETING = f"""
WITH allowed AS (
  SELECT c.id, a.code, a.name, c.name AS contact, c.job_title, trim(c.email) AS email, c.language, c.is_main_contact, c.consent_source, c.consent_date,
    coalesce(c.consent_basis, CASE WHEN EXISTS (SELECT 1 FROM invoice AS i WHERE i.account_id = a.id AND i.kind = 'sales' AND i.status = 'processed'
      AND i.invoice_date > '2023-06-30' AND i.invoice_date <= {DAY}) THEN 'customer' END) AS basis
    FROM account AS a JOIN contact AS c ON c.account_id = a.id {_SUPPRESSED} WHERE {{keep}} AND {_WHY_NOT} IS NULL),
ranked AS (SELECT *, row_number() OVER (PARTITION BY lower(email) ORDER BY is_main_contact DESC, id) AS place FROM allowed)
SELECT a.email, a.contact, a.code, a.name, a.job_title, a.language, a.basis, a.consent_source, a.consent_date
  FROM ranked AS a WHERE place = 1 ORDER BY {_CODE}, a.email"""

_SUBSCRIPTIONS = f"""
SELECT s.subscription_number, a.code, a.name, s.subscription_type,
  CASE WHEN s.start_date > {DAY} THEN 'upcoming' WHEN s.end_date < {DAY} THEN 'ended' WHEN s.end_date <= '2026-07-30' THEN 'to renew' ELSE 'running' END,
  s.start_date, s.end_date, l.invoiced_to, s.currency,
  CASE WHEN s.start_date <= {DAY} AND coalesce(s.end_date, '9999-12-31') >= {DAY} THEN round(l.amount / 10000.0 / {_MONTHS}) ELSE 0 END / 100.0,
  CASE WHEN s.start_date <= {DAY} AND coalesce(s.end_date, '9999-12-31') >= {DAY} THEN round(l.amount * 12 / 10000.0 / {_MONTHS}) ELSE 0 END / 100.0
  FROM account AS a JOIN subscription AS s ON s.ordered_by_id = a.id JOIN subscription_type AS t ON t.code = s.subscription_type
  JOIN (SELECT subscription_id, sum(period_amount) AS amount, max(invoiced_to_date) AS invoiced_to FROM subscription_line
         WHERE subscription_id IN (SELECT s.id FROM subscription AS s JOIN account AS a ON a.id = s.ordered_by_id WHERE {{keep}})
         GROUP BY 1) AS l ON l.subscription_id = s.id
 WHERE {{keep}} ORDER BY {_CODE}, length(s.subscription_number), s.subscription_number"""

_REQUESTS = f"""
SELECT r.request_number, r.type, CASE r.status WHEN 20 THEN 'open' WHEN 40 THEN 'realised' END, r.description, a.code, a.name, c.name, r.assignee,
  r.request_date, r.due_date, CASE WHEN r.status IN (10, 20, 30) AND r.due_date < {DAY} THEN {{days}} END, r.closed_date
  FROM account AS a JOIN request AS r ON r.account_id = a.id LEFT JOIN contact AS c ON c.id = r.contact_id
 WHERE {{{{keep}}}} ORDER BY r.request_date, length(r.request_number), r.request_number"""

QUESTIONS = (
    Question("account-search", f"""
SELECT a.code, a.name, a.status, a.city, a.country, a.email, a.phone FROM account AS a
 WHERE {{keep}} AND a.is_blocked = 0 AND (a.end_date IS NULL OR a.end_date >= {DAY}) ORDER BY a.name COLLATE NOCASE, {_CODE}"""),
    Question("contact-search", f"""
SELECT c.code, c.name, c.job_title, c.email, c.phone, c.mobile, a.code, a.name FROM account AS a JOIN contact AS c ON c.account_id = a.id
 WHERE {{keep}} AND a.is_blocked = 0 AND coalesce(a.end_date, '9999-12-31') >= {DAY} AND coalesce(c.end_date, '9999-12-31') >= {DAY}
 ORDER BY c.name COLLATE NOCASE, {_CODE}, c.id"""),
    Question("account-overview", _ACCOUNT_OVERVIEW),
    Question("contact-overview", f"""
SELECT a.code, a.name, c.code, c.name, c.job_title, c.is_main_contact, c.email, c.phone, c.mobile, CASE WHEN {_WHY_NOT} IS NULL THEN 1 ELSE 0 END,
  {_WHY_NOT}, r.day FROM account AS a JOIN contact AS c ON c.account_id = a.id {_SUPPRESSED}
  LEFT JOIN (SELECT contact_id, max(request_date) AS day FROM request WHERE contact_id IS NOT NULL AND request_date <= {DAY} GROUP BY 1) AS r ON r.contact_id = c.id
 WHERE {{keep}} AND coalesce(c.end_date, '9999-12-31') >= {DAY} ORDER BY {_CODE}, c.is_main_contact DESC, c.name COLLATE NOCASE, c.id"""),
    Question("marketing-list", _MARKETING),
    Question("transaction-search", """
SELECT t.entry_date, j.code, e.entry_number, g.code, a.code, a.name, t.description, t.invoice_number,
  CASE WHEN t.amount > 0 THEN t.amount / 100.0 END, CASE WHEN t.amount < 0 THEN -t.amount / 100.0 END, t.currency, t.foreign_amount
  FROM account AS a JOIN transaction_line AS t ON t.account_id = a.id JOIN entry AS e ON e.id = t.entry_id JOIN journal AS j ON j.id = e.journal_id
  JOIN gl_account AS g ON g.id = t.gl_account_id WHERE {keep}
 ORDER BY t.entry_date, length(j.code), j.code, length(e.entry_number), e.entry_number, t.line_number"""),
    Question("outstanding-items", _OUTSTANDING.format(days=_DAYS_SQLITE.format("i.due_date")), _OUTSTANDING.format(days=_DAYS_DUCK.format("i.due_date"))),
    Question("debtor-ageing", _AGEING),
    Question("debtor-balance", BALANCE),
    Question("invoice-history", _HISTORY, _HISTORY_DUCK),
    Question("sales-analysis", analysis("sales", *_BY_ACCOUNT), lines("sales", *_BY_ACCOUNT)),
    Question("purchase-analysis", analysis("purchase", *_BY_ACCOUNT), lines("purchase", *_BY_ACCOUNT)),
    Question("subscription-search", _SUBSCRIPTIONS),
    Question("request-search", _REQUESTS.format(days=_DAYS_SQLITE.format("r.due_date")), _REQUESTS.format(days=_DAYS_DUCK.format("r.due_date"))),
)  # fmt: skip

_JOIN = " JOIN item AS m ON m.id = {s}.item_id LEFT JOIN classification_value AS v2 ON v2.id = a.class2"
_SUMMARY_CUBE = analysis(
    "sales", "x.month, m.item_group, v2.code", "x.month, 6 DESC, 2, 3", "group_invoices", _JOIN.format(s="x")
)
LINES_CUBE = lines(
    "sales", "strftime(i.invoice_date, '%Y-%m'), m.item_group, v2.code", "1, 6 DESC, 2, 3", _JOIN.format(s="l")
)
BALANCE_BY_CLASS = f"""
WITH balance AS ({BALANCE.rpartition(" ORDER BY ")[0]})
SELECT v.code, v.description, b.currency, count(DISTINCT b.code), sum(b.opening), sum(b.debit), sum(b.credit), sum(b.closing), sum(b.outstanding)
  FROM balance AS b (code, name, currency, opening, debit, credit, closing, outstanding) JOIN account AS a ON a.code = b.code
  LEFT JOIN classification_value AS v ON v.id = a.class1
 GROUP BY v.code, v.description, b.currency ORDER BY v.code IS NULL, length(v.code), v.code, b.currency"""
SALES_BY_GROUP = lines("sales", "m.item_group", "5 DESC, 1", " JOIN item AS m ON m.id = l.item_id")
UNFILTERED = (
    Question("debtor-ageing", _AGEING),
    Question("outstanding-items", QUESTIONS[6].sql, QUESTIONS[6].duck),
    Question("debtor-balance", BALANCE),
    Question("sales-analysis", _SUMMARY_CUBE, LINES_CUBE, ("--group-by", "month,item_group,class2")),
)
