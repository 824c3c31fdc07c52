"""`segcli list`: marketing lists and opt-outs."""

import json
import sqlite3
from collections.abc import Iterable
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any

from segcli.base import dates
from segcli.base.errors import SegcliError, UsageError
from segcli.base.spelling import composed
from segcli.base.text import counted
from segcli.classify.catalogue_edit import Run, writing
from segcli.domain import email_addresses
from segcli.domain.catalogue import nearest
from segcli.domain.table import Column, Table
from segcli.interface import options
from segcli.interface.command import Command, Session, Values, group
from segcli.interface.options import Parameter
from segcli.output import wanted
from segcli.query import lookup, selection
from segcli.query.names import Names
from segcli.storage import exchange

_NAME = Parameter("name", (), "The list's name.", metavar="NAME", is_required=True, completes="marketing_list")
_OUTPUT = options.named(options.FORM)
_WRITING = options.BY_HAND
MOST_ADDRESS = 1_000  # bytes of a line on standard input; an address has 254 at most (RFC 5321)
MOST_ADDRESSES = 1_000_000


def create(session: Session, values: Values) -> None:
    """Create a list of the contacts of the selected accounts."""
    flags = {name: values[name] for name in selection.FLAGS if values.get(name)}
    if bool(flags) == bool(values["all"]):
        raise UsageError("no accounts selected", "select accounts with flags, or add --all")
    sync = "static" if values["static"] else values["sync"] or "full"
    if values["static"] and values["sync"]:
        raise UsageError("--static and --sync exclude each other")
    text = json.dumps(flags, ensure_ascii=False, sort_keys=True)
    with session.connect(write=True) as db, _run(session, db, values, "list create") as run:
        if lookup.list_name(db, values["name"]) is not None:
            raise UsageError(f"there is a list '{values['name']}' already", "segcli list sync brings it up to date")
        made = db.execute(
            "INSERT INTO marketing_list (name, flags, sync, description, name_key) VALUES (?1, ?2, ?3, ?4, label_key(?1))"
            " RETURNING id",
            (composed(values["name"]), text, sync, values["description"] or ""),
        ).fetchone()[0]
        names = replace(lookup.names(db, asked=values), may_read_input=sync == "static")
        added, _, lacking = _sync(db, run.id, made, flags, names, is_full=False)
        exchange.report(session.insist, f"list {values['name']}", lacking)
        _note_members(session, db, run.id)
        run.note(f"list {values['name']}: {counted(added, 'contact')}")


def sync(session: Session, values: Values) -> None:
    """Update lists to match their selections."""
    with session.connect(write=True) as db, _run(session, db, values, "list sync") as run:
        names = values["names"] or [
            row[0] for row in db.execute("SELECT name FROM marketing_list WHERE sync <> 'static' ORDER BY 1")
        ]
        told = []
        for name in dict.fromkeys(names):
            number, flags, way = _find(db, name)
            if way == "static":
                raise UsageError(
                    f"list '{name}' is static: it stays as it was made", "make another one: segcli list create"
                )
            known = replace(lookup.names(db), is_stored=True, origin=f"list {name}, --where")
            added, gone, lacking = _sync(db, run.id, number, json.loads(flags), known, is_full=way == "full")
            exchange.report(session.insist, f"list {name}", lacking)
            told += [f"{name}: {added} added, {gone} gone"] if added or gone else []
        _note_members(session, db, run.id)
        run.note("; ".join(told))


def _sync(  # noqa: PLR0913 - whose members, by what
    db: sqlite3.Connection, run_id: int, number: int, flags: dict[str, Any], names: Names, *, is_full: bool
) -> tuple[int, int, str]:
    """Update the contacts of a list; return how many joined, how many left, and which amounts are unknown."""
    clause = selection.compile_filters(selection.read(flags), names)
    found = f"SELECT c.id FROM contact AS c JOIN account AS a ON a.id = c.account_id WHERE ({clause.sql})"
    found += " AND c.id NOT IN (SELECT contact_id FROM anonymised)"
    members = "SELECT contact_id FROM marketing_list_member WHERE marketing_list_id = ?"
    note = "INSERT INTO marketing_list_change (run_id, marketing_list_id, contact_id, was_added)"
    added = db.execute(
        f"{note} SELECT ?, ?, id, 1 FROM ({found} EXCEPT {members})", (run_id, number, *clause.values, number)
    ).rowcount
    gone = 0
    if is_full:
        sql = f"{note} SELECT ?, ?, contact_id, 0 FROM ({members} EXCEPT {found})"
        gone = db.execute(sql, (run_id, number, number, *clause.values)).rowcount
    _carry_out(db, run_id, number)
    return added, gone, exchange.lacking(db, names.measures)


