"""References to missing rows: what is found is what SQLite's own check finds, for each reference of the schema."""

import sqlite3
from contextlib import closing, suppress
from pathlib import Path

from conftest import Run

from segcli.storage import soundness

_KEYS = (
    "SELECT m.name, f.\"from\" FROM sqlite_schema AS m JOIN pragma_foreign_key_list(m.name) AS f WHERE m.type = 'table'"
)
_FEWEST = 40  # references of which the example has rows


def _both(db: sqlite3.Connection) -> tuple[set[tuple[str, int | None, str]], set[tuple[str, int | None, str]]]:
    """Return what we find, and what SQLite finds."""
    every = {(table, row, parent) for table, row, parent, _ in db.execute("PRAGMA foreign_key_check")}
    return set(soundness.broken_references(db)), every


def test_each_reference_that_is_broken_is_found(example: Path) -> None:
    with closing(sqlite3.connect(example, isolation_level=None)) as db:
        db.execute("PRAGMA ignore_check_constraints=ON")
        for name, table in db.execute("SELECT name, tbl_name FROM sqlite_schema WHERE type = 'trigger'").fetchall():
            if not table.endswith("_search"):
                db.execute(f"DROP TRIGGER {name}")
        assert _both(db) == (set(), set())
        broken = 0
        for table, column in db.execute(_KEYS).fetchall():
            db.execute("SAVEPOINT before")
            with suppress(sqlite3.IntegrityError):
                one = f"{column} = (SELECT {column} FROM {table} WHERE {column} IS NOT NULL ORDER BY 1 DESC LIMIT 1)"
                if db.execute(f"UPDATE {table} SET {column} = 987654321 WHERE {one}").rowcount:
                    ours, theirs = _both(db)
                    assert ours == theirs
                    assert {name for name, _, _ in theirs} == {table}
                    broken += 1
            db.execute("ROLLBACK TO before")
    assert broken >= _FEWEST


def test_references_of_other_tables_and_to_missing_tables_are_checked(segcli: Run, example: Path) -> None:
    with closing(sqlite3.connect(example)) as db:
        db.execute('CREATE TABLE "my ""notes" (account_id INTEGER REFERENCES account (id))')
        db.execute('INSERT INTO "my ""notes" VALUES (987654321), (NULL)')
        db.commit()
        assert _both(db) == ({('my "notes', 1, "account")},) * 2
    found = segcli("check", "-f", "jsonl")
    assert (found.status, 'my \\"notes row 1 refers to a missing account' in found.out) == (1, True)
    with closing(sqlite3.connect(example)) as db:
        db.execute("DROP TABLE item_group")
        db.execute("DROP TABLE entry_template")
        ours, theirs = _both(db)
        assert ours == theirs
