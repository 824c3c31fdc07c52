"""Errors that the user can fix, and their exit statuses.

SegcliError (1)          something failed: a file cannot be read, a row is wrong
├── UsageError (2)       wrong usage, an unknown label or value on the command line
├── EmptyError (3)       nothing was found, with --fail-if-empty
├── DayError (1)         not possible for that day; DayUsageError (2) if the day came from the command line
├── RejectedError (5)    done, except for rejected rows or actions that could not be carried out
├── GuardError (6)       refused by a guard: too many changes, stale data
└── BusyError (75)       the database stayed busy
Status 4 (CHANGED) is not an error: with --exit-code it reports that something changed, or would change.
Any other exception is a bug and keeps its traceback.
"""

import errno
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from segcli.base.text import visible

SHOWN_PROBLEMS = 20
MOST_PROBLEMS = 1000  # kept per file; all are counted
_SHOWN = 60  # characters of a value
CHANGED = 4  # exit status with --exit-code if something changed, or would change
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
    """Return in words why a file operation failed."""
    if error.errno in {errno.EACCES, errno.EPERM} and isinstance(error.filename, str):
        return _barred(error.filename)
    return _REASONS.get(error.errno or 0, error.strerror or str(error))


def _barred(name: str) -> str:
    """Return why permission was denied: because of the folder, or because of the file's owner."""
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
    """One problem in a file: its location, the reason and the fix."""

    file: str
    place: int | str | None  # the physical line on which the record starts, or a path such as $[3]
    column: str
    value: str | None
    reason: str
    fix: str = ""

    @property
    def why(self) -> str:
        """Return the column and the reason, without the value."""
        return ": ".join(filter(None, (self.column, self.reason)))

    def __str__(self) -> str:
        """Return `file:place:column: 'value': reason; fix`, without the empty parts."""
        where = ":".join(str(part) for part in (self.file, self.place, self.column) if part not in (None, ""))
        value = "" if self.value is None else f" '{_shorten(visible(self.value[: 2 * _SHOWN]))}':"
        return f"{where}:{value} {self.reason}" + (f"; {self.fix}" if self.fix else "")


def _shorten(value: str, limit: int = _SHOWN) -> str:
    return value if len(value) <= limit else value[: limit - 1] + "…"


class SegcliError(Exception):
    """An error that the user can fix: `message` says what is wrong, `hint` what to do."""

    status = 1
    kind = "failure"  # its name in --errors json

    def __init__(
        self, message: str, hint: str = "", problems: Sequence[Problem] = (), *, names_all: bool = False
    ) -> None:
        super().__init__(message)
        self.names_all = names_all
        self.message = message
        self.hint = hint
        self.problems = problems

    def lines(self) -> Iterable[str]:
        """Yield the lines shown to the user: the problems (at most 20, unless `names_all`), then message and hint."""
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
    """Turn a UsageError into an error about a file: status 1, prefixed with the place."""
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
    """Not possible for that day, though it may be for another; a report prints the message instead of the result."""


class DayUsageError(DayError, UsageError):
    """The command line gives a day for which it is not possible."""

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
