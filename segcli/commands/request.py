"""`segcli request`: add, assign, close and reopen requests by hand."""

import sqlite3
from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Any

from segcli.base import dates, outcome
from segcli.base.errors import SegcliError, UsageError
from segcli.base.text import counted
from segcli.classify.catalogue_edit import Run, writing
from segcli.domain.catalogue import nearest
from segcli.domain.requests import LAST_NUMBER, STATUSES, TYPES
from segcli.interface import changes, options
from segcli.interface.command import Command, Session, Values, group
from segcli.interface.options import Parameter
from segcli.output import destinations
from segcli.query import lookup

_CLOSED = {"realised": 40, "rejected": 5, "void": 0, "processed": 50}
_OPEN = 20
_NUMBERS = Parameter(
    "numbers", (), "Request numbers.", metavar="REQUEST", is_many=True, is_required=True, completes="request"
)
_WRITING = options.BY_HAND
_COLUMNS = ("status", "assignee", "closed_date")  # the columns that the command line can change


def add(session: Session, values: Values) -> None:
    """Add a request and print its number."""
    from segcli.base.text import fold

    words = list(values["words"])
    account_code = values["account"] or (words.pop(0) if len(words) > 1 else None)
    text = " ".join(words).strip()
    due = dates.day_of(values["due"], session.today, "--due") if values["due"] else None
    start = dates.day_of(values["on"], session.today, "--on") if values["on"] else None
    with session.connect(write=True) as db, _run(session, db, values, "request add") as run:
        account = lookup.account_id(db, account_code) if account_code else None
        contact = _contact(db, account, values["contact"]) if values["contact"] else None
        number = f"R-{db.execute(f'SELECT {LAST_NUMBER}').fetchone()[0] + 1}"
        made = db.execute(
            """INSERT INTO request (request_number, type, status, account_id, contact_id, description, notes, assignee, created_by,
                                    request_date, start_date, due_date, search_text)
               VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) RETURNING id""",
            (
                number,
                values["type"] or "task",
                _OPEN,
                account,
                contact,
                text,
                values["notes"],
                values["assignee"],
                values["by"],
                str(session.today),
                None if start is None else str(start),
                None if due is None else str(due),
                fold(f"{text}\n{values['notes'] or ''}".strip()),
            ),
        ).fetchone()[0]
        db.execute(
            "INSERT INTO request_change (run_id, request_id, was_added, new_status, new_assignee) VALUES (?, ?, 1, ?, ?)",
            (run.id, made, _OPEN, values["assignee"]),
        )
        session.outcome.change(f"request {number}", "description", None, text)
        session.outcome.number = number
        session.outcome.count(added=1)
        run.note(f"request {number} added")
    if not changes.prints_table(values):
        destinations.write_stdout(f"{number}\n")


def assign(session: Session, values: Values) -> None:
    """Assign requests to somebody."""
    if bool(values["to"]) == bool(values["nobody"]):
        raise UsageError("the assignee is missing", "say --to NAME or --nobody")
    _change(session, values, "request assign", {"assignee": values["to"]}, f"assigned to {values['to'] or 'nobody'}")


def close(session: Session, values: Values) -> None:
    """Close requests."""
    status = values["as"] or "realised"
    day = dates.day_of(values["on"], session.today, "--on") if values["on"] else session.today
    _change(
        session, values, "request close", {"status": _CLOSED[status], "closed_date": str(day)}, f"closed as {status}"
    )


def reopen(session: Session, values: Values) -> None:
    """Reopen requests."""
    _change(session, values, "request reopen", {"status": _OPEN, "closed_date": None}, "opened again")


def _change(session: Session, values: Values, command: str, new: Mapping[str, Any], what: str) -> None:
    with session.connect(write=True) as db, _run(session, db, values, command) as run:
        found = [_find(db, number) for number in dict.fromkeys(values["numbers"])]
        done = [row["request_number"] for row in found if _update(db, run.id, row, new)]
        session.outcome.count(changed=len(done), unchanged=len(found) - len(done))
        run.note(f"{', '.join(done)}: {what}" if done else "")


def _update(db: sqlite3.Connection, run_id: int, row: Mapping[str, Any], new: Mapping[str, Any]) -> bool:
    """Change one request and record it; a request that is already closed with this status keeps its closing day."""
    if all(row[column] == value for column, value in new.items() if column != "closed_date" or value is None):
        return False
    after = {**{column: row[column] for column in _COLUMNS}, **new}
    db.execute(
        "UPDATE request SET status = ?, assignee = ?, closed_date = ? WHERE id = ?",
        (*(after[c] for c in _COLUMNS), row["id"]),
    )
    db.execute(
        "INSERT INTO request_change (run_id, request_id, old_status, old_assignee, old_closed_date, new_status, new_assignee,"
        " new_closed_date) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (run_id, row["id"], *(row[c] for c in _COLUMNS), *(after[c] for c in _COLUMNS)),
    )
    for column in _COLUMNS:
        if row[column] != after[column]:
            old, now = ((STATUSES[r[column]] if column == "status" else r[column]) for r in (row, after))
            outcome.current().change(f"request {row['request_number']}", column, old, now)
    return True


