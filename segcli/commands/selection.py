"""`segcli selection`: save selections under a name, for --selection."""

import json
import sqlite3
from dataclasses import replace
from pathlib import Path

from segcli.base.errors import UsageError
from segcli.base.spelling import composed
from segcli.base.text import key
from segcli.classify.catalogue_edit import writing
from segcli.domain.clause import in_order
from segcli.domain.table import Column, Table
from segcli.interface import options
from segcli.interface.command import Command, Session, Values, group
from segcli.interface.options import Parameter
from segcli.output import wanted
from segcli.query import lookup, selection
from segcli.query.expressions import stored
from segcli.query.names import Names

_NAME = Parameter("name", (), "The selection's name.", metavar="NAME", is_required=True, completes="selection")
_OUTPUT = options.named(options.FORM)


def save(session: Session, values: Values) -> None:
    """Save the selection flags under a name; labels and values must exist."""
    given = {name: values[name] for name in selection.FLAGS if values.get(name)}
    if not given:
        raise UsageError("a selection needs at least one selection flag", "such as --class1 N")
    flags, told = stored.kept(given, Path.cwd(), freeze=values["freeze"])
    with session.connect(write=True) as db:
        names = lookup.names(db, asked=values)
        name = lookup.selection_name(db, values["name"]) or composed(values["name"])
        seen = (key(name),)
        selection.compile_filters(selection.read(flags), replace(names, may_read_input=False), seen)
        with writing(session, db, "selection save", values) as run:
            old = db.execute("SELECT flags, description FROM selection WHERE name = ?", (name,)).fetchone()
            text = json.dumps(flags, ensure_ascii=False, sort_keys=True)
            if old and old[0] == text and values["description"] in {None, old[1]}:
                return
            _store(db, name, text, values["description"] or "")
            was = old or (None, None)
            for field, before, now in (("flags", was[0], text), ("description", was[1], values["description"] or "")):
                if before != now:
                    session.outcome.change(f"selection {name}", field, before, now)
            session.outcome.count(added=int(not old), changed=int(bool(old)))
            run.note(f"{name}: {text}")
    for text in told:
        session.note(text)
    if not values["dry_run"]:
        session.note(f"use it with --selection {name}")


def _store(db: sqlite3.Connection, name: str, flags: str, description: str) -> None:
    """Insert or replace a selection."""
    changed = db.execute("UPDATE selection SET flags = ?, description = ? WHERE name = ?", (flags, description, name))
    if not changed.rowcount:
        db.execute(
            "INSERT INTO selection (name, flags, description, name_key) VALUES (?1, ?2, ?3, label_key(?1))",
            (name, flags, description),
        )


def list_all(session: Session, values: Values) -> None:
    """List the saved selections with the number of accounts that each selects now."""
    with session.connect() as db:
        names = replace(lookup.names(db), is_stored=True)
        found = db.execute("SELECT name, flags, description FROM selection ORDER BY name").fetchall()
        rows = [
            (name, *_now(db, replace(names, origin=f"selection {name}, --where"), flags), description)
            for name, flags, description in found
        ]
    columns = (Column("name"), Column("accounts", "integer"), Column("flags"), Column("description"))
    wanted.write(Table("Selections", columns, rows, with_totals=False), wanted.Output.read(values, session.config))


def _now(db: object, names: Names, flags: str) -> tuple[int | None, str]:
    """Return the number of accounts that a selection matches (None if it names something missing), and its flags."""
    read = json.loads(flags)
    words = " ".join(f"--{flag.replace('_', '-')} {v}" for flag, given in read.items() for v in _many(given))
    try:
        clause = selection.compile_filters(selection.read(read), names)
    except UsageError:
        return None, words
    row = db.execute(f"SELECT count(*) FROM account AS a WHERE {clause.sql}", clause.values).fetchone()  # type: ignore[attr-defined]
    return row[0], words


def _many(given: str | list[str]) -> list[str]:
    return [given] if isinstance(given, str) else given


def show(session: Session, values: Values) -> None:
    """Show the accounts of a saved selection."""
    with session.connect() as db:
        clause = selection.saved_clause(values["name"], lookup.names(db, asked=values))
        rows = db.execute(
            f"SELECT a.code, a.name, a.status, a.city, a.country FROM account AS a WHERE {clause.sql} ORDER BY {in_order('a.code')}",
            clause.values,
        )
        columns = (Column("account", "code"), Column("name"), Column("status"), Column("city"), Column("country"))
        table = Table(values["name"], columns, rows, with_totals=False)
        wanted.write(table, wanted.Output.read(values, session.config))


def delete(session: Session, values: Values) -> None:
    """Delete a saved selection, unless another selection uses it."""
    with session.connect(write=True) as db:
        lookup.saved(db, values["name"])
        deleted = lookup.selection_name(db, values["name"])
        with writing(session, db, "selection delete", values) as run:
            for name, flags in db.execute("SELECT name, flags FROM selection").fetchall():
                used = {lookup.selection_name(db, word) for word in json.loads(flags).get("selection", ())}
                if deleted in used:
                    raise UsageError(f"the selection '{name}' uses '{deleted}'", f"delete or change {name} first")
            flags = db.execute("DELETE FROM selection WHERE name = ? RETURNING flags", (deleted,)).fetchone()
            session.outcome.change(f"selection {deleted}", "flags", flags[0] if flags else None, None)
            session.outcome.count(removed=1)
            run.note(f"{deleted}: deleted")


_DESCRIPTION = Parameter("description", ("--description",), "The purpose of the selection.", metavar="TEXT")
COMMAND = group(
    "Save selections under a name, for --selection.",
    {
        "save": Command("Save selection flags under a name.\n\nSaving again under the same name replaces the selection."
                        " The file of in @FILE is kept as an absolute path, with --freeze its content instead.", save,
                        (_NAME, _DESCRIPTION, *options.FREEZE, *options.SELECTION, *options.BY_HAND),
                        ("segcli selection save key-north --class1 N --class3 A",
                         "segcli selection save asleep --where 'turnover(12m) = 0' --description 'Bought nothing in a year'")),
        "list": Command("List the saved selections.\n\nShows the flags of each, and the number of accounts that it selects now.",
                        list_all, _OUTPUT,
                        ("segcli selection list", "segcli selection list -f json")),
        "show": Command("Show the accounts of a saved selection.\n\nA selection stores flags, not accounts, so this shows the"
                        " accounts that match today.",
                        show, (_NAME, *_OUTPUT),
                        ("segcli selection show key-north", "segcli selection show key-north -f csv -o key-north.csv")),
        "delete": Command("Delete a saved selection.\n\nA selection that another one uses cannot be deleted.",
                          delete, (_NAME, *options.BY_HAND),
                          ("segcli selection delete key-north", "segcli selection delete asleep")),
    },
)  # fmt: skip
