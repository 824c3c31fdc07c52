"""`segcli undo`: take back a run: what it changed, as far as that still stands as the run left it."""

import sqlite3

from segcli import answer, asking, changes, lookup, options
from segcli.clause import in_order
from segcli.command import Command, Session, Values
from segcli.commands.run import BY_HAND
from segcli.errors import CHANGED, SegcliError, UsageError
from segcli.options import Parameter
from segcli.overview import Column, Table
from segcli.text import is_whole

HELP = """Take back a run: what it changed, as far as that still stands as the run left it.

Classifications: what was changed again since then stays and is listed; undo is itself a run: undo it, and the run is back.
Of "run …", subscription, request, list and administration: what was generated, priced, linked, marked, reminded of or
entered, unless it was processed or later runs went on from it. What an import brought stays: import the file mended, or go
back to a backup.
"""
CONFLICTS = (Column("account", "code"), Column("class"), Column("label"), Column("left_as", "code", "Left as"),
             Column("is_now", "code", "Is now"), Column("by_run", "integer"))  # fmt: skip
# What the run left in each field is its last change there. Both ends are found in one pass: looked up for each change, SQLite
# may go through all changes of the run every time.
_LAST = """SELECT l.account_id, l.field, f.old_value_id, l.new_value_id
  FROM (SELECT min(id) AS first_id, max(id) AS last_id FROM classification_change WHERE run_id = ? GROUP BY account_id, field) AS g
 CROSS JOIN classification_change AS f ON f.id = g.first_id CROSS JOIN classification_change AS l ON l.id = g.last_id"""
# Where an undo notes what it changed itself.
_NOTED = (
    "classification_change",
    "administration_change",
    "marketing_list_change",
    "entry_template_link_change",
    "price_list_link_change",
)
_CURRENT = "CASE x.field " + " ".join(f"WHEN {n} THEN a.class{n}" for n in range(1, 9)) + " END"


def run(session: Session, values: Values) -> int:
    """Propose the inverse of the run, show what stands in its way, apply the rest."""
    number = _number(values["run"])
    with session.connect(write=True) as db:
        command = _command(db, number)
        done = _of_action(session, values, db, number, command)
        if done is not None:
            return done
        catalogue = lookup.catalogue(db)
        conflicts = _propose(db, number)
        rows = [(a, c, catalogue.label(f), left, now, by) for a, c, f, left, now, by in conflicts]
        table = Table("Changed again since", CONFLICTS, rows, with_totals=False)
        count = changes.count(db)
        if values["dry_run"]:
            answer.write(changes.table(db, catalogue), answer.Output.read(values, session.config))
        elif count or _retired_by(db, number):
            if not values["yes"] and asking.can_ask():
                asking.confirm(changes.transitions(db, catalogue), f"Take back run {number} on {count} accounts?")
            _write(session, values, db, number, command)
        if conflicts:
            answer.write(table, answer.Output.read({"format": values["format"]}, session.config))
            session.insist(
                f"{len(conflicts)} classifications were changed again since run {number} and stay as they are"
            )
        verb = "would change" if values["dry_run"] else "changed back"
        session.note(f"run {number} ({command}): {count} accounts {verb}")
    return CHANGED if values["exit_code"] and count else 0


def _of_action(session: Session, values: Values, db: sqlite3.Connection, number: int, command: str) -> int | None:
    """Take back the run of an action (segcli run …) and return the status; None where it is none."""
    from segcli import database, runs
    from segcli.commands import run as actions

    undo = actions.undoer(_origin(db, number, command))
    if undo is None:
        return None
    if not values["yes"] and not values["dry_run"] and asking.can_ask():
        asking.confirm((), f"Take back run {number} ({command})?")
    with database.writing(db, session.database, f"undo {number}", wait=session.config.wait) as transaction:
        _command(db, number)  # under the lock: it may have been taken back since
        run_id = runs.start(db, f"undo {number}", "undo", values["reason"], undoes=number)
        summary = undo(db, number, run_id)
        runs.finish(db, run_id, summary)
        transaction.keep = bool(summary) and not values["dry_run"]
    session.note(summary or f"there is nothing left of run {number}")
    return CHANGED if values["exit_code"] and summary else 0


def _origin(db: sqlite3.Connection, number: int, command: str) -> str:
    """Return the command that stands at the beginning of a chain of undoing."""
    while command.startswith("undo "):
        sql = "SELECT o.id, o.command FROM run AS u JOIN run AS o ON o.id = u.undoes_run_id WHERE u.id = ?"
        number, command = db.execute(sql, (number,)).fetchone()
    return command


