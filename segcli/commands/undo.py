"""`segcli undo`: undo a run: reverse its changes that still stand."""

import re
import sqlite3
from collections.abc import Callable
from typing import TYPE_CHECKING

from segcli.base.errors import CHANGED, SHOWN_PROBLEMS, SegcliError, UsageError
from segcli.base.text import counted, is_whole
from segcli.classify import reclassify
from segcli.domain.table import Column, Table
from segcli.interface import changes, confirm, options
from segcli.interface.command import Command, Session, Values
from segcli.interface.options import Parameter
from segcli.output import wanted
from segcli.query import lookup
from segcli.storage.runs import STANDS
from segcli.undo import classes, possible

if TYPE_CHECKING:
    from segcli.undo.taking import Taken

HELP = """Undo a run: reverse its changes that still stand.

Classifications: a value that was changed again stays and is listed. The undo is itself a run: undo it to restore the
first run.
Imports: the files of one command are undone together. Added records are removed unless something refers to them now;
changed values are restored unless they were changed again. The rest is listed, each record and field with the reason.
The files can be imported again, which also reverses the undo. Before-images are kept for 90 days (configuration:
undo.keep); older imports cannot be undone.
The commands run, subscription, request, list and administration: what the run generated, priced, linked, marked,
reminded or entered is undone unless it was processed or a later run continued from it.
rules apply --backfill: the calculated classes are removed, and those of an earlier backfill count again.
undo is a bulk change: it shows what it would do and asks; off a terminal it needs --yes. --last selects the newest run
that is neither undone nor an undo. It asks even with --yes; off a terminal it is an error that names this run.

"""
CONFLICTS = (
    Column("account", "code"),
    Column("class"),
    Column("label"),
    Column("left_as", "code", "Left as"),
    Column("is_now", "code", "Is now"),
    Column("by_run", "integer"),
)
_FIRST_NUMBER = re.compile(r"\d+")
Undoer = Callable[[sqlite3.Connection, int, int], str]


def run(session: Session, values: Values) -> int:
    """Propose the reversal of the run, report conflicts, and apply the rest."""
    with session.connect(write=True) as db:
        number = _last(db) if values["last"] else _number(values["run"])
        if values["last"] and values["run"] is not None:
            raise UsageError("--last and a run number exclude each other")
        command = possible.command_of(db, number)
        if values["last"] and not confirm.can_ask():
            raise UsageError(
                f"--last asks for confirmation, which needs a terminal; the newest is run {number} ({command})",
                f"run: segcli undo {number} --yes",
            )
        is_asked = not values["yes"] or bool(values["last"])
        from segcli.undo import imports

        batch = imports.batch_of(db, number)
        if batch:
            return _of_import(session, values, db, batch, is_asked=is_asked)
        undo = _undoer(db, number, command)
        if undo is not None:
            return _of_action(session, values, db, number, undo, is_asked=is_asked)
        return _of_classes(session, values, db, number, command, is_asked=is_asked)


