"""The doors: pipes that close, disks that are full, databases that are damaged, commands that come at once."""

import getpass
import json
import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
from conftest import APPLY, APPLY_SELECTED, Run, connected, fingerprint, is_sound

from segcli.base import scratch
from segcli.storage import database, diagnosis, locking, migrations

SEGCLI = [sys.executable, "-m", "segcli"]
AGEING = [*SEGCLI, "show", "debtor-ageing"]


def environment(path: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "SEGCLI_DATABASE": str(path), **more}


# ------------------------------------------------------------------------------------------------- output
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_closed_pipe_is_141_and_silent(example: Path, unbuffered: str) -> None:
    environ = environment(example, PYTHONUNBUFFERED=unbuffered)
    command = [
        *SEGCLI,
        "show",
        "outstanding-items",
        "-f",
        "jsonl",
        "--columns",
        "account,name,open,class1_name",
    ]
    done = subprocess.run(
        ["bash", "-c", '"$@" | head -1; echo ${PIPESTATUS[0]}', "x", *command],
        capture_output=True,
        text=True,
        env=environ,
        check=True,
    )
    first, status = done.stdout.strip().split("\n")
    assert json.loads(first)["account"]
    assert status in {"0", "141"}  # 0 where all of it fitted into the pipe
    assert done.stderr == ""


def test_a_pipe_that_closes_early_is_141(example: Path) -> None:
    process = subprocess.Popen(
        [*AGEING, "-f", "html"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment(example)
    )
    assert process.stdout
    assert process.stderr
    process.stdout.close()
    assert process.stderr.read() == b""
    assert process.wait() == 141


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("form", ["csv", "json", "table", "xlsx"])
def test_a_full_disk_is_said(example: Path, form: str, unbuffered: str) -> None:
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run([*AGEING, "-f", form], stdout=full, stderr=subprocess.PIPE, text=True, check=False,
                              env=environment(example, PYTHONUNBUFFERED=unbuffered))  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == "segcli: cannot write to standard output: No space left on device\n"


def test_closed_standard_streams(example: Path) -> None:
    wrong = ("--class1", "Nope")
    for redirect, more, status in (
        (">&-", (), 1),
        ("2>&-", (), 0),
        ("2>&-", wrong, 2),
        ("2>/dev/full", wrong, 2),
        ("<&-", (), 0),
    ):
        done = subprocess.run(
            ["bash", "-c", f'"$@" {redirect}', "x", *AGEING, *more],
            capture_output=True,
            text=True,
            env=environment(example),
            check=False,
        )
        assert done.returncode == status, (redirect, done.stderr)
        assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    "locale", [{"LC_ALL": "C"}, {"LC_ALL": "POSIX"}, {"PYTHONIOENCODING": "ascii"}, {"COLUMNS": "5"}, {"TERM": "dumb"}]
)
def test_the_locale_changes_no_byte(example: Path, locale: dict[str, str]) -> None:
    command = [*SEGCLI, "show", "account-search"]
    plain = subprocess.run(command, capture_output=True, env=environment(example), check=True).stdout
    assert "Ελιά".encode() in plain
    assert subprocess.run(command, capture_output=True, env=environment(example, **locale), check=True).stdout == plain


def test_files_are_whole_private_and_left_alone_where_equal(segcli: Run, example: Path) -> None:
    old = os.umask(0)
    try:
        assert segcli("show", "debtor-ageing", "-o", "a.csv").status == 0
    finally:
        os.umask(old)
    path = Path("a.csv")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    os.utime(path, (1, 1))
    assert segcli("show", "debtor-ageing", "-o", "a.csv", "--if-changed").status == 0
    assert path.stat().st_mtime == 1
    assert segcli("show", "debtor-ageing", "-o", "a.csv").status == 0
    assert path.stat().st_mtime > 1
    assert not list(Path().glob(".*.tmp"))


