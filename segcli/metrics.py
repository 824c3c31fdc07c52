"""The metrics of --where: what an account bought, owes, pays, has and asks, as of a day and over windows. Pure.

A metric is an SQL expression on `account AS a` with its bound values. A window (D - 12 months, D] leaves its first day out and
holds its last. Sums and counts are 0 where there is nothing, dates and averages empty. Money is in the smallest unit of
the administration's currency; what is in another one is left out.
"""

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import NamedTuple

from segcli.clause import Clause
from segcli.dates import add_months
from segcli.requesting import IS_OPEN
from segcli.subscribing.terms import LAST_DAY, monthly_on

_OWN = "(SELECT currency FROM administration)"
_SOLD = "invoice AS i WHERE i.account_id = a.id AND i.kind = 'sales' AND i.status = 'processed'"
_IN = "i.invoice_date > :first AND i.invoice_date <= :day"
_ITEMS = f"outstanding_item AS o WHERE o.account_id = a.id AND o.currency = {_OWN}"
_HAS = "subscription AS s LEFT JOIN subscription_type AS t ON t.code = s.subscription_type WHERE s.ordered_by_id = a.id"
_PART = re.compile(r"(:first\b|:day\b)")
_WINDOW = re.compile(r"(\d{1,4})([dwmqy])", re.ASCII | re.IGNORECASE)
_MONTHS = {"m": 1, "q": 3, "y": 12}


class Metric(NamedTuple):
    """What can be asked of an account: its type, what it is, and its SQL."""

    kind: str  # money, number or date
    text: str
    sql: str

    @property
    def has_window(self) -> bool:
        """Tell whether it looks at a window."""
        return ":first" in self.sql


def _sum(value: str, source: str) -> str:
    return f"coalesce((SELECT sum({value}) FROM {source}), 0)"


def _count(source: str) -> str:
    return f"(SELECT count(*) FROM {source})"


CATALOGUE: Mapping[str, Metric] = {
    "turnover": Metric(
        "money",
        "invoiced without VAT, credit notes less",
        _sum("i.net_amount", f"{_SOLD} AND i.currency = {_OWN} AND {_IN}"),
    ),
    "margin": Metric(
        "money",
        "turnover less cost",
        f"""coalesce((SELECT CAST(round(sum(l.net_amount - coalesce(l.cost_amount, 0)) / 10000.0) AS INTEGER) FROM invoice AS i
              JOIN invoice_line AS l ON l.invoice_id = i.id WHERE i.account_id = a.id AND i.kind = 'sales' AND i.status = 'processed'
               AND i.currency = {_OWN} AND {_IN}), 0)""",
    ),
    "invoices": Metric("number", "processed sales invoices", _count(f"{_SOLD} AND i.total_amount >= 0 AND {_IN}")),
    "credits": Metric("number", "processed credit notes", _count(f"{_SOLD} AND i.total_amount < 0 AND {_IN}")),
    "last_invoice": Metric(
        "date", "day of the last invoice", f"(SELECT max(i.invoice_date) FROM {_SOLD} AND i.invoice_date <= :day)"
    ),
    "first_invoice": Metric(
        "date", "day of the first invoice", f"(SELECT min(i.invoice_date) FROM {_SOLD} AND i.invoice_date <= :day)"
    ),
    "outstanding": Metric(
        "money",
        "what it owes, receipts less",
        f"""(coalesce((SELECT sum(o.amount) FROM {_ITEMS} AND o.invoice_date <= :day), 0) - coalesce((SELECT sum(l.amount)
              FROM outstanding_item AS o JOIN allocation AS l ON l.item_id = o.id WHERE o.account_id = a.id AND o.currency = {_OWN}
               AND l.allocation_date <= :day), 0))""",
    ),
    "overdue": Metric(
        "money",
        "what it owes past its due date; (30d): for more than 30 days",
        _sum(
            "o.amount - coalesce((SELECT sum(l.amount) FROM allocation AS l WHERE l.item_id = o.id AND l.allocation_date <= :day), 0)",
            f"{_ITEMS} AND o.invoice_date <= :day AND coalesce(o.due_date, o.invoice_date) < :first",
        ),
    ),
    "days_to_pay": Metric(
        "number",
        "days from invoice to last payment, on average, of what is paid",
        f"""(SELECT avg(julianday((SELECT max(l.allocation_date) FROM allocation AS l WHERE l.item_id = o.id)) - julianday(o.invoice_date))
              FROM {_ITEMS} AND o.amount > 0 AND o.open_amount = 0 AND o.invoice_date > :first AND o.invoice_date <= :day)""",
    ),
    "subscriptions": Metric(
        "number",
        "running subscriptions",
        _count(f"{_HAS} AND s.start_date <= :day AND coalesce({LAST_DAY}, '9999') >= :day"),
    ),
    "recurring": Metric(
        "money", "what its subscriptions bring a month", _sum(monthly_on(":day"), f"{_HAS} AND s.currency = {_OWN}")
    ),
    "contacts": Metric(
        "number",
        "contacts that did not end",
        _count("contact AS c WHERE c.account_id = a.id AND coalesce(c.end_date, '9999') >= :day"),
    ),
    "requests": Metric(
        "number",
        "requests that came in",
        _count("request AS r WHERE r.account_id = a.id AND r.request_date > :first AND r.request_date <= :day"),
    ),
    "open_requests": Metric(
        "number",
        "requests with something left to do",
        _count(f"request AS r WHERE r.account_id = a.id AND {IS_OPEN} AND r.request_date <= :day"),
    ),
}


def expression(name: str, window: str, day: date) -> Clause:
    """Return a metric's SQL and what is bound in it, in the order of its question marks. A wrong window is a ValueError."""
    metric = CATALOGUE[name]
    if window and not metric.has_window:
        raise ValueError(f"{name} takes no window")
    values = {
        ":first": _first(name, window.lower(), day) if metric.has_window else "",
        ":day": _last(window.lower(), day),
    }
    parts = _PART.split(metric.sql)
    return Clause(
        "".join("?" if part in values else part for part in parts), tuple(values[p] for p in parts if p in values)
    )


def _first(name: str, word: str, day: date) -> str:
    """Return the day before the first one of a window; of overdue the day before which it had to be paid."""
    if not word:
        return str(day) if name == "overdue" else "0000"
    if word == "ytd":
        return str(day.replace(month=1, day=1) - timedelta(days=1))
    if word == "last_year":
        return str(date(day.year - 1, 1, 1) - timedelta(days=1))
    match = _WINDOW.fullmatch(word)
    if not match:
        raise ValueError(f"'{word}' is no window: write 90d, 4w, 12m, 2q, 3y, ytd or last_year")
    return str(before(day, int(match[1]), match[2]))


def _last(word: str, day: date) -> str:
    return str(date(day.year - 1, 12, 31)) if word == "last_year" else str(day)


def before(day: date, number: int, unit: str) -> date:
    """Return the day so many days, weeks, months, quarters or years before, the last of its month where that is shorter."""
    if unit in _MONTHS:
        return add_months(day, -number * _MONTHS[unit])
    return day - timedelta(days=number * (7 if unit == "w" else 1))
