"""Statements of account: opening balance, movements, closing balance and ageing; PDF letters and e-mail drafts.

There is one statement per account and currency. It lists invoices, credit notes, payments and set-offs by date, with the balance
after each: opening + debit - credit = closing, as in `show debtor-balance`. --from, --to or --period gives the period; --as-of
alone gives the month of that day, up to that day; the default is the last whole month. --open-items lists instead the items that
are open at the end of the period (by default today), with their due dates.

The closing balance and the ageing are those of the last day, in the buckets of `show debtor-ageing`. An account with neither a
balance nor movements gets no statement. If a file states a set-off as a payment and the use of a credit, on one day and by the same
amount, it is shown as one line.

--apply writes a new folder inside --folder, completely or not at all: a PDF per statement, and an e-mail draft (.eml) with the PDF
attached for each account with an e-mail address. With --merged the letters to accounts without a draft are in one PDF, and the
other statements are only in their drafts. If the folder already has the same statements, nothing is written. Only the run is
stored, so there is nothing to undo. The texts are in the configuration (statements). It also sets what happens to accounts
without an e-mail address: a letter, or a report of each one and status 5.
"""

import sqlite3

from segcli.actions.parts import print_folder
from segcli.actions.parts.job import Job, Result
from segcli.actions.statements import policy, span, staging
from segcli.base.errors import SegcliError
from segcli.base.text import counted
from segcli.domain.table import Column, Overview
from segcli.overviews.parts import buckets
from segcli.query.compose import Request

MOST_AHEAD = 60  # days
AREA = "Finance"
PARAMETERS = ("open_items", "buckets", "folder", "merged")
EXAMPLES = (
    "segcli run print-statements --period 2026-06 --class1 N",
    "segcli run print-statements --open-items --all --merged --folder letters --apply --yes",
)
_MOVED = (
    Column("opening", "money", total="sum"),
    Column("debit", "money", total="sum"),
    Column("credit", "money", total="sum"),
    Column("closing", "money", total="sum"),
)
_OPEN = (Column("items", "integer", total="sum"), Column("outstanding", "money", total="sum"))

UNIT, DONE = "statement", "printed"
NOTHING_STORED = "nothing to undo"
LEFT_OUT = """SELECT 'account ' || a.code || ' (' || p.currency || ')' AS what, p.cause, p.reason
  FROM temp.statement_plan AS p JOIN account AS a ON a.id = p.account_id WHERE p.cause <> '' ORDER BY p.id"""


def overview(request: Request) -> Overview:
    """Return the preview: a row per account and currency."""
    is_open, days = bool(request.values["open_items"]), span.of(request)
    ages = buckets.columns(staging.ageing(request))
    figures = _OPEN if is_open else _MOVED
    picked = ", ".join(f"p.{column.name}" for column in (*figures, *ages) if column.name != "outstanding")
    return Overview(
        columns=(
            Column("account", "code"),
            Column("name"),
            Column("currency"),
            *figures,
            *ages,
            Column("sent_by", heading="Sent by"),
            Column("reason", heading="Skipped because"),
            Column("language", is_extra=True),
        ),
        keeps=("name", figures[-1].name, "reason"),
        counts="statements",
        sql=f"""SELECT p.account_id, s.account, s.name, p.currency, {picked}, p.closing AS outstanding,
       nullif(p.sent_by, '') AS sent_by, nullif(p.reason, '') AS reason, p.language
  FROM temp.statement_plan AS p JOIN selection AS s ON s.id = p.account_id""",
        sort=("account", "currency"),
        caption=f"open items on {days.end}" if is_open else f"{days.start} to {days.end}",
    )


def check(job: Job) -> None:
    """Raise for contradicting days, a wrong setting or a missing folder, before anything is written."""
    span.check(job.request, job.values)
    buckets.limits(job.request.values["buckets"])
    policy.read(job.session.config)
    if job.values["apply"] and not job.values["dry_run"]:
        from segcli.actions.statements import printing

        job.refuse_far_ahead(MOST_AHEAD)
        printing.check(job)


def prepare(job: Job) -> None:
    """Stage the statements."""
    staging.prepare(job, policy.read(job.session.config))


def count(job: Job) -> int:
    """Return the number of planned statements."""
    return int(job.db.execute("SELECT count(*) FROM temp.statement_plan WHERE cause = ''").fetchone()[0])


def selected(job: Job) -> int:
    """Return the number of statements, including those that cannot be sent."""
    return int(job.db.execute("SELECT count(*) FROM temp.statement_plan").fetchone()[0])


def apply(job: Job, run_id: int) -> Result:
    """Write the statements and drafts."""
    from segcli.actions.statements import printing

    print_folder.recover(job, "its statements")
    done = count(job)
    if not done:
        return Result(0, "there are no statements to print")
    ways = dict(job.db.execute("SELECT sent_by, count(*) FROM temp.statement_plan WHERE cause = '' GROUP BY 1"))
    names = (("letter", "letter"), ("email", "e-mail"))
    parts = [counted(ways[way], name) for way, name in names if way in ways]
    summary = f"{counted(done, 'statement')} of {span.of(job.request).end}: {', '.join(parts)}"
    before = len(job.warnings)
    finish = printing.write(job, run_id)
    same = print_folder.written_before(job)
    if same:
        del job.warnings[before:]  # they were given when the statements were written
        return Result(0, f"the same statements are in {same}")
    return Result(done, summary, finish, undo=NOTHING_STORED)


def undo(_db: sqlite3.Connection, run_id: int, _by_run: int) -> str:
    """Raise, because a run of this action stores only itself."""
    raise SegcliError(f"run {run_id} printed statements: {NOTHING_STORED}", "delete its folder")
