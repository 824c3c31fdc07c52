"""Runs: each writing command, with its user and reason. `log` lists runs and `undo` reverts them."""

import os
import sqlite3
from datetime import UTC, datetime

from segcli.base import outcome
from segcli.base.text import visible

# The condition that a run was not undone, or that its undo was undone; {run} is the alias of `run`.
STANDS = """NOT EXISTS (SELECT 1 FROM run AS u WHERE u.undoes_run_id = {run}.id
              AND NOT EXISTS (SELECT 1 FROM run AS r WHERE r.undoes_run_id = u.id))"""


def start(
    db: sqlite3.Connection, command: str, source: str, reason: str | None = None, undoes: int | None = None
) -> int:
    """Open a run in the open transaction and return its id."""
    found = db.execute(
        "INSERT INTO run (command, source, reason, user_name, started_at, undoes_run_id) VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
        (visible(command), source, reason, user_name(), now(), undoes),
    )
    number = int(found.fetchone()[0])
    outcome.current().open(number)
    return number


def join(db: sqlite3.Connection, run_id: int, batch_id: int) -> None:
    """Add a run to a batch, identified by its first run. The runs of a batch are undone together."""
    db.execute("UPDATE run SET batch_id = ? WHERE id = ?", (batch_id, run_id))


def finish(db: sqlite3.Connection, run_id: int, summary: str) -> None:
    """Store the summary of the run."""
    db.execute("UPDATE run SET summary = ? WHERE id = ?", (summary, run_id))


def now() -> str:
    """Return the current time in UTC, or noon of SEGCLI_TODAY if set."""
    fixed = os.environ.get("SEGCLI_TODAY", "")
    return f"{fixed}T12:00:00Z" if fixed else datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def user_name() -> str:
    """Return the name of the user who runs segcli."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as in containers
        return str(os.getuid())
