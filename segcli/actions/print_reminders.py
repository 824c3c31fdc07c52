"""Print reminders with fee and interest as letters, e-mail drafts and a mail merge; lists who is skipped and why.

The configuration sets the levels, fees, texts and exceptions (segcli config path; config.example.yaml shows them all).
An item reaches its next level a number of days after its due date, its invoice date, the end of the month of either, or
its previous reminder. The items of an account that reached a level are on one letter per currency, which has the level,
text and fee of the highest level. Interest is simple, per item, over the open amount since the due date, with 365 days to the year.

Skipped, with the reason: disputed items; blocked items and accounts; accounts whose overdue items less open credits and
receipts are at or under the tolerance (per currency, on the as-of day); items paid since that day; accounts reminded
within the interval; items for which all levels were sent. A reminder that cannot be sent (no e-mail address and the
configuration says report; no exchange rate for a fee) is reported, and the run ends with status 5.

A letter also lists other overdue items, open credits and receipts. It states the balance and asks for no more than that
(configuration: reminders.also_open).

--apply stores the reminders and writes PDF letters, e-mail drafts (.eml) and reminders.csv for a mail merge into a new
folder inside --folder. It does all of this or nothing. Running it again sends nothing twice.
segcli send FOLDER sends the drafts.
"""

import sqlite3

from segcli.actions.parts import print_folder
from segcli.actions.parts.job import Job, Result
from segcli.actions.reminders import staging
from segcli.base.errors import DayError, SegcliError, UsageError
from segcli.base.text import counted
from segcli.domain.reminders.plan import Planner
from segcli.domain.table import Column, Overview
from segcli.query import lookup
from segcli.query.compose import Request
from segcli.settings import letter_texts, reminder_policy

AREA = "Finance"
PARAMETERS = ("level", "mode", "details", "folder", "merged")
EXAMPLES = (
    "segcli run print-reminders --as-of 2026-06-30 --class1 N",
    "segcli run print-reminders --as-of 2026-06-30 --all --merged --folder letters --apply --yes",
)
MOST_AHEAD = 60  # days
COLUMNS = (
    Column("account", "code"),
    Column("name"),
    Column("action"),
    Column("level", "integer"),
    Column("currency"),
    Column("items", "integer", total="sum"),
    Column("open", "money", total="sum"),
    Column("fee", "money", total="sum"),
    Column("interest", "money", total="sum"),
    Column("total", "money", total="sum"),
    Column("also_open", "money"),
    Column("unallocated", "money", "Credits"),
    Column("to_pay", "money", "To be paid", total="sum"),
    Column("reason", heading="Skipped because"),
    Column("language", is_extra=True),
)
DETAILS = (
    *COLUMNS[:5],
    Column("invoice_number", "code", "Invoice"),
    Column("due_date", "date"),
    Column("days_overdue", "integer"),
    Column("open", "money", total="sum"),
    Column("interest", "money", total="sum"),
    Column("reason", heading="Skipped because"),
)
_PER_ACCOUNT = """SELECT p.account_id, s.account, s.name, p.action, p.level, p.currency, p.language, p.open,
       CASE p.reason WHEN '' THEN p.fee END AS fee,
       CASE p.reason WHEN '' THEN p.interest END AS interest,
       CASE p.reason WHEN '' THEN p.open + p.fee + p.interest END AS total,
       nullif(p.also_open, 0) AS also_open, nullif(p.unallocated, 0) AS unallocated,
       CASE p.reason WHEN '' THEN p.to_pay END AS to_pay, nullif(p.reason, '') AS reason,
       (SELECT count(*) FROM temp.reminder_plan_line AS l WHERE l.plan_id = p.id) AS items, p.id AS plan_id
  FROM temp.reminder_plan AS p JOIN selection AS s ON s.id = p.account_id"""
_PER_ITEM = """SELECT p.account_id, s.account, s.name, p.action, l.level, p.currency, i.invoice_number, i.due_date,
       l.days AS days_overdue, l.open, l.interest, nullif(p.reason, '') AS reason, i.id AS item_id
  FROM temp.reminder_plan AS p JOIN selection AS s ON s.id = p.account_id
  JOIN temp.reminder_plan_line AS l ON l.plan_id = p.id JOIN outstanding_item AS i ON i.id = l.item_id"""

