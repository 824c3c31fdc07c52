"""Waiting: who comes while another writes waits, gives up with a sentence, and finds one database whatever it is called."""

import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from conftest import APPLY, Run, connected, fingerprint, is_sound
from old_databases import older
from together_load import runs, value

from segcli.base.errors import SegcliError
from segcli.storage import database, locking, writeahead

SEGCLI = [sys.executable, "-m", "segcli"]
PATIENCE = 60  # seconds after which something hangs


def start(*words: str) -> subprocess.Popen[str]:
    return subprocess.Popen([*SEGCLI, *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not holds():
        assert time.monotonic() < end, "it hangs"
        time.sleep(0.01)


def has_open(process: subprocess.Popen[str], path: Path) -> bool:
    """Tell whether a process has a file open: the lock, for one."""
    names = []
    for link in Path(f"/proc/{process.pid}/fd").iterdir():
        try:
            names.append(str(link.readlink()))
        except OSError:
            continue
    return str(path) in names


# ------------------------------------------------------------------------------------------------ the lock
OVERLAPPING = [
    ("import", "f.csv"),
    ("list", "sync"),
    ("run", "generate-subscription-invoices", "--as-of", "2026-08-31", *APPLY),
    ("run", "print-invoices", "--folder", "out", *APPLY),
    ("rules", "apply", "rules.yaml", "--yes"),
    ("contact", "anonymise", "000001:1", "--yes"),
    ("classification", "label", "1", "Area"),
    ("undo", "31", "--yes"),
]


@pytest.mark.repeats
@pytest.mark.parametrize("words", OVERLAPPING, ids=" ".join)
def test_a_job_that_overlaps_another_ends_with_75_and_who_holds_it(
    segcli: Run, example: Path, words: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("f.csv").write_text("account,name\nNEW,New\n")
    Path("rules.yaml").write_text("version: 1\nfield: class8\nrules:\n- {id: r, set: GOLD, when: country = NL}\n")
    segcli("list", "create", "l", "--class1", "N")
    while runs(example)[-1:] != ["tag"] or len(runs(example)) < 8:  # so that there is a run 31
        segcli("tag", "000017", "--set", f"class8={('GOLD', 'SILVER')[len(runs(example)) % 2]}")
    before = fingerprint(example)
    monkeypatch.setenv("SEGCLI_WAIT", "0.1")
    with locking.lock(example, "import of another one", 0):
        done = segcli(*words)
    assert done.status == 75, done.err
    assert done.out == ""
    assert f"segcli: {example} is busy: process {os.getpid()}, import of another one, since " in done.err
    assert "Traceback" not in done.err
    assert fingerprint(example) == before
    assert segcli(*words).status == 0


def test_a_report_that_overlaps_itself_leaves_the_other_alone(segcli: Run, example: Path) -> None:
    Path("r.yaml").write_text("title: R\nfiles:\n- {file: a.csv, parts: [show: debtor-ageing]}\n")
    with locking.lock(Path(".r").absolute(), "report r.yaml", 0):
        done = segcli("report", "r.yaml")
    assert (done.status, f"process {os.getpid()}, report r.yaml" in done.err) == (75, True)
    assert not Path("a.csv").exists()
    assert segcli("report", "r.yaml").status == 0


def test_a_program_that_knows_no_lock_of_ours_is_waited_for_as_long(
    segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGCLI_WAIT", "0.1")
    with closing(sqlite3.connect(example, isolation_level=None)) as db:
        db.execute("BEGIN IMMEDIATE")
        began = time.monotonic()
        done = segcli("tag", "000017", "--set", "class8=GOLD")
        assert time.monotonic() - began < 20  # SQLite's own waiting would take 30
        assert (done.status, done.err.startswith(f"segcli: {example} stayed busy")) == (75, True)
        assert segcli("show", "account-search").status == 0
    assert segcli("tag", "000017", "--set", "class8=GOLD").status == 0


def test_a_holder_that_is_killed_frees_the_lock(example: Path) -> None:
    code = "import sys; from pathlib import Path; from segcli.storage import locking\nwith locking.lock(Path(sys.argv[1]), 'x', 0): print(flush=True); sys.stdin.read()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(example)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as holder:
        assert holder.stdout
        holder.stdout.readline()
        waiting = start("tag", "000017", "--set", "class8=GOLD")
        until(lambda: has_open(waiting, Path(f"{example}.lock")))
        assert waiting.poll() is None
        holder.kill()
    assert waiting.communicate(timeout=PATIENCE) == ("", "")
    assert (waiting.returncode, value(example, "000017")) == (0, "GOLD")


def test_the_holder_of_the_past_is_not_named(segcli: Run, example: Path) -> None:
    """Neither after a success nor after a failure."""
    lock = Path(f"{example}.lock")
    assert segcli("tag", "000017", "--set", "class8=GOLD").status == 0
    assert lock.read_bytes() == b""
    assert segcli("classification", "value", "rename", "8", "GOLD", "--code", "a,b").status == 2
    assert lock.read_bytes() == b""


def stopped_reader() -> subprocess.Popen[str]:
    """Start a reader that is in the middle of its rows, for nobody takes them, and stop it there."""
    reader = start("show", "account-search", "-f", "html")
    assert reader.stdout
    reader.stdout.read(1)
    reader.send_signal(signal.SIGSTOP)
    return reader


@pytest.mark.parametrize("is_restored", [False, True])
def test_a_reader_that_was_stopped_stops_no_writer(
    segcli: Run, example: Path, is_restored: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if is_restored:  # what stands in a backup knows no log, and came back in its place
        assert segcli("backup", "copy.db").status == 0
        shutil.move("copy.db", example)
        assert segcli("tag", "000018", "--set", "class8=GOLD").status == 0
    monkeypatch.setenv("SEGCLI_WAIT", "1")
    big(segcli)
    reader = stopped_reader()
    try:
        assert segcli("tag", "000017", "--set", "class8=GOLD").status == 0
    finally:
        reader.send_signal(signal.SIGCONT)
    out, err = reader.communicate(timeout=PATIENCE)
    assert (reader.returncode, err) == (0, "")
    assert out.count("BIG") >= BIG


BIG = 3000


def big(segcli: Run) -> None:
    """Import more items than a pipe holds."""
    lines = "".join(f"BIG{n:05d},BIG{n:05d},2026-01-01,2026-01-31,5.00\n" for n in range(BIG))
    Path("big.csv").write_text("account,invoice_number,invoice_date,due_date,amount\n" + lines)
    assert segcli("import", "big.csv", "--create-missing").status == 0


def test_the_log_begins_anew_though_somebody_always_reads(
    segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(writeahead, "LARGE", 1 << 20)

    def reader() -> sqlite3.Connection:
        db = database.connect(example)
        db.execute("BEGIN")
        db.execute("SELECT count(*) FROM account").fetchone()
        return db

    first = reader()
    big(segcli)
    assert writeahead.size(example) > writeahead.LARGE  # the reader keeps what it reads
    second = reader()
    first.close()
    second.rollback()
    second.execute("SELECT 1 FROM account").close()  # open, and between two answers
    assert segcli("tag", "000017", "--set", "class8=GOLD").status == 0
    assert writeahead.size(example) == 0
    second.close()
    with connected(example) as db:
        assert db.execute("SELECT count(*) FROM account WHERE code GLOB 'BIG*'").fetchone() == (BIG,)


def test_a_log_that_cannot_shrink_is_told_by_check(segcli: Run, example: Path) -> None:
    os.truncate(f"{example}-wal", 0) if Path(f"{example}-wal").exists() else Path(f"{example}-wal").touch()
    os.truncate(f"{example}-wal", (1 << 30) + 1)  # takes no room
    done = segcli("check", "-f", "json")
    assert [row["detail"] for row in done.rows if row["check"] == "log"] == [
        f"1024 MB of changes wait in {example}-wal: a program that reads since long keeps them there"
    ]


# ----------------------------------------------------------------------------------- one file by many names
def test_a_link_to_the_database_takes_its_lock(
    segcli: Run, example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGCLI_WAIT", "0.1")
    (tmp_path / "folder").symlink_to(tmp_path)
    (tmp_path / "second.db").symlink_to(example.name)
    for name in ("second.db", "folder/test.db", "folder/second.db"):
        with locking.lock(example, "x", 0):
            assert segcli("tag", "000017", "--set", "class8=GOLD", "--database", name).status == 75
    assert segcli("tag", "000017", "--set", "class8=GOLD", "--database", "folder/second.db").status == 0
    assert value(example, "000017") == "GOLD"
    assert not list(tmp_path.glob("second.db-*")) + list(tmp_path.glob("second.db.*"))


def test_a_second_name_of_the_file_is_warned_of(segcli: Run, example: Path) -> None:
    Path("other.db").hardlink_to(example)
    done = segcli("tag", "000017", "--set", "class8=GOLD")
    assert (done.status, "two names (hard links)" in done.err) == (0, True)
    assert segcli("show", "account-search").err == ""
    assert [row["result"] for row in segcli("check", "-f", "json").rows if row["check"] == "names"] == ["warning"]


# -------------------------------------------------------------------------------------- making and upgrading
def test_of_two_that_make_a_database_one_does(segcli: Run, database: Path) -> None:
    running = [start("init", "--name", str(number)) for number in range(4)]
    said = [process.communicate(timeout=PATIENCE)[1] for process in running]
    assert sorted(process.returncode for process in running) == [0, 1, 1, 1]
    winner = next(number for number, process in enumerate(running) if process.returncode == 0)
    assert all(f"{database} is there already" in err for err in said if err)
    with connected(database) as db:
        assert db.execute("SELECT name FROM administration").fetchone() == (str(winner),)
    assert is_sound(database)


def make_slowly(path: Path, segcli: Run) -> None:
    """Make a database, during which somebody else makes one of that name."""
    with database.create(path) as db:
        assert segcli("init", "--name", "First", "--database", path).status == 0
        db.execute("INSERT INTO administration (id, name, currency) VALUES (1, 'Second', 'EUR')")


def test_a_database_that_appeared_meanwhile_is_kept(segcli: Run, tmp_path: Path) -> None:
    path = tmp_path / "new.db"
    with pytest.raises(SegcliError, match="is there already"):
        make_slowly(path, segcli)
    with connected(path) as db:
        assert db.execute("SELECT name FROM administration").fetchone() == ("First",)
    assert is_sound(path)


def test_a_log_left_of_another_database_is_not_taken_over(segcli: Run, empty: Path) -> None:
    log = Path(f"{empty}-wal")
    with closing(sqlite3.connect(empty)) as db:
        db.execute("INSERT INTO classification_label (field, label) VALUES (1, 'Old')")
        db.commit()
        kept = log.read_bytes()
    empty.unlink()
    log.write_bytes(kept)
    done = segcli("init")
    assert (done.status, f"{log} is left of another database" in done.err) == (1, True)
    assert log.read_bytes() == kept
    assert not empty.exists()
    log.unlink()
    assert segcli("init").status == 0
    with connected(empty) as db:
        assert db.execute("SELECT count(*) FROM classification_label").fetchone() == (0,)


def test_of_two_that_upgrade_one_does(segcli: Run, database: Path) -> None:
    from segcli.storage import database as door

    older(database, 1)
    before = fingerprint(database)
    lock = Path(f"{database}.lock")
    with door.lock(database, "x", 0):
        running = [
            start("show", "account-search", "-f", "csv"),
            start("tag", "1", "--clear", "class1"),
            start("check", "-f", "csv"),
        ]
        for process in running:
            until(lambda process=process: has_open(process, lock))  # type: ignore[misc]
    said = [process.communicate(timeout=PATIENCE) for process in running]
    assert [(process.returncode, err) for process, (_, err) in zip(running, said, strict=True)] == [(0, "")] * 3
    assert "Jansen" in said[0][0]
    assert [path.name for path in database.parent.glob("*.backup*")] == ["test.db.schema1.backup"]
    assert fingerprint(database.with_name("test.db.schema1.backup")) == before
    with connected(database) as db:
        assert db.execute("SELECT class1 FROM account").fetchall() == [(None,)]
    assert is_sound(database)
