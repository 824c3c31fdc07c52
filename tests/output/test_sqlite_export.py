"""Exports to SQLite: the table is replaced as a whole, the rest of the file stays, and what is not ours to write is refused."""

import fcntl
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from conftest import Run

AGEING = ("show", "debtor-ageing", "--as-of", "2026-06-30")
OUT = Path("work.db")
pytestmark = pytest.mark.usefixtures("example")


def ask(sql: str, path: Path = OUT) -> list[tuple[Any, ...]]:
    with closing(sqlite3.connect(path)) as db:
        return db.execute(sql).fetchall()


def change(*statements: str) -> None:
    with closing(sqlite3.connect(OUT)) as db:
        for statement in statements:
            db.execute(statement)
        db.commit()


def tables() -> set[str]:
    return {row[0] for row in ask("SELECT name FROM sqlite_schema WHERE type = 'table'")}


@pytest.mark.parametrize("ending", ["db", "sqlite", "sqlite3"])
def test_it_holds_what_json_holds(segcli: Run, ending: str) -> None:
    path = Path(f"out.{ending}")
    assert segcli(*AGEING, "-o", path) == (0, "", "")
    rows = segcli(*AGEING, "-f", "json").rows
    names = ", ".join(rows[0])
    assert ask(f"SELECT {names} FROM debtor_ageing", path) == [tuple(row.values()) for row in rows]
    assert path.stat().st_mode & 0o777 == 0o600


def test_sums_by_plain_sql_are_those_of_the_database(segcli: Run, example: Path) -> None:
    assert segcli("show", "outstanding-items", "--as-of", "2027-12-31", "-o", OUT).status == 0
    sums = "SELECT currency, sum({}) FROM {} GROUP BY currency ORDER BY currency"
    assert ask(sums.format("open_minor", "outstanding_items")) == ask(
        sums.format("open_amount", "outstanding_item"), example
    )


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (("log",), "runs"),
        (("score", "abc"), "score_abc"),
        (("check",), "check"),
        (("classification", "list"), "classifications"),
        (("run", "print-reminders", "--all"), "print_reminders"),
        (("tag", "000017", "--set", "class7=NEW", "--dry-run"), "changes"),
        ((*AGEING, "--table", "Ageing of June"), "Ageing of June"),
    ],
)  # fmt: skip
def test_every_command_that_writes_a_table(segcli: Run, words: tuple[str, ...], name: str) -> None:
    assert segcli(*words, "-f", "sqlite", "-o", "work.db").status == 0
    assert tables() == {name}
    json_rows = [word for word in words if word not in {"--table", "Ageing of June"}]
    assert ask(f'SELECT count(*) FROM "{name}"') == [(len(segcli(*json_rows, "-f", "json").rows),)]


def test_a_second_run_replaces_its_table_and_keeps_the_others(segcli: Run) -> None:
    segcli(*AGEING, "-o", OUT)
    change("CREATE TABLE mine (a)", "INSERT INTO mine VALUES (x'00ff'), (1.5)", "PRAGMA user_version = 7")
    change("CREATE VIEW owed AS SELECT sum(outstanding_minor) AS owed FROM debtor_ageing")
    change("UPDATE debtor_ageing SET outstanding_minor = 0", "INSERT INTO debtor_ageing (account) VALUES ('old')")
    assert segcli("show", "debtor-ageing", "--as-of", "2026-03-31", "-o", OUT) == (0, "", "")
    rows = segcli("show", "debtor-ageing", "--as-of", "2026-03-31", "-f", "json").rows
    assert ask("SELECT account, outstanding FROM debtor_ageing") == [(r["account"], r["outstanding"]) for r in rows]
    assert ask("SELECT a FROM mine") == [(b"\x00\xff",), (1.5,)]
    assert ask("PRAGMA user_version") == [(7,)]
    assert ask("SELECT owed FROM owed") == ask("SELECT sum(outstanding_minor) FROM debtor_ageing")
    assert ask("PRAGMA integrity_check") == [("ok",)]


@pytest.mark.parametrize("more", [(), ("--columns", "account,city")])
def test_no_byte_of_a_replaced_row_stays(segcli: Run, more: tuple[str, ...]) -> None:
    segcli("show", "account-search", "-o", OUT)
    (name,) = ask("SELECT name FROM account_search WHERE account = '000017'")[0]
    assert name.encode() in OUT.read_bytes()
    assert segcli("show", "account-search", "--account", "000018", *more, "-o", OUT).status == 0
    assert name.encode() not in OUT.read_bytes()