def _find(db: sqlite3.Connection, number: str) -> dict[str, Any]:
    columns = ("id", "request_number", *_COLUMNS)
    row = db.execute(f"SELECT {', '.join(columns)} FROM request WHERE request_number = ?", (number,)).fetchone()
    if row is None:
        known = [found[0] for found in db.execute("SELECT request_number FROM request ORDER BY id DESC LIMIT 5000")]
        raise UsageError(
            f"there is no request '{number}'", nearest(number, known) or "see: segcli show request-search --open"
        )
    return dict(zip(columns, row, strict=True))


def _contact(db: sqlite3.Connection, account: int | None, text: str) -> int:
    if account is None:
        raise UsageError("--contact: of which account?", "name the account first")
    sql = "SELECT id FROM contact WHERE account_id = ? AND (code = ? OR name = ? COLLATE NOCASE) ORDER BY id LIMIT 1"
    row = db.execute(sql, (account, text, text)).fetchone()
    if row is None:  # an error must not list the names of other people
        raise UsageError(
            f"--contact: the account has no contact '{text}'", "see: segcli show contact-search --account CODE"
        )
    return int(row[0])


def _run(session: Session, db: sqlite3.Connection, values: Values, command: str) -> AbstractContextManager[Run]:
    return writing(session, db, command, values)


def undo(db: sqlite3.Connection, run_id: int, _by_run: int) -> str:
    """Reverse the changes of a run that still stand, last first."""
    rows = db.execute(
        "SELECT request_id, was_added, old_status, old_assignee, old_closed_date, new_status, new_assignee, new_closed_date"
        " FROM request_change WHERE run_id = ? ORDER BY id DESC",
        (run_id,),
    ).fetchall()
    done = sum(_take_back(db, row) for row in rows)
    if not done and rows:
        raise SegcliError(
            f"nothing of run {run_id} can be undone: its requests were changed again", "undo the later run first"
        )
    kept = f", {len(rows) - done} kept: changed since" if done < len(rows) else ""
    return f"{counted(done, 'request')} of run {run_id} undone{kept}" if done else ""


def _take_back(db: sqlite3.Connection, row: tuple[Any, ...]) -> bool:
    number, was_added, *values = row
    old, new = values[:3], values[3:]
    now = db.execute("SELECT status, assignee, closed_date FROM request WHERE id = ?", (number,)).fetchone()
    if now is None or list(now) != new:
        return False
    if was_added:
        db.execute("DELETE FROM request WHERE id = ?", (number,))
        return True
    db.execute("UPDATE request SET status = ?, assignee = ?, closed_date = ? WHERE id = ?", (*old, number))
    return True


COMMAND = group(
    "Add, assign, close and reopen requests by hand.",
    {
        "add": Command(
            "Add a request, with or without an account, and print its number.\n\nIf several words follow, the first one is"
            " the account: segcli request add 000017 'Call about the order'.",
            add,
            (
                Parameter(
                    "words",
                    (),
                    "An account's code, then the subject.",
                    metavar="[ACCOUNT] TEXT",
                    is_many=True,
                    is_required=True,
                    completes="account",
                ),
                Parameter(
                    "account",
                    ("--account",),
                    "The account, if it is not the first word.",
                    metavar="CODE",
                    completes="account",
                ),
                Parameter(
                    "type",
                    ("--type",),
                    "task (default), service, complaint, event, note",
                    metavar="TYPE",
                    choices=TYPES,
                ),
                Parameter("contact", ("--contact",), "A contact of the account: code or name.", metavar="CONTACT"),
                Parameter("assignee", ("--assignee",), "The assignee.", metavar="NAME"),
                Parameter("by", ("--by",), "Who asked for it.", metavar="NAME"),
                Parameter("due", ("--due",), "The due date.", metavar="DATE"),
                Parameter("on", ("--on",), "The start date.", metavar="DATE"),
                Parameter("notes", ("--notes",), "Notes.", metavar="TEXT"),
                *_WRITING,
            ),
            (
                "segcli request add 000017 'Call about the order' --due 2026-07-03 --assignee 'Pieter Post'",
                "segcli request add 'Order paper' --type task",
            ),
        ),
        "assign": Command(
            "Assign requests to somebody.\n\nNumbers are those of request-search, here and in the other commands. The change"
            " is one run, which undo reverses.",
            assign,
            (
                _NUMBERS,
                Parameter("to", ("--to",), "Who.", metavar="NAME"),
                Parameter("nobody", ("--nobody",), "Remove the assignee.", kind="flag"),
                *_WRITING,
            ),
            ("segcli request assign R-1 R-2 --to 'Pieter Post'", "segcli request assign R-1 --nobody"),
        ),
        "close": Command(
            "Close requests.\n\nBy default as realised today; --as and --on change that. A request that is already closed"
            " with this status keeps its day.",
            close,
            (
                _NUMBERS,
                Parameter(
                    "as",
                    ("--as",),
                    "realised (default), rejected, void, processed",
                    metavar="STATUS",
                    choices=tuple(_CLOSED),
                ),
                Parameter("on", ("--on",), "The day (default: today).", metavar="DATE"),
                *_WRITING,
            ),
            ("segcli request close R-1 --as rejected", "segcli request close R-1 R-2 --on 2026-06-29"),
        ),
        "reopen": Command(
            "Reopen requests.\n\nThe closing day is removed, the assignee stays.",
            reopen,
            (_NUMBERS, *_WRITING),
            ("segcli request reopen R-1", "segcli request reopen R-1 R-2 --dry-run"),
        ),
    },
)
