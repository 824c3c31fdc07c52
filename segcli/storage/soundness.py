"""SQLite's own checks of a database: its pages, its rows against the rules of their tables, and its references."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from itertools import islice
from pathlib import Path

from segcli.domain.clause import quoted
from segcli.storage import database_file, schema

_MANY = 100  # findings that are read


def integrity(db: sqlite3.Connection, tick: Callable[[], None]) -> list[str]:
    """Run SQLite's integrity check, over a writable connection if allowed: a read-only one skips CHECKs.

    `tick` is called again and again, also for Ctrl-C.
    """
    name = db.execute("SELECT CAST(file AS BLOB) FROM pragma_database_list WHERE name = 'main'").fetchone()[0]
    path = Path(os.fsdecode(name))  # may not be UTF-8
    with closing(database_file.bare(path, write=True)) as whole:
        whole.execute("PRAGMA query_only=ON")
        whole.execute("PRAGMA cell_size_check=ON")
        whole.execute("PRAGMA cache_size=-20000")  # entries of indexes are looked up for each row
        whole.set_progress_handler(tick, database_file.INTERRUPT_EVERY)
        return [row[0] for row in whole.execute("PRAGMA integrity_check(20)") if row[0] != "ok"]


def foreign_keys(db: sqlite3.Connection) -> list[str]:
    """Describe the rows that refer to a missing row, at most 100."""
    found = islice(broken_references(db), _MANY)
    return [f"{table} row {row} refers to a missing {parent}" for table, row, parent in found]


def broken_references(db: sqlite3.Connection) -> Iterator[tuple[str, int | None, str]]:
    """Yield the table and rowid of each row that refers to a missing row, and the table that it refers to.

    PRAGMA foreign_key_check looks up each reference in the order of the rows. It names the rows of the tables that have a wrong one;
    whether there is one is found in a fifth of the time (a million accounts, five million items): each value is looked up once, in the
    order of an index where there is one, so that the pages of the other table are read one after the other.
    """
    tables = "SELECT name FROM main.sqlite_schema WHERE type = 'table' AND sql LIKE '%REFERENCES%' ORDER BY rowid"
    own, is_whole = schema.names(), schema.is_whole(db)
    for (table,) in db.execute(tables).fetchall():
        if table not in own or not is_whole or _is_any_missing(db, table):
            for _, row, parent, _ in db.execute(f"PRAGMA foreign_key_check({quoted(table)})"):
                yield table, row, parent


def _is_any_missing(db: sqlite3.Connection, table: str) -> bool:
    """Tell whether a row of a table of ours refers to a missing row; all of its references are single columns."""
    keys = db.execute('SELECT "from", "table", "to" FROM pragma_foreign_key_list(?)', (table,)).fetchall()
    leading = "SELECT i.name FROM pragma_index_list(?) AS l JOIN pragma_index_info(l.name) AS i WHERE i.seqno = 0"
    indexed = {column for (column,) in db.execute(leading, (table,))}
    for column, parent, to in keys:
        # Without an index, values that are those of a column which is looked up anyway are passed over.
        others = [c for c, *same in keys if same == [parent, to] and c in indexed] if column not in indexed else []
        unlike = "".join(f" AND {column} IS NOT {other}" for other in others)
        values = f"SELECT DISTINCT {column} AS value FROM {table} WHERE {column} IS NOT NULL{unlike}"
        missing = f"NOT EXISTS (SELECT 1 FROM {parent} AS p WHERE p.{to} = c.value)"
        if db.execute(f"SELECT EXISTS (SELECT 1 FROM ({values}) AS c WHERE {missing})").fetchone()[0]:
            return True
    return False
