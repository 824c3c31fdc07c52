"""Other classes than the present ones, for what one connection reads: a temporary view goes before the table of its name."""

import sqlite3
from collections.abc import Mapping

from segcli.domain.catalogue import CLASSES


def cast(db: sqlite3.Connection, classes: Mapping[int, str]) -> None:
    """Let `account` have these classes from now on: the SQL of the value's id, for `main.account AS x`, by field."""
    lift(db)
    columns = [row[1] for row in db.execute("PRAGMA main.table_info(account)")]
    shown = [
        f"{classes[int(name[5])]} AS {name}" if name in CLASSES and int(name[5]) in classes else f"x.{name}"
        for name in columns
    ]
    db.execute(f"CREATE TEMP VIEW account AS SELECT {', '.join(shown)} FROM main.account AS x")


def lift(db: sqlite3.Connection) -> None:
    """Let `account` be what it is again."""
    db.execute("DROP VIEW IF EXISTS temp.account")
