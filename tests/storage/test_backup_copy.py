"""What a backup copies: one moment, checked row by row, in a file that needs no other."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Run, connected, fingerprint
from terminal import AT_ONCE, at_terminal

from segcli.storage import database, snapshots


def test_what_others_write_meanwhile_is_not_in_the_copy(example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before, seen = fingerprint(example), []
    monkeypatch.setattr(snapshots, "_STEP", 20)

    def tick(pages: int) -> None:
        seen.append(pages)
        with connected(example) as writer:
            writer.execute("UPDATE account SET name = ?", (f"after {pages}",))
            writer.commit()

    with closing(database.connect(example)) as db:
        snapshots.snapshot(db, Path("copy.db"), tick)
    assert seen == sorted(seen)  # it did not start again
    assert len(seen) > 5
    assert fingerprint(example) != before
    assert fingerprint(Path("copy.db")) == before


def test_a_copy_needs_no_log(segcli: Run, example: Path) -> None:
    with connected(example) as db:
        db.execute("PRAGMA journal_mode=WAL")
    assert segcli("backup", "copy.db").status == 0
    assert (example.read_bytes()[18:20], Path("copy.db").read_bytes()[18:20]) == (b"\2\2", b"\1\1")
    assert not list(Path().glob("copy.db-*"))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ("UPDATE account SET is_blocked = 7 WHERE code = '000017'", "CHECK constraint failed in account"),
        ("UPDATE outstanding_item SET amount = 0, open_amount = 10 WHERE id = 1", ""),  # a figure: `check` tells it
    ],
)
def test_a_row_against_a_rule_of_its_table_makes_no_backup(segcli: Run, example: Path, change: str, why: str) -> None:
    with connected(example) as db:
        db.execute("PRAGMA ignore_check_constraints=ON")
        db.execute(change)
        db.commit()
    done = segcli("backup", "copy.db")
    assert (done.status, Path("copy.db").exists()) == (int(bool(why)), not why)
    assert f"not be sound ({why}): no backup was made" in done.err or not why


def test_a_damaged_page_makes_no_backup(segcli: Run, example: Path) -> None:
    with connected(example) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        root, size = db.execute(
            "SELECT rootpage, page_size FROM sqlite_schema, pragma_page_size WHERE name = 'allocation'"
        ).fetchone()
    with example.open("r+b") as file:
        file.seek((root - 1) * size)
        file.write(bytes(100))
    done = segcli("backup", "copy.db")
    assert (done.status, "damaged" in done.err, done.err.count("\n")) == (1, True, 2)
    assert not Path("copy.db").exists()


def test_a_terminal_shows_how_far_it_is(example: Path) -> None:
    status, shown = at_terminal("--database", str(example), "backup", "copy.db", command=AT_ONCE)
    with closing(sqlite3.connect("copy.db")) as db:
        pages = db.execute("PRAGMA page_count").fetchone()[0]
    assert (status, f"copy.db {pages:,} pages copied" in shown) == (0, True)