def test_output_that_cannot_be(segcli: Run, example: Path) -> None:
    Path("folder").mkdir()
    for target, words in (
        ("folder", "is a folder"),
        ("missing/a.csv", "folder does not exist"),
        ("a.doc", "tells no format"),
        ("/dev/full", "disk is full"),
    ):
        more = ("-f", "csv") if target in {"folder", "/dev/full"} else ()
        done = segcli("show", "debtor-ageing", "-o", target, *more)
        assert done.status in {1, 2}
        assert words in done.err
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)
    assert segcli("show", "debtor-ageing", "--if-changed").status == 2


def test_a_link_is_replaced_and_its_target_kept(segcli: Run, example: Path) -> None:
    Path("victim").write_text("precious")
    Path("a.csv").symlink_to("victim")
    assert segcli("show", "debtor-ageing", "-o", "a.csv").status == 0
    assert Path("victim").read_text() == "precious"


def test_a_full_disk_leaves_the_old_file(example: Path, tmp_path: Path) -> None:
    target = tmp_path / "a.csv"
    target.write_text("old")
    done = subprocess.run(["bash", "-c", 'ulimit -f 40; "$@"', "x", *SEGCLI, "show", "contact-overview", "-f", "html", "-o", str(target)],
                          capture_output=True, text=True, env=environment(example, SEGCLI_TODAY="2025-12-31"), check=False)  # fmt: skip
    assert done.returncode == 1
    assert "larger than a file may be" in done.stderr
    assert target.read_text() == "old"
    assert not list(tmp_path.glob(".*tmp"))


def test_an_action_that_has_nothing_to_do_may_fail(segcli: Run, example: Path) -> None:
    before = fingerprint(example)
    for more in ((), APPLY):
        words = ("run", "generate-subscription-invoices", "--as-of", "2020-01-01", *more)
        assert segcli(*words).status == 0
        done = segcli(*words, "--fail-if-empty")
        assert (done.status, "generate-subscription-invoices: there" in done.err) == (3, True)
    assert fingerprint(example) == before


def test_what_is_done_is_said_where_its_table_cannot_be_written(segcli: Run, example: Path) -> None:
    line = ("run", "link-price-list", "RETAIL", "--account", "000017", *APPLY_SELECTED)
    before = fingerprint(example)
    early = segcli(*line, "-o", "missing/x.csv")
    assert (early.status, "missing/x.csv cannot be written: its folder does not exist" in early.err) == (1, True)
    assert fingerprint(example) == before
    words = (*line, "-f", "csv", "-o", "/dev/full")
    said = []
    for _ in range(2):  # then there is nothing to do
        done = segcli(*words)
        assert (done.status, "/dev/full cannot be written: the disk is full" in done.err) == (1, True), done.err
        said.append("link-price-list is done all the same: see segcli log" in done.err)
    assert said == [True, False]
    assert segcli("log", "--limit", "1", "-f", "json").rows[0]["command"] == "run link-price-list"


def test_fail_if_empty_and_errors_as_json(segcli: Run, example: Path) -> None:
    assert segcli("show", "account-search", "zzzz", "--fail-if-empty").status == 3
    assert segcli("show", "account-search", "zzzz").status == 0
    done = segcli("show", "debtor-ageing", "--class1", "Nope", "--errors", "json")
    error = json.loads(done.err)
    assert (done.status, error["status"], error["error"]) == (2, 2, "usage")
    assert error["message"].startswith("unknown value 'Nope'")
    Path("f.csv").write_text("account,name\n1,A\n2\n")
    problem = json.loads(segcli("import", "f.csv", "--errors=json").err)["problems"][0]
    assert (problem["file"], problem["line"]) == ("f.csv", 3)


# ----------------------------------------------------------------------------------------------- database
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


SCHEMAS = Path(__file__).parent / "schemas"