def test_other_columns_replace_the_table_too(segcli: Run) -> None:
    segcli(*AGEING, "-o", OUT)
    assert segcli(*AGEING, "--group-by", "country", "-o", OUT).status == 0
    assert "country" in {row[1] for row in ask("PRAGMA table_info(debtor_ageing)")}
    assert tables() == {"debtor_ageing"}


def test_indexes_and_triggers_stay_where_the_columns_are_the_same(segcli: Run) -> None:
    segcli(*AGEING, "-o", OUT)
    change("CREATE INDEX by_account ON debtor_ageing (account)", "CREATE TABLE seen (account)")
    change("CREATE TRIGGER note AFTER INSERT ON debtor_ageing BEGIN INSERT INTO seen VALUES (new.account); END")
    assert segcli("show", "debtor-ageing", "--as-of", "2026-03-31", "-o", OUT).status == 0
    assert ask("SELECT count(*) FROM seen") == ask("SELECT count(*) FROM debtor_ageing")
    assert ask("SELECT name FROM sqlite_schema WHERE type = 'index'") == [("by_account",)]


def test_the_same_data_leaves_the_same_bytes(segcli: Run) -> None:
    segcli(*AGEING, "-o", OUT)
    segcli("log", "-o", OUT)
    before = OUT.read_bytes()
    assert segcli(*AGEING, "-o", OUT).status == 0
    assert OUT.read_bytes() == before
    assert segcli(*AGEING, "-o", OUT, "--if-changed", "--exit-code").status == 0
    assert (
        segcli("show", "debtor-ageing", "--as-of", "2026-03-31", "-o", OUT, "--if-changed", "--exit-code").status == 4
    )


def test_a_segcli_database_is_refused(segcli: Run, example: Path, tmp_path: Path) -> None:
    shutil.copy(example, tmp_path / "other.db")
    for path in (example, tmp_path / "other.db", Path(f"{example}-wal")):
        before = example.read_bytes()
        done = segcli(*AGEING, "-f", "sqlite", "-o", path)
        assert (done.status, done.out) == (2, "")
        assert "it is not written" in done.err
        assert example.read_bytes() == before


@pytest.mark.parametrize("content", [b"account,name\n", b"SQLite format 4\0" + bytes(100)])
def test_what_is_not_sqlite_is_refused_before_anything_is_done(segcli: Run, content: bytes) -> None:
    OUT.write_bytes(content)
    for words in (AGEING, ("tag", "000017", "--set", "class7=NEW", "--yes", "-f", "sqlite")):
        done = segcli(*words, "-o", OUT)
        assert (done.status, "work.db is not a SQLite database" in done.err) == (2, True)
    assert OUT.read_bytes() == content
    assert not [row for row in segcli("log", "-f", "json").rows if row["command"] == "tag"]


def test_an_empty_file_is_a_database_without_tables(segcli: Run) -> None:
    OUT.touch()
    assert segcli(*AGEING, "-o", OUT).status == 0
    assert tables() == {"debtor_ageing"}


def test_a_damaged_file_is_an_error_and_stays(segcli: Run) -> None:
    segcli(*AGEING, "-o", OUT)
    data = OUT.read_bytes()
    OUT.write_bytes(data[:100] + b"\xff" * 400 + data[500:])
    before = OUT.read_bytes()
    done = segcli(*AGEING, "-o", OUT)
    assert (done.status, "work.db cannot be read" in done.err) == (1, True)
    assert OUT.read_bytes() == before


def test_a_view_of_that_name_is_not_replaced(segcli: Run) -> None:
    change("CREATE VIEW debtor_ageing AS SELECT 1")
    done = segcli(*AGEING, "-o", OUT)
    assert (done.status, "has a view named debtor_ageing" in done.err) == (2, True)
    assert segcli(*AGEING, "-o", OUT, "--table", "ageing").status == 0


@pytest.mark.parametrize("name", ["sqlite_x", "SQLite_stat1", "a\x07b"])
def test_a_name_that_sqlite_does_not_allow(segcli: Run, name: str) -> None:
    done = segcli(*AGEING, "-o", OUT, "--table", name)
    assert (done.status, "--table: a table cannot have the name" in done.err) == (2, True)
    assert not OUT.exists()


def test_table_is_for_sqlite_only(segcli: Run) -> None:
    assert "--table is for sqlite, not for csv" in segcli(*AGEING, "-f", "csv", "--table", "x").err


def test_a_pipe_gets_the_file_and_a_terminal_nothing(segcli: Run) -> None:
    words = [sys.executable, "-m", "segcli", *AGEING, "-f", "sqlite"]
    piped = subprocess.run(words, capture_output=True, check=True)
    segcli(*AGEING, "-o", OUT)
    assert piped.stdout == OUT.read_bytes()
    pty = pytest.importorskip("pty")
    near, far = pty.openpty()
    done = subprocess.run(words, stdout=far, stderr=subprocess.PIPE, check=False, text=True)
    os.close(far)
    os.close(near)
    assert (done.returncode, "sqlite is not for a terminal" in done.stderr) == (2, True)


