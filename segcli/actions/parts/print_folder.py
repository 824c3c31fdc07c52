"""The output folder of actions that print: published atomically, and recovered after a killed run."""

import shlex
import sqlite3
from collections.abc import Callable
from contextlib import suppress
from datetime import date
from functools import partial
from pathlib import Path

from segcli.actions.parts.job import Job
from segcli.base.errors import UsageError
from segcli.output import outbox


def check_folder(job: Job, what: str) -> None:
    """Raise UsageError without an output folder, before anything is written; `what` names the contents: 'the letters'."""
    if not job.values["folder"]:
        raise UsageError(f"where do {what} go?", "say --folder DIR; -o is for the list of what is printed")
    outbox.check_folder(Path(job.values["folder"]))


def recover(job: Job, what: str) -> None:
    """Publish or remove what killed runs left in the folder. Needs the lock, so that nobody else is writing there."""
    for path in outbox.recover(Path(job.values["folder"]), partial(_is_noted, job)):
        job.session.insist(f"an earlier run was cut off after its commit: {what} are in {path}")


def _is_noted(job: Job, name: str) -> bool:
    """Tell whether this hidden folder belongs to a committed or open run."""
    return bool(job.db.execute("SELECT EXISTS (SELECT 1 FROM run WHERE outbox = ?)", (name,)).fetchone()[0])


def discard(job: Job) -> None:
    """Remove what was written for a transaction that was rolled back.

    If the database cannot tell whether it was, the folder stays hidden until the next run publishes or removes it.
    """
    for hidden in job.hidden:
        with suppress(sqlite3.Error):
            if not _is_noted(job, hidden.name):
                outbox.discard(hidden)


def written_before(job: Job) -> Path | None:
    """Discard the folder just written if an earlier run published the same content; return where."""
    hidden = job.hidden[-1]
    path = outbox.published_before(hidden)
    if path:
        job.hidden.pop()
        outbox.discard(hidden)
    return path


def write(
    job: Job, run_id: int, name: str, fill: Callable[[Path], list[str]], day: date | None = None
) -> Callable[[], str]:
    """Fill a hidden folder, record it with the run, and return the function that publishes it after the commit.

    The folder's name ends with the day, by default that of --as-of. `fill` returns warnings, which are given after the
    commit. Nothing is printed before it.
    """
    with outbox.prepared(Path(job.values["folder"]), f"{name}-{day or job.request.as_of}") as hidden:
        job.hidden.append(hidden)
        job.warnings.extend(fill(hidden))
    job.db.execute("UPDATE run SET outbox = ? WHERE id = ?", (hidden.name, run_id))

    def publish() -> str:
        place = outbox.publish(hidden)
        message = f"the {name} are in {place}"
        return (
            f"{message}; send the e-mails with: segcli send {shlex.quote(str(place))}"
            if any(place.glob("*.eml"))
            else message
        )

    return publish