def older(path: Path, version: int) -> None:
    """Make a database of an older version, with something in each of its tables that a user fills."""
    db = sqlite3.connect(path)
    db.create_function("fold", 1, str.lower, deterministic=True)
    db.executescript((SCHEMAS / f"{version}.sql").read_text(encoding="utf-8"))
    db.executescript("""
        INSERT INTO administration (id, name, currency) VALUES (1, 'Ours', 'EUR');
        INSERT INTO classification_label (field, label) VALUES (1, 'Region');
        INSERT INTO classification_value (id, field, code, description) VALUES (1000001, 1, 'N', 'North');
        INSERT INTO account (code, name, class1, search_text) VALUES ('1', 'Jansen', 1000001, '1' || char(10) || 'jansen');
        INSERT INTO contact (account_id, code, name, search_text) VALUES (1, '1', 'Piet', 'piet');
        INSERT INTO outstanding_item (account_id, item_key, invoice_number, invoice_date, currency, amount, open_amount)
          VALUES (1, 'invoice 7 1', '7', '2026-01-05', 'EUR', 10000, 10000), (1, 'invoice 8 1', '8', '2026-01-05', 'USD', 500, 500);
        INSERT INTO allocation (item_id, allocation_key, allocation_date, amount) VALUES
          (1, 'a', '2026-01-01', 1000), (1, 'b', '2026-02-01', 2000), (2, 'c', '2026-02-01', 100);
        PRAGMA journal_mode = WAL;
    """)
    if version > 1:  # what the step from 1 to 2 makes
        db.executescript("""
            UPDATE outstanding_item SET base_amount = amount WHERE currency = 'EUR';
            UPDATE allocation SET base_amount = amount, is_advance = allocation_date < '2026-01-05' WHERE item_id = 1;
        """)
    db.close()


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
    monkeypatch.setattr(migrations, "STEPS", {database.VERSION: lambda _: None})
    monkeypatch.setattr(database, "VERSION", database.VERSION + 1)
    assert segcli("show", "outstanding-items").status == 0
    assert index() == wanted
    assert segcli("check").status == 0


def test_each_version_has_its_step() -> None:
    assert sorted(migrations.STEPS) == list(range(1, database.VERSION))


