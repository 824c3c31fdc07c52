"""Edits of labels and values, each in a run of its own; an edit without effect makes no run."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from segcli.base import outcome
from segcli.base.errors import UsageError
from segcli.base.spelling import RESERVED, code_problem, composed, label_problem
from segcli.base.text import counted, is_whole
from segcli.classify import reclassify
from segcli.domain.catalogue import Value
from segcli.domain.clause import in_order
from segcli.interface import changes
from segcli.interface.command import Session, Values
from segcli.storage import database, runs
from segcli.storage.class_values import create, known

_MOVED = f"SELECT a.code FROM temp.proposal AS p JOIN account AS a ON a.id = p.account_id ORDER BY {in_order('a.code')}"


class Run:
    """A run in progress; without a note it is rolled back."""

    def __init__(self, number: int) -> None:
        self.id = number
        self.summary = ""

    def note(self, text: str) -> None:
        """Set the run's summary; empty if nothing changed."""
        self.summary = text


@contextmanager
def writing(session: Session, db: sqlite3.Connection, command: str, values: Values) -> Iterator[Run]:
    """Open a transaction with a run; both are rolled back if nothing changed or in a dry run.

    Afterwards the session's result gets the table of noted changes, if -f, -o or --dry-run asks for it.
    """
    is_dry = bool(values.get("dry_run"))
    with database.writing(db, session.database, command, wait=session.config.wait) as transaction:
        run = Run(runs.start(db, command, "manual", values.get("reason")))
        yield run
        transaction.keep = bool(run.summary) and not is_dry
        runs.finish(db, run.id, run.summary)
    done = session.outcome
    if not done.counts:
        done.count(changes=len(done.changes))
    session.note(run.summary or "nothing to change")
    changes.write_table(session, values, changes.of(done, "Changes"), is_shown=is_dry)


def position(text: str | None) -> int | None:
    """Return the position of a value in lists, or None."""
    if text is None:
        return None
    if not is_whole(text.removeprefix("-")):
        raise UsageError(f"--position: '{text}' is not a whole number")
    return int(text)


def set_label(db: sqlite3.Connection, field: int, text: str, external_id: str | None = None) -> str:
    """Set the label of a field; return a note, '' if unchanged."""
    label = composed(text)
    if not label:
        raise UsageError("the label is empty")
    row = db.execute("SELECT label FROM classification_label WHERE field = ?", (field,)).fetchone()
    if row and row[0] in {label, text.strip()}:
        return ""
    wrong = label_problem(label, field)
    if wrong:
        raise UsageError(f"'{label}': {wrong}", RESERVED)
    other = db.execute(
        "SELECT field FROM classification_label WHERE label_key(label) = label_key(?) AND field <> ?", (label, field)
    ).fetchone()
    if other:
        raise UsageError(
            f"class{other[0]} is called '{label}' already", "labels differ by more than case and hidden characters"
        )
    db.execute(
        "INSERT INTO classification_label (field, label, external_id, label_key) VALUES (?1, ?2, ?3, label_key(?2))"
        " ON CONFLICT (field) DO UPDATE SET label = excluded.label, label_key = excluded.label_key",
        (field, label, external_id),
    )
    outcome.current().change(f"class{field}", "label", row[0] if row else None, label)
    return f"class{field} is called {label}" + (f" (was {row[0]})" if row else "")


def add_value(db: sqlite3.Connection, field: int, code: str, description: str, place: int | None = None) -> str:
    """Add a value; return a note, '' if it exists. An existing code with another description is an error."""
    code = code.strip()
    number = known(db, field, code)
    if number:
        row = db.execute("SELECT code, description FROM classification_value WHERE id = ?", (number,)).fetchone()
        if description in {"", row[1]}:
            return ""
        raise UsageError(
            f"class{field} has '{row[0]}' already: {row[1] or 'without a description'}",
            f"to rename it: segcli classification value rename {field} {row[0]} TEXT",
        )
    create(db, field, code, description.strip(), place or 0)
    outcome.current().change(f"class{field} {code}", "description", None, description.strip())
    return f"class{field}: {code} added"


def rename(db: sqlite3.Connection, value: Value, code: str | None, description: str | None, place: int | None) -> str:
    """Change a value's code, description or position; return a note, '' if unchanged."""
    done = []
    record, noted = f"class{value.field} {value.code}", outcome.current()
    if code is not None and code != value.code:
        wrong = code_problem(code)
        if wrong:
            raise UsageError(f"'{code}' cannot be a code", wrong)
        taken = db.execute(
            "SELECT code FROM classification_value WHERE field = ? AND label_key(code) = label_key(?) AND id <> ?",
            (value.field, code, value.id),
        ).fetchone()
        if taken:
            raise UsageError(
                f"class{value.field} has '{taken[0]}' already",
                f"to join them: segcli classification value merge {value.field} {value.code} {taken[0]}",
            )
        db.execute(
            "UPDATE classification_value SET code = ?1, code_key = label_key(?1) WHERE id = ?2",
            (composed(code), value.id),
        )
        noted.change(record, "code", value.code, composed(code))
        done.append(f"code {value.code} -> {code}")
    if description is not None and description != value.description:
        db.execute("UPDATE classification_value SET description = ? WHERE id = ?", (description, value.id))
        noted.change(record, "description", value.description, description)
        done.append(f"{value.description or '(none)'} -> {description or '(none)'}")
    if place is not None:
        stood = db.execute("SELECT position FROM classification_value WHERE id = ?", (value.id,)).fetchone()[0]
        if stood != place:
            db.execute("UPDATE classification_value SET position = ? WHERE id = ?", (place, value.id))
            noted.change(record, "position", stood, place)
            done.append(f"position {place}")
    return f"class{value.field} {value.code}: {', '.join(done)}" if done else ""


def retire(db: sqlite3.Connection, value: Value, *, is_retired: bool) -> str:
    """Retire a value or make it current again; return a note, '' if unchanged."""
    if value.is_retired == is_retired:
        return ""
    db.execute(
        "UPDATE classification_value SET is_retired = ?, retired_run_id = NULL WHERE id = ?",
        (int(is_retired), value.id),
    )
    outcome.current().change(f"class{value.field} {value.code}", "is_retired", int(not is_retired), int(is_retired))
    return f"class{value.field} {value.code}: {'retired' if is_retired else 'current again'}"


def merge(db: sqlite3.Connection, value: Value, into: Value, run_id: int) -> str:
    """Move a value's accounts to another value of the same field and retire it; return a note, '' if unchanged."""
    if value.id == into.id:
        raise UsageError(f"'{value.code}' cannot be merged into itself")
    reclassify.create_proposal(db)
    column = f"class{int(value.field)}"
    db.execute(
        f"INSERT INTO temp.proposal SELECT id, ?, {column}, ? FROM account WHERE {column} = ?",
        (value.field, into.id, value.id),
    )
    count = reclassify.count(db)
    if not count and value.is_retired:
        return ""
    noted = outcome.current()
    noted.count(accounts=count, changes=reclassify.apply(db, run_id))
    if not value.is_retired:
        noted.change(f"class{value.field} {value.code}", "is_retired", 0, 1)
    for (code,) in db.execute(_MOVED):
        noted.change(f"account {code}", column, value.code, into.code)
    db.execute("UPDATE classification_value SET is_retired = 1, retired_run_id = ? WHERE id = ?", (run_id, value.id))
    return f"class{value.field}: {value.code} merged into {into.code}, {counted(count, 'account')} moved"