def _of_import(session: Session, values: Values, db: sqlite3.Connection, batch: list[int], *, is_asked: bool) -> int:
    """Undo the imports of one command; what stays is listed."""
    from segcli.storage import database
    from segcli.undo import imports

    named = "run " + ", ".join(str(number) for number in sorted(batch))

    def take_back(*, keep: bool) -> "Taken":
        with database.writing(
            db, session.database, f"undo {batch[-1]}", wait=session.config.wait, looked_up=True
        ) as transaction:
            possible.command_of(db, batch[-1])  # under the lock: another command may have undone it
            taken = imports.take_back_all(db, batch, values["reason"])
            imports.guard(db, taken, values["max_changes"])
            transaction.keep = keep and bool(taken.records)
        return taken

    if values["dry_run"]:
        taken = take_back(keep=False)
    else:
        if is_asked:
            taken = take_back(keep=False)
            confirm.require(
                f"{counted(taken.records, 'record')} would change ({taken.summary})",
                "--dry-run",
                [taken.summary],
                f"Undo {named} on {counted(taken.records, 'record')}?",
            )
        taken = take_back(keep=True)
    if values["dry_run"] or taken.left:
        rows = list(imports.rows(taken, with_done=bool(values["dry_run"])))
        table = Table("Undo", imports.COLUMNS, rows, with_totals=False)
        changes.write_table(session, values, table, is_shown=True)
    session.outcome.count(changes=taken.records, skipped=len(taken.left))
    session.outcome.skipped += [(f"{row[1]} {row[2]}", str(row[-1])) for row in imports.rows(taken, with_done=False)]
    if taken.left:
        session.insist(f"{named}: {counted(len(taken.left), 'conflict')}, not undone")
    session.note(f"{named}: {taken.summary}" if taken.records else f"nothing of {named} is left to undo")
    return CHANGED if values["exit_code"] and taken.records else 0


def _of_classes(  # noqa: PLR0913 - what is known of the run
    session: Session, values: Values, db: sqlite3.Connection, number: int, command: str, *, is_asked: bool
) -> int:
    """Undo the classification changes of a run."""
    catalogue = lookup.catalogue(db)
    state = reclassify.state(db)
    conflicts = classes.propose(db, number)
    rows = [(a, c, catalogue.label(f), left, now, by) for a, c, f, left, now, by in conflicts]
    table = Table("Changed again since", CONFLICTS, rows, with_totals=False)
    count = reclassify.count(db)
    reclassify.guard(count, int(db.execute("SELECT count(*) FROM account").fetchone()[0]), values["max_changes"])
    if not values["dry_run"] and (count or possible.has_retired(db, number)):
        if is_asked:
            confirm.require(
                f"{counted(count, 'account')} would change",
                "--dry-run",
                reclassify.transitions(db, catalogue),
                f"Undo run {number} ({command}) on {counted(count, 'account')}?",
            )
        _write(session, values, db, number, command, state)
    session.outcome.count(**reclassify.counts(db))
    changes.write_table(session, values, reclassify.table(db, catalogue), is_shown=values["dry_run"])
    if conflicts:
        _tell(session, values, table)
        session.insist(f"not undone: {counted(len(conflicts), 'classification')} changed again since run {number}")
    if command.startswith("import "):
        session.insist(f"other records of run {number} are not undone: {possible.NO_IMAGES}")
    verb = "would change" if values["dry_run"] else "changed back"
    session.note(f"run {number} ({command}): {counted(count, 'account')} {verb}")
    return CHANGED if values["exit_code"] and count else 0


def _tell(session: Session, values: Values, conflicts: Table) -> None:
    """Report the conflicts: as a table, or on stderr if standard output has the changes."""
    reasons = [
        (f"account {a}, {c}", f"run {by} has changed it to {now or 'no value'}")
        for a, c, _, _, now, by in conflicts.rows
    ]
    session.outcome.skipped += reasons
    session.outcome.count(skipped=len(reasons))
    if values["format"] or values["output"]:
        for what, reason in reasons[:SHOWN_PROBLEMS]:
            session.insist(f"{what}: {reason}")
    else:
        wanted.write(conflicts, wanted.Output.read({}, session.config))