UNIT, DONE = "reminder", "sent"
LEFT_OUT = """SELECT 'account ' || a.code || ' (' || p.currency || ')' AS what, p.cause, p.reason
  FROM temp.reminder_plan AS p JOIN account AS a ON a.id = p.account_id WHERE p.cause <> '' ORDER BY p.id"""


def overview(request: Request) -> Overview:
    """Return the preview: one row per reminder or exclusion; with --details, per item."""
    has_details = bool(request.values.get("details"))
    return Overview(
        columns=DETAILS if has_details else COLUMNS,
        keeps=("name", "level", "to_pay", "invoice_number", "open", "reason"),
        counts="outstanding_items" if has_details else "reminders",
        sql=_PER_ITEM if has_details else _PER_ACCOUNT,
        caption=f"as of {request.as_of}",
        sort=("account", "currency", "reason", *(("due_date", "invoice_number") if has_details else ("level",))),
    )


def check(job: Job) -> None:
    """Raise for an unknown level, a day before the last reminders, or a wrong setting, before anything is written."""
    rules = _planner(job)
    level, known = job.values["level"], len(rules.policy.levels)
    if level is not None and not 1 <= level <= known:
        raise UsageError(f"--level: there is no level {level}", f"the configuration has 1 to {known}")
    last = job.db.execute("SELECT max(reminder_date) FROM reminder").fetchone()[0]
    if last and last > str(rules.day):
        raise DayError(
            f"the last reminders are of {last}: none can be dated {rules.day}, before them", "choose a later --as-of"
        )
    if job.values["apply"] and not job.values["dry_run"]:
        from segcli.actions.reminders import printing

        job.refuse_far_ahead(MOST_AHEAD)  # a date far ahead would block every earlier run
        printing.check(job)


def _planner(job: Job) -> Planner:
    """Return the planner for the policy, the day and the available languages."""
    rules = reminder_policy.read(job.session.config, lookup.currency(job.db), job.values["mode"])
    languages = letter_texts.read(job.session.config, len(rules.levels))
    return Planner(rules, job.request.as_of, frozenset(languages), job.values["level"])


def prepare(job: Job) -> None:
    """Stage the reminders."""
    staging.prepare(job, _planner(job))


def count(job: Job) -> int:
    """Return the number of planned reminders."""
    return int(job.db.execute("SELECT count(*) FROM temp.reminder_plan WHERE reason = ''").fetchone()[0])


def selected(job: Job) -> int:
    """Return the number of accounts with an item due for a reminder, including skipped ones."""
    return int(job.db.execute("SELECT count(DISTINCT account_id) FROM temp.reminder_plan").fetchone()[0])


def apply(job: Job, run_id: int) -> Result:
    """Store the reminders and write the documents."""
    from segcli.actions.reminders import printing

    print_folder.recover(job, "its letters")
    stored = staging.store(job.db, run_id, str(job.request.as_of))
    if not stored:
        return Result(0, "no reminders are due")
    actions = job.db.execute(
        "SELECT action, count(*) FROM reminder WHERE run_id = ? GROUP BY 1 ORDER BY 2 DESC", (run_id,)
    )
    names = {"letter": "letter", "email": "e-mail", "phone": "call", "none": "noted only"}
    parts = [f"{n} {names[action]}" if action == "none" else counted(n, names[action]) for action, n in actions]
    summary = f"{counted(stored, 'reminder')} of {job.request.as_of}: {', '.join(parts)}"
    return Result(stored, summary, printing.write(job, run_id))


def undo(db: sqlite3.Connection, run_id: int, _by_run: int) -> str:
    """Delete the reminders of a run; the written letters stay. Later reminders of the same items must be undone first."""
    later = db.execute(
        """SELECT max(n.run_id) FROM reminder AS r JOIN reminder_line AS l ON l.reminder_id = r.id
             JOIN reminder_line AS m ON m.item_id = l.item_id AND m.level > l.level JOIN reminder AS n ON n.id = m.reminder_id
            WHERE r.run_id = ? AND n.run_id <> r.run_id""",
        (run_id,),
    ).fetchone()[0]
    if later:
        raise SegcliError(f"run {later} has sent later reminders of the same items", f"first: segcli undo {later}")
    gone = db.execute("DELETE FROM reminder WHERE run_id = ?", (run_id,)).rowcount
    return f"{counted(gone, 'reminder')} of run {run_id} deleted" if gone else ""
