"""The write-ahead log beside the database: there for every writer, so that readers stop none, and kept from growing without end."""

import sqlite3
from pathlib import Path

LARGE = 64 << 20  # bytes beyond which a writer sees to it that the log begins anew
_PATIENCE = 2000  # milliseconds that it waits for readers then


def use(db: sqlite3.Connection, wait: float) -> None:
    """Have changes go through the log; a backup that was put back has none, and its readers would stop its writers.

    Raises sqlite3.OperationalError where a program that does not know our lock holds the database longer than `wait` seconds.
    """
    db.execute(f"PRAGMA busy_timeout={int(wait * 1000)}")
    db.execute("PRAGMA journal_mode=WAL")


def bound(db: sqlite3.Connection, real: Path) -> None:
    """Empty a large log after a commit: it grows as long as one reader follows the other. A reader that stays keeps it."""
    if size(real) > LARGE:
        db.execute(f"PRAGMA busy_timeout={_PATIENCE}")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def size(real: Path) -> int:
    """Return how many bytes the log of a database has, 0 where there is none."""
    log = Path(f"{real}-wal")
    return log.stat().st_size if log.exists() else 0
