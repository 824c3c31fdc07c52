"""The database: opened, upgraded, backed up and checked; damaged ones are left alone."""

import getpass
import os
import sqlite3
import stat
from pathlib import Path

import pytest
from conftest import Run, connected, fingerprint, is_sound
from old_databases import SCHEMAS, older

from segcli.base import placing
from segcli.storage import database_file, diagnosis, migrations


def test_no_database_says_what_to_do_and_makes_none(segcli: Run, database: Path) -> None:
    done = segcli("show", "debtor-ageing")
    assert done.status == 1
    assert "init" in done.err
    assert not database.exists()
    database.touch()
    assert segcli("show", "debtor-ageing").status == 1
    assert database.stat().st_size == 0


def test_what_cannot_be_a_database_or_its_lock_is_named(segcli: Run, example: Path) -> None:
    loop = Path("loop.db")
    loop.symlink_to(loop)
    done = segcli("show", "debtor-ageing", "--database", loop)
    assert (done.status, done.err) == (1, "segcli: loop.db cannot be read: Too many levels of symbolic links\n")
    lock = Path(f"{example}.lock")
    before = fingerprint(example)
    for make, reason in (
        (lock.mkdir, "Is a directory"),
        (lambda: lock.symlink_to("x"), "Too many levels of symbolic links"),
    ):
        lock.rmdir() if lock.is_dir() else lock.unlink(missing_ok=True)
        make()
        done = segcli("tag", "000017", "--set", "class7=IDLE")
        assert (done.status, done.err) == (1, f"segcli: {lock} cannot be written: {reason}\n")
        assert segcli("show", "debtor-ageing").status == 0  # reading takes no lock
    assert fingerprint(example) == before
    assert not Path("x").exists()


def test_an_error_of_sqlite_that_means_nothing_to_the_user_is_a_bug() -> None:
    error = sqlite3.OperationalError("near SELECT: syntax error")
    with pytest.raises(sqlite3.OperationalError) as caught:
        diagnosis.explain(error, Path("x.db"))
    assert caught.value is error


