"""The metrics of --where: an account's sales, purchases, debts, subscriptions, contacts and requests. Pure data.

Each metric is one aggregate over the rows of one source. Without rows, sums and counts are 0, dates, averages and quotients are empty.
Amounts of all currencies are added up in the administration's currency, by the base amount of each document. If a document
has no base amount (no exchange rate), the metric is empty. Sources have no rows after the as-of day. metric_sql.py compiles
metrics to SQL.
"""

from collections.abc import Mapping
from typing import NamedTuple

from segcli.domain.requests import open_on
from segcli.domain.subscriptions.terms import JOIN_TYPE, LAST_DAY, monthly_on
from segcli.storage import exchange
from segcli.storage.summaries import NET, in_base

_WITHIN = "f.date > :first AND f.date <= :day"
_UNTIL = "f.date <= :day"
_BOUGHT = "f.amount >= 0"  # credit notes do not count as purchases


class Source(NamedTuple):
    """Rows of one fact table up to the as-of day, `:as_of`; `{one}` is the place for the condition on one account."""

    sql: str
    account: str
    fields: Mapping[str, str]  # the columns that `where` inside a metric can use, with their types


class Metric(NamedTuple):
    """A metric of an account: its type, its description, and the aggregate over `source AS f`."""

    kind: str  # money, number, date or period
    text: str
    source: str
    aggregate: str  # sum, count, min, max or avg
    value: str
    condition: str = ""  # on the rows; the window is :first (exclusive) to :day (inclusive)
    lines: str = ""  # the value from the source's lines, if `where` uses a field that only lines have
    per: str = ""  # the count that the aggregate is divided by, rounded once; empty where it is 0
    lacks: str = ""  # an aggregate, not 0 if a row has no base amount; contains `{filter}`
    part: str = ""  # the part of a date that is the value: month, quarter or year

    @property
    def has_window(self) -> bool:
        """Tell whether the metric takes a window."""
        return ":first" in self.condition


def _any_without(value: str) -> str:
    """Return the aggregate that is 1 if a row lacks the value."""
    return f"max(CASE WHEN {value} IS NULL THEN 1 ELSE 0 END){{filter}}"


_HEAD = {
    "number": "text",
    "date": "date",
    "currency": "text",
    "amount": "money",
    "reference": "text",
    "journal": "text",
}
_INVOICE = """i.invoice_date AS date, i.invoice_number AS number, i.currency, i.total_amount AS amount, i.your_reference AS reference,
 i.journal"""


def _invoices(kind: str) -> str:
    return f"""SELECT i.account_id, i.base_revenue_amount AS net, {_INVOICE} FROM invoice AS i
 WHERE i.kind = '{kind}' AND i.status = 'processed' AND i.invoice_date <= :as_of {{one}}"""


def _lines(kind: str) -> str:
    return f"""SELECT i.account_id, {_INVOICE}, {in_base(NET)} AS line_net, {in_base("l.cost_amount")} AS line_cost,
       l.quantity / 1e6 AS quantity, l.description, t.code AS item, t.item_group
  FROM invoice AS i LEFT JOIN invoice_line AS l ON l.invoice_id = i.id LEFT JOIN item AS t ON t.id = l.item_id
 WHERE i.kind = '{kind}' AND i.status = 'processed' AND i.invoice_date <= :as_of {{one}}"""