def _note_members(session: Session, db: sqlite3.Connection, run_id: int) -> None:
    """Record who joined and left a list, for --result and the table of changes."""
    rows = db.execute(
        "SELECT l.name, a.code || ':' || c.code, k.was_added FROM marketing_list_change AS k"
        " JOIN marketing_list AS l ON l.id = k.marketing_list_id JOIN contact AS c ON c.id = k.contact_id"
        " JOIN account AS a ON a.id = c.account_id WHERE k.run_id = ? ORDER BY k.id",
        (run_id,),
    )
    session.outcome.count(added=0, removed=0)
    for name, contact, was_added in rows:
        session.outcome.count(**{"added" if was_added else "removed": 1})
        session.outcome.change(f"list {name}", "contact", *((None, contact) if was_added else (contact, None)))


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


def show_all(session: Session, values: Values) -> None:
    """List the lists and how many contacts each has."""
    columns = (Column("name"), Column("sync"), Column("contacts", "integer"), Column("flags"), Column("description"))
    with session.connect() as db:
        rows = db.execute(
            "SELECT l.name, l.sync, (SELECT count(*) FROM marketing_list_member AS k WHERE k.marketing_list_id = l.id), l.flags,"
            " l.description FROM marketing_list AS l ORDER BY l.name"
        )
        wanted.write(
            Table("Marketing lists", columns, rows, with_totals=False), wanted.Output.read(values, session.config)
        )


def delete(session: Session, values: Values) -> None:
    """Delete a list; its contacts stay."""
    with session.connect(write=True) as db, _run(session, db, values, "list delete") as run:
        number, flags, _ = _find(db, values["name"])
        db.execute("DELETE FROM marketing_list WHERE id = ?", (number,))
        session.outcome.change(f"list {values['name']}", "flags", flags, None)
        session.outcome.count(removed=1)
        session.outcome.is_final = True
        run.note(f"list {values['name']} deleted")


def opt_out(session: Session, values: Values) -> None:
    """Record opt-outs of addresses."""
    day = dates.day_of(values["on"], session.today, "--on") if values["on"] else session.today
    found = list(_given_addresses(values["addresses"]))  # before the lock, because a pipe may be slow
    with session.connect(write=True) as db, _run(session, db, values, "list opt-out") as run:
        done = 0
        for address in found:
            is_new = db.execute(
                "INSERT INTO opt_out (address_hash, opt_out_date, source, run_id)"
                " VALUES (mail_hash(mail_key(?1)), ?2, ?3, ?4)"
                " ON CONFLICT DO NOTHING",
                (address, str(day), values["source"], run.id),
            ).rowcount
            if is_new:
                done += 1
                session.outcome.change(address, "opt_out", None, day)
        session.outcome.count(added=done, unchanged=len(found) - done)
        run.note(f"{counted(done, 'address')} opted out" if done else "")


def opt_in(session: Session, values: Values) -> None:
    """Reverse an opt-out at the request of the address's owner."""
    found = list(_given_addresses(values["addresses"]))
    with session.connect(write=True) as db, _run(session, db, values, "list opt-in") as run:
        sql = "DELETE FROM opt_out WHERE address_hash IN (SELECT value FROM json_each(mail_hashes('', ?))) RETURNING opt_out_date"
        done = 0
        for address in found:
            gone = db.execute(sql, (address,)).fetchall()
            done += len(gone)
            if gone:
                session.outcome.change(address, "opt_out", gone[0][0], None)
        session.outcome.count(removed=done)
        session.outcome.is_final = True
        run.note(f"{counted(done, 'address')} opted in" if done else "")


def _given_addresses(words: Iterable[str]) -> Iterable[str]:
    """Yield the addresses; - reads standard input, one per line. Raises UsageError for anything else."""
    for word in words:
        for number, text in enumerate(_given() if word == "-" else (word,), 1):
            address = text.strip()
            if not address:
                continue
            if email_addresses.address(address) is None:
                where = f"<stdin>:{number}: " if word == "-" else ""
                kind = SegcliError if where else UsageError
                raise kind(f"{where}'{address}' is no e-mail address")
            yield address


