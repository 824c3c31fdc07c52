"""Subscriptions: number, type, status, dates, the day up to which they are invoiced, and recurring value.

The status is that of the as-of day: upcoming, running, to renew (its end is within the notice period of its type),
cancelled or ended; the first and the last day are included. Values are those of that day, without VAT and one-time
lines; a year is 12 months or 52 weeks. A subscription that does not run on that day has no value. --from, --to and
--period keep the subscriptions that run on one of these days. --movements shows how the monthly value changed between
the day before the first and the last day (default: the year of the as-of day up to that day): opening + new + grown +
shrunk + lost = closing. Subscriptions belong to the account that ordered; --role selects by another role.
"""

from segcli.base import dates
from segcli.domain.subscriptions.terms import (
    FREQUENCY,
    FREQUENCY_COUNT,
    LAST_DAY,
    TIMING,
    TYPE,
    monthly_on,
    per_months,
    value_on,
)
from segcli.domain.table import Chart, Column, Overview
from segcli.overviews.parts import subscriptions as shared
from segcli.query.compose import Request

AREA = "Subscriptions and requests"
PARAMETERS = (*shared.FILTERS, "unprinted", "movements", "chart")
EXAMPLES = (
    "segcli show subscription-search --state 'running,to renew' --group-by class1",
    "segcli show subscription-search --movements --period 2026Q1 --group-by class1 --chart -f plain",
)
COLUMNS = (
    Column("subscription", "code"),
    Column("account", "code"),
    Column("name"),
    Column("type"),
    Column("status"),
    Column("start_date", "date", "Start"),
    Column("end_date", "date", "End"),
    Column("invoiced_to", "date"),
    Column("currency"),
    Column("monthly_value", "money", "A month", total="sum"),
    Column("yearly_value", "money", "A year", total="sum"),
    Column("description", is_extra=True),
    Column("cancellation_date", "date", "Cancelled to", is_extra=True),
    Column("frequency", is_extra=True),
    Column("frequency_count", "integer", is_extra=True),
    Column("timing", is_extra=True),
    Column("invoice_day", "integer", is_extra=True),
    Column("is_blocked", "flag", "Blocked", is_extra=True),
    Column("printed_date", "date", is_extra=True),
    Column("lines", "integer", is_extra=True),
    Column("invoice_to", "code", is_extra=True),
    Column("ordered_by", "code", is_extra=True),
    Column("payment_condition", "code", is_extra=True),
    Column("your_reference", is_extra=True),
)
MOVEMENTS = (
    Column("subscription", "code"),
    Column("account", "code"),
    Column("name"),
    Column("status"),
    Column("type", is_extra=True),
    Column("currency"),
    *(Column(name, "money", total="sum") for name in ("opening", "new", "grown", "shrunk", "lost", "closing")),
)  # fmt: skip


def overview(request: Request) -> Overview:
    """Return the subscriptions, or with --movements the changes of their value."""
    return _movements(request) if request.values.get("movements") else _list(request)


def _list(request: Request) -> Overview:
    asked, values = shared.condition(request)
    if request.start or request.end:
        asked += f" AND s.start_date <= :end AND coalesce({LAST_DAY}, '9999') >= :start"
        values |= {"start": str(request.start or "0000"), "end": str(request.end or "9999")}
    count = f"({FREQUENCY_COUNT})"
    year = per_months("period_value", 12, "frequency", "frequency_count")
    month = per_months("period_value", 1, "frequency", "frequency_count")
    return Overview(
        columns=COLUMNS,
        keeps=("account", "status", "monthly_value"),
        counts="subscriptions",
        sql=f"""SELECT *, {month} AS monthly_value, {year} AS yearly_value FROM (
          SELECT x.id AS account_id, x.account, x.name, s.subscription_number AS subscription, {TYPE} AS type,
                 {shared.STATUS} AS status, s.start_date, s.end_date, s.currency, s.description, s.cancellation_date,
                 {FREQUENCY} AS frequency, {count} AS frequency_count, {TIMING} AS timing, s.invoice_day, s.is_blocked, s.printed_date,
                 (SELECT max(l.invoiced_to_date) FROM subscription_line AS l WHERE l.subscription_id = s.id) AS invoiced_to,
                 (SELECT count(*) FROM subscription_line AS l WHERE l.subscription_id = s.id) AS lines,
                 (SELECT code FROM account WHERE id = s.account_id) AS invoice_to,
                 (SELECT code FROM account WHERE id = s.ordered_by_id) AS ordered_by, s.payment_condition, s.your_reference,
                 {value_on(":as_of")} AS period_value
            FROM {shared.source(request)} WHERE {asked})""",
        sort=("account", "subscription"),
        values=values,
        caption="recurring value without VAT on that day",
        chart=Chart(("monthly_value",), label=("account", "name", "subscription")),
        expects=shared.expected(request),
    )


def _movements(request: Request) -> Overview:
    asked, values = shared.condition(request)
    last = dates.earlier(request.end, request.known) or request.as_of
    first = request.start or last.replace(month=1, day=1)
    values |= {"before": shared.day_before(first), "last": str(last), "as_of": str(last)}
    return Overview(
        columns=MOVEMENTS,
        keeps=("account", "opening", "closing"),
        counts="subscriptions",
        sql=f"""SELECT *, CASE WHEN opening = 0 THEN closing ELSE 0 END AS new,
                 CASE WHEN opening <> 0 AND closing > opening THEN closing - opening ELSE 0 END AS grown,
                 CASE WHEN closing <> 0 AND opening <> 0 AND closing < opening THEN closing - opening ELSE 0 END AS shrunk,
                 CASE WHEN closing = 0 THEN -opening ELSE 0 END AS lost
          FROM (SELECT x.id AS account_id, x.account, x.name, s.subscription_number AS subscription, {shared.STATUS} AS status,
                       {TYPE} AS type, s.currency, {monthly_on(":before")} AS opening,
                       {monthly_on(":last")} AS closing
                  FROM {shared.source(request)} WHERE {asked})
         WHERE opening <> 0 OR closing <> 0""",
        sort=("account", "subscription"),
        values=values,
        caption=f"value a month from the end of {values['before']} to the end of {last}",
        chart=Chart(("new", "grown", "shrunk", "lost"), "stacked", ("account", "name", "subscription")),
        expects=shared.expected(request),
    )