def _of_action(  # noqa: PLR0913 - what is known of the run
    session: Session, values: Values, db: sqlite3.Connection, number: int, undo: Undoer, *, is_asked: bool
) -> int:
    """Undo the run of an action (segcli run …) and return the status."""
    from segcli.storage import database, runs

    def take_back(*, keep: bool) -> str:
        with database.writing(db, session.database, f"undo {number}", wait=session.config.wait) as transaction:
            possible.command_of(db, number)  # under the lock: another command may have undone it
            run_id = runs.start(db, f"undo {number}", "undo", values["reason"], undoes=number)
            summary = undo(db, number, run_id)
            runs.finish(db, run_id, summary)
            found = _FIRST_NUMBER.search(summary)  # every summary starts with a count
            accounts = int(db.execute("SELECT count(*) FROM account").fetchone()[0])
            reclassify.guard(
                int(found[0]) if found else 0,
                accounts,
                values["max_changes"],
                what=f"{counted(accounts, 'record')} would change",
            )
            transaction.keep = keep and bool(summary)
        return summary

    if is_asked and not values["dry_run"]:
        summary = take_back(keep=False)
        if summary:
            command = possible.command_of(db, number)
            confirm.require(f"this would be done: {summary}", "--dry-run", [], f"Undo run {number} ({command})?")
    summary = take_back(keep=not values["dry_run"])
    if summary:
        session.outcome.change(
            f"run {number}",
            "undone_by",
            None,
            session.outcome.runs[-1] if session.outcome.runs and not values["dry_run"] else None,
        )
    session.outcome.count(changes=int(bool(summary)))
    changes.write_table(session, values, changes.of(session.outcome, "Undone"))
    session.note(summary or f"nothing of run {number} is left to undo")
    return CHANGED if values["exit_code"] and summary else 0


def _undoer(db: sqlite3.Connection, number: int, command: str) -> Undoer | None:
    """Return the function that undoes the run of an action; None for other commands."""
    from segcli.classify.rules import backfill_store
    from segcli.commands import run as actions

    if backfill_store.is_backfill(db, number):
        return backfill_store.undo
    return actions.undoer(_origin(db, number, command))


def _origin(db: sqlite3.Connection, number: int, command: str) -> str:
    """Return the command at the start of a chain of undo runs."""
    while command.startswith("undo "):
        sql = "SELECT o.id, o.command FROM run AS u JOIN run AS o ON o.id = u.undoes_run_id WHERE u.id = ?"
        number, command = db.execute(sql, (number,)).fetchone()
    return command


def _number(text: str | None) -> int:
    if text is None:
        raise UsageError("which run?", "give its number from segcli log, or --last")
    if not is_whole(text):
        raise UsageError(f"'{text}' is not the number of a run", "see: segcli log")
    return int(text)


def _last(db: sqlite3.Connection) -> int:
    """Return the newest run that is neither undone nor an undo."""
    sql = f"SELECT max(r.id) FROM run AS r WHERE r.source <> 'undo' AND {STANDS.format(run='r')}"
    found = db.execute(sql).fetchone()[0]
    if found is None:
        raise SegcliError("there is no run to undo", "see: segcli log")
    return int(found)


def _write(  # noqa: PLR0913 - what is known of the run
    session: Session, values: Values, db: sqlite3.Connection, number: int, command: str, state: int
) -> None:
    """Apply what was proposed at a state of the database, or what is to be undone by now."""
    from segcli.storage import database, runs

    with database.writing(db, session.database, f"undo {number}", wait=session.config.wait):
        # Under the lock: the run may have been undone, or its changes overwritten, since it was read.
        possible.command_of(db, number)
        if reclassify.state(db) != state:
            classes.propose(db, number)
        run_id = runs.start(db, f"undo {number}", "undo", values["reason"], undoes=number)
        written = reclassify.apply(db, run_id)
        db.execute(
            "UPDATE classification_value SET is_retired = 0, retired_run_id = NULL WHERE retired_run_id = ?", (number,)
        )
        runs.finish(db, run_id, f"{counted(written, 'classification')} of run {number} ({command}) undone")


COMMAND = Command(
    HELP,
    run,
    (
        Parameter("run", (), "The run's number, from log.", metavar="RUN"),
        Parameter("last", ("--last",), "The newest run that is neither undone nor an undo.", kind="flag"),
        *options.named(("dry_run", "yes", "max_changes", "format", "output", "exit_code")),
        *options.RECORDED,
    ),
    ("segcli undo 24 --dry-run", "segcli undo 24 --yes"),
)
