"""Little memory for statements that sort several times at once: each of SQLite's sorters takes as much as the cache."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

_KILOBYTES = 8_000  # sorting a million rows takes no longer than with 20 MB


@contextmanager
def small_cache(db: sqlite3.Connection) -> Iterator[None]:
    """Give the database a small cache in this block."""
    before = int(db.execute("PRAGMA cache_size").fetchone()[0])
    db.execute(f"PRAGMA cache_size=-{_KILOBYTES}")
    try:
        yield
    finally:
        db.execute(f"PRAGMA cache_size={before}")
