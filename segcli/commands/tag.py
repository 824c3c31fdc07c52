"""`segcli tag`: classify accounts: give or remove values."""

import sqlite3
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from segcli.base import dates
from segcli.base.errors import CHANGED, UsageError
from segcli.base.text import counted
from segcli.classify import reclassify
from segcli.domain.catalogue import Catalogue
from segcli.interface import changes, confirm, options
from segcli.interface.command import Command, Session, Values
from segcli.interface.options import Parameter
from segcli.query import lookup, selection
from segcli.storage import exchange

if TYPE_CHECKING:
    from segcli.classify import tag_file

HELP = """Classify accounts: give or remove values.

Name accounts, select them with flags, or give a file with a column account and a column per classification. An empty
cell leaves the value as it is; the word none removes it. --encoding, --delimiter and --dates work as in import. A wrong
row rejects the whole file, unless --on-error skip leaves such rows out: then the command ends with status 5, and
--rejects FILE keeps the rows. Setting the present value changes nothing. A bulk change shows its counts and asks; off a
terminal it needs --yes. Every change is recorded: see history, log and undo. --as-of is the date for the metrics and
relative days of --where, as in rules; the change itself is made, and recorded, today.

"""
_ABOUT_FILES = ("encoding", "delimiter", "dates", "on_error", "rejects")
PARAMETERS = (
    Parameter("accounts", (), "Account codes.", metavar="ACCOUNT", is_many=True, completes="account"),
    Parameter("set", ("--set",), "The value to give: class1=N or Region=North.", metavar="LABEL=CODE", is_many=True,
              completes="assignment"),
    Parameter("clear", ("--clear",), "The classification to clear.", metavar="LABEL", is_many=True, completes="class"),
    Parameter("file", ("--from",), "A file with account,class1,… or account,Region,…; - is standard input.",
              metavar="FILE", completes="file"),
    *options.named(_ABOUT_FILES),
    *options.SELECTION,
    *options.STRICT,
    *options.named(("as_of",)),
    *(parameter for parameter in options.WRITING if parameter.name != "apply"),
    options.PARAMETERS["format"],
    options.PARAMETERS["output"],
)  # fmt: skip


def run(session: Session, values: Values) -> int:
    """Propose the changes, then show them, or ask and apply them."""
    _check(values)
    with session.connect(write=True) as db:
        seen = reclassify.state(db)
        proposed = _propose(db, values)
        count = reclassify.count(db)
        exchange.report(session.insist, "tag", proposed.lacking, is_strict=values["strict"])
        if values["dry_run"]:
            _show(
                session,
                values,
                db,
                proposed.catalogue,
                f"{count} of {counted(proposed.selected, 'account')} would change",
            )
        reclassify.guard(count, proposed.selected, values["max_changes"])
        if count and not values["dry_run"]:
            _confirm(values, db, proposed.catalogue, count, proposed.selected)
            count = _write(session, values, db, proposed, seen)
        elif not values["dry_run"]:
            session.note(f"{counted(proposed.selected, 'account')}, nothing to change")
        session.outcome.count(**reclassify.counts(db))
        if not values["dry_run"]:
            changes.write_table(session, values, reclassify.table(db, proposed.catalogue))
    if proposed.file:
        proposed.file.report(values["rejects"], is_dry=values["dry_run"])
    return CHANGED if values["exit_code"] and count else 0


class _Proposed(NamedTuple):
    """The proposal: the number of selected accounts, and the labels and values used."""

    catalogue: Catalogue
    selected: int
    lacking: str = ""  # amounts without an exchange rate
    file: "tag_file.Found | None" = None  # the file that was read


