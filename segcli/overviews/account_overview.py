"""One line per account: contacts, turnover, outstanding amounts, subscriptions and open requests.

Turnover is without VAT, over the processed invoices of the 12 months up to and including the as-of day, and of the 12
months before. outstanding, overdue and open_requests are as of that day. last_invoice is the day of the last invoice up
to that day; a credit note is not a purchase. Amounts are in the administration's currency: as stated in the files, else
converted at the exchange rate of each document's date. Amounts without a rate are left out and reported. Subscriptions
are those that the account ordered and that run on that day, with their monthly value. With an account's code, the
account's card is shown. The card has the credit limit, and whether it is exceeded. In the list, --columns adds
credit_limit and over_limit.
"""

from segcli.base.dates import add_months
from segcli.domain.clause import number_where
from segcli.domain.requests import open_on
from segcli.domain.subscriptions.terms import JOIN_TYPE, LAST_DAY, monthly_on
from segcli.domain.table import UNCONVERTED, Card, Column, Overview, Part
from segcli.domain.units import FINE
from segcli.query.compose import Request
from segcli.query.outstanding import asks as asks_settled
from segcli.query.outstanding import is_settled, missing, outstanding
from segcli.storage.exchange import in_base

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
            "outstanding", "overdue", "credit_limit", "over_limit", "turnover", "turnover_before", "last_invoice",
            "subscriptions", "monthly_value", "open_requests",
        ),
    },
    optional=frozenset({"credit_limit", "over_limit"}),
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
    UNCONVERTED,
)
asks = asks_settled
_MONTHLY = in_base(monthly_on(":as_of"), "s.currency", ":as_of")
_SUBSCRIBED = f"""subscribed AS (
  SELECT s.ordered_by_id AS account_id, count(*) AS subscriptions,
         sum({_MONTHLY}) AS monthly_value, {number_where(f"{_MONTHLY} IS NULL")} AS unconverted
    FROM selection AS x JOIN subscription AS s ON s.ordered_by_id = x.id
    {JOIN_TYPE}
   WHERE s.start_date <= :as_of AND coalesce({LAST_DAY}, '9999') >= :as_of GROUP BY s.ordered_by_id
)"""


def overview(request: Request) -> Overview:
    """Return the overview as of the request's day."""
    day, settled = request.as_of, is_settled(request)
    is_card = bool(request.values.get("code"))
    active = (
        "TRUE"
        if is_card or request.values.get("inactive")
        else "s.is_blocked = 0 AND coalesce(s.end_date, '9999') >= :as_of"
    )
    return Overview(
        columns=COLUMNS,
        keeps=("name", "turnover", "outstanding", "overdue"),
        sql=f"""WITH {outstanding(in_base=True, settled=settled)},
owed AS (
  SELECT o.account_id, sum(o.open) AS outstanding, {number_where("o.open IS NULL")} AS unconverted,
         sum(CASE WHEN coalesce(o.due_date, o.invoice_date) < :as_of THEN o.open ELSE 0 END) AS overdue
    FROM outstanding AS o GROUP BY o.account_id
),
sold AS (
  SELECT i.account_id, max(CASE WHEN i.total_amount >= 0 THEN i.invoice_date END) AS last_invoice,
         share(sum(CASE WHEN i.invoice_date > :year_ago THEN i.base_revenue_amount ELSE 0 END), 1, {FINE}) AS turnover,
         share(sum(CASE WHEN i.invoice_date > :two_ago AND i.invoice_date <= :year_ago THEN i.base_revenue_amount ELSE 0 END), 1,
               {FINE}) AS turnover_before,
         {number_where("i.invoice_date > :two_ago AND i.base_revenue_amount IS NULL")} AS unconverted
    FROM selection AS s JOIN invoice AS i ON i.account_id = s.id
   WHERE i.kind = 'sales' AND i.status = 'processed' AND i.invoice_date <= :as_of GROUP BY i.account_id
),
{_SUBSCRIBED}
SELECT s.id AS account_id, s.account, s.name, s.status, s.manager, s.country,
       (SELECT count(*) FROM contact AS c WHERE c.account_id = s.id) AS contacts,
       {_known("sold", "turnover")} AS turnover, {_known("sold", "turnover_before")} AS turnover_before, sold.last_invoice,
       {_known("owed", "outstanding")} AS outstanding, {_known("owed", "overdue")} AS overdue,
       coalesce(subscribed.subscriptions, 0) AS subscriptions, {_known("subscribed", "monthly_value")} AS monthly_value,
       (SELECT count(*) FROM request AS r WHERE r.account_id = s.id AND r.request_date <= :as_of
            AND {open_on(":as_of")}) AS open_requests,
       coalesce(owed.unconverted, 0) + coalesce(sold.unconverted, 0) + coalesce(subscribed.unconverted, 0) AS unconverted
  FROM selection AS s LEFT JOIN owed ON owed.account_id = s.id LEFT JOIN sold ON sold.account_id = s.id
  LEFT JOIN subscribed ON subscribed.account_id = s.id
 WHERE {active}""",
        sort=("account",),
        values={
            "as_of": str(day),
            "year_ago": str(add_months(day, -12)),
            "two_ago": str(add_months(day, -24)),
        },
        missing=_missing(settled=settled),
    )


def _known(table: str, name: str) -> str:
    """Return the SQL of an amount: 0 where there is nothing, empty where nothing of it has an exchange rate."""
    return f"nullif(coalesce({table}.{name}, 0), CASE WHEN {table}.unconverted > 0 THEN 0 END)"


def _missing(*, settled: bool) -> str:
    """Return the statement of the items, invoices and subscriptions that have no amount in the administration's currency."""
    return f"""{missing(settled=settled).rpartition(" ORDER BY ")[0]}
 UNION ALL SELECT 'invoices', i.currency, count(*), count(DISTINCT i.account_id), sum(i.net_amount)
  FROM selection AS s JOIN invoice AS i ON i.account_id = s.id
 WHERE i.exchange_rate IS NULL AND i.kind = 'sales' AND i.status = 'processed' AND i.invoice_date <= :as_of
   AND i.invoice_date > :two_ago GROUP BY i.currency
 UNION ALL SELECT 'subscriptions', s.currency, count(*), count(DISTINCT s.ordered_by_id), NULL
  FROM selection AS x JOIN subscription AS s ON s.ordered_by_id = x.id
 WHERE s.start_date <= :as_of AND coalesce({LAST_DAY}, '9999') >= :as_of AND {in_base("1", "s.currency", ":as_of")} IS NULL
 GROUP BY s.currency"""
