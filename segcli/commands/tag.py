"""`segcli tag`: classify accounts: give them values, or take values away."""

import sqlite3
from dataclasses import replace
from pathlib import Path

from segcli import answer, changes, lookup, options, selection
from segcli.classification import Catalogue
from segcli.command import Command, Session, Values
from segcli.errors import CHANGED, UsageError
from segcli.options import Parameter

HELP = """Classify accounts: give them values, or take values away.

Name accounts, select them with flags, or bring a file with account and a column per classification; an empty cell
there leaves the value as it is, the word none takes it away. Setting what is there already changes nothing. A bulk
change shows its counts and asks; off a terminal it needs --yes. Every change is kept: see history, log and undo.
"""
PARAMETERS = (
    Parameter("accounts", (), "Account codes.", metavar="ACCOUNT", is_many=True, completes="account"),
    Parameter("set", ("--set",), "A value to give: class1=N or Region=North.", metavar="LABEL=CODE", is_many=True,
              completes="assignment"),
    Parameter("clear", ("--clear",), "A classification to take away.", metavar="LABEL", is_many=True, completes="class"),
    Parameter("file", ("--from",), "A file with account,class1,… or account,Region,…; - is standard input.",
              metavar="FILE", completes="file"),
    *options.SELECTION,
    *options.WRITING,
    options.PARAMETERS["format"],
    options.PARAMETERS["output"],
)  # fmt: skip


def run(session: Session, values: Values) -> int:
    """Propose, show or ask, apply."""
    _check(values)
    with session.connect(write=True) as db:
        names = lookup.names(db)
        if values["file"]:
            from segcli import tagfile

            selected = tagfile.propose(db, names.catalogue, values["file"])
            source = "csv"
        else:
            assignments = changes.read_assignments(names.catalogue, values["set"], values["clear"])
            filters = selection.read(values)
            filters = replace(filters, accounts=(*filters.accounts, *values["accounts"]))
            selected = changes.propose(db, selection.compile_filters(filters, names), assignments)
            source = "manual"
        return _carry_out(session, values, db, names.catalogue, selected, source)


def _check(values: Values) -> None:
    if values["file"]:
        if values["set"] or values["clear"] or values["accounts"] or selection.read(values):
            raise UsageError(
                "--from brings its own accounts and values", "leave out accounts, --set, --clear and selection flags"
            )
        return
    if not values["set"] and not values["clear"]:
        raise UsageError("nothing to do", "say --set LABEL=CODE, --clear LABEL or --from FILE")
    is_selected = bool(values["accounts"] or selection.read(values))
    if not is_selected and not values["all"]:
        raise UsageError("no accounts named", "name accounts, select them with flags, or say --all")
    if is_selected and values["all"]:
        raise UsageError("--all and a selection contradict each other")


def _carry_out(  # noqa: PLR0913 - what a change is made of
    session: Session, values: Values, db: sqlite3.Connection, catalogue: Catalogue, selected: int, source: str
) -> int:
    count = changes.count(db)
    if values["dry_run"]:
        _show(session, values, db, catalogue, f"{count} of {selected} accounts would change")
        changes.guard(count, selected, values["max_changes"])
        return CHANGED if values["exit_code"] and count else 0
    changes.guard(count, selected, values["max_changes"])
    if not count:
        session.note(f"{selected} accounts, nothing to change")
        return 0
    _confirm(values, db, catalogue, count, selected)
    session.note(_write(session, values, db, catalogue, source).told(count))
    return CHANGED if values["exit_code"] else 0


def _show(session: Session, values: Values, db: sqlite3.Connection, catalogue: Catalogue, caption: str) -> None:
    answer.write(changes.table(db, catalogue, caption), answer.Output.read(values, session.config))
    for line in (*changes.transitions(db, catalogue), caption):
        session.note(line)


def _confirm(values: Values, db: sqlite3.Connection, catalogue: Catalogue, count: int, selected: int) -> None:
    """Ask before a bulk change; off a terminal --yes must say it. One account named by its code needs neither."""
    is_bulk = bool(values["file"] or values["all"] or selection.read(values) or len(values["accounts"]) > 1)
    if values["yes"] or not is_bulk:
        return
    changes.ask(db, catalogue, count, selected, "--dry-run")


def _write(
    session: Session, values: Values, db: sqlite3.Connection, catalogue: Catalogue, source: str
) -> changes.Written:
    from segcli import database

    file = f" --from {Path(values['file']).name}" if values["file"] else ""
    with database.writing(db, session.database, "tag", wait=session.config.wait):
        _refresh(db)
        return changes.carry_out(db, catalogue, f"tag{file}", source, values["reason"])


def _refresh(db: sqlite3.Connection) -> None:
    """Take the old values as they are under the lock: another command may have changed them since they were read."""
    for field in range(1, 9):
        db.execute(
            f"UPDATE temp.proposal SET old_value_id = a.class{field} FROM account AS a"
            " WHERE a.id = proposal.account_id AND proposal.field = ?",
            (field,),
        )
    db.execute("DELETE FROM temp.proposal WHERE old_value_id IS new_value_id")


COMMAND = Command(
    HELP,
    run,
    PARAMETERS,
    (
        "segcli tag 000017 --set class1=N",
        "segcli tag --country BE --set Region=S --dry-run",
        "segcli tag --from classes.csv --yes --reason 'yearly review'",
    ),
)
