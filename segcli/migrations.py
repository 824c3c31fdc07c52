"""From older schemas to this one: a backup beside the file, then one step per version, each in one transaction."""

import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

from segcli import database
from segcli.errors import SegcliError

# version -> what brings a database of that version to the next one
STEPS: Mapping[int, Callable[[sqlite3.Connection], None]] = {}


def upgrade(real: Path, version: int) -> None:
    """Bring a database to the version of this segcli. Either all steps are done, or the file is as it was."""
    missing = [step for step in range(version, database.VERSION) if step not in STEPS]
    if missing:
        raise SegcliError(f"{real} has schema {version}, from which this segcli cannot upgrade")
    db = sqlite3.connect(f"{real.as_uri()}?mode=rw", uri=True, isolation_level=None, timeout=30)
    try:
        _upgrade(db, real)
    finally:
        db.close()


def _upgrade(db: sqlite3.Connection, real: Path) -> None:
    with database.lock(real, "upgrade", 30):
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version >= database.VERSION:  # another process has done it while we waited
            return
        backup = real.with_name(f"{real.name}.schema{version}.backup")
        if not backup.exists():
            database.snapshot(db, backup)
        db.execute("PRAGMA foreign_keys=OFF")  # a step may rebuild a table; checked before the end
        db.execute("BEGIN IMMEDIATE")
        try:
            for step in range(version, database.VERSION):
                STEPS[step](db)
            _refuse_broken(db, real, backup)
            db.execute(f"PRAGMA user_version = {int(database.VERSION)}")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")


def _refuse_broken(db: sqlite3.Connection, real: Path, backup: Path) -> None:
    broken = db.execute("PRAGMA foreign_key_check").fetchone()
    if broken:
        raise SegcliError(f"{real}: the upgrade would break {broken[0]}: it was not done", f"the backup is {backup}")
