"""What actions that print share: the folder that appears whole, and what an earlier run may have left in it."""

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
    """Refuse before anything is written where there is no folder for it; `what` goes there: 'the letters'."""
    if not job.values["folder"]:
        raise UsageError(f"where do {what} go?", "say --folder DIR")
    outbox.check_folder(Path(job.values["folder"]))


def recover(job: Job, what: str) -> None:
    """Complete or remove what killed runs left in the folder. Needs the lock: nobody else is writing there."""
    for path in outbox.recover(Path(job.values["folder"]), partial(_is_noted, job)):
        job.session.insist(f"an earlier run was cut off after its commit: {what} are in {path}")


def _is_noted(job: Job, name: str) -> bool:
    """Tell whether a run that was committed, or is open, goes with this hidden folder."""
    return bool(job.db.execute("SELECT EXISTS (SELECT 1 FROM run WHERE outbox = ?)", (name,)).fetchone()[0])


def discard(job: Job) -> None:
    """Remove what was written for a transaction that was rolled back.

    Where the database cannot be asked whether it was, the folder stays hidden, and the next run completes or removes it.
    """
    for hidden in job.hidden:
        with suppress(sqlite3.Error):
            if not _is_noted(job, hidden.name):
                outbox.discard(hidden)


def written_before(job: Job) -> Path | None:
    """Discard what was just written where the same was published before, by a run with the same words; return where."""
    hidden = job.hidden[-1]
    path = outbox.published_before(hidden)
    if path:
        job.hidden.pop()
        outbox.discard(hidden)
    return path


def write(
    job: Job, run_id: int, name: str, fill: Callable[[Path], list[str]], day: date | None = None
) -> Callable[[], str]:
    """Let a function fill a hidden folder, note it with the run, and return what gives it its name after the commit.

    The name ends with the day, by default that of --as-of.

    `fill` returns what a reader would miss in what it wrote: that is said after the commit. Nothing is printed before it.
    """
    with outbox.prepared(Path(job.values["folder"]), f"{name}-{day or job.request.as_of}") as hidden:
        job.hidden.append(hidden)
        job.told.extend(fill(hidden))
    job.db.execute("UPDATE run SET outbox = ? WHERE id = ?", (hidden.name, run_id))
    return lambda: f"the {name} are in {outbox.publish(hidden)}"
