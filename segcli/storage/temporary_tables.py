"""Temporary tables of one connection."""

import sqlite3


def create(db: sqlite3.Connection, name: str, columns: str, kind: str = "") -> None:
    """Create `temp.<name>`, in place of an earlier one; `kind` is what follows the columns, such as WITHOUT ROWID."""
    db.execute(f"DROP TABLE IF EXISTS temp.{name}")
    db.execute(f"CREATE TEMP TABLE {name} ({columns}) {kind}")
