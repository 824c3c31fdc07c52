"""Reclassification of accounts: proposed in a temporary table, shown, guarded, applied and recorded in the history."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from segcli.base.errors import GuardError, UsageError
from segcli.base.text import counted, is_whole
from segcli.domain.catalogue import Catalogue
from segcli.domain.clause import Clause, in_order
from segcli.domain.table import Column, Table

_WHOLE = 100


class Assignment(NamedTuple):
    """A field and its new value; None clears it."""

    field: int
    value_id: int | None


def read_assignments(catalogue: Catalogue, to_set: Sequence[str], to_clear: Sequence[str]) -> list[Assignment]:
    """Return the assignments of --set LABEL=CODE and --clear LABEL. Raises UsageError for unknown or conflicting ones."""
    found: dict[int, Assignment] = {}
    for text in to_set:
        name, sign, word = text.partition("=")
        if not sign:
            raise UsageError(f"--set: '{text}' is not LABEL=CODE", "write --set class1=gold or --set Region=North")
        field = catalogue.field(name)
        if not word.strip():
            raise UsageError(f"--set: '{text}' has no value", f"to take the value away: --clear {name}")
        value = None if word.strip().lower() == "none" else catalogue.assignable(field, word.strip()).id
        _add(found, Assignment(field, value), text)
    for text in to_clear:
        for name in text.split(","):
            _add(found, Assignment(catalogue.field(name), None), text)
    return sorted(found.values())


def _add(found: dict[int, Assignment], assignment: Assignment, text: str) -> None:
    other = found.setdefault(assignment.field, assignment)
    if other != assignment:
        raise UsageError(f"'{text}': class{assignment.field} is given two values")


def create_proposal(db: sqlite3.Connection) -> None:
    """Create the temporary table of proposed changes: account, field, old and new value."""
    db.execute("DROP TABLE IF EXISTS temp.proposal")
    db.execute(
        "CREATE TEMP TABLE proposal (account_id INTEGER NOT NULL, field INTEGER NOT NULL, old_value_id INTEGER,"
        " new_value_id INTEGER, PRIMARY KEY (account_id, field)) WITHOUT ROWID"
    )


def propose(db: sqlite3.Connection, clause: Clause, assignments: Iterable[Assignment]) -> int:
    """Propose the same assignments for all selected accounts; return the number of selected accounts."""
    create_proposal(db)
    for field, value_id in assignments:
        db.execute(
            f"INSERT INTO temp.proposal SELECT a.id, ?, a.class{int(field)}, ? FROM account AS a WHERE {clause.sql}",
            (field, value_id, *clause.values),
        )
    db.execute("DELETE FROM temp.proposal WHERE old_value_id IS new_value_id")
    return int(db.execute(f"SELECT count(*) FROM account AS a WHERE {clause.sql}", clause.values).fetchone()[0])


def state(db: sqlite3.Connection) -> int:
    """Return a number that changes when another connection changes the database."""
    return int(db.execute("PRAGMA data_version").fetchone()[0])


def refresh(db: sqlite3.Connection) -> None:
    """Update the proposal's old values to the current ones."""
    for field in range(1, 9):
        db.execute(
            f"UPDATE temp.proposal SET old_value_id = a.class{field} FROM account AS a"
            " WHERE a.id = proposal.account_id AND proposal.field = ?",
            (field,),
        )
    db.execute("DELETE FROM temp.proposal WHERE old_value_id IS new_value_id")


def count(db: sqlite3.Connection) -> int:
    """Return the number of accounts that would change."""
    return int(db.execute("SELECT count(DISTINCT account_id) FROM temp.proposal").fetchone()[0])


def counts(db: sqlite3.Connection) -> dict[str, int]:
    """Return the numbers of accounts and of classifications that would change."""
    accounts, fields = db.execute("SELECT count(DISTINCT account_id), count(*) FROM temp.proposal").fetchone()
    return {"accounts": accounts, "changes": fields}


def guard(changes: int, selected: int, limit: str | None, name: str = "--max-changes", what: str = "") -> None:
    """Raise GuardError if more would change than the limit, N or N% of the selection.

    `what` says of how many things the changes are, and what would happen to them: `9 invoices would be processed`.
    """
    if limit is None:
        return
    number = limit.removesuffix("%")
    is_share = number != limit and is_whole(number.replace(".", "", 1))
    if not is_share:
        try:
            allowed = int(number)
        except ValueError as error:
            raise UsageError(f"{name}: '{limit}' is neither a number nor a percentage") from error
        if allowed < 0:
            raise UsageError(f"{name}: '{limit}' is negative")
    if is_above(changes, selected, limit):
        what = what or f"{counted(selected, 'account')} would change"
        raise GuardError(
            f"{changes} of {what}, more than {name} {limit}: nothing was changed",
            "look at them with --dry-run",
        )


