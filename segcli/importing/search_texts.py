"""Search texts: how they are computed from the fields of a row, compared with the stored ones, and updated."""

import sqlite3
from collections.abc import Iterator, Mapping
from itertools import islice

from segcli.base.text import counted
from segcli.importing.kinds import contact, request
from segcli.importing.kinds.machinery import account_search
from segcli.importing.kinds.machinery.upsert import Search

_SHOWN = 5  # names of rows in a message
_INDEXED = ("account", "contact")  # these have a full-text index
# Search texts of anonymised contacts stay empty.
_KEPT = {"contact": "r.id NOT IN (SELECT contact_id FROM anonymised)"}
_NAMES = {
    "account": "SELECT code FROM account WHERE id = ?",
    "contact": "SELECT a.code || '/' || c.code FROM contact AS c JOIN account AS a ON a.id = c.account_id WHERE c.id = ?",
    "request": "SELECT request_number FROM request WHERE id = ?",
}


def searched() -> Mapping[str, Search]:
    """Return the tables with a search text, and how it is made."""
    return {"account": account_search.SEARCH, "contact": contact.SEARCH, "request": request.SEARCH}


def differing(db: sqlite3.Connection, table: str, where: str = "1") -> Iterator[tuple[str | None, int]]:
    """Yield the correct search text and the row id of each row whose stored search text differs."""
    columns, make = searched()[table]
    rows = db.execute(
        f"SELECT r.id, r.search_text, {', '.join(f'r.{name}' for name in columns)} FROM {table} AS r"
        f" WHERE {where} AND {_KEPT.get(table, '1')}"
    )
    return ((text, number) for number, stored, *values in rows if (text := make(values)) != stored)


def wrong(db: sqlite3.Connection) -> list[str]:
    """Describe the rows whose search text does not match their fields, for example after a change by another program."""
    found = []
    for table in searched():
        rows = differing(db, table)
        first = [number for _, number in islice(rows, _SHOWN)]
        if first:
            count = len(first) + sum(1 for _ in rows)
            names = [db.execute(_NAMES[table], (number,)).fetchone()[0] for number in first]
            more = ", …" if count > len(names) else ""
            found.append(f"the search text of {counted(count, table)} is out of date: {', '.join(names)}{more}")
    return found


def refresh(db: sqlite3.Connection, table: str, where: str = "1") -> int:
    """Update the search texts of these rows; return the number that changed. Triggers update the index."""
    fresh = list(differing(db, table, where))
    db.executemany(f"UPDATE {table} SET search_text = ? WHERE id = ?", fresh)
    return len(fresh)


def repair(db: sqlite3.Connection) -> int:
    """Update all search texts and rebuild their indexes in the open transaction; return the number of changed texts."""
    count = sum(refresh(db, table) for table in searched())
    for table in _INDEXED:
        db.execute(f"INSERT INTO {table}_search ({table}_search) VALUES ('rebuild')")
    return count
