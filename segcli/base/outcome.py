"""The outcome of the current command so far: its runs, files, changes and counts.

Low-level code records runs, files and changes here without needing a session. The outcome can be global because a process
runs one command at a time.
"""

from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from segcli.base.errors import Problem

COUNTS = ("added", "changed", "removed", "unchanged", "rejected", "skipped", "accounts", "changes")  # in this order


class Change(NamedTuple):
    """One changed value: the record, the field, the old and the new value."""

    record: str
    field: str
    old: str | None
    new: str | None


class Outcome:
    """The outcome of the current command so far."""

    def __init__(self) -> None:
        self.takes_stdout = False  # standard output carries only the result object
        self.is_final = False  # undo cannot revert it, whatever its run records
        self.runs: list[int] = []  # committed
        self.files: list[str] = []
        self.changes: list[Change] = []
        self.number = ""  # assigned to a new record
        self.counts: dict[str, int] = {}
        self.skipped: list[tuple[str, str]] = []  # item and reason
        self._opened: list[int] = []  # runs of the current transaction

    def open(self, run_id: int) -> None:
        """Record a run of the current transaction."""
        self._opened.append(run_id)

    def close(self, *, is_committed: bool) -> None:
        """Record the end of the current transaction: its runs count only if it was committed."""
        self.runs += self._opened if is_committed else ()
        self._opened.clear()

    def wrote(self, path: Path) -> None:
        """Record a file or folder that was written."""
        if str(path) not in self.files:
            self.files.append(str(path))

    def count(self, **numbers: int) -> None:
        """Add to the counts."""
        for name, number in numbers.items():
            self.counts[name] = self.counts.get(name, 0) + number

    def change(self, record: str, field: str, old: object, new: object) -> None:
        """Record a changed value, for the table of changes."""
        self.changes.append(Change(record, field, *(None if v is None else str(v) for v in (old, new))))

    def skip(self, problems: Iterable[Problem]) -> None:
        """Record what was skipped."""
        for problem in problems:
            where = ":".join(str(part) for part in problem[:3] if part not in (None, ""))
            self.skipped.append((where, problem.reason))


_current = Outcome()


def begin() -> Outcome:
    """Start a command with an empty outcome."""
    global _current  # noqa: PLW0603 - one process runs one command at a time
    _current = Outcome()
    return _current


def current() -> Outcome:
    """Return the outcome of the current command."""
    return _current
