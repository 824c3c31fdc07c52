"""Table versions: raised for every table that a transaction wrote to, by whatever way, and for no other."""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Run, connected
from old_databases import SCHEMAS, older
from stages import DB
from trials import TRIALS

from segcli.storage import database, table_versions

_TABLES = (
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite%' AND name NOT GLOB '*_search'"
    " AND name NOT GLOB '*_search_*' AND name <> 'table_version'"
)


def held(path: Path) -> dict[str, list[str]]:
    """Return what every ordinary table holds."""
    with connected(path) as db:
        names = [name for (name,) in db.execute(_TABLES).fetchall()]
        return {name: sorted(map(repr, db.execute(f'SELECT * FROM "{name}"'))) for name in names}


def versions(path: Path) -> dict[str, int]:
    with connected(path) as db:
        return dict(db.execute("SELECT name, number FROM table_version"))


def raised(before: dict[str, int], after: dict[str, int]) -> set[str]:
    assert all(after[name] >= number for name, number in before.items()), "a version fell"
    return {name for name, number in after.items() if number != before.get(name, 0)}


@pytest.mark.repeats
@pytest.mark.parametrize("name", TRIALS)
def test_a_table_whose_rows_changed_has_another_version(segcli: Run, administration: Path, name: str) -> None:
    trial = TRIALS[name]
    shutil.copytree(administration, "stage")
    os.chdir("stage")
    os.environ["SEGCLI_DATABASE"] = DB.name
    for words in trial.before:
        assert segcli(*words).status == 0
    rows, numbers = held(DB), versions(DB)
    assert segcli(*trial.words).status == trial.status
    now = held(DB)
    changed = {table for table in rows if rows[table] != now[table]}
    assert changed <= raised(numbers, versions(DB))
    assert bool(changed) == bool(raised(numbers, versions(DB)))


def test_a_dry_run_and_a_command_that_fails_raise_nothing(segcli: Run, example: Path) -> None:
    before = versions(example)
    Path("bad.csv").write_text("account,name\nE,Eve\nF,\n")
    for words in (
        ("tag", "000017", "--set", "class1=none", "--dry-run"),
        ("tag", "000017", "--set", "class1=no such"),
        ("import", "bad.csv"),
        ("import", "bad.csv", "--dry-run"),
        ("undo", "20", "--dry-run"),
        ("show", "account-search"),
        ("rules", "plan", "no.yaml"),
        ("classification", "label", "1", "Region"),
    ):
        segcli(*words)
        assert versions(example) == before, words


@pytest.fixture
def opened(example: Path) -> Iterator[sqlite3.Connection]:
    with closing(database.connect(example, write=True)) as db:
        yield db


def written(db: sqlite3.Connection, path: Path, *statements: str) -> set[str]:
    """Run statements in one transaction, and return the tables whose versions it raised."""
    before = dict(table_versions.numbers(db))
    with database.writing(db, path, "test"):
        for sql in statements:
            db.execute(sql)
    return raised(before, dict(table_versions.numbers(db)))


@pytest.mark.parametrize(
    ("sql", "tables"),
    [
        ("UPDATE account SET name = 'x' WHERE id = 1", {"account"}),
        ("UPDATE account SET search_text = 'x' WHERE id = 1", {"account"}),  # and the search index by a trigger
        ("INSERT OR REPLACE INTO payment_condition (id, code, days) VALUES (1, '14', 14)", {"payment_condition"}),
        ("INSERT INTO journal (code) VALUES ('70') ON CONFLICT DO UPDATE SET description = 'Sales'", {"journal"}),
        ("UPDATE allocation SET amount = amount - 1 WHERE id = 1", {"allocation", "outstanding_item"}),  # by a trigger
        ("UPDATE outstanding_item SET invoice_date = '2020-01-01' WHERE id = 1", {"allocation", "outstanding_item"}),
        ("WITH x AS (SELECT 1 AS id) UPDATE contact SET notes = 'x' FROM x WHERE contact.id = x.id", {"contact"}),
        ("CREATE TEMP TABLE account AS SELECT 1", set()),
        ("UPDATE account SET name = 'x' WHERE id = -1", set()),
        ("SELECT count(*) FROM account", set()),
    ],
)
def test_what_a_statement_raises(opened: sqlite3.Connection, example: Path, sql: str, tables: set[str]) -> None:
    assert written(opened, example, sql) == tables