def damage(path: Path, how: str) -> None:
    content = path.read_bytes()
    if how == "half":
        path.write_bytes(content[: len(content) // 2])
    elif how == "100 bytes":
        path.write_bytes(content[:100])
    elif how == "text":
        path.write_text("account,name\n1,A\n")
    elif how == "another":
        path.unlink()
        with connected(path) as db:
            db.execute("CREATE TABLE x (y)")
            db.commit()
    elif how == "newer":
        with connected(path) as db:
            db.execute("PRAGMA user_version = 99")


@pytest.mark.parametrize(("how", "words"), [("half", "damaged"), ("100 bytes", "damaged"), ("text", "not a segcli database"),
                                            ("another", "of something else"), ("newer", "newer segcli (schema 99")])  # fmt: skip
@pytest.mark.parametrize(
    "command", [("show", "debtor-ageing"), ("tag", "000017", "--set", "class1=N"), ("check",), ("import", "f.csv")]
)
def test_a_database_that_is_not_ours_is_left_alone(
    segcli: Run, example: Path, how: str, words: str, command: tuple[str, ...]
) -> None:
    Path("f.csv").write_text("account,name\n1,A\n")
    damage(example, how)
    before = example.read_bytes()
    done = segcli(*command)
    assert (done.status, done.out) == (1, "")
    assert words in done.err
    assert example.read_bytes() == before


def test_names_that_need_care(segcli: Run, tmp_path: Path) -> None:
    for name in ("a b.db", "a?b#c%20.db", "-x.db"):
        path = tmp_path / name
        assert segcli("init", f"--database={path}").status == 0
        assert segcli("show", "account-search", f"--database={path}").status == 0
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert segcli("init", f"--database={path}").status == 1  # never over an old one


@pytest.mark.repeats
@pytest.mark.parametrize("version", [int(path.stem) for path in sorted(SCHEMAS.glob("*.sql"))])
def test_an_older_database_is_upgraded_after_a_backup(segcli: Run, database: Path, version: int) -> None:
    older(database, version)
    before = fingerprint(database)
    done = segcli("show", "outstanding-items", "--search", "jans", "-f", "json")
    assert [(row["invoice_number"], row["open"]) for row in done.rows] == [("7", 70), ("8", 4)]
    assert segcli("check").status == 0  # its schema is that of a new database, to the letter
    backup = database.with_name(f"test.db.schema{version}.backup")
    assert fingerprint(backup) == before
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with connected(database) as db:
        assert db.execute("SELECT base_amount FROM outstanding_item ORDER BY id").fetchall() == [(10000,), (None,)]
        found = db.execute("SELECT base_amount, is_advance FROM allocation ORDER BY id").fetchall()
        assert found == [(1000, 1), (2000, 0), (None, 0)]


def test_an_upgrade_makes_an_index_anew_that_is_another(
    segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def index() -> str:
        with connected(example) as db:
            return str(db.execute("SELECT sql FROM sqlite_schema WHERE name = 'allocation_date'").fetchone()[0])

    wanted = index()
    with connected(example) as db:
        db.executescript("DROP INDEX allocation_date; CREATE INDEX allocation_date ON allocation (amount);")
    assert index() != wanted
    monkeypatch.setattr(migrations, "STEPS", {database_file.VERSION: lambda _: None})
    monkeypatch.setattr(database_file, "VERSION", database_file.VERSION + 1)
    assert segcli("show", "outstanding-items").status == 0
    assert index() == wanted
    assert segcli("check").status == 0


def test_each_version_has_its_step() -> None:
    assert sorted(migrations.STEPS) == list(range(1, database_file.VERSION))


def test_an_upgrade_that_fails_changes_nothing(segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def step(db: sqlite3.Connection) -> None:
        db.execute("DELETE FROM classification_value")  # its accounts would refer to nothing

    before = fingerprint(example)
    monkeypatch.setattr(database_file, "VERSION", database_file.VERSION + 1)
    monkeypatch.setattr(migrations, "STEPS", {database_file.VERSION - 1: step})
    assert segcli("show", "account-search").status == 1
    assert fingerprint(example) == before


def test_backup_is_whole_and_never_overwrites(segcli: Run, example: Path) -> None:
    assert segcli("backup", "copy.db").status == 0
    assert fingerprint(Path("copy.db")) == fingerprint(example)
    assert stat.S_IMODE(Path("copy.db").stat().st_mode) == 0o600
    assert segcli("backup", "copy.db").status == 2
    assert segcli("backup", "missing/copy.db").status == 1
    assert segcli("check", "--database", "copy.db").status == 0


def test_a_backup_never_takes_a_name_that_appeared_meanwhile(
    segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(made: Path, target: Path) -> None:
        target.write_text("theirs")
        place(made, target)

    place = placing.place
    monkeypatch.setattr(placing, "place", late)
    done = segcli("backup", "copy.db")
    assert (done.status, "copy.db is there already" in done.err) == (1, True)
    assert Path("copy.db").read_text() == "theirs"
    assert is_sound(example)


def test_what_cannot_be_copied_whole_is_no_backup(segcli: Run, example: Path) -> None:
    """A name that is missing against the table's own rule, as damage leaves it."""
    rule, none = "name                TEXT NOT NULL", "name                TEXT"
    for old, new in ((rule, none), (none, rule)):
        with connected(example) as db:
            if old == none:
                db.execute("UPDATE administration SET name = NULL")
            db.execute("PRAGMA writable_schema=ON")
            db.execute("UPDATE sqlite_schema SET sql = replace(sql, ?, ?) WHERE name = 'administration'", (old, new))
            db.commit()
    done = segcli("backup", "copy.db")
    assert done.status == 1
    assert "not be sound (NULL value in administration.name): no backup was made" in done.err
    assert [path.name for path in Path().iterdir() if "copy" in path.name or path.name.startswith(".")] == []
    assert segcli("check").status == 1


def test_what_is_not_there_is_not_checked(segcli: Run, example: Path) -> None:
    with connected(example) as db:
        db.execute("DROP TABLE reminder_line")
        db.commit()
    done = segcli("check", "-f", "json")
    assert (done.status, done.err) == (1, "segcli: 2 checks failed\n  restore a backup, or report it\n")
    failed = {row["check"]: row["detail"] for row in done.rows if row["result"] == "failed"}
    assert failed["reminders"].startswith("not checked, because a part of the schema is missing: no such ")
    assert "the table reminder_line is missing" in failed["schema"]
    done = segcli("run", "print-reminders")
    assert (done.status, f"{example} lacks a part of its schema" in done.err) == (1, True)


def test_check_finds_what_is_wrong(segcli: Run, example: Path) -> None:
    assert segcli("check").status == 0
    with connected(example) as db:
        db.execute("UPDATE outstanding_item SET open_amount = open_amount + 1 WHERE id = 1")
        db.execute("DROP INDEX allocation_date")
        db.execute("DROP TRIGGER account_search_update")
        db.commit()
    done = segcli("check", "-f", "json")
    assert done.status == 1
    failed = {row["check"]: row["detail"] for row in done.rows if row["result"] == "failed"}
    assert set(failed) == {"schema", "open amounts"}
    assert "allocation_date" in failed["schema"]
    assert "account_search_update" in failed["schema"]
    before = fingerprint(example)
    done = segcli("tag", "000017", "--set", "class7=IDLE")
    assert (done.status, "segcli check" in done.err) == (1, True)
    assert fingerprint(example) == before


def test_what_an_error_of_sqlite_means_depends_on_the_file(empty: Path, tmp_path: Path) -> None:
    """No such table: a part is missing; where none is, or the file is no database any more, it is a bug of ours."""
    error = sqlite3.OperationalError("no such table: account")
    (tmp_path / "noise.db").write_bytes(b"noise" * 1000)
    for path in (empty, tmp_path / "noise.db", tmp_path / "gone.db"):
        with pytest.raises(sqlite3.OperationalError, match="no such table"):
            diagnosis.explain(error, path)
    with connected(empty) as db:
        db.execute("DROP TABLE request")
    assert diagnosis.explain(error, empty).message == f"{empty} lacks a part of its schema: nothing was changed"


def test_a_user_without_a_name_is_a_number_in_the_log(
    segcli: Run, empty: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def nameless() -> str:
        raise KeyError("getpwuid(): uid not found")

    monkeypatch.setattr(getpass, "getuser", nameless)
    assert segcli("classification", "label", "1", "Region").status == 0
    assert segcli("log", "-f", "json").rows[0]["user_name"] == str(os.getuid())


def test_check_lists_names_with_letters_that_nobody_sees(segcli: Run, empty: Path) -> None:
    """Two codes that look alike are two accounts; joiners, spaces and accents hide nothing."""
    said = (
        "code,name\nA001,Acme\nA001\u200b,Acme\u202e cod\nB2,B\u00adb Müller\nC3,"
        "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645\nD4,\U0001f469\u200d\U0001f4bb 株式会社\n"
    )
    Path("a.csv").write_text(said)
    Path("c.csv").write_text("account,contact_code,name,email\nA001,1,Anna\u2060 B,anna@b.example\n")
    assert segcli("import", "a.csv", "c.csv").status == 0
    done = segcli("check", "-f", "json")
    assert done.status == 0
    assert [row for row in done.rows if row["result"] != "ok"] == [
        {
            "check": "hidden letters",
            "result": "warning",
            "detail": r"the code of account 'A001\u200b'; the name of account 'Acme\u202e cod'; the name of contact 'Anna\u2060 B'",
        }
    ]


def test_a_sum_that_is_too_large_is_an_error_and_no_float(segcli: Run, empty: Path) -> None:
    Path("f.csv").write_text(
        "account,invoice_number,invoice_date,due_date,amount\n"
        + "".join(f"C,{n},2024-01-31,2024-02-29,92233720368547758.07\n" for n in (1, 2))
    )
    assert segcli("import", "f.csv", "--create-missing").status == 0
    done = segcli("show", "debtor-ageing")
    assert (done.status, done.out) == (1, "")
    assert "larger than can be kept" in done.err