def test_an_upgrade_that_fails_changes_nothing(segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def step(db: sqlite3.Connection) -> None:
        db.execute("DELETE FROM classification_value")  # its accounts would refer to nothing

    before = fingerprint(example)
    monkeypatch.setattr(database, "VERSION", database.VERSION + 1)
    monkeypatch.setattr(migrations, "STEPS", {database.VERSION - 1: step})
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

    place = scratch.place
    monkeypatch.setattr(scratch, "place", late)
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
    assert "not be sound (NOT NULL constraint failed: administration.name): no backup was made" in done.err
    assert [path.name for path in Path().iterdir() if "copy" in path.name or path.name.startswith(".")] == []
    assert segcli("check").status == 1


def test_what_is_not_there_is_not_checked(segcli: Run, example: Path) -> None:
    with connected(example) as db:
        db.execute("DROP TABLE reminder_line")
        db.commit()
    done = segcli("check", "-f", "json")
    assert (done.status, done.err) == (1, "segcli: 2 checks failed\n  put a backup back, or tell us\n")
    failed = {row["check"]: row["detail"] for row in done.rows if row["result"] == "failed"}
    assert failed["reminders"] == "not checked, for a part of the schema is missing"
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


# -------------------------------------------------------------------------------------------- concurrency
def test_a_busy_database_is_75_and_names_the_holder(
    segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGCLI_WAIT", "0.2")
    before = fingerprint(example)
    with locking.lock(example, "import big.csv", 1):
        done = segcli("tag", "000017", "--set", "class7=IDLE")
        assert done.status == 75
        assert f"process {os.getpid()}, import big.csv" in done.err
        assert segcli("show", "debtor-ageing").status == 0  # readers go on
    assert fingerprint(example) == before
    assert segcli("tag", "000017", "--set", "class7=IDLE").status == 0


def test_many_writers_at_once(example: Path) -> None:
    accounts = [row[0] for row in sqlite3.connect(example).execute("SELECT code FROM account LIMIT 24")]
    running = [
        subprocess.Popen(
            [*SEGCLI, "tag", code, "--set", f"class8={value}"], env=environment(example), stderr=subprocess.PIPE
        )
        for code, value in zip(accounts, ["GOLD", "SILVER", "BASIC"] * 8, strict=True)
    ]
    assert [process.wait() for process in running] == [0] * 24
    with connected(example) as db:
        found = dict(db.execute("SELECT a.code, v.code FROM account a JOIN classification_value v ON v.id = a.class8"))
    assert [found[code] for code in accounts] == ["GOLD", "SILVER", "BASIC"] * 8
    assert is_sound(example)


def test_killed_in_the_middle_it_has_happened_or_not(example: Path, tmp_path: Path) -> None:
    lines = "".join(f"X{n:06d},Name {n}\n" for n in range(60_000))
    (tmp_path / "big.csv").write_text("account,name\n" + lines)
    for delay in (0.1, 0.3, 0.5, 0.8):
        process = subprocess.Popen([*SEGCLI, "import", str(tmp_path / "big.csv")], env=environment(example))
        time.sleep(delay)
        process.send_signal(signal.SIGKILL)
        process.wait()
        with connected(example) as db:
            count = db.execute("SELECT count(*) FROM account WHERE code GLOB 'X*'").fetchone()[0]
        assert count in {0, 60_000}
        assert is_sound(example)
    assert (
        subprocess.run([*SEGCLI, "import", str(tmp_path / "big.csv")], env=environment(example), check=False).returncode
        == 0
    )
    with connected(example) as db:
        assert db.execute("SELECT count(*) FROM account WHERE code GLOB 'X*'").fetchone()[0] == 60_000


def test_a_database_that_may_grow_no_more(example: Path, tmp_path: Path) -> None:
    (tmp_path / "big.csv").write_text(
        "account,name\n" + "".join(f"X{n:06d},Name {n} {'x' * 80}\n" for n in range(20_000))
    )
    before = fingerprint(example)
    limit = example.stat().st_size // 1024 + 64
    done = subprocess.run(["bash", "-c", f'ulimit -f {limit}; "$@"', "x", *SEGCLI, "import", str(tmp_path / "big.csv")],
                          capture_output=True, text=True, env=environment(example, TMPDIR=str(tmp_path)), check=False)  # fmt: skip
    assert done.returncode == 1
    assert "nothing was changed" in done.stderr
    assert "Traceback" not in done.stderr
    assert fingerprint(example) == before


def test_interrupted_while_a_text_is_run_as_code_it_ends_with_its_own_status(tmp_path: Path) -> None:
    """As `python -m segcli`: named tuples are made so while modules are imported."""
    (tmp_path / "started.py").write_text(
        "import os, signal; from segcli.cli import main as cli\n"
        'cli._run = lambda words: exec("os.kill(os.getpid(), signal.SIGTERM); signal.pause()")\n'
        "cli.main()"
    )
    assert subprocess.run([sys.executable, "-m", "started"], cwd=tmp_path, check=False).returncode == 143


def wait_for_handlers(process: "subprocess.Popen[str]") -> None:
    """Wait until a process handles SIGTERM, which it does before anything else; where that cannot be seen, a second."""
    status = Path(f"/proc/{process.pid}/status")
    if not status.exists():
        time.sleep(1)
        return
    while process.poll() is None:
        caught = int(status.read_text().split("SigCgt:")[1].split()[0], 16)
        if caught >> (signal.SIGTERM - 1) & 1:
            return
        time.sleep(0.01)


def test_interrupted_it_rolls_back(example: Path, tmp_path: Path) -> None:
    (tmp_path / "big.csv").write_text("account,name\n" + "".join(f"X{n:06d},Name {n}\n" for n in range(200_000)))
    before = fingerprint(example)
    for number, status in ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)):
        process = subprocess.Popen(
            [*SEGCLI, "import", str(tmp_path / "big.csv")], env=environment(example), stderr=subprocess.PIPE, text=True
        )
        wait_for_handlers(process)
        time.sleep(0.5)
        process.send_signal(number)
        _, err = process.communicate(timeout=60)
        assert process.returncode == status, err
        assert "Traceback" not in err
        assert fingerprint(example) == before
    shutil.rmtree(tmp_path / "home")
