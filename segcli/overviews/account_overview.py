"""One line per account: who it is, what it bought, what it owes.

turnover is without VAT over the processed invoices of the 12 months up to and including the as-of day, and of the
12 before; outstanding, overdue and open_requests are as of that day. last_invoice is the day of the last invoice up to it; a
credit note is not a purchase. Amounts are in the administration's currency; what is in another currency is left out here
and stands in outstanding-items and invoice-history. Subscriptions are those that run on that day and that the account
ordered, with their value a month. With an account's code: its card.
"""

from segcli.dates import add_months
from segcli.overview import Card, Column, Overview, Part
from segcli.overviews._outstanding import outstanding
from segcli.query import Request
from segcli.requesting import open_on
from segcli.subscribing.terms import LAST_DAY, monthly_on

AREA = "Accounts and contacts"
PARAMETERS = ("code", "inactive")
EXAMPLES = (
    "segcli show account-overview --class1 N --sort -turnover --limit 20",
    "segcli show account-overview 000017",
)
CARD = Card(
    lines=(("status", "manager", "sector"), ("address", "postcode", "city", "country"), ("phone", "email", "vat_number")),
    blocks={
        "Classifications": tuple(f"class{field}" for field in range(1, 9)),
        "Figures": (
            "outstanding", "overdue", "turnover", "turnover_before", "last_invoice", "subscriptions", "monthly_value",
            "open_requests",
        ),
    },
    parts=(
        Part("Contacts", "contact-overview", ("name", "job_title", "email", "phone", "is_main_contact", "why_not")),
        Part("Outstanding", "outstanding-items",
             ("invoice_number", "invoice_date", "due_date", "currency", "open", "days_overdue"), ("-days_overdue",)),
        Part("Invoices", "invoice-history", ("invoice_number", "invoice_date", "status", "currency", "total_amount"),
             ("-invoice_date",)),
        Part("Subscriptions", "subscription-search", ("subscription", "type", "status", "invoiced_to", "monthly_value"),
             ("-start_date",)),
        Part("Requests", "request-search", ("request", "type", "status", "description", "due_date"), ("-request_date",)),
    ),
)  # fmt: skip
COLUMNS = (
    Column("account", "code"),
    Column("name"),
    Column("status"),
    Column("manager"),
    Column("country"),
    *(Column(f"class{field}", "code") for field in range(1, 9)),
    Column("contacts", "integer", total="sum"),
    Column("turnover", "money", total="sum"),
    Column("turnover_before", "money", "Turnover before", total="sum"),
    Column("last_invoice", "date"),
    Column("outstanding", "money", total="sum"),
    Column("overdue", "money", total="sum"),
    Column("subscriptions", "integer", total="sum"),
    Column("monthly_value", "money", "Recurring a month", total="sum"),
    Column("open_requests", "integer", total="sum"),
)


def overview(request: Request) -> Overview:
    """Return the overview as of the request's day."""
    day = request.as_of
    is_card = bool(request.values.get("code"))
    active = (
        "1"
        if is_card or request.values.get("inactive")
        else "s.is_blocked = 0 AND coalesce(s.end_date, '9999') >= :as_of"
    )
    return Overview(
        columns=COLUMNS,
        keeps=("name", "turnover", "outstanding", "overdue"),
        sql=f"""WITH {outstanding()},
owed AS (
  SELECT o.account_id, sum(o.open) AS outstanding,
         sum(CASE WHEN coalesce(o.due_date, o.invoice_date) < :as_of THEN o.open ELSE 0 END) AS overdue
    FROM outstanding AS o WHERE o.currency = (SELECT currency FROM administration) GROUP BY o.account_id
),
sold AS (
  SELECT i.account_id, max(CASE WHEN i.total_amount >= 0 THEN i.invoice_date END) AS last_invoice,
         sum(CASE WHEN i.invoice_date > :year_ago AND {_OWN} THEN i.net_amount ELSE 0 END) AS turnover,
         sum(CASE WHEN i.invoice_date > :two_ago AND i.invoice_date <= :year_ago AND {_OWN} THEN i.net_amount ELSE 0 END)
           AS turnover_before
    FROM selection AS s JOIN invoice AS i ON i.account_id = s.id
   WHERE i.kind = 'sales' AND i.status = 'processed' AND i.invoice_date <= :as_of GROUP BY i.account_id
),
subscribed AS (
  SELECT s.ordered_by_id AS account_id, count(*) AS subscriptions,
         sum(CASE WHEN {_OWN_SUBSCRIPTION} THEN {monthly_on(":as_of")} ELSE 0 END) AS monthly_value
    FROM selection AS x JOIN subscription AS s ON s.ordered_by_id = x.id
    LEFT JOIN subscription_type AS t ON t.code = s.subscription_type
   WHERE s.start_date <= :as_of AND coalesce({LAST_DAY}, '9999') >= :as_of GROUP BY s.ordered_by_id
)
SELECT s.id AS account_id, s.account, s.name, s.status, s.manager, s.country,
       (SELECT count(*) FROM contact AS c WHERE c.account_id = s.id) AS contacts,
       coalesce(sold.turnover, 0) AS turnover, coalesce(sold.turnover_before, 0) AS turnover_before, sold.last_invoice,
       coalesce(owed.outstanding, 0) AS outstanding, coalesce(owed.overdue, 0) AS overdue,
       coalesce(subscribed.subscriptions, 0) AS subscriptions, coalesce(subscribed.monthly_value, 0) AS monthly_value,
       (SELECT count(*) FROM request AS r WHERE r.account_id = s.id AND r.request_date <= :as_of
           AND {open_on(":as_of")}) AS open_requests
  FROM selection AS s LEFT JOIN owed ON owed.account_id = s.id LEFT JOIN sold ON sold.account_id = s.id
  LEFT JOIN subscribed ON subscribed.account_id = s.id
 WHERE {active}""",
        sort=("account",),
        values={
            "as_of": str(day),
            "year_ago": str(add_months(day, -12)),
            "two_ago": str(add_months(day, -24)),
        },
    )


_OWN_SUBSCRIPTION = "s.currency = (SELECT currency FROM administration)"
_OWN = "i.currency = (SELECT currency FROM administration)"