def _given() -> Iterable[str]:
    """Yield the lines of standard input, limited in length and number."""
    import sys

    number = 0
    while line := sys.stdin.buffer.readline(MOST_ADDRESS + 1):
        number += 1
        if len(line) > MOST_ADDRESS:
            raise SegcliError(f"<stdin>:{number}: this line is no e-mail address", "one address on each line")
        if number > MOST_ADDRESSES:
            raise SegcliError(f"<stdin>: there are more than {MOST_ADDRESSES:,} lines", "give them in parts")
        try:
            yield line.decode()
        except UnicodeDecodeError as error:
            raise SegcliError(f"<stdin>:{number}: this line is not UTF-8", "save the list in UTF-8") from error


def _find(db: sqlite3.Connection, name: str) -> tuple[int, str, str]:
    sql = "SELECT id, flags, sync FROM marketing_list WHERE name = ? COLLATE BINARY"
    row = db.execute(sql, (lookup.list_name(db, name),)).fetchone()
    if row is None:
        known = [found for (found,) in db.execute("SELECT name FROM marketing_list ORDER BY name")]
        raise UsageError(
            f"there is no list '{name}'", nearest(name, known) or "make one: segcli list create NAME --class1 …"
        )
    return int(row[0]), str(row[1]), str(row[2])


def _run(session: Session, db: sqlite3.Connection, values: Values, command: str) -> AbstractContextManager[Run]:
    return writing(session, db, command, values)


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
    if not done and not out:
        raise SegcliError(f"there is nothing left of run {run_id} in the lists")
    return f"{counted(done, 'member')} and {counted(out, 'opt-out')} of run {run_id} undone"


COMMAND = group(
    "Marketing lists and opt-outs.",
    {
        "list": Command("List the marketing lists, with the number of contacts of each.\n\nAlso shows the selection of each"
                        " list and how it is kept up to date.",
                        show_all, _OUTPUT,
                        ("segcli list list", "segcli list list -f json")),
        "create": Command(
            "Create a list of the contacts of the selected accounts.\n\nlist sync updates it from its selection: --sync full"
            " (default) adds and removes contacts, --sync add only adds. A --static list never changes. Contacts that may not"
            " be mailed are left out when the list is used: segcli show marketing-list --list NAME.",
            create,
            (_NAME, Parameter("sync", ("--sync",), "add or full", metavar="WAY", choices=("add", "full")),
             Parameter("static", ("--static",), "Never update the list.", kind="flag"),
             Parameter("description", ("--description",), "The purpose of the list.", metavar="TEXT"),
             options.PARAMETERS["all"], *options.SELECTION, *_WRITING),
            ("segcli list create spring --class7 SPRING", "segcli list create fair --country BE --static"),
        ),
        "sync": Command(
            "Update lists to match their selections, and report the changes.\n\nWithout a name, all lists that are not static"
            " are updated.", sync,
            (Parameter("names", (), "Lists.", metavar="NAME", is_many=True, completes="marketing_list"), *_WRITING),
            ("segcli list sync", "segcli list sync spring --dry-run"),
        ),
        "delete": Command("Delete a list; its contacts stay.\n\nIts member history is deleted too; opt-outs stay.", delete,
                          (_NAME, *_WRITING), ("segcli list delete fair --dry-run", "segcli list delete fair")),
        "opt-out": Command(
            "Record opt-outs of e-mail addresses.\n\nThey are stored as salted hashes and kept out of every list, even if the"
            " contact is imported again.", opt_out,
            (Parameter("addresses", (), "E-mail addresses; - reads them from standard input.", metavar="ADDRESS", is_many=True,
                       is_required=True),
             Parameter("on", ("--on",), "The day (default: today).", metavar="DATE"),
             Parameter("source", ("--source",), "How the person opted out.", metavar="TEXT"), *_WRITING),
            ("segcli list opt-out info@t-gouden-hoen.example --source 'reply to the spring mail'",
             "segcli list opt-out - --on 2026-06-29 < addresses.txt"),
        ),
        "opt-in": Command(
            "Reverse an opt-out at the request of the address's owner.\n\nThe address may be mailed again if there is a legal"
            " basis. opt-out records a new opt-out.", opt_in,
            (Parameter("addresses", (), "E-mail addresses.", metavar="ADDRESS", is_many=True, is_required=True), *_WRITING),
            ("segcli list opt-in info@t-gouden-hoen.example", "segcli list opt-in info@t-gouden-hoen.example --dry-run"),
        ),
    },
)  # fmt: skip
