"""Undo of classifications: every change is kept, and can be taken back as far as it stands."""

from pathlib import Path
from typing import Any

import pytest
from class_case import classes
from conftest import Result, Run, connected, fingerprint, steps_of

from segcli.classify import reclassify
from segcli.undo import classes as undoing


def undo(segcli: Run, run: int, *words: str) -> Result:
    return segcli("undo", run, *words, "--yes")


def last_run(segcli: Run) -> int:
    return int(segcli("log", "--limit", "1", "-f", "json").rows[0]["run"])


def test_undo_and_undo_of_undo(segcli: Run, classified: Path) -> None:
    segcli("tag", "--all", "--yes", "--set", "class1=N", "--reason", "first")
    first = last_run(segcli)
    assert undo(segcli, first).status == 0
    assert set(classes(segcli).values()) == {None}
    refused = undo(segcli, first)
    assert (refused.status, f"to redo it: segcli undo {last_run(segcli)}" in refused.err) == (1, True)
    assert undo(segcli, last_run(segcli)).status == 0
    assert set(classes(segcli).values()) == {"N"}
    history = segcli("history", "1", "-f", "json").rows
    assert [(r["from"], r["to"], r["source"], r["reason"]) for r in history] == [
        (None, "N", "manual", "first"),
        ("N", None, "undo", None),
        (None, "N", "undo", None),
    ]


def test_undo_inverts_only_what_still_stands(segcli: Run, classified: Path) -> None:
    segcli("tag", "1", "2", "3", "--yes", "--set", "class1=N")
    first = last_run(segcli)
    segcli("tag", "2", "--set", "class1=S")
    done = undo(segcli, first)
    assert done.status == 0
    assert [(row[0], row[3], row[4]) for row in done.table[1:]] == [("2", "N", "S")]
    assert "1 classification changed again" in done.err
    assert classes(segcli) == {"1": None, "2": "S", "3": None, "4": None, "5": None}


def test_undo_sees_what_changes_before_it_writes(
    segcli: Run, classified: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    segcli("tag", "1", "2", "3", "--yes", "--set", "class1=N")
    guard = reclassify.guard

    def change(*words: Any) -> None:
        with connected(classified) as db:
            db.execute("UPDATE account SET class1 = (SELECT id FROM classification_value WHERE field = 1 AND code = 'S')"
                       " WHERE code = '2'")  # fmt: skip
            db.commit()
        guard(*words)

    monkeypatch.setattr(reclassify, "guard", change)
    assert undo(segcli, last_run(segcli)).status == 0
    assert classes(segcli) == {"1": None, "2": "S", "3": None, "4": None, "5": None}
    assert segcli("log", "-f", "json").rows[0]["summary"].startswith("2 classifications of run")


@pytest.mark.parametrize(("run", "status"), [("99", 2), ("x", 2), ("2", 1)])
def test_undo_refuses_what_it_cannot(segcli: Run, classified: Path, run: str, status: int) -> None:
    before = fingerprint(classified)
    assert segcli("undo", run, "--yes").status == status
    assert fingerprint(classified) == before


def test_undo_says_what_to_do_about_an_import_without_before_images(segcli: Run, classified: Path) -> None:
    before = fingerprint(classified)
    Path("a.csv").write_text("code,name\n99,New\n")
    assert segcli("import", "a.csv").status == 0
    number = segcli("log", "-f", "json").rows[0]["run"]
    with connected(classified) as db:  # as an older segcli leaves it
        db.execute("UPDATE run SET batch_id = NULL, wrote = NULL WHERE id = ?", (number,))
        db.execute("DELETE FROM import_added")
        db.commit()
    after = fingerprint(classified)
    done = segcli("undo", number, "--yes")
    assert (done.status, done.out) == (1, "")
    assert done.err == (
        f"segcli: run {number} (import a.csv) has no changes that can be undone\n"
        "  it has no before-images: it is older than undo.keep, or was made by an older segcli; import a corrected file,"
        " or restore a backup\n"
    )
    assert before != after == fingerprint(classified)


def test_undo_of_many_changes_takes_so_many_steps(segcli: Run, empty: Path) -> None:
    """Four times the changes take about four times the steps of SQLite: looked up for each change, it were sixteen."""
    steps = []
    for count in (500, 2000):
        with connected(empty) as db:
            db.executescript(
                "DELETE FROM classification_change; DELETE FROM account; DELETE FROM run;"
                "INSERT INTO run (id, started_at, command, source, user_name) VALUES (1, '2026-06-30T12:00:00Z', 'tag', 'manual', 'x');"
                "INSERT OR IGNORE INTO classification_label (field, label) VALUES (1, 'Region');"
                "INSERT OR IGNORE INTO classification_value (id, field, code) VALUES (1000001, 1, 'N')"
            )
            db.executemany(
                "INSERT INTO account (id, code, name, class1) VALUES (?, ?, 'x', 1000001)",
                ((n, f"{n}") for n in range(1, count + 1)),
            )
            db.execute(
                "INSERT INTO classification_change (run_id, account_id, field, new_value_id) SELECT 1, id, 1, 1000001 FROM account"
            )
            conflicts: list[object] = []
            steps.append(steps_of(db, lambda db=db, found=conflicts: found.extend(undoing.propose(db, 1))))  # type: ignore[misc]
            assert (conflicts, reclassify.count(db)) == ([], count)
    assert steps[1] < 6 * steps[0], steps


def test_what_took_back_an_action_is_not_taken_back(segcli: Run, classified: Path) -> None:
    assert segcli("request", "add", "Call", "--account", "1").status == 0
    number = int(segcli("log", "-f", "json").rows[0]["run"])
    assert segcli("undo", number, "--yes").status == 0
    before = fingerprint(classified)
    done = segcli("undo", number + 1, "--yes")
    assert done.status == 1
    assert done.err == (
        f"segcli: run {number + 1} (undo {number}) has no changes that can be undone\n"
        "  to make its changes again, run the original command\n"
    )
    assert segcli("undo", number, "--yes").err == f"segcli: run {number} was undone by run {number + 1}\n"
    assert fingerprint(classified) == before


def test_every_change_is_a_row_with_its_source_and_run(segcli: Run, classified: Path) -> None:
    segcli("tag", "1", "--set", "class1=N")
    Path("t.csv").write_text("account,Region\n1,S\n")
    segcli("tag", "--from", "t.csv", "--yes")
    with connected(classified) as db:
        rows = db.execute(
            "SELECT r.source, o.code, n.code FROM classification_change c JOIN run r ON r.id = c.run_id"
            " LEFT JOIN classification_value o ON o.id = c.old_value_id JOIN classification_value n ON n.id = c.new_value_id ORDER BY c.id"
        ).fetchall()
    assert rows == [("manual", None, "N"), ("csv", "N", "S")]
    assert segcli("history", "99").status == 2