def _number(text: str) -> int:
    if not is_whole(text):
        raise UsageError(f"'{text}' is not the number of a run", "see: segcli log")
    return int(text)


def _command(db: sqlite3.Connection, number: int) -> str:
    """Return the run's command. Raises where there is nothing of it to undo, or it is undone already."""
    row = db.execute("SELECT command FROM run WHERE id = ?", (number,)).fetchone()
    if not row:
        raise UsageError(f"there is no run {number}", "see: segcli log")
    undone = db.execute(
        "SELECT u.id FROM run AS u WHERE u.undoes_run_id = ? AND NOT EXISTS"
        " (SELECT 1 FROM run AS r WHERE r.undoes_run_id = u.id)",
        (number,),
    ).fetchone()
    if undone:
        hint = f"to have it back: segcli undo {undone[0]}" if _has_changes(db, undone[0]) else ""
        raise SegcliError(f"run {number} was undone by run {undone[0]}", hint)
    command = str(row[0])
    if not (_has_changes(db, number) or _retired_by(db, number) or _is_of_action(command)):
        raise SegcliError(f"run {number} ({command}) did nothing that undo takes back", _instead(command))
    return command


def _is_of_action(command: str) -> bool:
    """Tell whether a run is one of those that their own modules take back."""
    return command.startswith(("run ", *(f"{name} " for name in BY_HAND)))


def _instead(command: str) -> str:
    if command.startswith("import "):
        return "what an import brought stays: import the file mended, or go back to a backup"
    return "what it took back comes by the command itself: run that again" if command.startswith("undo ") else ""


def _has_changes(db: sqlite3.Connection, number: int) -> bool:
    """Tell whether a run noted what it changed; of those that undid another only these can be undone themselves."""
    noted = (db.execute(f"SELECT 1 FROM {table} WHERE run_id = ? LIMIT 1", (number,)).fetchone() for table in _NOTED)
    return any(noted)


def _retired_by(db: sqlite3.Connection, number: int) -> bool:
    return db.execute("SELECT 1 FROM classification_value WHERE retired_run_id = ?", (number,)).fetchone() is not None


def _propose(db: sqlite3.Connection, number: int) -> list[tuple[str, str, int, str, str, int]]:
    """Propose the old values where the run's still stand; return the rest."""
    changes.create_proposal(db)
    db.execute(
        f"INSERT INTO temp.proposal SELECT x.account_id, x.field, x.new_value_id, x.old_value_id FROM ({_LAST}) AS x"
        f" JOIN account AS a ON a.id = x.account_id WHERE {_CURRENT} IS x.new_value_id AND x.old_value_id IS NOT x.new_value_id",
        (number,),
    )
    return db.execute(
        f"""SELECT a.code, 'class' || x.field, x.field, v.code, w.code,
                   (SELECT max(c.run_id) FROM classification_change AS c WHERE c.account_id = a.id AND c.field = x.field)
              FROM ({_LAST}) AS x JOIN account AS a ON a.id = x.account_id
              LEFT JOIN classification_value AS v ON v.id = x.new_value_id
              LEFT JOIN classification_value AS w ON w.id = {_CURRENT}
             WHERE {_CURRENT} IS NOT x.new_value_id ORDER BY {in_order("a.code")}, x.field""",
        (number,),
    ).fetchall()


def _write(session: Session, values: Values, db: sqlite3.Connection, number: int, command: str) -> None:
    from segcli import database, runs

    with database.writing(db, session.database, f"undo {number}", wait=session.config.wait):
        # Under the lock: it may have been taken back, and what still stands changed, since it was looked at.
        _command(db, number)
        _propose(db, number)
        run_id = runs.start(db, f"undo {number}", "undo", values["reason"], undoes=number)
        written = changes.apply(db, run_id)
        db.execute(
            "UPDATE classification_value SET is_retired = 0, retired_run_id = NULL WHERE retired_run_id = ?", (number,)
        )
        runs.finish(db, run_id, f"{written} classifications of run {number} ({command}) taken back")


COMMAND = Command(
    HELP,
    run,
    (
        Parameter("run", (), "The run's number, from log.", metavar="RUN", is_required=True),
        *options.named(("dry_run", "yes", "reason", "format", "exit_code")),
    ),
    ("segcli undo 24 --dry-run", "segcli undo 24"),
)