_LINE = {**_HEAD, "item": "text", "item_group": "text", "description": "text", "quantity": "number"}
_TERM = {"number": "text", "currency": "text", "due": "date", "disputed": "flag", "payment_condition": "text"}
_DUE = "coalesce(o.due_date, o.invoice_date)"
_ITEM = f"CASE WHEN o.currency = {exchange.OWN} THEN o.amount ELSE o.base_amount END"
_LACKING = f"CASE WHEN o.currency = {exchange.OWN} OR o.base_amount IS NOT NULL THEN 0 ELSE o.amount END"
SOURCES: Mapping[str, Source] = {
    "invoice": Source(_invoices("sales"), "i.account_id", _HEAD),
    "invoice_line": Source(_lines("sales"), "i.account_id", _LINE),
    "purchase": Source(_invoices("purchase"), "i.account_id", _HEAD),
    "purchase_line": Source(_lines("purchase"), "i.account_id", _LINE),
    # Open amount = invoiced less paid, each on its own day. The exchange difference of a foreign item is booked on the day
    # of its last payment. `missing` is the amount without a base amount.
    "term": Source(
        f"""SELECT o.account_id, o.invoice_date AS issued, o.invoice_date AS date, {_DUE} AS due, o.currency,
       {_ITEM} AS value, {_LACKING} AS missing, o.invoice_number AS number, o.is_disputed AS disputed, o.payment_condition
  FROM outstanding_item AS o WHERE o.invoice_date <= :as_of {{one}}
 UNION ALL
SELECT o.account_id, o.invoice_date, l.allocation_date, {_DUE}, o.currency,
       -CASE WHEN o.currency = {exchange.OWN} THEN l.amount ELSE l.base_amount END, -{_LACKING.replace("o.amount", "l.amount")},
       o.invoice_number, o.is_disputed, o.payment_condition
  FROM outstanding_item AS o JOIN allocation AS l ON l.item_id = o.id WHERE l.allocation_date <= :as_of {{one}}
 UNION ALL
SELECT min(o.account_id), min(o.invoice_date),
       CASE WHEN max(l.allocation_date) > min(o.invoice_date) THEN max(l.allocation_date) ELSE min(o.invoice_date) END,
       min({_DUE}), min(o.currency), sum(l.base_amount) - min(o.base_amount), 0, min(o.invoice_number), min(o.is_disputed),
       min(o.payment_condition)
  FROM outstanding_item AS o JOIN allocation AS l ON l.item_id = o.id
 WHERE (o.base_amount IS NOT o.amount OR o.is_base_derived = 1) AND o.base_amount IS NOT NULL AND o.invoice_date <= :as_of
   AND l.allocation_date <= :as_of {{one}} GROUP BY o.id HAVING sum(l.amount) = min(o.amount)""",
        "o.account_id",
        _TERM,
    ),
    "paid_term": Source(
        """SELECT o.account_id, o.invoice_date AS date, coalesce(o.due_date, o.invoice_date) AS due, o.currency, o.amount,
       o.invoice_number AS number, o.is_disputed AS disputed, o.payment_condition, julianday((SELECT max(l.allocation_date)
         FROM allocation AS l WHERE l.item_id = o.id AND l.allocation_date <= :as_of)) - julianday(o.invoice_date) AS days
  FROM outstanding_item AS o WHERE o.amount > 0 AND o.invoice_date <= :as_of AND o.amount =
       (SELECT sum(l.amount) FROM allocation AS l WHERE l.item_id = o.id AND l.allocation_date <= :as_of) {one}""",
        "o.account_id",
        {**_TERM, "date": "date", "amount": "money"},
    ),
    "subscription": Source(
        f"""SELECT s.ordered_by_id AS account_id, s.start_date AS date, {LAST_DAY} AS last, s.currency, s.subscription_number AS number,
       s.subscription_type AS type, s.is_blocked AS blocked,
       {exchange.in_base(monthly_on(":as_of"), "s.currency", ":as_of")} AS monthly
  FROM subscription AS s {JOIN_TYPE} WHERE TRUE {{one}}""",
        "s.ordered_by_id",
        {"number": "text", "type": "text", "date": "date", "currency": "text", "blocked": "flag"},
    ),
    "contact": Source(
        """SELECT c.account_id, coalesce(c.end_date, '9999') AS date, c.job_title, c.language, c.email, c.is_main_contact AS main,
       c.consent_basis AS consent FROM contact AS c WHERE TRUE {one}""",
        "c.account_id",
        {"job_title": "text", "language": "text", "email": "text", "main": "flag", "consent": "text"},
    ),
    "request": Source(
        f"""SELECT r.account_id, r.request_date AS date, r.type, r.description, r.assignee, {open_on(":as_of")} AS is_open
  FROM request AS r WHERE r.account_id IS NOT NULL AND r.request_date <= :as_of {{one}}""",
        "r.account_id",
        {"type": "text", "description": "text", "assignee": "text", "date": "date"},
    ),
}
# With amounts in 1/10,000 of the minor unit.
FINE_SOURCES = frozenset({"invoice", "invoice_line", "purchase", "purchase_line"})
LINES = {"invoice": "invoice_line", "purchase": "purchase_line"}
_NO_ITEM = "coalesce(sum(f.missing){filter}, 0)"
_NO_NET, _NO_LINE = _any_without("f.net"), _any_without("f.line_net")

