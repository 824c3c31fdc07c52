"""Connections with restricted write access: readers without rights in the database folder, and missing temporary folders."""

import os
import sqlite3
from pathlib import Path


class _Held(sqlite3.Connection):
    """A read connection that holds a shared lock: nobody can write while it is open."""

    held: int | None = None

    def close(self) -> None:
        """Close the connection and release the lock."""
        super().close()
        if self.held is not None:
            os.close(self.held)
            self.held = None


def held(uri: str, lock: int, wait: float) -> sqlite3.Connection:
    """Connect and hold the lock with descriptor `lock` until the connection is closed."""
    try:
        db = sqlite3.connect(uri, uri=True, isolation_level=None, timeout=wait, factory=_Held)
    except BaseException:
        os.close(lock)
        raise
    db.held = lock
    return db


def place_temporary(db: sqlite3.Connection, folder: Path) -> None:
    """Put temporary files beside the database, or in memory, if SQLite finds no writable temporary folder."""
    usual = (os.environ.get("SQLITE_TMPDIR"), os.environ.get("TMPDIR"), "/var/tmp", "/usr/tmp", "/tmp", ".")  # noqa: S108
    if any(name and _takes_files(name) for name in usual):
        return
    name = str(folder.absolute()).replace("'", "''")
    db.execute(f"PRAGMA temp_store_directory = '{name}'" if _takes_files(folder) else "PRAGMA temp_store = MEMORY")


def _takes_files(folder: str | Path) -> bool:
    return Path(folder).is_dir() and os.access(folder, os.W_OK | os.X_OK)
