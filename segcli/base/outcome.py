"""What the command in progress has done so far: its runs, files, changes and counts.

Runs, files and changes are noted where they are made, by code that knows no session. One process runs one command at a time,
so that the outcome is kept here.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

from segcli.base.errors import Problem

COUNTS = ("added", "changed", "removed", "unchanged", "rejected", "skipped", "accounts", "changes")  # in this order


class Change(NamedTuple):
    """One value that a command changed: of which record, in which field, from what to what."""

    record: str
    field: str
    old: str | None
    new: str | None


@dataclass(slots=True)
class Outcome:
    """What the command in progress has done so far."""

    takes_stdout: bool = False  # standard output is for the object alone
    is_final: bool = False  # undo does not take it back, whatever its run notes
    runs: list[int] = field(default_factory=list)  # committed
    files: list[str] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)
    number: str = ""  # that a new record was given
    counts: dict[str, int] = field(default_factory=dict)
    skipped: list[tuple[str, str]] = field(default_factory=list)  # what, and for which reason
    _opened: list[int] = field(default_factory=list)  # runs of the transaction in progress

    def open(self, run_id: int) -> None:
        """Note a run of the transaction in progress."""
        self._opened.append(run_id)

    def close(self, *, is_committed: bool) -> None:
        """Note how the transaction in progress ended."""
        self.runs += self._opened if is_committed else ()
        self._opened.clear()

    def wrote(self, path: Path) -> None:
        """Note a file or a folder that was written."""
        if str(path) not in self.files:
            self.files.append(str(path))

    def count(self, **numbers: int) -> None:
        """Add to the counts."""
        for name, number in numbers.items():
            self.counts[name] = self.counts.get(name, 0) + number

    def change(self, record: str, field: str, old: object, new: object) -> None:
        """Note a value that was changed, for the table of changes."""
        self.changes.append(Change(record, field, *(None if v is None else str(v) for v in (old, new))))

    def skip(self, problems: Iterable[Problem]) -> None:
        """Note what could not be done."""
        for problem in problems:
            where = ":".join(str(part) for part in problem[:3] if part not in (None, ""))
            self.skipped.append((where, problem.reason))


_current = Outcome()


def begin() -> Outcome:
    """Begin a command: nothing is done yet."""
    global _current  # noqa: PLW0603 - one process runs one command at a time
    _current = Outcome()
    return _current


def current() -> Outcome:
    """Return the outcome of the command in progress."""
    return _current
