"""Execution of an undo: restore values, remove added rows, bring back deleted rows."""

import sqlite3
from typing import NamedTuple

from segcli.storage.table_shapes import CALCULATED, Shape
from segcli.undo.blocking import Taking


class Failed(NamedTuple):
    """A value or row that could not be restored, because a constraint rejects it."""

    work: str  # undo_field or undo_deleted
    table: str
    key: object


def restore(taking: Taking) -> list[Failed]:
    """Restore changed fields, all fields of a row at once because some only make sense together."""
    failed = []
    for table in taking.tables("undo_field"):
        columns = taking.db.execute(
            "SELECT DISTINCT col FROM temp.undo_field WHERE t = ? AND why IS NULL ORDER BY col", (table,)
        ).fetchall()
        if columns:
            failed += _restore_table(taking, taking.shapes[table], [name for (name,) in columns])
    return failed


def _restore_table(taking: Taking, shape: Shape, columns: list[str]) -> list[Failed]:
    table = shape.table
    picked = ", ".join(
        f"max(col = '{name}') AS has_{name}, max(CASE WHEN col = '{name}' THEN old END) AS old_{name}"
        for name in columns
    )
    assigned = ", ".join(f"{name} = iif(w.has_{name}, w.old_{name}, {table}.{name})" for name in columns)
    sql = (
        f"UPDATE {table} SET {assigned} FROM (SELECT key, {picked} FROM temp.undo_field WHERE t = '{table}' AND why IS NULL"
        f" {{one}} GROUP BY key) AS w WHERE {shape.has_key(table, 'w.key')}"
    )
    keys = f"SELECT DISTINCT key FROM temp.undo_field WHERE t = '{table}' AND why IS NULL"
    return [Failed("undo_field", table, key) for key in _all_or_each(taking.db, sql, keys)]


def _all_or_each(db: sqlite3.Connection, sql: str, keys: str) -> list[object]:
    """Run a statement for all rows or, if a constraint fails, row by row. Return the keys that failed."""
    db.execute("SAVEPOINT undo_all")
    try:
        db.execute(sql.format(one=""))
    except sqlite3.IntegrityError:
        db.execute("ROLLBACK TO undo_all")
        failed = []
        for (key,) in db.execute(keys).fetchall():
            try:
                db.execute(sql.format(one="AND key = ?"), (key,))
            except sqlite3.IntegrityError:
                failed.append(key)
        return failed
    finally:
        db.execute("RELEASE undo_all")
    return []


def remove(taking: Taking) -> None:
    """Delete the added rows that are not blocked, their history, and what was calculated for them."""
    for ref in taking.references:
        if (ref.child.endswith("_change") or ref.child in CALCULATED) and ref.parent != "run":
            taking.db.execute(
                f"DELETE FROM {ref.child} WHERE {ref.column} IN"
                f" (SELECT key FROM temp.undo_added WHERE t = '{ref.parent}' AND why IS NULL)"
            )
    for table in taking.tables("undo_added"):
        shape = taking.shapes[table]
        taking.db.execute(
            f"DELETE FROM {table} WHERE {shape.key_of(table)} IN"
            f" (SELECT key FROM temp.undo_added WHERE t = '{table}' AND why IS NULL)"
        )


def bring_back(taking: Taking) -> list[Failed]:
    """Reinsert the deleted rows as they were."""
    failed = []
    for table in taking.tables("undo_deleted"):
        columns = taking.shapes[table].columns
        values = ", ".join(f"json_extract(image, '$.{name}')" for name in columns)
        goes = f"FROM temp.undo_deleted WHERE t = '{table}' AND why IS NULL"
        sql = f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} {goes} {{one}} ORDER BY rowid"
        failed += [Failed("undo_deleted", table, key) for key in _all_or_each(taking.db, sql, f"SELECT key {goes}")]
    return failed
