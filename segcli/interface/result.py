"""What a command that writes hands to the script that runs it: one JSON object, and the number of its run in a file.

`--result json` prints the object, `--run-file FILE` writes the number. Runs, files and changes are noted where they are made:
runs.py, database.py and output.py know no session, so that the result of the command in progress is kept here.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from segcli.base.errors import Problem, SegcliError, UsageError
from segcli.domain.table import Column, Table

if TYPE_CHECKING:
    from segcli.interface.command import Session

COUNTS = ("added", "changed", "removed", "unchanged", "rejected", "skipped", "accounts", "changes")  # in this order


class Change(NamedTuple):
    """One value that a command changed: of which record, in which field, from what to what."""

    record: str
    field: str
    old: str | None
    new: str | None


COLUMNS = (
    Column("record"),
    Column("field"),
    Column("old_value", heading="Was"),
    Column("new_value", heading="Is"),
)


@dataclass(slots=True)
class Result:
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

    def table(self, title: str) -> Table:
        """Return the table of changes."""
        return Table(title, COLUMNS, list(self.changes), with_totals=False)


_current = Result()


def begin() -> Result:
    """Begin a command: nothing is done yet."""
    global _current  # noqa: PLW0603 - one process runs one command at a time
    _current = Result()
    return _current


def current() -> Result:
    """Return the result of the command in progress."""
    return _current


def check(session: "Session", values: Mapping[str, Any]) -> None:
    """Refuse a table that would stand beside the object, and a file that cannot be written."""
    from segcli.base import file_guard
    from segcli.output import destinations
    from segcli.query import answer

    if values.get("output"):
        answer.Output.read(values, session.config)
    if values["result"]:
        path = values.get("output")
        if path and (path == "-" or destinations.is_stdout(Path(path))):
            raise UsageError("--result json has standard output for itself", "write the table to a file: -o FILE")
        if values.get("format") and not path:
            raise UsageError("--format: --result json has standard output for itself", "write the table with -o FILE")
    for name in ("run_file", "output"):
        path = Path(values.get(name) or ".")
        if not path.parent.is_dir():
            raise SegcliError(f"{path} cannot be written: its folder does not exist", "nothing was changed")
        if values.get(name):
            file_guard.refuse(path)
    if values["run_file"] == "-":
        raise UsageError("--run-file: '-' is no file", "name a file")
    others = (values.get(name) for name in ("output", "rejects", "target"))
    if values["run_file"] and os.path.realpath(values["run_file"]) in {
        os.path.realpath(other) for other in others if other
    }:
        raise UsageError(f"--run-file: {values['run_file']} is to hold something else", "name another file")


def write_table(session: "Session", values: Mapping[str, Any], table: Table, *, is_shown: bool = False) -> None:
    """Write a table of changes where --format or --output asks for it, or where it is shown anyway.

    Where it cannot be written, the error says that the changes are made.
    """
    from segcli.query import answer

    if not (is_shown or values.get("format") or values.get("output")):
        return
    try:
        answer.write(table, answer.Output.read(values, session.config))
    except SegcliError as error:
        _tell_done(session, error)
        raise


def prints_table(values: Mapping[str, Any]) -> bool:
    """Tell whether the table of changes goes to standard output, which then has no room for another answer."""
    return bool(values["dry_run"] or values["format"]) and not values["output"]


def _tell_done(session: "Session", error: SegcliError) -> None:
    if session.result.runs:
        done = f"run {session.result.runs[-1]} is done all the same"
        error.hint = "; ".join(filter(None, (error.hint, done)))


@contextmanager
def handing(session: "Session", name: str, values: Mapping[str, Any]) -> Iterator[None]:
    """Hand over what the command in the block did, however it ends."""
    if "result" not in values:
        yield
        return
    check(session, values)
    if values["run_file"]:  # a process that is killed must not leave the number of an earlier run
        _write_numbers(session, values["run_file"])
        session.result.files.clear()
    session.result.takes_stdout = bool(values["result"])
    import sqlite3

    try:
        yield
    except BaseException as error:
        if isinstance(error, SegcliError):
            session.result.skip(error.problems)
        with suppress(SegcliError, OSError, sqlite3.Error):
            _hand(session, name, values)
        raise
    _hand(session, name, values)


def _hand(session: "Session", name: str, values: Mapping[str, Any]) -> None:
    from segcli.output import destinations

    done = session.result
    files = list(done.files)
    try:
        if values["run_file"] and done.runs:
            _write_numbers(session, values["run_file"])
        if values["result"]:
            done.takes_stdout = False
            destinations.write_stdout(_text(session, name, files))
    except SegcliError as error:
        _tell_done(session, error)
        raise


def _write_numbers(session: "Session", name: str) -> None:
    from segcli.output import destinations

    destinations.write_text(Path(name), "".join(f"{number}\n" for number in session.result.runs))


def _text(session: "Session", name: str, files: Iterable[str]) -> str:
    import json

    done = session.result
    content = {
        "command": name,
        "run": done.runs[-1] if done.runs else None,
        "counts": {key: done.counts[key] for key in COUNTS if key in done.counts},
        "skipped": [{"record": what, "reason": reason} for what, reason in done.skipped],
        "files": [os.fsencode(path).decode("utf-8", "backslashreplace") for path in files],
        "undo": _undo(session) or None,
    }
    content |= {"number": done.number} if done.number else {}
    return json.dumps(content, ensure_ascii=True) + "\n"


def _undo(session: "Session") -> str:
    """Return the command line that takes the runs back, the last one first; '' where that is not possible."""
    import shlex

    from segcli.commands import undo

    done = session.result
    if not done.runs or done.is_final:
        return ""
    with session.connect() as db:
        sql = "SELECT coalesce(batch_id, -id) FROM run WHERE id = ?"  # the files of one command are undone together
        last = {
            db.execute(sql, (number,)).fetchone()[0]: number for number in done.runs if undo.is_possible(db, number)
        }
    lines = (("segcli", *session.common, "undo", str(number), "--yes") for number in reversed(last.values()))
    return " && ".join(map(shlex.join, lines))
