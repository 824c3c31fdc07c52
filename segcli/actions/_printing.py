"""What actions that print share: the folder that appears whole, and what an earlier run may have left in it."""

from collections.abc import Callable
from pathlib import Path

from segcli import outbox
from segcli.actions._action import Job
from segcli.errors import UsageError


def check_folder(job: Job, what: str) -> None:
    """Refuse before anything is written where there is no folder for it; `what` goes there: 'the letters'."""
    if not job.values["folder"]:
        raise UsageError(f"where do {what} go?", "say --folder DIR")
    outbox.check_folder(Path(job.values["folder"]))


def recover(job: Job, what: str) -> None:
    """Complete or remove what killed runs left in the folder. Needs the lock: nobody else is writing there."""
    sql = "SELECT EXISTS (SELECT 1 FROM run WHERE outbox = ?)"
    folder = Path(job.values["folder"])
    for path in outbox.recover(folder, lambda name: bool(job.db.execute(sql, (name,)).fetchone()[0])):
        job.session.warn(f"an earlier run was cut off after its commit: {what} are in {path}")


def write(job: Job, run_id: int, name: str, fill: Callable[[Path], list[str]]) -> Callable[[], str]:
    """Let a function fill a hidden folder, note it with the run, and return what gives it its name after the commit.

    `fill` returns what a reader would miss in what it wrote.
    """
    with outbox.prepared(Path(job.values["folder"]), f"{name}-{job.request.as_of}") as hidden:
        told = fill(hidden)
    job.db.execute("UPDATE run SET outbox = ? WHERE id = ?", (hidden.name, run_id))
    for warning in dict.fromkeys(told):
        job.session.warn(warning)
    return lambda: f"the {name} are in {outbox.publish(hidden)}"
