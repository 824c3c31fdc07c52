"""What is no database of ours, or a damaged one: it is said in a sentence, and stays to the byte."""

import os
import re
import shutil
import sqlite3
from pathlib import Path

import damaging
import pytest
from conftest import Run, connected

from segcli.storage import diagnosis, schema

POINTS = int(os.environ.get("PROMISE_POINTS", "12"))


COMMANDS = (("show", "debtor-ageing"), ("tag", "000017", "--set", "class7=IDLE"), ("check",), ("import", "f.csv"), ("backup", "copy.db"),
            ("contact", "anonymise", "a@b.example", "--yes"), ("run", "print-invoices"), ("list", "sync"))  # fmt: skip


@pytest.mark.parametrize("how", damaging.NOT_OURS)
@pytest.mark.parametrize("name", ["t.db", "-x ?#%41[1]*.db"])
def test_what_is_not_ours_stays_to_the_byte(segcli: Run, example: Path, room: Path, how: str, name: str) -> None:
    Path("f.csv").write_text("account,name\n1,A\n")
    make, what, hint = damaging.NOT_OURS[how]
    path = room / name
    shutil.copy(example, path)
    shutil.copy(example, room / f"{name}.may.backup")
    make(path)
    before = damaging.state(room)
    for words in COMMANDS:
        done = segcli(f"--database={path}", *words)
        assert (done.status, done.out, done.err.count("\n")) == (1, "", 2), (words, done.err)
        assert what in done.err
        assert hint in done.err
        assert ("may.backup" in done.err) == (what == "is damaged")
        assert damaging.state(room) == before, words
    assert not Path("copy.db").exists()


def test_what_is_no_file_is_said(segcli: Run, room: Path) -> None:
    Path("f.csv").write_text("account,name\n1,A\n")
    os.mkfifo(room / "pipe")
    for path, what in (
        (room, "is a folder"),
        (room / "pipe", "is no file"),
        (Path("/dev/null"), "is no file"),
        (room / "x" / "y.db", "there is no database"),
    ):
        for words in COMMANDS:
            done = segcli("--database", path, *words)
            assert (done.status, what in done.err) == (1, True), (path, words, done.err)
    assert [p.name for p in room.iterdir()] == ["pipe"]


