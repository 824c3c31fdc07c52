"""Print a covering letter and a confirmation for subscriptions as PDF, and mark them as printed.

--apply writes one PDF per subscription, or with --merged one for all, into a new folder inside --folder, and marks the
subscriptions as printed on the day of the first time. It does all of this or nothing. --only covering or confirmation
prints one of the two letters. --unprinted prints only what was never printed, so that running it again prints nothing
twice. The letters are addressed to the account that ordered, in its language; the configuration holds their texts. Undo
removes the marks. A subscription without lines cannot be printed: it is reported, and the run ends with status 5.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from segcli.actions.parts import print_folder
from segcli.actions.parts.job import Job, Result
from segcli.actions.subscriptions import letters, source
from segcli.base.text import counted
from segcli.domain import reasons
from segcli.domain.reasons import Reason
from segcli.domain.subscriptions.subscription import Subscription
from segcli.domain.table import Column, Overview
from segcli.output import outbox
from segcli.output.documents.letter import Party
from segcli.overviews.parts import subscriptions as shared
from segcli.overviews.parts.roles import ROLES
from segcli.query.compose import Request
from segcli.settings import administration, letter_texts, print_texts, sections, sender

AREA = "Subscriptions and requests"
PARAMETERS = (*shared.FILTERS, "unprinted", "only", "folder", "merged")
EXAMPLES = (
    "segcli run print-subscriptions --unprinted --state running,upcoming",
    "segcli run print-subscriptions --unprinted --class1 N --folder letters --apply --yes",
)
MERGED = "subscriptions.pdf"
COLUMNS = (
    Column("subscription", "code"),
    Column("account", "code"),
    Column("name"),
    Column("type"),
    Column("status"),
    Column("start_date", "date", "Start"),
    Column("language"),
    Column("printed_date", "date", "First printed"),
    Column("reason", heading="Skipped because"),
)
_PLAN = """SELECT x.id AS account_id, x.account, x.name, s.subscription_number AS subscription, s.subscription_type AS type,
       {status} AS status, s.start_date, a.language, s.printed_date, nullif(p.reason, '') AS reason
  FROM {source} JOIN account AS a ON a.id = s.ordered_by_id JOIN temp.printed AS p ON p.id = s.id"""
UNIT, DONE = "subscription", "printed"
LEFT_OUT = """SELECT 'subscription ' || s.subscription_number AS what, p.cause, p.reason
  FROM temp.printed AS p JOIN subscription AS s ON s.id = p.id WHERE p.cause <> ''
 ORDER BY length(s.subscription_number), s.subscription_number"""
_HAS_LINES = "EXISTS (SELECT 1 FROM subscription_line AS l WHERE l.subscription_id = s.id)"
_BESIDE = """SELECT a.code, a.name, coalesce(a.address, ''), coalesce(a.postcode, ''), coalesce(a.city, ''), coalesce(a.country, ''),
       coalesce(s.description, ''), coalesce(t.description, s.subscription_type, ''), coalesce(s.your_reference, ''),
       lower(substr(trim(coalesce(a.language, '')), 1, 2))
  FROM subscription AS s JOIN account AS a ON a.id = s.ordered_by_id
  LEFT JOIN subscription_type AS t ON t.code = s.subscription_type WHERE s.id = ?"""


def overview(request: Request) -> Overview:
    """Return the preview: one row per subscription."""
    return Overview(
        columns=COLUMNS,
        keeps=("account", "status", "reason"),
        counts="subscriptions",
        sql=_PLAN.format(status=shared.STATUS, source=shared.source(request)),
        sort=("account", "subscription"),
        values={"as_of": str(request.as_of)},
        expects=shared.expected(request),
    )


def check(job: Job) -> None:
    """Raise for a missing folder or sender or a wrong text, before the first letter is written."""
    if job.values["apply"] and not job.values["dry_run"]:
        print_folder.check_folder(job, "the letters")
        _writer(job)


def _writer(job: Job) -> letters.Writer:
    config = job.session.config
    languages = letter_texts.read(config, 1)
    words = print_texts.read(config, "subscriptions", languages, letters.FIELDS)
    own = sender.read(config, administration.read(job.db))
    return letters.Writer(own, sender.feet(config, own, languages), words, job.request.as_of)


def prepare(job: Job) -> None:
    """Put the subscriptions into a temporary table, with the reason for those that cannot be printed."""
    condition, values = shared.condition(job.request)
    job.db.execute("DROP TABLE IF EXISTS temp.printed")
    job.db.execute("CREATE TEMP TABLE printed (id INTEGER PRIMARY KEY, cause TEXT, reason TEXT)")
    chosen = f"SELECT s.id, {_HAS_LINES} AS has_lines FROM {shared.source(job.request)} WHERE {condition}"
    rows = job.select(f"chosen AS ({chosen}) SELECT id, has_lines FROM chosen", values)
    job.db.executemany(
        "INSERT OR IGNORE INTO temp.printed VALUES (?, ?, ?)",
        [(number, *reasons.cells(None if has_lines else Reason.NO_LINES.why())) for number, has_lines in rows],
    )


def count(job: Job) -> int:
    """Return the number of subscriptions to print."""
    return int(job.db.execute("SELECT count(*) FROM temp.printed WHERE cause = ''").fetchone()[0])


def selected(job: Job) -> int:
    """Return the number of selected subscriptions."""
    return int(job.db.execute("SELECT count(*) FROM temp.printed").fetchone()[0])


def apply(job: Job, run_id: int) -> Result:
    """Write the letters and mark the subscriptions."""
    print_folder.recover(job, "its letters")
    done = count(job)
    if not done:
        return Result(0, "there is nothing to print")
    finish = print_folder.write(job, run_id, "subscriptions", lambda folder: _Printer(job).print(folder))
    marked = job.db.execute(
        "UPDATE subscription SET printed_date = ?, printed_run_id = ? WHERE printed_date IS NULL"
        " AND id IN (SELECT id FROM temp.printed WHERE cause = '')",
        (str(job.request.as_of), run_id),
    ).rowcount
    undo = (
        "undo takes the marks back: segcli undo {run}"
        if marked
        else "there is nothing to undo: all were printed before"
    )
    return Result(done, f"{counted(done, 'subscription')} printed", finish, undo)


class _Printer:
    """Writes the letters of the planned subscriptions into a folder."""

    def __init__(self, job: Job) -> None:
        self.job = job
        self.writer = _writer(job)
        self.language = str(sections.section(job.session.config, "reminders")["language"])
        self.parts = (job.values["only"],) if job.values["only"] else letters.PARTS

    def print(self, folder: Path) -> list[str]:
        """Write the letters, each or merged; return the warnings."""
        from segcli.output.documents import pdf
        from segcli.output.documents.fonts import Fonts

        warnings: list[str] = []
        fonts = Fonts(self.writer.sender.font) if self.writer.sender.font else None
        if self.job.values["merged"]:
            found = (letter for one in self._all() for letter in self.writer.letters(one, self.parts))
            with outbox.writing(folder / MERGED) as file:
                pdf.write(found, file, fonts, warnings)
            return warnings
        for one in self._all():
            name = outbox.free(folder, one.subscription.number)
            with outbox.writing(folder / f"{name}.pdf") as file:
                pdf.write(self.writer.letters(one, self.parts), file, fonts, warnings)
        return warnings

    def _all(self) -> Iterator[letters.Printed]:
        role = ROLES[self.job.request.values.get("role") or "ordered-by"]
        chosen = "s.id IN (SELECT id FROM temp.printed WHERE cause = '')"
        for subscription in source.read(self.job.select, role, chosen, {}, "ordered_by_id"):
            yield self._one(subscription)

    def _one(self, subscription: Subscription) -> letters.Printed:
        row = self.job.db.execute(_BESIDE, (subscription.id,)).fetchone()
        code, name, address, postcode, city, country, description, kind, reference, language = row
        place = "  ".join(filter(None, (postcode, city)))
        lines = (*address.split("\n"), place, country if country != self.writer.sender.country else "")
        known = language if language in self.writer.languages else self.language
        return letters.Printed(
            subscription, Party(name, tuple(filter(None, lines))), code, description, kind, reference, known
        )


def undo(db: sqlite3.Connection, run_id: int, _by_run: int) -> str:
    """Remove the printed marks of a run; written letters stay."""
    done = db.execute(
        "UPDATE subscription SET printed_date = NULL, printed_run_id = NULL WHERE printed_run_id = ?", (run_id,)
    ).rowcount
    return f"{counted(done, 'subscription')} of run {run_id} marked as never printed" if done else ""
