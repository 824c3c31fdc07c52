"""Results for scripts: a JSON object with --result json, and the run's number in a file with --run-file.

segcli.base.outcome holds the data.
"""

import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from segcli.base.errors import SegcliError, UsageError
from segcli.base.outcome import COUNTS
from segcli.interface.command import Session


def check(session: Session, values: Mapping[str, Any]) -> None:
    """Raise UsageError for a table on the same output as the object, or a file that cannot be written."""
    from segcli.base import file_guard
    from segcli.output import destinations, wanted

    if values.get("output"):
        wanted.Output.read(values, session.config)
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


@contextmanager
def handing(session: Session, name: str, values: Mapping[str, Any]) -> Iterator[None]:
    """Write the results of the command in the block, however it ends."""
    if "result" not in values:
        yield
        return
    check(session, values)
    if values["run_file"]:  # a killed process must not leave the number of an earlier run
        _write_numbers(session, values["run_file"])
        session.outcome.files.clear()
    session.outcome.takes_stdout = bool(values["result"])
    import sqlite3

    try:
        yield
    except BaseException as error:
        if isinstance(error, SegcliError):
            session.outcome.skip(error.problems)
        with suppress(SegcliError, OSError, sqlite3.Error):
            _hand(session, name, values)
        raise
    _hand(session, name, values)


def _hand(session: Session, name: str, values: Mapping[str, Any]) -> None:
    from segcli.output import destinations

    done = session.outcome
    files = list(done.files)
    try:
        if values["run_file"] and done.runs:
            _write_numbers(session, values["run_file"])
        if values["result"]:
            done.takes_stdout = False
            destinations.write_stdout(_text(session, name, files))
    except SegcliError as error:
        from segcli.interface import changes

        changes.tell_done(session, error)
        raise


def _write_numbers(session: Session, name: str) -> None:
    from segcli.output import destinations

    destinations.write_text(Path(name), "".join(f"{number}\n" for number in session.outcome.runs))


def _text(session: Session, name: str, files: Iterable[str]) -> str:
    import json

    done = session.outcome
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


def _undo(session: Session) -> str:
    """Return the command line that undoes the runs, last first; '' if that is impossible."""
    import shlex

    from segcli.undo import possible

    done = session.outcome
    if not done.runs or done.is_final:
        return ""
    with session.connect() as db:
        sql = "SELECT coalesce(batch_id, -id) FROM run WHERE id = ?"  # one undo covers all files of an import command
        last = {
            db.execute(sql, (number,)).fetchone()[0]: number for number in done.runs if possible.is_possible(db, number)
        }
    lines = (("segcli", *session.common, "undo", str(number), "--yes") for number in reversed(last.values()))
    return " && ".join(map(shlex.join, lines))
