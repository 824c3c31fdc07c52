"""The contacts of marketing lists: they follow the list's selection, and each change is recorded for undo."""

import sqlite3
from collections.abc import Mapping
from typing import Any, NamedTuple

from segcli.base.errors import SegcliError, UsageError
from segcli.base.outcome import Outcome
from segcli.base.text import counted
from segcli.discover.campaigns import groups
from segcli.domain.catalogue import nearest
from segcli.query import lookup, selection
from segcli.query.names import Names
from segcli.storage import exchange
from segcli.storage.reader import Reader


class Listed(NamedTuple):
    """A list: its id, its flags as JSON, how it is kept, and its split as JSON if it has groups."""

    id: int
    name: str
    flags: str
    sync: str
    split: str | None = None
    seed: str | None = None
    split_date: str | None = None


class Synced(NamedTuple):
    """How many contacts joined and left a list, and which amounts its selection leaves out."""

    added: int
    gone: int
    lacking: str


def find(db: Reader, name: str) -> Listed:
    """Return a list by its name. The UsageError for an unknown name suggests the nearest."""
    sql = "SELECT id, name, flags, sync, split, seed, split_date FROM marketing_list WHERE name = ? COLLATE BINARY"
    row = db.execute(sql, (lookup.list_name(db, name),)).fetchone()
    if row is None:
        known = [found for (found,) in db.execute("SELECT name FROM marketing_list ORDER BY name")]
        raise UsageError(
            f"there is no list '{name}'", nearest(name, known) or "make one: segcli list create NAME --class1 …"
        )
    return Listed(*row)


def sync(  # noqa: PLR0913 - whose members, by what
    db: sqlite3.Connection, run_id: int, number: int, flags: Mapping[str, Any], names: Names, *, is_full: bool
) -> Synced:
    """Update the contacts of a list, and give a group to the accounts that are new on it."""
    clause = selection.compile_filters(selection.read(flags), names)
    db.execute("CREATE TEMP TABLE listed (id INTEGER PRIMARY KEY)")
    db.execute(
        "INSERT INTO temp.listed SELECT c.id FROM contact AS c JOIN account AS a ON a.id = c.account_id"
        f" WHERE ({clause.sql}) AND c.id NOT IN (SELECT contact_id FROM anonymised) ORDER BY c.id",
        clause.values,
    )
    note = "INSERT INTO marketing_list_change (run_id, marketing_list_id, contact_id, was_added)"
    members = "SELECT contact_id FROM marketing_list_member WHERE marketing_list_id = ?"
    added = db.execute(
        f"{note} SELECT ?, ?, id, 1 FROM (SELECT id FROM temp.listed EXCEPT {members})", (run_id, number, number)
    ).rowcount
    gone = 0
    if is_full:
        sql = f"{note} SELECT ?, ?, contact_id, 0 FROM ({members} EXCEPT SELECT id FROM temp.listed)"
        gone = db.execute(sql, (run_id, number, number)).rowcount
    db.execute("DROP TABLE temp.listed")
    _carry_out(db, run_id, number)
    groups.assign(db, run_id, number)
    return Synced(added, gone, exchange.lacking(db, names.measures))


def note(outcome: Outcome, db: sqlite3.Connection, run_id: int) -> None:
    """Record who joined and left a list, for --result and the table of changes."""
    rows = db.execute(
        "SELECT l.name, a.code || ':' || c.code, k.was_added FROM marketing_list_change AS k"
        " JOIN marketing_list AS l ON l.id = k.marketing_list_id JOIN contact AS c ON c.id = k.contact_id"
        " JOIN account AS a ON a.id = c.account_id WHERE k.run_id = ? ORDER BY k.id",
        (run_id,),
    )
    outcome.count(added=0, removed=0)
    for name, contact, was_added in rows:
        outcome.count(**{"added" if was_added else "removed": 1})
        outcome.change(f"list {name}", "contact", *((None, contact) if was_added else (contact, None)))


def _carry_out(db: sqlite3.Connection, run_id: int, number: int) -> None:
    """Apply the recorded member changes of a run."""
    db.execute(
        "INSERT OR IGNORE INTO marketing_list_member (marketing_list_id, contact_id) SELECT marketing_list_id, contact_id"
        " FROM marketing_list_change WHERE run_id = ? AND marketing_list_id = ? AND was_added = 1", (run_id, number),
    )  # fmt: skip
    db.execute(
        "DELETE FROM marketing_list_member WHERE marketing_list_id = ? AND contact_id IN (SELECT contact_id FROM marketing_list_change"
        " WHERE run_id = ? AND marketing_list_id = ? AND was_added = 0)", (number, run_id, number),
    )  # fmt: skip


def undo(db: sqlite3.Connection, run_id: int, by_run: int) -> str:
    """Reverse the member changes and opt-outs of a run."""
    out = db.execute("DELETE FROM opt_out WHERE run_id = ?", (run_id,)).rowcount
    # Changes that still stand: added contacts are members, removed ones are not.
    standing = """SELECT c.marketing_list_id, c.contact_id, c.was_added FROM marketing_list_change AS c WHERE c.run_id = ? AND c.was_added =
       EXISTS (SELECT 1 FROM marketing_list_member AS k WHERE k.marketing_list_id = c.marketing_list_id AND k.contact_id = c.contact_id)"""
    done = db.execute(
        f"INSERT INTO marketing_list_change (run_id, marketing_list_id, contact_id, was_added) SELECT ?, marketing_list_id, contact_id,"
        f" 1 - was_added FROM ({standing})", (by_run, run_id),
    ).rowcount  # fmt: skip
    for (number,) in db.execute(
        "SELECT DISTINCT marketing_list_id FROM marketing_list_change WHERE run_id = ?", (by_run,)
    ).fetchall():
        _carry_out(db, by_run, number)
        groups.assign(db, by_run, number)
    groups.forget(db, run_id)
    if not done and not out:
        raise SegcliError(f"there is nothing left of run {run_id} in the lists")
    return f"{counted(done, 'member')} and {counted(out, 'opt-out')} of run {run_id} undone"
