"""Generate open invoices for subscriptions, one line per due period; lists those that cannot be invoiced and why.

A period is due if its invoice date is not after --as-of. Its invoice date is its first day (in advance) or the day
after its last day (in arrears). Missed periods are invoiced separately, each with its own date, and no period is
invoiced twice. Periods are counted from the start day, or from the invoice day, which is kept: 31 January, 28 February,
31 March. If a start, end, cancellation or new price splits a period, the subscription type determines the amount: a
share by days (rounded half up once per period), nothing, or the full amount. What was invoiced in advance stays if the
subscription is cancelled or its price changes later. There is one invoice per subscription, or one per account if the
type says so. Blocked subscriptions and accounts are skipped. Each subscription that cannot be invoiced is reported; the
others are invoiced, and the run ends with status 5. --preview-dates N shows the next N invoices of each subscription
instead.

--apply creates the invoices, up to a year ahead; segcli run print-invoices numbers and prints them. Undo removes those
still open.
"""

import sqlite3

from segcli.actions.parts.job import Job, Result
from segcli.actions.subscriptions import staging
from segcli.base.dates import day_of
from segcli.base.errors import SegcliError, UsageError
from segcli.base.text import counted
from segcli.domain.table import Column, Overview
from segcli.overviews.parts import subscriptions as shared
from segcli.overviews.parts.roles import ROLES
from segcli.query.compose import Request

MOST_PREVIEWED = 1_000  # invoices per subscription: 19 years of weeks
MOST_AHEAD = 366  # days
AREA = "Subscriptions and requests"
PARAMETERS = (*shared.FILTERS, "invoiced_to", "never_invoiced", "preview_dates")
EXAMPLES = (
    "segcli run generate-subscription-invoices --as-of 2026-06-30 --class1 N",
    "segcli run generate-subscription-invoices --as-of 2026-06-30 --all --apply --yes",
)
COLUMNS = (
    Column("subscription", "code"),
    Column("account", "code"),
    Column("name"),
    Column("type"),
    Column("invoice_date", "date"),
    Column("start_date", "date", "From"),
    Column("end_date", "date", "To"),
    Column("lines", "integer", total="sum"),
    Column("currency"),
    Column("net_amount", "money", "Net", total="sum"),
    Column("reason", heading="Not invoiced because"),
    Column("invoice_id", "integer", is_extra=True),
)
_PLAN = """SELECT x.id AS account_id, x.account, x.name, s.subscription_number AS subscription, s.subscription_type AS type,
       c.invoice_date, min(c.start_date) AS start_date, max(c.paid_to) AS end_date,
       CASE WHEN c.n IS NOT NULL THEN count(*) END AS lines, s.currency, sum(c.amount) AS net_amount, nullif(p.reason, '') AS reason,
       (SELECT r.invoice_id FROM subscription_period AS r WHERE r.subscription_line_id = c.line_id AND r.start_date = c.start_date)
         AS invoice_id
  FROM temp.subscription_plan AS p JOIN subscription AS s ON s.id = p.subscription_id JOIN selection AS x ON x.id = s.{role}
  LEFT JOIN temp.subscription_charge AS c ON c.subscription_id = p.subscription_id
 GROUP BY p.subscription_id, c.invoice_date"""


def _role(request: Request) -> str:
    return ROLES[request.values.get("role") or "ordered-by"]


UNIT, DONE = "subscription", "invoiced"
LEFT_OUT = """SELECT 'subscription ' || s.subscription_number AS what, p.cause, p.reason
  FROM temp.subscription_plan AS p JOIN subscription AS s ON s.id = p.subscription_id WHERE p.cause <> '' ORDER BY p.place"""


def overview(request: Request) -> Overview:
    """Return the preview: a row per subscription and invoice date."""
    return Overview(
        columns=COLUMNS,
        keeps=("account", "invoice_date", "net_amount", "reason"),
        counts="periods",
        caption=f"what is due up to {request.as_of}",
        sql=_PLAN.format(role=_role(request)),
        sort=("account", "subscription", "invoice_date"),
        expects=shared.expected(request),
    )


def check(job: Job) -> None:
    """Raise UsageError for flags that exclude each other."""
    ahead = job.values["preview_dates"]
    if ahead is not None and job.values["apply"] and not job.values["dry_run"]:
        raise UsageError("--preview-dates shows what is to come: it makes no invoices", "leave one of the two out")
    if job.values["apply"] and not job.values["dry_run"]:
        job.refuse_far_ahead(MOST_AHEAD)
    if ahead == 0:
        raise UsageError("--preview-dates: how many?", "1 or more")
    if ahead is not None and ahead > MOST_PREVIEWED:
        raise UsageError(f"--preview-dates: {ahead} is too many", f"{MOST_PREVIEWED:,} is the most")
    if job.values["invoiced_to"] and job.values["never_invoiced"]:
        raise UsageError("--invoiced-to and --never-invoiced exclude each other")


def prepare(job: Job) -> None:
    """Make the plan."""
    sql, values = shared.condition(job.request)
    invoiced = "(SELECT max(l.invoiced_to_date) FROM subscription_line AS l WHERE l.subscription_id = s.id)"
    if job.values["invoiced_to"]:
        day = day_of(job.values["invoiced_to"], job.session.today, "--invoiced-to")
        sql, values = f"{sql} AND {invoiced} <= :invoiced_to", {**values, "invoiced_to": str(day)}
    if job.values["never_invoiced"]:
        sql = f"{sql} AND {invoiced} IS NULL"
    staging.prepare(job, _role(job.request), (sql, values), job.values["preview_dates"] or 0)


def count(job: Job) -> int:
    """Return the number of subscriptions that have something to invoice."""
    return int(job.db.execute("SELECT count(*) FROM temp.subscription_plan WHERE reason = ''").fetchone()[0])


def selected(job: Job) -> int:
    """Return the number of subscriptions that are due, including those that cannot be invoiced."""
    return int(job.db.execute("SELECT count(*) FROM temp.subscription_plan").fetchone()[0])


def apply(job: Job, run_id: int) -> Result:
    """Create the invoices and record the periods."""
    due = count(job)
    if not due:
        return Result(0, f"nothing is due up to {job.request.as_of}{_last_run(job.db, run_id)}")
    made = staging.store(job.db, run_id)
    return Result(due, f"{counted(made, 'invoice')} of {counted(due, 'subscription')}")


def _last_run(db: sqlite3.Connection, run_id: int) -> str:
    """Return a message about the last run that invoiced subscriptions."""
    sql = """SELECT r.id, r.started_at, r.user_name FROM run AS r WHERE r.id < ? AND EXISTS
               (SELECT 1 FROM subscription_period AS p WHERE p.run_id = r.id) ORDER BY r.id DESC LIMIT 1"""
    found = db.execute(sql, (run_id,)).fetchone()
    return f": run {found[0]} of {found[2]} at {found[1]} was the last to invoice" if found else ""


def undo(db: sqlite3.Connection, run_id: int, _by_run: int) -> str:
    """Delete the invoices of a run that are still open."""
    done, stay = staging.take_back(db, run_id)
    if not done and stay:
        raise SegcliError(
            f"nothing of run {run_id} can be undone: {counted(stay, 'invoice')} processed or followed by a later run",
            "undo the later run first; what is processed is put right by a credit note",
        )
    kept = f", {counted(stay, 'invoice')} kept: processed or followed by a later run" if stay else ""
    return f"{counted(done, 'invoice')} of run {run_id} deleted{kept}" if done else ""
