"""Together: commands at the same time lose nothing, read one moment and wait for each other; PROMISE_POINTS turns of each (12)."""

import os
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from conftest import APPLY, APPLY_SELECTED, Run, connected, is_sound
from together_load import Load, gaps, runs, value

from segcli import actions, overviews
from segcli.storage import database, writeahead

TURNS = int(os.environ.get("PROMISE_POINTS", "12"))
SEGCLI = [sys.executable, "-m", "segcli"]


# ------------------------------------------------------------------------------------------------ a load
@pytest.mark.repeats
def test_eight_processes_lose_nothing_and_see_one_moment(example: Path, tmp_path: Path, segcli: Run) -> None:
    folder = tmp_path / "load"
    folder.mkdir()
    load = Load(example, folder, max(2, TURNS // 4))
    load.together()
    assert not load.complaints
    with connected(example) as db:
        numbers = [
            row[0]
            for row in db.execute(
                "SELECT invoice_number FROM invoice WHERE invoice_number GLOB '26*' AND kind = 'sales'"
            )
        ]
        twice = db.execute(
            "SELECT 1 FROM subscription_period GROUP BY subscription_line_id, start_date HAVING count(*) > 1"
        )
        assert twice.fetchone() is None
    assert len(numbers) > 600  # 575 are in the example
    assert gaps(numbers) == []
    assert segcli("check").status == 0
    assert is_sound(example)
    assert load.largest_log < writeahead.LARGE
    print(f"{load.count} commands, the log at most {load.largest_log:,} bytes")


# ------------------------------------------------------------------------------------- reading one moment
MOMENTS = [
    *(("show", name) for name in overviews.names()),
    *(("run", name) for name in actions.names() if name not in {"link-entry-template", "link-price-list", "update-subscription-prices"}),
    ("score", "abc"),
    ("contact", "show", "000001:1"),
]  # fmt: skip


class Intruder:
    """Changes every name at a chosen statement of somebody else's connection."""

    def __init__(self, path: Path, at: int) -> None:
        self.path, self.at, self.seen = path, at, 0

    def look(self, _statement: str) -> None:
        """Count a statement, and change everything before the chosen one."""
        self.seen += 1
        if self.seen == self.at:
            with connected(self.path) as db:
                db.create_function("fold", 1, str.lower, deterministic=True)
                db.execute("UPDATE account SET name = 'changed'")
                db.execute("UPDATE contact SET name = 'changed'")
                db.execute("UPDATE classification_value SET description = 'changed'")
                db.execute("UPDATE request SET description = 'changed'")
                db.commit()


@pytest.mark.repeats
@pytest.mark.parametrize("words", MOMENTS, ids=" ".join)
def test_an_answer_is_of_one_moment(
    segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    """Whatever changes between its first statement that reads and its last is not in it, whichever statement that is."""
    real = database.connect
    intruder = Intruder(example, 0)

    def connect(path: Path, **more: Any) -> sqlite3.Connection:
        db = real(path, **more)
        db.set_trace_callback(intruder.look)
        return db

    monkeypatch.setattr(database, "connect", connect)
    before = segcli(*words, "-f", "json")
    assert before.status == 0
    last = intruder.seen
    intruder = Intruder(example, last)
    assert segcli(*words, "-f", "json").out == before.out
    assert intruder.seen >= intruder.at
    after = segcli(*words, "-f", "json")
    assert after.out != before.out or before.rows == []


# ------------------------------------------------------------------------- what came between look and lock
@pytest.fixture
def between(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Let another process run a command when this one has looked at everything and is about to take the lock."""

    def arrange(*words: str) -> None:
        real = database.writing

        @contextmanager
        def writing(*given: Any, **more: Any) -> Iterator[database.Transaction]:
            monkeypatch.setattr(database, "writing", real)
            subprocess.run([*SEGCLI, *words], check=True)
            with real(*given, **more) as transaction:
                yield transaction

        monkeypatch.setattr(database, "writing", writing)

    return arrange


def test_what_left_the_selection_meanwhile_is_not_tagged(
    segcli: Run, example: Path, between: Callable[..., None]
) -> None:
    segcli("tag", "000017", "000018", "--set", "class8=BASIC", "--yes")
    between("tag", "000017", "--set", "class8=GOLD")
    assert (
        segcli(
            "tag", "--class8", "BASIC", "--account", "000017", "--account", "000018", "--set", "class8=SILVER", "--yes"
        ).status
        == 0
    )
    assert (value(example, "000017"), value(example, "000018")) == ("GOLD", "SILVER")


@pytest.mark.parametrize(
    "words", [("tag", "000017", "--set", "class8=GOLD"), ("tag", "--from", "f.csv", "--yes")], ids=" ".join
)
def test_the_same_tag_at_the_same_time_is_one_run(
    segcli: Run, example: Path, between: Callable[..., None], words: tuple[str, ...]
) -> None:
    Path("f.csv").write_text("account,class8\n000017,GOLD\n")
    between(*words)
    assert segcli(*words).status == 0
    assert value(example, "000017") == "GOLD"
    assert len(runs(example)) == 1


def test_the_guard_counts_what_changes_under_the_lock(segcli: Run, example: Path, between: Callable[..., None]) -> None:
    segcli("tag", "000017", "000018", "--set", "class8=BASIC", "--yes")
    between("tag", "000019", "000021", "--set", "class8=BASIC", "--yes")
    done = segcli("tag", "--class8", "BASIC", "--account", "000017", "--account", "000018", "--account", "000019", "--account", "000021",
                  "--set", "class8=SILVER", "--yes", "--max-changes", "2")  # fmt: skip
    assert done.status == 6
    assert value(example, "000017") == "BASIC"


@pytest.mark.parametrize(
    "words", [("tag", "000017", "--set", "class8=GOLD"), ("request", "add", "000017", "Call")], ids=" ".join
)
def test_a_run_is_undone_once(segcli: Run, example: Path, between: Callable[..., None], words: tuple[str, ...]) -> None:
    assert segcli(*words).status == 0
    with connected(example) as db:
        number = db.execute("SELECT max(id) FROM run").fetchone()[0]
    between("undo", str(number), "--yes")
    done = segcli("undo", number, "--yes")
    assert (done.status, f"run {number} was undone by run {number + 1}" in done.err) == (1, True)
    assert runs(example) == [" ".join(words[:2]) if words[0] == "request" else "tag", f"undo {number}"]


def test_people_are_anonymised_once(segcli: Run, example: Path, between: Callable[..., None]) -> None:
    with connected(example) as db:
        address = db.execute("SELECT email FROM contact WHERE email IS NOT NULL ORDER BY id LIMIT 1").fetchone()[0]
    between("contact", "anonymise", address, "--yes")
    assert segcli("contact", "anonymise", address, "--yes").status == 0
    assert runs(example) == ["contact anonymise"]


def test_numbers_and_dates_go_up_together(segcli: Run, example: Path, between: Callable[..., None]) -> None:
    between(
        "run", "print-invoices", "--as-of", "2026-07-31", "--folder", "theirs", *APPLY_SELECTED, "--account", "000017"
    )
    with connected(example) as db:
        db.execute("UPDATE invoice SET invoice_number = NULL WHERE status = 'open'")
        db.execute("UPDATE invoice SET account_id = (SELECT id FROM account WHERE code = '000017') WHERE id ="
                   " (SELECT min(id) FROM invoice WHERE status = 'open')")  # fmt: skip
        db.commit()
    done = segcli("run", "print-invoices", "--as-of", "2026-06-30", "--folder", "ours", *APPLY)
    assert (done.status, "is dated 2026-07-31: none can be dated 2026-06-30" in done.err) == (1, True)
    assert runs(example) == ["run print-invoices"]
    assert not list(Path("ours").iterdir())


@pytest.mark.parametrize("words", [
    ("import", "f.csv", "--create-missing"), ("run", "generate-subscription-invoices", "--as-of", "2026-08-31", *APPLY),
    ("run", "print-reminders", "--folder", "letters", *APPLY), ("list", "opt-out", "x@example.com"), ("list", "sync"),
    ("classification", "value", "add", "1", "XX", "Xanadu"), ("selection", "save", "s", "--class1", "N"),
], ids=" ".join)  # fmt: skip
def test_the_same_at_the_same_time_is_one_run(
    segcli: Run, example: Path, between: Callable[..., None], words: tuple[str, ...]
) -> None:
    Path("f.csv").write_text("account,invoice_number,invoice_date,due_date,amount\nNEW,1,2026-01-01,2026-01-31,5.00\n")
    segcli("list", "create", "l", "--class1", "N", "--static")
    with connected(example) as db:
        db.execute("UPDATE marketing_list SET sync = 'full'")
        db.execute("DELETE FROM marketing_list_member")
        db.commit()
    between(*words)
    before = segcli(*words)
    assert before.status == 0
    assert len(runs(example)) == 2  # the list, and one