def is_above(count: int, whole: int, limit: str) -> bool:
    """Tell whether a count exceeds a limit, N or N% of the whole, in exact arithmetic."""
    from decimal import Decimal

    if limit.endswith("%"):
        return count * _WHOLE > Decimal(limit[:-1]) * whole
    return count > int(limit)


def apply(db: sqlite3.Connection, run_id: int) -> int:
    """Write the proposal and its history in the open transaction; return the number of changed classifications."""
    written = db.execute(
        "INSERT INTO classification_change (run_id, account_id, field, old_value_id, new_value_id)"
        " SELECT ?, account_id, field, old_value_id, new_value_id FROM temp.proposal ORDER BY account_id, field",
        (run_id,),
    ).rowcount
    for (field,) in db.execute("SELECT DISTINCT field FROM temp.proposal ORDER BY field").fetchall():
        db.execute(
            f"UPDATE account SET class{int(field)} = p.new_value_id FROM temp.proposal AS p"
            " WHERE p.field = ? AND p.account_id = account.id",
            (field,),
        )
    db.execute(
        "DELETE FROM pending_classification WHERE (account_id, field) IN (SELECT account_id, field FROM temp.proposal)"
    )
    return written


class Written(NamedTuple):
    """A run that changed classifications, and the number changed."""

    run_id: int
    classifications: int

    def told(self, accounts: int) -> str:
        """Return the message about the run."""
        return (
            f"{counted(accounts, 'account')} changed ({counted(self.classifications, 'classification')}), run {self.run_id};"
            f" undo with: segcli undo {self.run_id}"
        )


def carry_out(db: sqlite3.Connection, catalogue: Catalogue, command: str, source: str, reason: str | None) -> Written:
    """Write the proposal and its history as one run, in the open transaction."""
    from segcli.storage import runs

    run_id = runs.start(db, command, source, reason)
    told = summary(db, catalogue)
    written = apply(db, run_id)
    runs.finish(db, run_id, told)
    return Written(run_id, written)


def ask(db: sqlite3.Connection, catalogue: Catalogue, count: int, selected: int, look: str) -> None:
    """Show the proposed transitions and ask for confirmation; without a terminal it is a UsageError."""
    from segcli.interface import confirm

    confirm.require(
        f"{count} of {counted(selected, 'account')} would change",
        look,
        transitions(db, catalogue),
        f"Change {count} of {counted(selected, 'account')}?",
    )


COLUMNS = (
    Column("account", "code"),
    Column("name"),
    Column("class", heading="Class"),
    Column("label"),
    Column("from", "code"),
    Column("from_name"),
    Column("to", "code"),
    Column("to_name"),
)
_KEEPS = ("label", "from", "to")


def table(db: sqlite3.Connection, catalogue: Catalogue, caption: str = "") -> Table:
    """Return the proposed changes as a table, one row per account and field."""
    rows = db.execute(
        f"""SELECT a.code, a.name, 'class' || p.field, p.field, o.code, o.description, n.code, n.description
             FROM temp.proposal AS p JOIN account AS a ON a.id = p.account_id
             LEFT JOIN classification_value AS o ON o.id = p.old_value_id
             LEFT JOIN classification_value AS n ON n.id = p.new_value_id
            ORDER BY {in_order("a.code")}, p.field"""
    )
    return Table("Changes", COLUMNS, _labelled(rows, catalogue), caption=caption, with_totals=False, keeps=_KEEPS)


def _labelled(rows: Iterable[Sequence[Any]], catalogue: Catalogue) -> Iterator[Sequence[Any]]:
    for code, name, class_, field, *values in rows:
        yield (code, name, class_, catalogue.label(field), *values)


def transitions(db: sqlite3.Connection, catalogue: Catalogue) -> list[str]:
    """Return the number of accounts per transition, one line each: `Region: (none) -> N: 12`."""
    rows = db.execute(
        """SELECT p.field, o.code, n.code, count(*) FROM temp.proposal AS p
             LEFT JOIN classification_value AS o ON o.id = p.old_value_id
             LEFT JOIN classification_value AS n ON n.id = p.new_value_id
            GROUP BY p.field, p.old_value_id, p.new_value_id ORDER BY p.field, 4 DESC, o.code, n.code"""
    )
    return [f"{catalogue.label(f)}: {old or '(none)'} -> {new or '(none)'}: {n}" for f, old, new, n in rows]


def summary(db: sqlite3.Connection, catalogue: Catalogue) -> str:
    """Return up to five transitions on one line, for the run."""
    lines = transitions(db, catalogue)
    more = f"; and {len(lines) - 5} more" if len(lines) > 5 else ""  # noqa: PLR2004 - a line's length
    return "; ".join(lines[:5]) + more