def test_damage_of_any_sort_is_a_sentence_and_stays(segcli: Run, example: Path, room: Path) -> None:
    """A command that comes upon it says so and writes nothing; one that does not come upon it cannot know."""
    Path("f.csv").write_text("account,name\n1,A\n")
    path = room / "t.db"
    for seed in range(4 * POINTS):
        for left in room.iterdir():
            left.unlink()
        shutil.copy(example, path)
        how = damaging.damage(path, seed)
        before = damaging.state(room)
        done = segcli("--database", path, *COMMANDS[seed // 8 % 5])  # a bug would raise
        Path("copy.db").unlink(missing_ok=True)
        if done.status not in {0, 5}:
            now = damaging.state(room)
            assert {name: now[name] for name in before if name[-4:] != "-shm"} == {
                n: b for n, b in before.items() if n[-4:] != "-shm"
            }, (seed, how)
        if done.status and done.err.startswith("segcli: "):
            assert re.search(
                r"damaged|newer segcli|something else|journal beside it|checks? failed|there is no database", done.err
            ), (seed, how, done.err)
        if how == "-journal":
            assert "t.db-journal" in done.err


def test_a_log_that_was_left_is_read_again(segcli: Run, example: Path, room: Path) -> None:
    """What a killed writer had committed is in the log only, and is there."""
    writer = sqlite3.connect(example, isolation_level=None)
    writer.execute("PRAGMA wal_autocheckpoint=0")
    writer.execute("UPDATE account SET name = 'Out of the log' WHERE code = '000017'")
    for end in ("", "-wal"):
        shutil.copy(f"{example}{end}", room / f"t.db{end}")
    writer.close()
    path = room / "t.db"
    assert b"Out of the log" not in path.read_bytes()
    rows = segcli("--database", path, "show", "account-search", "--account", "000017", "-f", "json").rows
    assert [row["name"] for row in rows] == ["Out of the log"]
    assert segcli("--database", path, "check", "--repair-search").status == 0  # the name was changed by plain SQL
    path.write_bytes(bytes(4096) + path.read_bytes()[4096:])
    assert "not a segcli database" in segcli("--database", path, "log").err


def test_the_hint_of_a_damaged_file_tells_of_a_log_that_must_go(tmp_path: Path) -> None:
    path = tmp_path / "a[1].db"
    for name in ("a[1].db", "a[1].db-wal", "a[1].db.1.backup", "a1.db.2.backup"):
        (tmp_path / name).touch()
    assert (
        diagnosis.damaged(path).hint
        == f"the newest backup beside it is {path}.1.backup: put it in its place, and remove {path}-wal"
    )


# ------------------------------------------------------------------------------------- what `check` finds
def _parts() -> list[tuple[str, str]]:
    every = [(name, part.what) for name, part in sorted(schema.wanted().items())]
    every += [(name, "table") for name in sorted(schema.names() - {name for name, _ in every})]
    if len(every) <= POINTS:
        return every
    kinds = [next(part for part in every if part[1] == what) for what in ("index", "table", "trigger")]
    return [*kinds, every[-1], *every[:: len(every) // POINTS]]


def test_a_part_that_is_missing_is_named_and_nothing_is_written(segcli: Run, example: Path, room: Path) -> None:
    path = room / "t.db"
    for name, what in _parts():
        for left in room.iterdir():
            left.unlink()
        shutil.copy(example, path)
        with connected(path) as db:
            db.execute("CREATE TABLE of_mine (x)")  # what somebody added hides nothing
            db.execute("CREATE INDEX of_mine_too ON of_mine (x)")
            db.execute("PRAGMA writable_schema=ON")
            db.execute("DELETE FROM sqlite_schema WHERE name = ?", (name,))
            db.commit()
        before = path.read_bytes()
        done = segcli("--database", path, "check", "-f", "json")
        assert done.status == 1, name
        if done.out:
            detail = next(row["detail"] for row in done.rows if row["check"] == "schema")
            assert f"the {what} {name} is missing" in detail, (name, detail)
        for words in (("tag", "000017", "--set", "class7=IDLE"), ("list", "sync")):
            done = segcli("--database", path, *words)
            assert (done.status, "segcli check says which" in done.err or "damaged" in done.err) == (1, True), (
                name,
                done.err,
            )
        for show in ("account-search", "sales-analysis"):
            assert segcli("--database", path, "show", show).status in {0, 1}  # an answer or a sentence
        assert path.read_bytes() == before


# What turns in one place, and what of `check` sees it; "" says honestly: nothing does.
FLIPPED = {
    "outstanding_item.amount": "failed", "outstanding_item.open_amount": "failed", "allocation.amount": "failed",
    "transaction_line.amount": "failed", "invoice.net_amount": "failed", "invoice.vat_amount": "failed", "invoice.total_amount": "failed",
    "invoice_line.net_amount": "failed", "invoice_line.quantity": "failed", "invoice_line.cost_amount": "failed",
    "invoice_summary.net_amount": "failed", "subscription_line.period_amount": "failed",
    "invoice_line.vat_amount": "warning", "allocation.base_amount": "failed",
    "item.sales_price": "", "transaction_line.foreign_amount": "",
}  # fmt: skip


@pytest.mark.repeats
@pytest.mark.parametrize("place", FLIPPED)
def test_a_bit_that_turns_in_an_amount(segcli: Run, example: Path, place: str) -> None:
    table, column = place.split(".")
    with connected(example) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        values = db.execute(
            f"SELECT {column} FROM {table} WHERE {column} <> 0 GROUP BY 1 HAVING count(*) = 1 ORDER BY abs({column}) DESC"
        ).fetchall()
    assert damaging.flip(example, table, column, [value for (value,) in values])
    done = segcli("check", "-f", "json")
    results = {row["result"] for row in done.rows}
    assert (done.status, FLIPPED[place] or "ok") == (
        int(FLIPPED[place] == "failed"),
        max(results, key=("ok", "warning", "failed").index),
    )
