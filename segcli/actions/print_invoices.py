"""Invoices: open ones become processed: numbered, dated, due, booked and printed; who gets which, and which cannot and why.

A number is the next of its series (configuration: invoices.number), without a gap and never twice; the date is --as-of,
never before the last of the series nor more than 60 days ahead; the due date follows from the payment condition of the
invoice, else of its account. Lines are rounded half up one by one, VAT is worked out per rate over the
sum of its lines and rounded half up once.
--apply stores all this, makes the outstanding items, books entries where a journal is configured, and writes PDF
invoices, each or --merged, each as UBL too (NUMBER.xml, as Peppol BIS Billing 3.0 wants it; configuration: invoices.ubl),
and e-mail drafts for accounts that want their invoices so, into a new folder inside --folder: all of it or nothing
(segcli send FOLDER sends the drafts). An invoice that a receiver of UBL would refuse is printed without it, and a warning says
what to mend. What is processed is final: a mistake is put right by a credit note, not by undo.
--draft prints open invoices without processing them;
--reprint NUMBERS prints processed ones once more and says copy; their UBL is the same to the byte. Blocked accounts are skipped;
each invoice that cannot be processed (no lines, no VAT rate, sums that differ) is named, stops no other and ends with status 5.
"""

import sqlite3

from segcli.actions.invoices import staging
from segcli.actions.parts import print_folder
from segcli.actions.parts.job import Job, Result
from segcli.base.errors import SegcliError, UsageError
from segcli.domain.table import Column, Overview
from segcli.query.compose import Request

MOST_AHEAD = 60  # days
AREA = "Invoices, sales, purchase, prices"
PARAMETERS = ("folder", "merged", "draft", "reprint")
EXAMPLES = (
    "segcli run print-invoices --as-of 2026-06-30",
    "segcli run print-invoices --as-of 2026-06-30 --class1 N --folder invoices --apply --yes",
)
COLUMNS = (
    Column("account", "code"),
    Column("name"),
    Column("order_number", "code", "Order"),
    Column("description"),
    Column("due_date", "date"),
    Column("sent_by", heading="Sent by"),
    Column("currency"),
    Column("net_amount", "money", "Net", total="sum"),
    Column("vat_amount", "money", "VAT", total="sum"),
    Column("total_amount", "money", "Total", total="sum"),
    Column("reason", heading="Cannot be processed because"),
    Column("invoice_number", "code", "Invoice", is_extra=True),
    Column("invoice_id", "integer", is_extra=True),
)
_PLAN = """SELECT p.account_id, s.account, s.name, i.order_number, i.description, p.due_date, p.sent_by, p.currency,
       CASE p.reason WHEN '' THEN p.net END AS net_amount, CASE p.reason WHEN '' THEN p.vat END AS vat_amount,
       CASE p.reason WHEN '' THEN p.total END AS total_amount, nullif(p.reason, '') AS reason, i.invoice_number,
       i.id AS invoice_id
  FROM temp.invoice_plan AS p JOIN selection AS s ON s.id = p.account_id JOIN invoice AS i ON i.id = p.invoice_id"""

UNITS, DONE = "invoices", "processed"
LEFT_OUT = """SELECT CASE WHEN i.invoice_number IS NOT NULL THEN 'invoice ' || i.invoice_number
         WHEN i.order_number IS NOT NULL THEN 'the invoice of order ' || i.order_number
         ELSE 'the invoice of ' || i.invoice_date END || ' (account ' || a.code || ')' AS what, p.cause, p.reason
  FROM temp.invoice_plan AS p JOIN invoice AS i ON i.id = p.invoice_id JOIN account AS a ON a.id = i.account_id
 WHERE p.cause <> '' ORDER BY i.invoice_date, i.id"""


def overview(request: Request) -> Overview:
    """Return the preview: a row per open invoice."""
    return Overview(
        columns=COLUMNS,
        keeps=("name", "total_amount", "reason"),
        counts="invoices",
        sql=_PLAN,
        sort=("account", "invoice_id"),
        caption=f"invoice date {request.as_of}",
    )


def check(job: Job) -> None:
    """Refuse what cannot be done before anything is written."""
    from segcli.actions.invoices import printing

    values = job.values
    rules = printing.rules(job.session.config)
    if values["draft"] and values["reprint"]:
        raise UsageError("--draft and --reprint exclude each other")
    prints = values["draft"] or values["reprint"]
    if prints and values["apply"]:
        raise UsageError("--draft and --reprint print without processing", "leave --apply out")
    if prints or (values["apply"] and not values["dry_run"]):
        printing.check(job)
    if values["apply"] and not values["dry_run"]:
        job.refuse_far_ahead(MOST_AHEAD)
    if not prints:
        staging.check_day(job.db, rules, job.request.as_of)


def prepare(job: Job) -> None:
    """Work out the plan; print drafts and copies, which change nothing."""
    from segcli.actions.invoices import printing

    staging.prepare(job, printing.rules(job.session.config))
    if job.values["draft"] or job.values["reprint"]:
        job.session.warn(printing.unstored(job))


def count(job: Job) -> int:
    """Return how many invoices can be processed."""
    return int(job.db.execute("SELECT count(*) FROM temp.invoice_plan WHERE reason = ''").fetchone()[0])


def selected(job: Job) -> int:
    """Return how many open invoices there are."""
    return int(job.db.execute("SELECT count(*) FROM temp.invoice_plan").fetchone()[0])


def apply(job: Job, run_id: int) -> Result:
    """Process the invoices and write what leaves the house."""
    from segcli.actions.invoices import printing

    print_folder.recover(job, "its invoices")
    rules = printing.rules(job.session.config)
    done = staging.process(job, rules, run_id)
    if not done:
        return Result(0, "no invoices can be processed")
    first, last = job.db.execute(
        "SELECT min(invoice_number), max(invoice_number) FROM invoice WHERE processed_run_id = ?", (run_id,)
    ).fetchone()
    numbers = first if first == last else f"{first} to {last}"
    summary = f"{done} invoice{'s' * (done > 1)} processed: {numbers}"
    return Result(
        done,
        summary,
        printing.write(job, run_id),
        undo="this is final: correct a mistake by a credit note",
        lacking=staging.unbooked(job.db, run_id, rules.journal),
    )


def undo(_db: sqlite3.Connection, run_id: int, _by_run: int) -> str:
    """Refuse: what is processed is final."""
    raise SegcliError(f"the invoices of run {run_id} are processed: that is final", "put it right by a credit note")
