"""SQLite's own checks of a database: its pages, its rows against the rules of their tables, and its references."""

import os
import sqlite3
from collections.abc import Callable
from contextlib import closing
from itertools import islice
from pathlib import Path

from segcli.storage import database_file

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
    return [
        f"{table} row {row} refers to a missing {parent}"
        for table, row, parent, _ in islice(db.execute("PRAGMA foreign_key_check"), _MANY)
    ]
