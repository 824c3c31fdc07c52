"""The schema in schema.sql, and how a database differs from it."""

import re
import sqlite3
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

_PARTS = (
    "SELECT type, name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE 'sqlite%'"
    " AND NOT (type = 'table' AND name GLOB '*_search_*')"  # FTS5's own
    " ORDER BY type <> 'table', rowid"
)
_MADE = re.compile(r"^CREATE (?:UNIQUE )?(VIRTUAL TABLE|TABLE|INDEX|TRIGGER) (\w+)", re.ASCII | re.MULTILINE)
_OWN = ("data", "idx", "config")  # the tables FTS5 creates for an external-content index


class Part(NamedTuple):
    """A table, index or trigger, and its definition."""

    what: str
    sql: str


def text() -> str:
    """Return schema.sql."""
    from segcli.storage.places import resource

    return resource("schema.sql").read_text(encoding="utf-8")


def names() -> set[str]:
    """Return the names of all objects in schema.sql by scanning its text. This is fast, because every writer needs it."""
    found = {name: what for what, name in _MADE.findall(text())}
    virtual = [name for name, what in found.items() if what == "VIRTUAL TABLE"]
    return {*found, *(f"{name}_{own}" for name in virtual for own in _OWN)}


def is_whole(db: sqlite3.Connection) -> bool:
    """Tell whether a database has every table, index and trigger. Additional objects are allowed."""
    return names() <= {name for (name,) in db.execute("SELECT name FROM sqlite_schema")}


def lacks_parts(path: Path) -> bool:
    """Tell whether a database that may not even open lacks a part of its schema."""
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            return not is_whole(db)
    except sqlite3.Error:
        return False


def parts(db: sqlite3.Connection) -> dict[str, Part]:
    """Return the tables, indexes and triggers of a database by name, tables first, without the internal tables of FTS5."""
    return {name: Part(what, sql) for what, name, sql in db.execute(_PARTS).fetchall()}


def wanted() -> Mapping[str, Part]:
    """Return the objects that schema.sql creates."""
    with closing(sqlite3.connect(":memory:")) as fresh:
        fresh.executescript(text())
        return parts(fresh)


def wrong(db: sqlite3.Connection) -> list[str]:
    """Describe what is missing or changed in a database."""
    there, fresh = parts(db), wanted()
    every = {name for (name,) in db.execute("SELECT name FROM sqlite_schema")}
    missing = [f"the {part.what} {name} is missing" for name, part in fresh.items() if name not in there]
    missing += [f"the table {name} is missing" for name in sorted(names() - every - set(fresh))]
    changed = [
        f"the {p.what} {n} was changed" for n, p in fresh.items() if _plain(there.get(n, p).sql) != _plain(p.sql)
    ]
    return missing + changed


def _plain(sql: str | None) -> str:
    """Return a definition without comments and with normalized whitespace."""
    return " ".join(re.sub(r"--[^\n]*", "", sql or "").split())
