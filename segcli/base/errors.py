"""What the user can put right, and the exit status each of it stands for.

SegcliError (1)          something failed: a file cannot be read, a row is wrong
├── UsageError (2)       wrong usage, an unknown label or value on the command line
├── EmptyError (3)       --fail-if-empty and nothing was found
├── DayError (1)          it cannot be done for that day; DayUsageError (2) where the command line says it
├── RejectedError (5)    done, except for rows that were rejected or what an action could not do
├── GuardError (6)       refused by a guard: too many changes, stale data
└── BusyError (75)       the database stayed busy
Status 4 (CHANGED) is no error: --exit-code asked to be told that something changed, or would. Anything else that is
raised is a bug and keeps its traceback.
"""

import errno
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from segcli.base.text import visible

SHOWN_PROBLEMS = 20
MOST_PROBLEMS = 1000  # of a file that are kept; all are counted
_SHOWN = 60  # characters of a value
CHANGED = 4  # the exit status where --exit-code is given and something changed, or would
INTERRUPTED = 130  # by Ctrl-C
PIPE_CLOSED = 141

_REASONS = {
    errno.ENOENT: "its folder does not exist",
    errno.ENOTDIR: "its folder is a file",
    errno.EACCES: "you may not write in its folder",
    errno.EPERM: "you may not write in its folder",
    errno.EROFS: "the disk is read-only",
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "your share of the disk is full",
    errno.EFBIG: "it is larger than a file may be here (ulimit -f)",
    errno.ENAMETOOLONG: "its name is too long",
}


def reason_of(error: OSError) -> str:
    """Return in words why the system did not do what a file was to have done to it."""
    if error.errno in {errno.EACCES, errno.EPERM} and isinstance(error.filename, str):
        return _barred(error.filename)
    return _REASONS.get(error.errno or 0, error.strerror or str(error))


def _barred(name: str) -> str:
    """Return why a file may not be written: for its folder's sake, or for its own."""
    from pathlib import Path

    path = Path(name).absolute()
    if not (os.access(path.parent, os.W_OK | os.X_OK) and os.path.lexists(path)):
        return _REASONS[errno.EACCES]
    import pwd

    number = path.lstat().st_uid
    try:
        owner = pwd.getpwuid(number).pw_name
    except KeyError:
        owner = f"user {number}"
    return f"it belongs to {owner}, and you may not write it (its owner can give you the right: chmod g+rw)"


class Problem(NamedTuple):
    """One thing that is wrong in a file: where it stands, what it is and how to mend it."""

    file: str
    place: int | str | None  # the physical line where the record starts, or a path such as $[3]
    column: str
    value: str | None
    reason: str
    fix: str = ""

    def __str__(self) -> str:
        """Return `file:place:column: 'value': reason; fix`, leaving out what is empty."""
        where = ":".join(str(part) for part in (self.file, self.place, self.column) if part not in (None, ""))
        value = "" if self.value is None else f" '{_shorten(visible(self.value[: 2 * _SHOWN]))}':"
        return f"{where}:{value} {self.reason}" + (f"; {self.fix}" if self.fix else "")


def _shorten(value: str, limit: int = _SHOWN) -> str:
    return value if len(value) <= limit else value[: limit - 1] + "…"


class SegcliError(Exception):
    """The user can put it right: `message` says what is wrong, `hint` what to do."""

    status = 1
    kind = "failure"  # what --errors json calls it

    def __init__(
        self, message: str, hint: str = "", problems: Sequence[Problem] = (), *, names_all: bool = False
    ) -> None:
        super().__init__(message)
        self.names_all = names_all
        self.message = message
        self.hint = hint
        self.problems = problems

    def lines(self) -> Iterable[str]:
        """Yield what the user reads: the problems first (20 at most, unless all are named), then what it comes to."""
        shown = len(self.problems) if self.names_all else SHOWN_PROBLEMS
        yield from (str(problem) for problem in self.problems[:shown])
        if len(self.problems) >= MOST_PROBLEMS and not self.names_all:
            yield "and many more"
        elif len(self.problems) > shown:
            yield f"and {len(self.problems) - SHOWN_PROBLEMS} more"
        yield self.message
        if self.hint:
            yield self.hint


class UsageError(SegcliError):
    """The command line is wrong, or names a label, value or account that is not there."""

    status = 2
    kind = "usage"


@contextmanager
def in_file(place: str = "") -> Iterator[None]:
    """Make what the command line would call wrong usage an error of a file: status 1, with the place in front."""
    try:
        yield
    except UsageError as error:
        kind = DayError if isinstance(error, DayError) else SegcliError
        where = f"{place}: " if place else ""
        raise kind(f"{where}{error.message}", error.hint, error.problems) from error


class EmptyError(SegcliError):
    """Nothing was found, and --fail-if-empty asked to be told so."""

    status = 3
    kind = "empty"


class DayError(SegcliError):
    """It cannot be done for that day, and could be for another: a report says so in its place."""


class DayUsageError(DayError, UsageError):
    """The command line asks for a day for which it cannot be done."""

    status = 2
    kind = "usage"


class RejectedError(SegcliError):
    """The work is done, except for what is named: rows that were rejected, or what an action could not do."""

    status = 5
    kind = "rejected"


class GuardError(SegcliError):
    """A guard refused: too many changes, stale data, a plan that no longer fits."""

    status = 6
    kind = "guard"


class BusyError(SegcliError):
    """Another process kept the database busy for longer than we wait."""

    status = 75
    kind = "busy"
