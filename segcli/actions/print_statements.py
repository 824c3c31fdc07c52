"""Statements of account: opening balance, movements, closing balance and ageing; PDF letters and e-mail drafts.

There is one statement per account and currency. It lists invoices, credit notes, payments and set-offs by date, with the balance
after each: opening + debit - credit = closing, as in `show debtor-balance`. --from, --to or --period gives the period; with --as-of
alone it is the month of that day, up to that day; by default it is the last whole month. --open-items lists the items that
are open at the end of the period instead (by default today), with their due dates.

The closing balance and the ageing are those of the last day, in the buckets of `show debtor-ageing`. An account without a balance and
without movements gets no statement. A set-off that files state as a payment and the use of a credit, on one day and by the same
amount, is one line.

--apply writes a PDF per statement into a new folder inside --folder, and an e-mail draft (.eml) with the PDF attached for accounts
that have an e-mail address: all of it, or nothing. With --merged the letters to accounts without a draft are one PDF, and the
other statements are only in their drafts. Where the folder has the same statements already, nothing is written. Only the run is
stored, so there is nothing to undo. The configuration (statements) has the texts, and says what becomes of accounts without an
e-mail address: a letter, or a report of each and status 5.
"""

import sqlite3

from segcli.actions.parts import print_folder
from segcli.actions.parts.job import Job, Result
from segcli.actions.statements import policy, span, staging
from segcli.base.errors import SegcliError
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
            Column("reason", heading="Left alone because"),
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
    """Refuse what cannot be done before anything is written: contradicting days, a wrong setting, no folder."""
    span.check(job.request, job.values)
    buckets.limits(job.request.values["buckets"])
    policy.read(job.session.config)
    if job.values["apply"] and not job.values["dry_run"]:
        from segcli.actions.statements import printing

        job.refuse_far_ahead(MOST_AHEAD)
        printing.check(job)


def prepare(job: Job) -> None:
    """Work out the plan."""
    staging.prepare(job, policy.read(job.session.config))


def count(job: Job) -> int:
    """Return how many statements are planned."""
    return int(job.db.execute("SELECT count(*) FROM temp.statement_plan WHERE cause = ''").fetchone()[0])


def selected(job: Job) -> int:
    """Return how many statements there would be, with those that cannot be sent."""
    return int(job.db.execute("SELECT count(*) FROM temp.statement_plan").fetchone()[0])


def apply(job: Job, run_id: int) -> Result:
    """Write what leaves the house."""
    from segcli.actions.statements import printing

    print_folder.recover(job, "its statements")
    done = count(job)
    if not done:
        return Result(0, "there are no statements to print")
    ways = dict(job.db.execute("SELECT sent_by, count(*) FROM temp.statement_plan WHERE cause = '' GROUP BY 1"))
    names = (("letter", "letter"), ("email", "e-mail"))
    parts = [f"{ways[way]} {name}{'s' * (ways[way] > 1)}" for way, name in names if way in ways]
    summary = f"{done} statement{'s' * (done > 1)} of {span.of(job.request).end}: {', '.join(parts)}"
    told = len(job.told)
    finish = printing.write(job, run_id)
    same = print_folder.written_before(job)
    if same:
        del job.told[told:]  # it was said when they were written
        return Result(0, f"the same statements are in {same}")
    return Result(done, summary, finish, undo="nothing is stored that undo would take back")


def undo(_db: sqlite3.Connection, run_id: int, _by_run: int) -> str:
    """Refuse: a run stores nothing but itself."""
    raise SegcliError(
        f"run {run_id} printed statements: nothing is stored that undo would take back", "delete its folder"
    )
