"""Databases of every released schema: upgraded, they give the same answers; killed or without room, they are the old or the new."""

import hashlib
import os
import shutil
import signal
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import damaging
import older
import pytest
from conftest import Run, connected, fingerprint, is_sound
from processes import SEGCLI, environment

from segcli.cli import main
from segcli.storage import database_file, places

POINTS = int(os.environ.get("PROMISE_POINTS", "12"))
# Without these, root reads and writes as everybody else does: it may what the rights of a file say.
PLAIN = ["setpriv", "--bounding-set=-dac_override,-dac_read_search,-fowner"]
NAMES = main.root().find("show").names()  # type: ignore[union-attr]


def answers(segcli: Run, path: Path) -> dict[str, str]:
    """Return what each overview and the lists of what there is say of a database."""
    every = [("show", name) for name in NAMES] + [
        ("log",),
        ("history", "000001"),
        ("classification", "export"),
        ("selection", "list"),
    ]
    found = {}
    for words in every:
        done = segcli("--database", path, *words, *(() if words[0] == "classification" else ("-f", "json")))
        assert done.status == 0, done.err
        found[" ".join(words)] = done.out
    return found


def definitions(path: Path) -> list[tuple[str, ...]]:
    with connected(path) as db:
        return db.execute("SELECT name, type, tbl_name, sql FROM sqlite_schema ORDER BY name").fetchall()


@pytest.mark.repeats
@pytest.mark.parametrize("version", older.VERSIONS)
def test_a_filled_database_of_each_schema_gives_the_same_answers(
    segcli: Run, example: Path, room: Path, version: int
) -> None:
    old, wanted, fresh = room / "old.db", room / "wanted" / "wanted.db", room / "fresh" / "fresh.db"
    older.downgraded(example, old, version)
    wanted.parent.mkdir()
    older.expected(example, wanted, version)
    before = fingerprint(old)
    assert segcli("--database", old, "show", "debtor-ageing").status == 0
    backup = room / f"old.db.schema{version}.backup"
    assert {p.name for p in room.glob("*backup*")} == {backup.name}
    assert (fingerprint(backup), stat.S_IMODE(backup.stat().st_mode)) == (before, 0o600)
    assert stat.S_IMODE(old.stat().st_mode) == 0o600
    found = answers(segcli, old)
    assert found == answers(segcli, wanted)
    assert sum(len(text) for text in found.values()) > 100_000  # of a database with something in it
    assert segcli("--database", fresh, "init").status == 0
    assert definitions(old) == definitions(fresh)
    with connected(old) as db:
        version_now, application = (
            db.execute(f"PRAGMA {name}").fetchone()[0] for name in ("user_version", "application_id")
        )
        assert (version_now, application) == (database_file.VERSION, 0x73656769)
        triggers = db.execute("SELECT count(*) FROM sqlite_schema WHERE type = 'trigger'").fetchone()[0]
        assert triggers == places.resource("schema.sql").read_text().count("\nCREATE TRIGGER") > 10
    assert segcli("--database", old, "check").status == 0
    once = damaging.state(room)
    for words in (("check",), ("log",), ("show", "account-search")):
        assert segcli("--database", old, *words).status == 0
    assert {
        name: now for name, now in damaging.state(room).items() if name in once and name[-4:] not in {"-shm", "-wal"}
    } == {name: was for name, was in once.items() if name[-4:] not in {"-shm", "-wal"}}


PAYMENTS = """account,invoice_number,allocation_date,currency,amount,reference
A1,100,2026-02-15,EUR,50.00,CASH1
A1,100,2026-04-01,EUR,110.00,BANK1
"""
STAND = """SELECT i.term, l.allocation_date, l.amount, l.is_stated FROM allocation AS l JOIN outstanding_item AS i ON i.id = l.item_id
            ORDER BY 1, 2"""


