"""The root of the command line, and the one place where errors become messages and exit statuses."""

import gc
import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any

from segcli.base import file_guard, scratch
from segcli.base.errors import INTERRUPTED, PIPE_CLOSED, SegcliError
from segcli.cli import wiring
from segcli.commands import root
from segcli.interface.command import Command, Group, Session

# Rows make no circles: looking for them every 700 tuples takes a twentieth of a command.
_COLLECTING = (100_000, 50, 1000)
_LONGEST, _LINES = 2_000, 50  # of what is said of an error: a value may be a whole file
_signalled: list[int] = []  # the status for the signal that ends us


wiring.connect()


def main() -> None:
    """Run segcli with the words of the process and exit with its status."""
    os.umask(0o077)  # what we write is for its owner: accounts are people
    gc.set_threshold(*_COLLECTING)
    if sys.argv[1:2] in (["__complete"], ["__complete_line"]):  # words; the line as bash has it
        from segcli.cli import completion

        if sys.argv[1] == "__complete":
            completion.run(sys.argv[2:], root())
        else:
            completion.run_line("".join(sys.argv[2:]), root())
        return
    status = None
    try:
        status = run(sys.argv[1:])
    finally:
        if status is None and _signalled:  # whatever an import or a clean-up made of it
            _exit(_signalled[-1])
    _exit(status)


def _exit(status: int) -> None:
    """Flush what is left and leave; a reader that has gone away is no error of ours to report, and no signal matters now."""
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
        # All is unwound; Python would kill itself by SIGINT where that came while it ran a text as code.
        scratch.leave()
        os._exit(status)
    sys.exit(status)


def run(words: Sequence[str]) -> int:
    """Run one command line and return its exit status. Messages go to stderr, as JSON where --errors json asks."""
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
    """Let signals unwind like an exit, so that temporary files go and transactions roll back; and keep which it was."""
    import signal

    def leave(number: int, _frame: Any) -> None:  # noqa: ANN401 - a frame
        _signalled.append(128 + number)
        raise KeyboardInterrupt

    _signalled.clear()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        handler = signal.getsignal(number)
        if handler in {signal.SIG_DFL, signal.default_int_handler} or _is_first(handler):
            signal.signal(number, leave)


def _is_first(handler: object) -> bool:
    """Tell whether it is the handler that a process begins with."""
    return getattr(handler, "__module__", "") == "segcli.cli.start"


def _wants_json(words: Sequence[str]) -> bool:
    return "--errors=json" in words or ("--errors", "json") in pairwise(words)


def _run(words: Sequence[str]) -> int:
    from segcli.interface import fast_parser

    line = fast_parser.understand(root(), words)
    if line is None:
        return 0
    if line.raw.get("version"):
        from segcli import __version__

        print(f"segcli {__version__}")  # noqa: T201 - what --version is for
        return 0
    return _invoke(line.command, line.raw, words, line.name)


def _invoke(command: Command | Group, raw: dict[str, Any], words: Sequence[str], name: str) -> int:
    from segcli.base import dates
    from segcli.cli import handover
    from segcli.interface import fast_parser, options
    from segcli.settings import config

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
    _refuse_inputs(command, session, values)
    with handover.handing(session, name, values):
        return _with_database(command, session, values)


def _refuse_inputs(command: Command, session: Session, values: dict[str, Any]) -> None:
    """Refuse a file to write that is read, before anything is done; what is only found on the way is refused where it is written."""
    file_guard.note(session.config.path, file_guard.CONFIGURATION)
    file_guard.note(session.database, file_guard.DATABASE)
    files = [parameter for parameter in command.parameters if parameter.completes == "file" and values[parameter.name]]
    for parameter in files:
        if not parameter.is_written:
            named = values[parameter.name]
            for name in named if parameter.is_many else (named,):
                file_guard.note(name)
    for parameter in files:
        if parameter.is_written and parameter.flags and values[parameter.name] != "-":
            file_guard.refuse(
                values[parameter.name], parameter.flags[0]
            )  # an argument is what the command is about: its own check


def _with_database(command: Command, session: Session, values: dict[str, Any]) -> int:
    """Run the command; say what an error of SQLite means. What a signal broke off is an interruption.

    SQLite hides what was raised in one of our functions that it had called.
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
    with suppress(OSError):  # on a full disk the status still tells
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
    """Point stdout to nowhere, so that the flush at the end of the process does not complain again."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
