"""The write-ahead log: enabled for every writer, so that readers do not block writers, and limited in size."""

import sqlite3
from pathlib import Path

LARGE = 64 << 20  # bytes above which a writer truncates the log
_PATIENCE = 2000  # milliseconds to wait for readers before truncating


def use(db: sqlite3.Connection, wait: float) -> None:
    """Enable the log. A restored backup has none, and without it readers would block writers.

    Raises sqlite3.OperationalError if a program that ignores our lock holds the database longer than `wait` seconds.
    """
    db.execute(f"PRAGMA busy_timeout={int(wait * 1000)}")
    db.execute("PRAGMA journal_mode=WAL")


def bound(db: sqlite3.Connection, real: Path) -> None:
    """Truncate a large log after a commit; overlapping readers make it grow. A long-running reader prevents truncation."""
    if size(real) > LARGE:
        db.execute(f"PRAGMA busy_timeout={_PATIENCE}")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def size(real: Path) -> int:
    """Return the size of the log in bytes, 0 if there is none."""
    log = Path(f"{real}-wal")
    return log.stat().st_size if log.exists() else 0
