"""The tables with a search text: how it is made from a row's fields, whether it is up to date, and how to make it again."""

import sqlite3
from collections.abc import Mapping, Sequence

from segcli.importing.kinds import account, contact, request
from segcli.importing.kinds.machinery.kind_definition import Text, of_record

_SHOWN = 5  # names of rows in a message
_INDEXED = ("account", "contact")  # these have a full-text index
# Search texts of anonymised contacts stay empty.
_KEPT = {"contact": "r.id NOT IN (SELECT contact_id FROM anonymised)"}
_NAMES = {
    "account": "SELECT code FROM account WHERE id = ?",
    "contact": "SELECT a.code || '/' || c.code FROM contact AS c JOIN account AS a ON a.id = c.account_id WHERE c.id = ?",
    "request": "SELECT request_number FROM request WHERE id = ?",
}


def searched() -> Mapping[str, tuple[Sequence[str], Text]]:
    """Return the tables with a search text: its source columns, and the function that builds it."""
    return {
        "account": (account.COLUMNS_SEARCHED, account.search_text(account.SEARCHED)),
        "contact": (contact.SEARCHED, of_record(contact.search_text)(contact.SEARCHED)),
        "request": (request.SEARCHED, of_record(request.search_text)(request.SEARCHED)),
    }


def differing(db: sqlite3.Connection, table: str, where: str = "1") -> list[tuple[str | None, int]]:
    """Return search texts as they should be, each with the id of its row, where the stored one is another."""
    columns, make = searched()[table]
    rows = db.execute(
        f"SELECT r.id, r.search_text, {', '.join(f'r.{name}' for name in columns)} FROM {table} AS r"
        f" WHERE {where} AND {_KEPT.get(table, '1')}"
    )
    return [(text, number) for number, stored, *values in rows if (text := make(values)) != stored]


def wrong(db: sqlite3.Connection) -> list[str]:
    """Describe the rows whose search text does not follow from their fields, as after a change by another program."""
    found = []
    for table in searched():
        rows = differing(db, table)
        if rows:
            names = [db.execute(_NAMES[table], (number,)).fetchone()[0] for _, number in rows[:_SHOWN]]
            more = ", …" if len(rows) > len(names) else ""
            plural = "" if len(rows) == 1 else "s"
            found.append(f"the search text of {len(rows)} {table}{plural} is out of date: {', '.join(names)}{more}")
    return found


def refresh(db: sqlite3.Connection, table: str, where: str = "1") -> int:
    """Make the search texts of these rows again; return how many were another. The triggers keep the index up to date."""
    fresh = differing(db, table, where)
    db.executemany(f"UPDATE {table} SET search_text = ? WHERE id = ?", fresh)
    return len(fresh)


def repair(db: sqlite3.Connection) -> int:
    """Make all search texts and the indexes of them again, in the open transaction; return how many texts were another."""
    count = sum(refresh(db, table) for table in searched())
    for table in _INDEXED:
        db.execute(f"INSERT INTO {table}_search ({table}_search) VALUES ('rebuild')")
    return count