def _propose(db: sqlite3.Connection, values: Values) -> _Proposed:
    day = dates.day_of(values["as_of"], dates.today(), "--as-of") if values["as_of"] else None
    names = lookup.names(db, day, values)
    if values["file"]:
        from segcli.classify import tag_file
        from segcli.importing import readers

        source = readers.open_source(
            values["file"], values["encoding"] or "", readers.delimiter(values["delimiter"] or "")
        )
        found = tag_file.propose(db, names.catalogue, source, must_skip=values["on_error"] == "skip")
        return _Proposed(names.catalogue, found.accounts, file=found)
    assignments = reclassify.read_assignments(names.catalogue, values["set"], values["clear"])
    filters = selection.read(values)
    filters = replace(filters, codes=values["accounts"])
    clause = selection.compile_filters(filters, names)
    selected = reclassify.propose(db, clause, assignments)
    return _Proposed(names.catalogue, selected, exchange.lacking(db, names.measures))


def _check(values: Values) -> None:
    about_files = [f"--{name.replace('_', '-')}" for name in _ABOUT_FILES if values[name]]
    if about_files and not values["file"]:
        raise UsageError(f"{about_files[0]} is about a file", "say --from FILE")
    if values["rejects"]:
        from segcli.importing import rejects

        if values["on_error"] != "skip":
            raise UsageError("--rejects goes with --on-error skip")
        rejects.refuse_inputs(Path(values["rejects"]))
    if values["file"]:
        if values["as_of"]:
            raise UsageError("--as-of is the date of --where; --from has no condition", "leave out one of them")
        if values["set"] or values["clear"] or values["accounts"] or selection.read(values):
            raise UsageError(
                "--from brings its own accounts and values", "leave out accounts, --set, --clear and selection flags"
            )
        return
    if not values["set"] and not values["clear"]:
        raise UsageError("nothing to do", "say --set LABEL=CODE, --clear LABEL or --from FILE")
    confirm.check_selected(
        is_selected=bool(values["accounts"] or selection.read(values)),
        is_all=values["all"],
        hint="name accounts, select them with flags, or add --all",
    )


def _show(session: Session, values: Values, db: sqlite3.Connection, catalogue: Catalogue, caption: str) -> None:
    changes.write_table(session, values, reclassify.table(db, catalogue), is_shown=True)  # the note below has the count
    for line in (*reclassify.transitions(db, catalogue), caption):
        session.note(line)


def _confirm(values: Values, db: sqlite3.Connection, catalogue: Catalogue, count: int, selected: int) -> None:
    """Ask before a bulk change; without a terminal, --yes is required. One account named by its code needs neither."""
    is_bulk = bool(values["file"] or values["all"] or selection.read(values) or len(values["accounts"]) > 1)
    if values["yes"] or not is_bulk:
        return
    reclassify.ask(db, catalogue, count, selected, "--dry-run")


def _write(session: Session, values: Values, db: sqlite3.Connection, proposed: _Proposed, seen: int) -> int:
    """Write the proposal and return how many accounts changed. If the database changed since `seen`, propose again first."""
    from segcli.storage import database

    with database.writing(db, session.database, "tag", wait=session.config.wait) as transaction:
        if reclassify.state(db) != seen:
            proposed = _again(db, values, proposed)
        count = reclassify.count(db)
        reclassify.guard(count, proposed.selected, values["max_changes"])
        file, source = (f" --from {Path(values['file']).name}", "csv") if values["file"] else ("", "manual")
        written = reclassify.carry_out(db, proposed.catalogue, f"tag{file}", source, values["reason"])
        transaction.keep = bool(count)
    if not count:
        reclassify.create_proposal(db)  # the changes were already made by another command
    session.note(written.told(count) if count else f"{counted(proposed.selected, 'account')}, nothing to change")
    return count


def _again(db: sqlite3.Connection, values: Values, proposed: _Proposed) -> _Proposed:
    """Propose again, because the database changed. The accounts and values of a file are kept as read."""
    if not values["file"]:
        return _propose(db, values)
    reclassify.refresh(db)
    return proposed


COMMAND = Command(
    HELP,
    run,
    PARAMETERS,
    (
        "segcli tag 000017 --set class1=N",
        "segcli tag --country BE --set Region=S --dry-run",
        'segcli tag --country BE --where "account != 000154" --set Campaign=NEW --dry-run',
        "segcli tag --from classes.csv --yes --reason 'yearly review'",
        "segcli tag --from classes.csv --yes --on-error skip --rejects wrong.csv",
    ),
)