@pytest.fixture
def fifth(room: Path) -> Path:
    """Return a database of schema 5 in which 110 of April came in before 50 of February, and an address opted out."""
    path = room / "fifth.db"
    with closing(older.plain(path)) as db:
        db.executescript((older.SCHEMAS / "5.sql").read_text(encoding="utf-8"))
        db.execute("INSERT INTO administration (id, name, mailing_salt) VALUES (1, 'Ours', 'salt')")
        db.execute("INSERT INTO account (id, code, name) VALUES (1, 'A1', 'Alpha')")
        db.execute(
            "INSERT INTO contact (account_id, code, name, email) VALUES (1, '1', 'Out', 'out@xn--strae-oqa.example')"
        )
        db.execute(
            "INSERT INTO run (id, command, source, user_name, started_at) VALUES (1, 'x', 'manual', 'x', '2026-01-01T12:00:00Z')"
        )
        # Then straße.example was kept as IDNA 2003 has it.
        kept = hashlib.sha256(b"salt|out@strasse.example").hexdigest()
        db.execute("INSERT INTO opt_out (address_hash, opt_out_date, run_id) VALUES (?, '2026-01-01', 1)", (kept,))
        for term, amount in ((1, 10000), (2, 4000), (3, 6000)):
            db.execute(
                "INSERT INTO outstanding_item (id, account_id, item_key, invoice_number, term, invoice_date, due_date, currency, amount,"
                " base_amount, open_amount) VALUES (?1, 1, 'invoice 100 ' || ?1, '100', ?1, '2026-01-01', '2026-0' || ?1 || '-28',"
                " 'EUR', ?2, ?2, ?2)", (term, amount),
            )  # fmt: skip
        db.executemany(
            "INSERT INTO allocation (item_id, allocation_key, allocation_date, amount, base_amount) VALUES (?1, ?2, ?3, ?4, ?4)",
            [(1, "2026-04-01 11000  BANK1 1", "2026-04-01", 10000), (2, "2026-04-01 11000  BANK1 1", "2026-04-01", 1000),
             (2, "2026-02-15 5000  CASH1 1", "2026-02-15", 3000), (3, "2026-02-15 5000  CASH1 1", "2026-02-15", 2000)],
        )  # fmt: skip
    path.chmod(0o600)
    return path


def test_payments_that_were_spread_before_stay_until_they_are_imported_again(segcli: Run, fifth: Path) -> None:
    db = ("--database", fifth)

    def doubts() -> list[tuple[str, str]]:
        rows = segcli(*db, "check", "-f", "json").rows
        return [(row["result"], (row["detail"] or "")[:27]) for row in rows if row["check"] == "payments by date"]

    assert doubts() == [("warning", "invoice 100 of account A1: ")]
    before = [
        (1, "2026-04-01", 10000, 1),
        (2, "2026-02-15", 3000, 1),
        (2, "2026-04-01", 1000, 1),
        (3, "2026-02-15", 2000, 1),
    ]
    for name, content in (
        ("jan", PAYMENTS.split("A1", maxsplit=1)[0] + "A1,100,2026-01-05,EUR,10.00,CASH0\n"),
        ("all", PAYMENTS),
    ):
        (fifth.parent / f"{name}.csv").write_text(content)
        with connected(fifth) as found:
            assert found.execute(STAND).fetchall() == before, name
        assert segcli(*db, "import", fifth.parent / f"{name}.csv").status == 0
        before = sorted([*before, (3, "2026-01-05", 1000, 0)])
    with connected(fifth) as found:  # by hand: 10 of January, 50 of February, 110 of April over 100, 40 and 60
        assert found.execute(STAND).fetchall() == [
            (1, "2026-01-05", 1000, 0), (1, "2026-02-15", 5000, 0), (1, "2026-04-01", 4000, 0), (2, "2026-04-01", 4000, 0),
            (3, "2026-04-01", 3000, 0),
        ]  # fmt: skip
    assert doubts() == [("ok", "")]
    held = fingerprint(fifth)
    assert segcli(*db, "import", fifth.parent / "all.csv", "--again").status == 0
    assert fingerprint(fifth) == held


def test_an_address_that_opted_out_before_stays_out(segcli: Run, fifth: Path) -> None:
    rows = segcli("--database", fifth, "show", "contact-overview", "-f", "json").rows
    assert [(row["email"], row["why_not"]) for row in rows] == [("out@xn--strae-oqa.example", "opted out")]
    assert segcli("--database", fifth, "list", "opt-in", "out@straße.example").status == 0
    rows = segcli("--database", fifth, "show", "contact-overview", "-f", "json").rows
    assert [row["why_not"] for row in rows] == [None]


def test_each_state_has_its_own_backup(segcli: Run, example: Path, room: Path) -> None:
    """An old copy that is put back and upgraded again must not lose its backup to that of the first time."""
    path = room / "a.db"
    held = []
    for round_ in range(3):
        path.unlink(missing_ok=True)
        older.downgraded(example, path, 4)
        if round_:
            with connected(path) as db:
                db.execute("UPDATE account SET remarks = 'other' WHERE id = 1")
                db.commit()
        held.append(fingerprint(path))
        assert segcli("--database", path, "log").status == 0
    backups = sorted(room.glob("*.backup"))
    assert [p.name for p in backups] == ["a.db.schema4-2.backup", "a.db.schema4.backup"]  # the third is as the second
    assert [fingerprint(p) for p in backups] == [held[1], held[0]]


def unsalted(path: Path) -> list[str]:
    """Return all that a database holds but its salt and its table versions, which are drawn anew."""
    drawn = ('INSERT INTO "administration"', 'INSERT INTO "table_version"')
    with connected(path) as db:
        return [line for line in db.iterdump() if not line.startswith(drawn)]


