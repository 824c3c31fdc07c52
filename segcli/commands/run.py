"""`segcli run`: preview an action; --apply carries it out."""

import importlib
from functools import partial
from types import ModuleType
from typing import TYPE_CHECKING

from segcli import actions
from segcli.base.errors import CHANGED, DayUsageError, EmptyError, RejectedError, SegcliError
from segcli.interface import options
from segcli.interface.command import Command, Group, Session, Values
from segcli.undo.possible import BY_HAND

if TYPE_CHECKING:
    import sqlite3
    from collections.abc import Callable

    from segcli.actions.parts.job import Job
    from segcli.domain.table import Table
    from segcli.query.compose import Request

SHARED = (
    *options.named(("apply", "yes", "all", "dry_run", "max_changes", "exit_code")),
    *options.RECORDED,
    *options.SELECTION,
    *options.STRICT,
    *options.OUTPUT,
    *options.TIME,
)


_LATEST = 2999  # actions add days to the date, and years end at 9999


def find(name: str) -> Command | None:
    """Return the command that runs an action."""
    if name not in actions.names():
        return None
    said = actions.declared(name)
    return Command(said.help, partial(run, name), (*options.named(said.parameters), *SHARED), said.examples)


def run(name: str, session: Session, values: Values) -> int:
    """Show what the action would do; with --apply, do it in one transaction."""
    from segcli.actions.parts import applying
    from segcli.actions.parts.job import Job
    from segcli.output import wanted
    from segcli.query import ask, request_flags

    request = request_flags.request(values, session)
    wanted.Output.read(values, session.config)  # errors are raised before anything is done
    _refuse_late(request)
    is_applied = bool(values["apply"]) and not values["dry_run"]
    if is_applied:
        applying.check(session, values)
    with session.connect(write=is_applied) as db:
        job = Job(db, request, session, values)
        ask.stand(db, request)
        found = actions.module(name)
        found.check(job)
        if not is_applied:
            found.prepare(job)
            applying.count(found, job, found.count(job) if values["result"] else 0, with_failed=True)
            status = _preview(name, job)
            _report_left_out(job, found)
            return status
        result, plan = applying.apply(name, found, job)
        _show_done(name, job, is_done=bool(result.count))
        try:
            _report_left_out(job, found)
        except RejectedError as error:
            error.problems = (*error.problems, *plan.failed)  # reports the other failures
            raise
    applying.report(name, found, job, plan, result)
    if not result.count and values["fail_if_empty"]:
        raise EmptyError(f"{name}: there was nothing to do")
    return CHANGED if values["exit_code"] and result.count else 0


def _refuse_late(request: "Request") -> None:
    if request.as_of.year > _LATEST:
        raise DayUsageError(f"--as-of: {request.as_of} lies too far ahead", f"{_LATEST} is the last year that counts")


def _report_left_out(job: "Job", found: ModuleType) -> None:
    """Let an action raise RejectedError for what it left out of a file."""
    if hasattr(found, "left_out"):
        found.left_out(job)


def preview(db: "sqlite3.Connection", name: str, request: "Request", session: Session, values: Values) -> "Table":
    """Return what an action would do, as a table."""
    from segcli.actions.parts.job import Job
    from segcli.query import ask

    _refuse_late(request)
    ask.stand(db, request)
    job = Job(db, request, session, values)
    found = actions.module(name)
    found.check(job)
    found.prepare(job)
    return ask.table(db, found, name, request)


def _preview(name: str, job: "Job") -> int:
    from segcli.output import wanted
    from segcli.query import ask

    table = ask.table(job.db, actions.module(name), name, job.request)
    rows = wanted.write(table, wanted.Output.read(job.values, job.session.config))
    job.session.note("this is a preview; --apply carries it out")
    if not rows and job.values["fail_if_empty"]:
        raise EmptyError(f"{name}: there is nothing to do")
    return CHANGED if job.values["exit_code"] and actions.module(name).count(job) else 0


def _show_done(name: str, job: "Job", *, is_done: bool) -> None:
    """Write the preview of what was done, if --format or --output is given."""
    from segcli.output import wanted
    from segcli.query import ask

    if job.values["format"] or job.values["output"]:
        table = ask.table(job.db, actions.module(name), name, job.request)
        try:
            wanted.write(table, wanted.Output.read(job.values, job.session.config))
        except SegcliError as error:
            done = f"{name} was completed nevertheless: see segcli log" if is_done else ""
            error.hint = "; ".join(filter(None, (error.hint, done)))
            raise


def undoer(command: str) -> "Callable[[sqlite3.Connection, int, int], str] | None":
    """Return the function that undoes a run of this command, given the run and the undoing run; None if `undo` handles it."""
    first, _, name = command.partition(" ")
    if first in BY_HAND:
        taking: Callable[[sqlite3.Connection, int, int], str] = importlib.import_module(f"segcli.commands.{first}").undo
        return taking
    if first != "run" or name not in actions.names():
        return None
    found: Callable[[sqlite3.Connection, int, int], str] = actions.module(name).undo
    return found


def list_all(_session: Session) -> None:
    """Print the actions by area, one line each."""
    from segcli.commands.show import print_list

    print_list("run", {name: actions.declared(name) for name in actions.names()})


COMMAND = Group("Preview an action; --apply carries it out.", actions.names, find, list_all, actions.line)
