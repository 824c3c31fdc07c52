"""Undo of imports: of every kind, of several files, in any order, and what of it stays."""

import random
import shutil
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Run, connected, steps_of
from import_files import FILES, state, written

from segcli.importing.kinds.machinery import kind_definition
from segcli.storage import database
from segcli.undo import imports


def last_run(path: Path) -> int:
    with connected(path) as db:
        return int(db.execute("SELECT max(id) FROM run").fetchone()[0])


@pytest.fixture(scope="session")
def _stages(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return {}


@pytest.fixture
def full(
    segcli: Run, empty: Path, tmp_path: Path, _stages: dict[str, Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    """Return a database with the first file of every kind, imported once for all tests."""
    if "full" not in _stages:
        for kind in FILES:
            done = segcli("import", written(tmp_path, kind, 0), "--as", kind, "--create-missing")
            assert done.status == 0, (kind, done.err)
        _stages["full"] = tmp_path_factory.mktemp("full") / "full.db"
        shutil.copy(empty, _stages["full"])
    shutil.copy(_stages["full"], empty)
    return empty


def is_clean(segcli: Run) -> bool:
    return segcli("check").status == 0


def test_there_is_a_file_of_every_kind() -> None:
    assert set(FILES) == set(kind_definition.names())


@pytest.mark.repeats
@pytest.mark.parametrize("kind", FILES)
def test_undo_of_an_import_and_the_same_import_again(segcli: Run, full: Path, tmp_path: Path, kind: str) -> None:
    before = state(full)
    file = written(tmp_path, kind, 1)
    assert segcli("import", file, "--as", kind).status == 0
    after = state(full)
    assert after != before
    done = segcli("undo", last_run(full), "--yes", "-f", "json")
    assert done.status == 0, done.err
    found = state(full)
    assert (found, done.out) == (before, "")
    assert is_clean(segcli)
    assert segcli("import", file, "--as", kind).status == 0
    assert state(full) == after
    assert is_clean(segcli)


@pytest.mark.repeats
def test_all_imports_undone_in_reverse_leave_an_empty_administration(segcli: Run, empty: Path, tmp_path: Path) -> None:
    states = []
    for kind in FILES:
        states.append(state(empty))
        assert segcli("import", written(tmp_path, kind, 0), "--as", kind, "--create-missing").status == 0
    runs = list(range(1, last_run(empty) + 1))
    assert len(runs) == len(FILES)
    for run, kind, before in zip(reversed(runs), reversed(FILES), reversed(states), strict=True):
        done = segcli("undo", run, "--yes", "-f", "json")
        assert (done.status, done.out) == (0, ""), (kind, done.out, done.err)
        assert state(empty) == before, kind


def test_the_files_of_one_command_are_undone_together(segcli: Run, empty: Path, tmp_path: Path) -> None:
    before = state(empty)
    for kind in ("classification_label", "classification_value", "account"):
        written(tmp_path, kind, 0)
    files = [written(tmp_path, kind, 0) for kind in ("contact", "account")]
    assert segcli("import", *files, "--create-missing").status == 0
    assert last_run(empty) == 2
    assert segcli("undo", 1, "--yes").status == 0
    with connected(empty) as db:
        undone = db.execute("SELECT undoes_run_id FROM run WHERE undoes_run_id IS NOT NULL ORDER BY id").fetchall()
        assert undone == [(2,), (1,)]
        assert db.execute("SELECT count(*) FROM account").fetchone() == (0,)
        assert db.execute("SELECT count(*) FROM imported_file").fetchone() == (0,)
    assert state(empty) == before
    for run in (1, 2, 3, 4):
        assert segcli("undo", run, "--yes").status == 1


def test_what_stays_is_listed_with_the_reason(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text("account,name,city\n1,One,Gent\n2,Two,Delft\n")
    Path("b.csv").write_text("account,name,city\n1,Uno,Brugge\n2,Two,Delft\n3,Three,Lille\n4,Four,Lille\n")
    Path("c.csv").write_text("account,name\n1,Ein\n")
    Path("d.csv").write_text("account,contact,name\n3,1,Jan\n")
    for name in "abcd":
        assert segcli("import", f"{name}.csv").status == 0
    done = segcli("undo", 2, "--yes", "-f", "json")
    assert done.status == 0
    assert [(r["kind"], r["record"], r["field"], r["left_as"], r["is_now"], r["reason"]) for r in done.rows] == [
        ("account", "1", "name", "Uno", "Ein", "it was changed since"),
        ("account", "3", None, None, None, "used by a later contact"),
    ]
    with connected(empty) as db:
        assert db.execute("SELECT code, name, city FROM account ORDER BY code").fetchall() == [
            ("1", "Ein", "Gent"), ("2", "Two", "Delft"), ("3", "Three", "Lille"),
        ]  # fmt: skip


def test_an_older_file_is_read_again_once_its_run_or_what_it_wrote_is_gone(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text("account,name\n1,One\n")
    Path("b.csv").write_text("account,name\n1,Uno\n")

    def imported(file: str) -> tuple[int, int, int]:
        row = segcli("import", file, "-f", "json").rows[0]
        return row["added"], row["changed"], row["unchanged"]

    assert imported("a.csv") == (1, 0, 0)
    assert imported("a.csv") == (0, 0, 0)  # not read: nothing is counted
    assert segcli("undo", 1, "--yes").status == 0
    assert imported("a.csv") == (1, 0, 0)
    assert imported("b.csv") == (0, 1, 0)
    assert imported("a.csv") == (0, 1, 0)  # a newer file wrote over it
    with connected(empty) as db:
        assert db.execute("SELECT name FROM account").fetchall() == [("One",)]


def test_undo_is_guarded_as_a_bulk_change(segcli: Run, full: Path, tmp_path: Path) -> None:
    assert segcli("import", written(tmp_path, "account", 1)).status == 0
    before = state(full)
    run = last_run(full)
    unasked = segcli("undo", run)
    assert (unasked.status, unasked.out) == (2, "")
    assert "--yes" in unasked.err
    assert segcli("undo", run, "--yes", "--max-changes", "2").status == 6
    shown = segcli("undo", run, "--dry-run", "-f", "json")
    assert ("removed", "account", 1) in [(row["result"], row["kind"], row["count"]) for row in shown.rows]
    last = segcli("undo", "--last", "--yes")
    assert (last.status, f"run {run} (import account_1.csv)" in last.err) == (2, True)
    assert segcli("undo", "--last", run).status == 2
    assert state(full) == before
    assert segcli("undo", run, "--yes", "--max-changes", "3").status == 6
    assert (
        segcli("undo", run, "--yes", "--max-changes", "4").status == 0
    )  # two changed, one added, and a class that waits


def test_old_before_images_are_deleted_by_later_imports(
    segcli: Run, empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGCLI_TODAY", "2026-01-01")
    assert segcli("import", written(tmp_path, "journal", 0)).status == 0
    monkeypatch.setenv("SEGCLI_TODAY", "2026-04-01")  # 90 days later
    assert segcli("import", written(tmp_path, "journal", 1)).status == 0
    assert segcli("undo", 1, "--dry-run").status == 0
    monkeypatch.setenv("SEGCLI_TODAY", "2026-04-02")
    assert segcli("import", written(tmp_path, "vat_code", 0)).status == 0
    refused = segcli("undo", 1, "--yes")
    assert (refused.status, "undo.keep" in refused.err) == (1, True)
    assert segcli("undo", 2, "--yes").status == 0


@pytest.mark.repeats
def test_undo_takes_steps_in_proportion(empty: Path, segcli: Run, tmp_path: Path) -> None:
    """Four times the accounts take about four times the steps of SQLite, added or changed."""
    steps: dict[str, list[int]] = {"added": [], "changed": []}
    fresh = tmp_path / "fresh.db"
    shutil.copy(empty, fresh)
    for count in (1000, 4000):
        for left in empty.parent.glob("test.db*"):
            left.unlink()
        shutil.copy(fresh, empty)
        for name in ("added", "changed"):
            rows = "".join(f"{n},{name} {n},{name}\n" for n in range(count))
            (tmp_path / f"{name}.csv").write_text(f"account,name,city\n{rows}")
            assert segcli("import", tmp_path / f"{name}.csv").status == 0
        for name, run in (("changed", 2), ("added", 1)):
            with database.connect(empty, write=True) as db, database.writing(db, empty, "test", looked_up=True):
                steps[name].append(steps_of(db, lambda db=db, run=run: imports.take_back_all(db, [run], None)))  # type: ignore[misc]
    with connected(empty) as db:
        assert db.execute("SELECT count(*) FROM account").fetchone() == (0,)
    for name, (few, many) in steps.items():
        assert few > 10
        assert many < few * 6, (name, few, many)


@pytest.mark.repeats
@pytest.mark.parametrize("seed", range(12))
def test_undo_of_any_import_in_a_random_history_leaves_check_clean(
    segcli: Run, full: Path, tmp_path: Path, seed: int
) -> None:
    rnd = random.Random(seed)
    others = (
        ("tag", "A1", "A2", "--set", f"class1={rnd.choice('NS')}", "--yes"),
        ("tag", "A1", "--clear", "class1"),
        ("run", "generate-subscription-invoices", "--all", "--apply", "--yes", "--as-of", "2026-04-30"),
        (
            "run",
            "print-invoices",
            "--all",
            "--apply",
            "--yes",
            "--as-of",
            "2026-05-01",
            "--folder",
            str(tmp_path / "out"),
        ),
        ("run", "link-price-list", "SHOP", "--all", "--apply", "--yes"),
        (
            "run",
            "print-reminders",
            "--all",
            "--apply",
            "--yes",
            "--as-of",
            "2026-06-30",
            "--folder",
            str(tmp_path / "r"),
        ),
        ("request", "close", "R1"),
    )
    done = []
    for _ in range(14):
        if rnd.random() < 0.5:
            kind, which = rnd.choice(list(FILES)), rnd.randrange(2)
            found = segcli(
                "import", written(tmp_path, kind, which), "--as", kind, "--create-missing", "--on-error", "skip"
            )
            done.append((kind, which, found.status))
        elif rnd.random() < 0.5:
            words = rnd.choice(others)
            done.append((words[:2], segcli(*words).status))
        else:
            with connected(full) as db:
                runs = [run for (run,) in db.execute("SELECT id FROM run WHERE batch_id IS NOT NULL")]
            run = rnd.choice(runs)
            done.append(("undo", run, segcli("undo", run, "--yes").status))
        checked = segcli("check", "-f", "json")
        assert checked.status == 0, (done, [row for row in checked.rows if row["result"] == "failed"])
        with connected(full) as db:
            assert db.execute("PRAGMA foreign_key_check").fetchall() == [], done


def test_anonymise_takes_people_out_of_before_images(segcli: Run, full: Path) -> None:
    Path("c.csv").write_text("account,contact,name,email\nA1,1,Johan,other@a.example\n")
    Path("a.csv").write_text("account,name,remarks\nA1,First,ask for jan@a.example\n")
    Path("b.csv").write_text("account,name,remarks\nA1,First,\n")
    for name in "abc":
        assert segcli("import", f"{name}.csv").status == 0
    run = last_run(full)
    assert segcli("contact", "anonymise", "other@a.example", "--yes").status == 0
    with connected(full) as db:
        kept = db.execute("SELECT table_name, old_value, new_value FROM import_change").fetchall()
    assert not [row for row in kept if row[0] == "contact"]
    assert not [row for row in kept if "other@a.example" in str(row)]
    assert segcli("undo", run, "--yes").status == 0
    with connected(full) as db:
        assert db.execute("SELECT count(*) FROM contact WHERE name IN ('Jan', 'Johan')").fetchone() == (0,)


def test_a_backup_is_what_the_database_was_before(segcli: Run, empty: Path, tmp_path: Path) -> None:
    Path("a.csv").write_text("account,name\n1,One\n")
    assert segcli("import", "a.csv").status == 0
    before = state(empty)
    Path("a.csv").write_text("account,name\n1,Two\n2,Three\n")
    assert segcli("import", "a.csv", "--backup", "kept.db", "--dry-run").status == 0
    assert not Path("kept.db").exists()
    assert segcli("import", "a.csv", "--backup", "kept.db").status == 0
    assert state(tmp_path / "kept.db") == before != state(empty)
    Path("a.csv").write_text("account,name\n1,Four\n")
    refused = segcli("import", "a.csv", "--backup", "kept.db")
    assert refused.status == 2
    assert state(tmp_path / "kept.db") == before
    assert segcli("show", "account-search", "-f", "json").rows[0]["name"] in {"Two", "Three"}


def test_undo_of_many_lines_looks_each_up_by_its_key(segcli: Run, full: Path, tmp_path: Path) -> None:
    """Otherwise each line of an entry is compared with all lines: 30,000 lines took 20 seconds, twice as many four times as long."""
    assert segcli("import", written(tmp_path, "transaction_line", 1), "--as", "transaction_line").status == 0
    seen: list[str] = []
    with closing(database.connect(full, write=True)) as db:
        batch = imports.batch_of(db, last_run(full))
        with database.writing(db, full, "undo", looked_up=True) as transaction:
            db.set_trace_callback(seen.append)
            imports.take_back_all(db, batch, None)
            db.set_trace_callback(None)
            found = [
                row[3]
                for sql in seen
                if "NOT EXISTS (SELECT 1 FROM temp.undo_added AS x" in sql and not sql.startswith("--")
                for row in db.execute(f"EXPLAIN QUERY PLAN {sql}")
                if row[3].startswith("SEARCH x ")
            ]
            transaction.keep = False
    assert found
    assert {plan.partition("(")[2] for plan in found} == {"t=? AND key=?)"}
