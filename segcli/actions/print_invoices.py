"""Number, date, post and print open invoices; lists those that cannot be processed and why.

Each invoice gets the next number of its series (configuration: invoices.number), without gaps or duplicates. Its date
is --as-of, which is not before the last date of the series and at most 60 days ahead. Its due date follows from the
payment condition of the invoice, else of the account. Each line is rounded half up; VAT is calculated per rate over the
sum of its lines and rounded half up once. A line without a description of its own has that of its item, in the
account's language if the item has one (import of items: description_nl, description_de, description_fr, description_en);
the payment condition is worded in the same way.

--apply stores all this, creates the outstanding items, posts entries if a journal is configured, and writes the
documents into a new folder inside --folder: PDF invoices (one file each, or --merged), each also as UBL (NUMBER.xml,
Peppol BIS Billing 3.0; configuration: invoices.ubl), and e-mail drafts for accounts that want invoices by e-mail
(segcli send FOLDER sends them). It does all of this or nothing. Invoices that would fail Peppol validation are printed
without UBL; a warning says what to fix. Processed invoices are final: correct a mistake with a credit note, not with
undo. --draft prints open invoices without processing them. --reprint NUMBERS prints copies of processed invoices; their
UBL is identical to the byte. Blocked accounts are skipped. Each invoice that cannot be processed (no lines, no VAT
rate, totals that differ) is reported; the others are processed, and the run ends with status 5.
"""

import sqlite3

from segcli.actions.invoices import staging
from segcli.actions.parts import print_folder
from segcli.actions.parts.job import Job, Result
from segcli.base.errors import SegcliError, UsageError
from segcli.base.text import counted
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

UNIT, DONE = "invoice", "processed"
LEFT_OUT = """SELECT CASE WHEN i.invoice_number IS NOT NULL THEN 'invoice ' || i.invoice_number
         WHEN i.order_number IS NOT NULL THEN 'the invoice of order ' || i.order_number
         ELSE 'the invoice of ' || i.invoice_date END || ' (account ' || a.code || ')' AS what, p.cause, p.reason
  FROM temp.invoice_plan AS p JOIN invoice AS i ON i.id = p.invoice_id JOIN account AS a ON a.id = i.account_id
 WHERE p.cause <> '' ORDER BY i.invoice_date, i.id"""


def overview(request: Request) -> Overview:
    """Return the preview: one row per open invoice."""
    return Overview(
        columns=COLUMNS,
        keeps=("name", "total_amount", "reason"),
        counts="invoices",
        sql=_PLAN,
        sort=("account", "invoice_id"),
        caption=f"invoice date {request.as_of}",
    )


def check(job: Job) -> None:
    """Raise UsageError for what cannot be done, before anything is written."""
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
    """Make the plan; print drafts and copies, which change nothing."""
    from segcli.actions.invoices import printing

    staging.prepare(job, printing.rules(job.session.config))
    if job.values["draft"] or job.values["reprint"]:
        job.session.warn(printing.unstored(job))


def count(job: Job) -> int:
    """Return the number of invoices that can be processed."""
    return int(job.db.execute("SELECT count(*) FROM temp.invoice_plan WHERE reason = ''").fetchone()[0])


def selected(job: Job) -> int:
    """Return the number of open invoices."""
    return int(job.db.execute("SELECT count(*) FROM temp.invoice_plan").fetchone()[0])


def apply(job: Job, run_id: int) -> Result:
    """Process the invoices and write their documents."""
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
    summary = f"{counted(done, 'invoice')} processed: {numbers}"
    return Result(
        done,
        summary,
        printing.write(job, run_id),
        undo="this is final: correct a mistake by a credit note",
        lacking=staging.unbooked(job.db, run_id, rules.journal),
    )


def undo(_db: sqlite3.Connection, run_id: int, _by_run: int) -> str:
    """Refuse: processed invoices are final."""
    raise SegcliError(f"the invoices of run {run_id} are processed: that is final", "put it right by a credit note")
