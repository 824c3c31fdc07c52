"""The root of the command line: the only place where errors become messages and exit statuses."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from types import FrameType
from typing import Any

from segcli.base import file_guard, scratch
from segcli.base.errors import INTERRUPTED, PIPE_CLOSED, SegcliError
from segcli.cli import wiring
from segcli.commands import root
from segcli.interface.command import Command, Group, Session

_LONGEST, _LINES = 2_000, 50  # limit of an error message: a value may be a whole file
_signalled: list[int] = []  # the exit status for a terminating signal


wiring.connect()


def main() -> None:
    """Run segcli with the process's arguments and exit with its status."""
    os.umask(0o077)  # written files are private: accounts are people
    if sys.argv[1:2] in (["__complete"], ["__complete_line"]):  # words, or the line as bash passes it
        from segcli.cli import completion

        if sys.argv[1] == "__complete":
            completion.run(sys.argv[2:], root())
        else:
            completion.run_line("".join(sys.argv[2:]), root())
        _exit(0)
    status = None
    try:
        status = run(sys.argv[1:])
    finally:
        if status is None and _signalled:  # even if an import or a cleanup turned it into another error
            _exit(_signalled[-1])
    _exit(status)


def _exit(status: int) -> None:
    """Flush the output and exit. A closed pipe is not reported, and signals are ignored from here on."""
    import signal

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    is_flushed = True
    for stream in (sys.stderr, sys.stdout):
        try:
            if stream is not None:
                stream.flush()
        except OSError:
            is_flushed = False
    if not is_flushed or _signalled or status == INTERRUPTED:
        # Everything is unwound. Python would kill itself with SIGINT if that arrived during exec of a string.
        scratch.leave()
        os._exit(status)
    sys.exit(status)


def run(words: Sequence[str]) -> int:
    """Run one command line and return its exit status. Messages go to stderr, as JSON with --errors json."""
    as_json = _wants_json(words)
    file_guard.forget()
    _on_termination()
    try:
        return _run(words)
    except SegcliError as error:
        return _report(error, as_json=as_json)
    except KeyboardInterrupt:
        return _signalled[-1] if _signalled else INTERRUPTED
    except BrokenPipeError:
        _silence_stdout()
        return PIPE_CLOSED
    except OSError as error:
        return _report(_explain_os(error), as_json=as_json)


def _on_termination() -> None:
    """Let signals unwind the stack, so that files are removed and transactions rolled back; remember the signal."""
    import signal

    def leave(number: int, _frame: FrameType | None) -> None:
        _signalled.append(128 + number)
        raise KeyboardInterrupt

    _signalled.clear()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        handler = signal.getsignal(number)
        if handler in {signal.SIG_DFL, signal.default_int_handler} or _is_first(handler):
            signal.signal(number, leave)


def _is_first(handler: object) -> bool:
    """Tell whether a signal has its initial handler."""
    return getattr(handler, "__module__", "") == "segcli.cli.start"


def _wants_json(words: Sequence[str]) -> bool:
    return "--errors=json" in words or ("--errors", "json") in pairwise(words)


def _run(words: Sequence[str]) -> int:
    from segcli.interface import fast_parser

    line = fast_parser.understand(root(), words)
    if line is None:
        return 0
    if line.raw.get("version"):
        print(_versions())  # noqa: T201 - what --version is for
        return 0
    return _invoke(line.command, line.raw, words, line.name)


def _versions() -> str:
    """Return the versions of segcli, of the database schema that it writes, and of the SQLite library."""
    import sqlite3

    from segcli import __version__
    from segcli.storage.database_file import VERSION

    return f"segcli {__version__} (schema {VERSION}, SQLite {sqlite3.sqlite_version})"


def _invoke(command: Command | Group, raw: dict[str, Any], words: Sequence[str], name: str) -> int:
    from segcli.base import dates
    from segcli.cli import handover
    from segcli.interface import fast_parser, options
    from segcli.settings import config, rfm_scheme

    if isinstance(command, Group):
        if command.run is None and (name or not sys.stdout or not sys.stdout.isatty()):
            fast_parser.understand(root(), [*words, "--help"])
            return 0
        common = options.check(options.COMMON, raw)
        session = Session(config.load(common), common, dates.today())
        if command.run:
            command.run(session)
        elif session.database.exists():
            from segcli.cli import welcome

            welcome.show(session)
        else:
            fast_parser.understand(root(), [*words, "--help"])
        return 0
    values = options.check(command.every_parameter, raw)
    session = Session(config.load(values), values, dates.today(), words)
    rfm_scheme.use(session.config)
    _refuse_inputs(command, session, values)
    with handover.handing(session, name, values):
        return _with_database(command, session, values)


def _refuse_inputs(command: Command, session: Session, values: dict[str, Any]) -> None:
    """Refuse an output file that is also an input, before anything is done; files found later are checked when written."""
    file_guard.note(session.config.path, file_guard.CONFIGURATION)
    file_guard.note(session.database, file_guard.DATABASE)
    files = [parameter for parameter in command.parameters if parameter.completes == "file" and values[parameter.name]]
    for parameter in files:
        if not parameter.is_written:
            named = values[parameter.name]
            for name in named if parameter.is_many else (named,):
                file_guard.note_named(name)
    for parameter in files:
        if parameter.is_written and parameter.flags and values[parameter.name] != "-":
            file_guard.refuse(values[parameter.name], parameter.flags[0])  # the command checks its own arguments


def _with_database(command: Command, session: Session, values: dict[str, Any]) -> int:
    """Run the command and translate SQLite errors. A query aborted by a signal is an interrupt.

    SQLite hides exceptions raised in Python functions that it calls.
    """
    import sqlite3

    try:
        return command.run(session, values) or 0
    except sqlite3.OperationalError as error:
        if _signalled or str(error) == "interrupted":
            raise KeyboardInterrupt from error
        from segcli.storage import diagnosis

        raise diagnosis.explain(error, session.database) from error
    except sqlite3.DatabaseError as error:
        from segcli.storage import diagnosis

        raise diagnosis.explain(error, session.database) from error


def _report(error: SegcliError, *, as_json: bool) -> int:
    from segcli.base.text import visible

    if sys.stderr is None:
        return error.status
    if as_json:
        said = _as_json(error) + "\n"
    else:
        head, *rest = [_shown(visible(line)) for text in error.lines() for line in text.split("\n")[:_LINES]]
        said = "".join(f"{text}\n" for text in (f"segcli: {head}", *(f"  {text}" for text in rest)))
    with suppress(OSError):  # on a full disk only the status reports it
        sys.stderr.write(said)
    return error.status


def _shown(line: str) -> str:
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…"


def _as_json(error: SegcliError) -> str:
    import json

    problems = [
        {"file": p.file, "line": p.place, "column": p.column, "value": p.value, "reason": p.reason, "fix": p.fix}
        for p in error.problems
    ]
    content = {"error": error.kind, "status": error.status, "message": error.message, "hint": error.hint}
    return json.dumps(content | {"problems": problems})


def _explain_os(error: OSError) -> SegcliError:
    where = f"{error.filename}: " if error.filename else ""
    return SegcliError(f"{where}{error.strerror or error}")


def _silence_stdout() -> None:
    """Redirect stdout to /dev/null, so that the final flush does not fail again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