def test_another_programs_transaction_is_waited_for_and_not_lost(segcli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from segcli.output import kept_file

    monkeypatch.setattr(kept_file, "_WAIT_SECONDS", 0.1)
    change("CREATE TABLE mine (a)")
    with closing(sqlite3.connect(OUT, isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert segcli(*AGEING, "-o", OUT).status == 75
        other.execute("INSERT INTO mine VALUES (1)")
        other.execute("COMMIT")
    assert segcli(*AGEING, "-o", OUT).status == 0
    assert ask("SELECT a FROM mine") == [(1,)]


def test_a_change_between_copy_and_rename_is_not_lost(segcli: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    from segcli.output.render.parts import table_merge

    change("CREATE TABLE mine (a)")
    merge = table_merge.merge

    def slow(made: Path, whole: Path, path: Path) -> None:
        merge(made, whole, path)
        change("INSERT INTO mine VALUES (1)")

    monkeypatch.setattr(table_merge, "merge", slow)
    done = segcli(*AGEING, "-o", OUT)
    assert (done.status, "is in use by another program" in done.err) == (75, True)
    assert (tables(), ask("SELECT a FROM mine")) == ({"mine"}, [(1,)])


def test_a_log_that_another_program_left_or_has_open(segcli: Run) -> None:
    other = sqlite3.connect(OUT)
    other.execute("PRAGMA journal_mode=WAL")
    other.execute("CREATE TABLE mine (a)")
    other.execute("INSERT INTO mine VALUES (1)")
    other.commit()
    assert segcli(*AGEING, "-o", OUT).status == 75  # its log would be taken for that of the new file
    other.close()
    assert segcli(*AGEING, "-o", OUT).status == 0
    assert (ask("SELECT a FROM mine"), ask("PRAGMA journal_mode")) == ([(1,)], [("wal",)])


def test_two_at_the_same_time_both_stay(example: Path) -> None:
    assert example.exists()
    names = ("debtor-ageing", "outstanding-items", "account-search", "invoice-history")
    running = [subprocess.Popen([sys.executable, "-m", "segcli", "show", name, "-o", "work.db"]) for name in names]
    assert [one.wait(60) for one in running] == [0] * len(names)
    assert tables() == {name.replace("-", "_") for name in names}


@pytest.mark.repeats
def test_it_waits_for_its_turn_in_the_folder(segcli: Run) -> None:
    segcli("log", "-o", OUT)
    before = OUT.read_bytes()
    handle = os.open(".", os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    waiting = subprocess.Popen([sys.executable, "-m", "segcli", *AGEING, "-o", "work.db"])
    with pytest.raises(subprocess.TimeoutExpired):
        waiting.wait(1.5)
    assert OUT.read_bytes() == before
    os.close(handle)
    assert waiting.wait(30) == 0
    assert tables() == {"runs", "debtor_ageing"}


KILLED = """import os, signal, sys
from pathlib import Path
from segcli.cli import main
real = Path.replace
def replace(self, target):
    if Path(target).name == "work.db":
        os.kill(os.getpid(), signal.SIGKILL)
    return real(self, target)
Path.replace = replace
main.run(sys.argv[1:])"""


def test_killed_before_the_rename_the_old_file_stands(segcli: Run) -> None:
    segcli("log", "-o", OUT)
    before = OUT.read_bytes()
    done = subprocess.run([sys.executable, "-c", KILLED, *AGEING, "-o", "work.db"], check=False)
    assert done.returncode == -signal.SIGKILL
    assert OUT.read_bytes() == before
    assert segcli(*AGEING, "-o", OUT).status == 0  # which also removes what the killed run left
    assert [path.name for path in Path().glob(".segcli*")] == []
    assert tables() == {"runs", "debtor_ageing"}


def test_only_this_format_imports_sqlite_utils(example: Path) -> None:
    code = (
        "import sys; from segcli.cli import main; status = main.run(['show', 'debtor-ageing', '-o', sys.argv[1]]);"
        "print(status, [name for name in ('sqlite_utils', 'pluggy', 'click') if name in sys.modules])"
    )
    said = [
        subprocess.run([sys.executable, "-c", code, name], capture_output=True, text=True, check=True).stdout.strip()
        for name in ("a.csv", "a.json", "a.db")
    ]
    assert example.exists()
    assert said[:2] == ["0 []", "0 []"]
    assert "sqlite_utils" in said[2]