KILLED = """import os, signal, sqlite3, sys
from segcli.cli import main as cli

POINTS = int(os.environ.get("PROMISE_POINTS", "12"))

left, connect = [int(sys.argv[1])], sqlite3.connect
def count(_):
    left[0] -= 1
    if not left[0]: os.kill(os.getpid(), signal.SIGKILL)
def traced(*given, **named):
    db = connect(*given, **named)
    db.set_trace_callback(count)
    return db
sqlite3.connect = traced
status = cli.run(["log"])
print(int(sys.argv[1]) - left[0])
sys.exit(status)"""


@pytest.mark.repeats
def test_killed_at_any_statement_it_is_the_old_or_the_new(segcli: Run, example: Path, room: Path) -> None:
    path, kept = room / "k.db", room.parent / "kept.db"
    older.downgraded(example, kept, 1)
    before = fingerprint(kept)
    shutil.copy(kept, path)
    done = subprocess.run(
        [sys.executable, "-c", KILLED, "0"], env=environment(path), capture_output=True, text=True, check=True
    )
    statements, after = int(done.stdout.split()[-1]), unsalted(path)
    assert statements > 200
    seen = set()
    for at in sorted({1 + (statements - 1) * point // (POINTS - 1) for point in range(POINTS)}):
        for left in room.iterdir():
            left.unlink()
        shutil.copy(kept, path)
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(at)], env=environment(path), capture_output=True, text=True, check=False
        )
        assert done.returncode == -signal.SIGKILL, done.stderr
        with connected(path) as db:
            version = db.execute("PRAGMA user_version").fetchone()[0]
            seen.add(version)
        assert version == database_file.VERSION or fingerprint(path) == before, f"between, at statement {at}"
        assert segcli("--database", path, "log").status == 0
        assert is_sound(path), sorted(room.iterdir())
        assert len(list(room.glob("*.backup"))) == 1
        assert fingerprint(next(room.glob("*.backup"))) == before
        assert unsalted(path) == after
    assert seen == {1, database_file.VERSION}


def test_two_at_once_upgrade_once(example: Path, room: Path) -> None:
    path = room / "t.db"
    older.downgraded(example, path, 2)
    before = fingerprint(path)
    running = [
        subprocess.Popen([*SEGCLI, "log"], env=environment(path), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for _ in range(5)
    ]
    said = [(process.communicate(), process.returncode) for process in running]
    assert [status for _, status in said] == [0] * 5, said
    assert len({out for (out, _), _ in said}) == 1
    assert [fingerprint(p) for p in room.glob("*.backup")] == [before]
    assert is_sound(path)


def test_a_key_press_upgrades_nothing(example: Path, room: Path) -> None:
    path = room / "t.db"
    older.downgraded(example, path, 3)
    before = damaging.state(room)
    done = subprocess.run(
        [*SEGCLI, "__complete", "show", "debtor-ageing", "--account", "0000"],
        env=environment(path),
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("", "")
    now = damaging.state(room)
    assert {name: now[name] for name in before} == before
    assert not list(room.glob("*.backup"))


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="no setpriv")
@pytest.mark.parametrize(("folder", "file"), [(0o555, 0o644), (0o755, 0o444)])
def test_where_nothing_may_be_written_it_stays_and_is_said(example: Path, room: Path, folder: int, file: int) -> None:
    path = room / "t.db"
    older.downgraded(example, path, 3)
    before = damaging.state(room)
    path.chmod(file)
    room.chmod(folder)
    try:
        command = [*(PLAIN if os.geteuid() == 0 else ()), *SEGCLI, "show", "debtor-ageing"]
        done = subprocess.run(command, env=environment(path), capture_output=True, text=True, check=False)
    finally:
        room.chmod(0o755)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (1, "", 2), done.stderr
    assert "cannot be written: no rights" in done.stderr
    assert folder == 0o555 or "is of an older segcli, and is to be upgraded" in done.stderr
    now = damaging.state(room)
    assert {name: now[name] for name in before} == before


@pytest.mark.parametrize(
    "share", [0.5, 1.05]
)  # of its size: the backup does not fit; the backup does, the upgrade does not
def test_on_a_full_disk_it_stays_and_room_completes_it(segcli: Run, example: Path, room: Path, share: float) -> None:
    path = room / "t.db"
    older.downgraded(example, path, 1)
    before = fingerprint(path)
    limit = int(path.stat().st_size * share) // 1024
    done = subprocess.run(["bash", "-c", f'ulimit -f {limit}; "$@"', "x", *SEGCLI, "show", "debtor-ageing"], env=environment(path),
                          capture_output=True, text=True, check=False)  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert "nothing was changed" in done.stderr
    assert "Traceback" not in done.stderr
    assert fingerprint(path) == before
    assert not list(room.glob(".*"))
    assert bool(list(room.glob("*.backup"))) == (share > 1)
    assert segcli("--database", path, "check", "--repair-search").status == 0  # the name was changed by plain SQL
    assert [fingerprint(p) for p in room.glob("*.backup")] == [before]