CATALOGUE: Mapping[str, Metric] = {
    "turnover": Metric(
        "money", "revenue: invoiced without VAT, credit notes less", "invoice", "sum", "f.net", _WITHIN, lines="f.line_net", lacks=_NO_NET
    ),
    "margin": Metric(
        "money", "revenue less cost, of the lines whose cost is known; empty where none is", "invoice_line", "sum",
        "f.line_net - f.line_cost", _WITHIN, lacks=_NO_LINE,
    ),
    "invoices": Metric(
        "number", "processed sales invoices", "invoice", "count", "f.number", f"{_BOUGHT} AND {_WITHIN}", "f.number"
    ),
    "average_order": Metric(
        "money", "turnover per invoice; empty without an invoice", "invoice", "sum", "f.net", _WITHIN, lines="f.line_net",
        per=f"CASE WHEN {_BOUGHT} THEN f.number END", lacks=_NO_NET,
    ),
    "credits": Metric(
        "number", "processed credit notes", "invoice", "count", "f.number", f"f.amount < 0 AND {_WITHIN}", "f.number"
    ),
    "quantity": Metric("number", "units invoiced, less returns", "invoice_line", "sum", "f.quantity", _WITHIN),
    "last_invoice": Metric(
        "date", "day of the last invoice; a credit note is not one", "invoice", "max", "f.date", f"{_BOUGHT} AND {_UNTIL}", "f.date"
    ),
    "first_invoice": Metric(
        "date", "day of the first invoice; a credit note is not one", "invoice", "min", "f.date", f"{_BOUGHT} AND {_UNTIL}", "f.date"
    ),
    **{name: Metric(
        "period", f"{part} of the first invoice, such as {like}", "invoice", "min", "f.date", f"{_BOUGHT} AND {_UNTIL}", "f.date", part=part
    ) for name, part, like in (("cohort", "month", "2025-03"), ("cohort_quarter", "quarter", "2025Q1"), ("cohort_year", "year", "2025"))},
    "purchases": Metric(
        "money", "bought from it, without VAT", "purchase", "sum", "f.net", _WITHIN, lines="f.line_net", lacks=_NO_NET
    ),
    "outstanding": Metric("money", "what it owes, receipts less", "term", "sum", "f.value", _UNTIL, lacks=_NO_ITEM),
    "overdue": Metric(
        "money", "what it owes past its due date; (30d): for more than 30 days", "term", "sum", "f.value",
        f"f.issued <= :day AND {_UNTIL} AND f.due < :first", lacks=_NO_ITEM,
    ),
    "days_to_pay": Metric(
        "number", "days from invoice to last payment, on average, of what was paid by then", "paid_term", "avg", "f.days", _WITHIN
    ),
    "subscriptions": Metric(
        "number", "running subscriptions", "subscription", "count", "f.number", f"{_UNTIL} AND coalesce(f.last, '9999') >= :day"
    ),
    "recurring": Metric("money", "what its subscriptions bring a month", "subscription", "sum", "f.monthly",
                        lacks=_any_without("f.monthly")),
    "contacts": Metric("number", "contacts that did not end", "contact", "count", "f.date", "f.date >= :day"),
    "requests": Metric("number", "requests that came in", "request", "count", "f.date", _WITHIN),
    "open_requests": Metric(
        "number", "requests with something left to do", "request", "count", "f.date", f"f.is_open AND {_UNTIL}"
    ),
}  # fmt: skip
ALIASES = {"mrr": "recurring", "recurring_value": "recurring"}