def test_rows_that_go_by_a_foreign_key_are_seen(opened: sqlite3.Connection, example: Path) -> None:
    opened.execute("PRAGMA foreign_keys=ON")
    number = opened.execute(
        "SELECT i.id FROM outstanding_item AS i JOIN allocation AS l ON l.item_id = i.id LEFT JOIN reminder_line AS r"
        " ON r.item_id = i.id WHERE r.item_id IS NULL LIMIT 1"
    ).fetchone()[0]
    found = written(opened, example, f"DELETE FROM outstanding_item WHERE id = {number}")
    assert found == {"allocation", "bank_payment_item", "outstanding_item"}


def test_a_statement_that_was_prepared_before_is_seen(opened: sqlite3.Connection, example: Path) -> None:
    """Python keeps prepared statements; SQLite asks the authorizer when it prepares one."""
    sql = "UPDATE account SET name = name || 'x' WHERE id = 1"
    for _ in range(3):
        assert written(opened, example, sql) == {"account"}
    opened.execute("BEGIN")
    opened.execute(sql)  # outside of the door
    opened.execute("ROLLBACK")
    assert written(opened, example, sql) == {"account"}


def test_the_authorizer_is_asked_for_each_statement_and_not_for_each_row(opened: sqlite3.Connection) -> None:
    asked = []
    opened.set_authorizer(lambda *words: asked.append(words) or sqlite3.SQLITE_OK)  # type: ignore[func-returns-value]
    opened.execute("BEGIN")
    opened.execute("UPDATE account SET remarks = 'x'")
    one = len(asked)
    opened.executemany("UPDATE account SET remarks = 'y' WHERE id = ?", [(n,) for n in range(1, 200)])
    assert len(asked) - one < 20
    opened.set_authorizer(None)
    opened.execute("ROLLBACK")


def test_two_copies_that_are_both_written_to_have_versions_of_their_own(segcli: Run, example: Path) -> None:
    assert segcli("backup", "copy.db").status == 0
    assert versions(Path("copy.db")) == versions(example)
    words = ("tag", "000017", "--set", "class1=none", "--yes")
    assert segcli(*words).status == segcli("--database", "copy.db", *words).status == 0
    assert versions(Path("copy.db"))["account"] != versions(example)["account"]


def identity(path: Path) -> str:
    with connected(path) as db:
        return str(db.execute("SELECT identity FROM administration").fetchone()[0])


def test_a_database_has_an_identity_which_its_copies_keep(segcli: Run, example: Path) -> None:
    assert segcli("backup", "copy.db").status == 0
    assert segcli("--database", "other.db", "init").status == 0
    assert identity(Path("copy.db")) == identity(example) != identity(Path("other.db"))
    assert len(identity(example)) == 32


@pytest.mark.repeats
@pytest.mark.parametrize("version", sorted(int(path.stem) for path in SCHEMAS.glob("*.sql")))
def test_an_upgrade_gives_an_identity_and_raises_all_versions(
    segcli: Run, example: Path, room: Path, version: int
) -> None:
    older(room / "old.db", version)
    assert segcli("--database", room / "old.db", "log").status == 0
    assert len(identity(room / "old.db")) == 32
    assert identity(room / "old.db") != identity(example)
    found = versions(room / "old.db")
    assert set(found) == set(held(room / "old.db"))
    assert min(found.values()) > 0


def test_figures_that_are_kept_current_raise_nothing_where_they_stay(segcli: Run, example: Path) -> None:
    """Every import recalculates base amounts and summaries; those of an account change none."""
    before = versions(example)
    Path("one.csv").write_text("account,name\n000017,Renamed\nNEW,New\n")
    assert segcli("import", "one.csv").status == 0
    found = raised(before, versions(example))
    assert {"account", "run"} <= found
    assert not {"allocation", "outstanding_item", "invoice", "invoice_summary"} & found


def test_a_statement_that_changes_nothing_at_first_is_seen_when_it_does(
    opened: sqlite3.Connection, example: Path
) -> None:
    before = dict(table_versions.numbers(opened))
    sql = "UPDATE account SET name = 'x' WHERE id = 1 AND EXISTS (SELECT 1 FROM journal WHERE code = 'new')"
    with database.writing(opened, example, "test"):
        assert table_versions.execute(opened, sql) == 0
        opened.execute("INSERT INTO journal (code) VALUES ('new')")
        assert table_versions.execute(opened, sql) == 1
    assert raised(before, dict(table_versions.numbers(opened))) == {"account", "journal"}
    before = dict(table_versions.numbers(opened))
    with database.writing(opened, example, "test"):
        table_versions.execute(opened, sql.replace("= 1 ", "= -1 "))
        opened.execute("UPDATE journal SET description = 'y' WHERE code = 'new'")
    assert raised(before, dict(table_versions.numbers(opened))) == {"journal"}
