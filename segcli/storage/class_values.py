"""Classification values in the database: found by any spelling of their code, and added."""

import sqlite3

from segcli.base.errors import UsageError
from segcli.base.spelling import code_problem, composed, meant
from segcli.base.text import key


def create(db: sqlite3.Connection, field: int, code: str, description: str = "", position: int = 0) -> int:
    """Add a value and return its id; a field without a label gets one. A code that cannot be one is a UsageError."""
    wrong = code_problem(code)
    if wrong:
        raise UsageError(f"'{code}' cannot be a code", wrong)
    ensure_label(db, field)
    found = db.execute(
        "INSERT INTO classification_value (id, field, code, description, position, code_key)"
        " SELECT coalesce(max(id), :field * 1000000) + 1, :field, :code, :description, :position, label_key(:code)"
        " FROM classification_value WHERE id BETWEEN :field * 1000000 AND :field * 1000000 + 999999 RETURNING id",
        {"field": field, "code": composed(code), "description": description, "position": position},
    )
    return int(found.fetchone()[0])


def ensure_label(db: sqlite3.Connection, field: int) -> None:
    """Give a field without a label a default one."""
    label = f"Class {field}"
    db.execute(
        "INSERT OR IGNORE INTO classification_label (field, label, label_key) VALUES (?, ?, ?)",
        (field, label, key(label)),
    )


def known(db: sqlite3.Connection, field: int, code: str) -> int | None:
    """Return the id of the value with this code, or None. UsageError if the code means more than one value."""
    found = same(db, field, code)
    return next((number for number, _ in meant(code, found, lambda row: row[1], f"class{field}")), None)


def same(db: sqlite3.Connection, field: int, code: str) -> list[tuple[int, str]]:
    """Return id and code of the field's values with the same code key."""
    wanted = key(code)
    sql = (
        "SELECT id, code FROM classification_value WHERE field = ?1 AND (code_key = ?2 OR code_key IS NULL) ORDER BY id"
    )
    return [(number, text) for number, text in db.execute(sql, (field, wanted)) if key(text) == wanted]
