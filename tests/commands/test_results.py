"""What a script gets from a command that writes: one object, the number of its own run, and its table of changes."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from conftest import APPLY, Result, Run, connected, fingerprint

from segcli import commands
from segcli.interface.command import Command, Group

KEYS = ["command", "run", "counts", "skipped", "files", "undo"]
COUNTS = {"added", "changed", "removed", "unchanged", "rejected", "skipped", "accounts", "changes"}
RULES = "version: 1\nfield: class3\nrules:\n  - {id: a, set: A, when: \"country = 'BE'\"}\n"
# Each command that writes: its words, whether a second time changes nothing, and whether undo takes it back.
WRITING: dict[str, tuple[tuple[str, ...], bool, bool]] = {
    "tag": (("--country", "BE", "--set", "class1=N", "--yes"), True, True),
    "import": (("new.csv",), True, True),
    "rates import": (("rates.csv",), True, True),
    "classification label": (("8", "Wholesale"), True, False),
    "classification value add": (("1", "XX", "Extra"), True, False),
    "classification value rename": (("1", "N", "The north"), True, False),
    "classification value retire": (("1", "N"), True, False),
    "classification value merge": (("1", "N", "S"), True, True),
    "classification import": (("values.csv",), True, False),
    "rules apply": (("r.yaml", "--yes"), True, True),
    "list create": (("spring", "--country", "NL"), False, True),
    "list sync": (("spring",), True, True),
    "list delete": (("spring",), False, False),
    "list opt-out": (("a@example.org",), True, True),
    "list opt-in": (("a@example.org",), True, False),
    "subscription add": (("000017", "--description", "Support", "--price", "600"), False, True),
    "subscription change": (("AB0001", "--reference", "ours"), True, True),
    "subscription cancel": (("AB0001", "--on", "2027-06-30"), True, True),
    "request add": (("000017", "Call"), False, True),
    "request assign": (("R-1", "--to", "Pieter"), True, True),
    "request close": (("R-1",), True, True),
    "request reopen": (("R-1",), True, True),
    "administration set": (("--city", "Delft"), True, True),
    "contact anonymise": (("000001:1", "--yes"), True, False),
    "selection save": (("belgium", "--country", "BE"), True, False),
    "selection delete": (("belgium",), False, False),
}
# Tested below, as are the actions, in test_send and in test_payments_command.
APART = {"undo", "backup", "send", "payments review"}


def writing_commands(group: Group, path: tuple[str, ...] = ()) -> Iterator[tuple[str, Command]]:
    for name in group.names():
        found = group.find(name)
        if isinstance(found, Group):
            yield from writing_commands(found, (*path, name))
        elif found and {"dry_run", "reason", "result", "run_file"} & {p.name for p in found.parameters}:
            yield " ".join((*path, name)), found


NO_RUNS = {"log", "report", "export classifications"}  # they write files, never the database
ALL = {name: command for name, command in writing_commands(commands.root()) if name not in NO_RUNS}


def last_run(path: Path) -> int:
    with connected(path) as db:
        found: int = db.execute("SELECT max(id) FROM run").fetchone()[0]
    return found


def handed(done: Result) -> dict[str, Any]:
    """Return the object; it is all that was printed."""
    assert done.out.count("\n") == 1, done.out
    found: dict[str, Any] = json.loads(done.out)
    assert list(found) == [*KEYS, *(["number"] if found["command"] in {"subscription add", "request add"} else [])]
    assert set(found["counts"]) <= COUNTS
    return found


def prepared(segcli: Run, name: str) -> None:
    """Make what the command needs."""
    Path("new.csv").write_text("account,name\nNEW1,New\n")
    Path("rates.csv").write_text("date,currency,rate\n2026-05-01,JPY,160.5\n")
    Path("values.csv").write_text("field,label,code,description\n1,,YY,Why\n")
    Path("r.yaml").write_text(RULES)
    first = {
        "list sync": [("list", "create", "spring", "--country", "BE")],
        "list delete": [("list", "create", "spring", "--country", "BE")],
        "list opt-in": [("list", "opt-out", "a@example.org")],
        "request": [("request", "add", "000017", "Call")],
        "request reopen": [("request", "add", "000017", "Call"), ("request", "close", "R-1")],
        "selection delete": [("selection", "save", "belgium", "--country", "BE")],
    }
    for words in first.get(name, first["request"] if name.startswith("request") and name != "request add" else []):
        assert segcli(*words).status == 0
    if name == "list sync":
        Path("more.csv").write_text("account,code,name,email\n000001,Z9,Zed,zed@example.org\n")
        assert segcli("tag", "000001", "--set", "class1=N").status == 0
        with connected(Path("test.db")) as db:
            db.execute("DELETE FROM marketing_list_member")
            db.commit()


def test_every_command_that_writes_is_tested() -> None:
    actions = {name for name in ALL if name.startswith("run ")}
    assert len(actions) == 8
    assert set(ALL) == {*WRITING, *APART, *actions}
    for name, command in ALL.items():
        own = {parameter.name for parameter in command.parameters}
        wanted = {"result", "run_file"} | (set() if name == "backup" else {"reason", "format", "output"})
        assert wanted <= own, name


@pytest.mark.parametrize("name", WRITING)
def test_one_object_with_the_own_run(segcli: Run, example: Path, name: str) -> None:
    words, is_idempotent, can_undo = WRITING[name]
    prepared(segcli, name)
    before = last_run(example)
    line = (*name.split(), *words, "--reason", "Because", "--result", "json", "--run-file", "run.txt")
    done = segcli(*line, "-o", "changes.csv")
    assert done.status == 0, done.err
    found = handed(done)
    number = last_run(example)
    assert number == before + 1
    assert (found["command"], found["run"], found["files"]) == (name, number, ["changes.csv"])
    assert Path("run.txt").read_text() == f"{number}\n"
    assert sum(found["counts"].values()) > 0
    assert found["undo"] == (f"segcli undo {number} --yes" if can_undo else None)
    assert list(csv.DictReader(Path("changes.csv").read_text(encoding="utf-8").splitlines()))
    with connected(example) as db:
        assert db.execute("SELECT reason FROM run WHERE id = ?", (number,)).fetchone() == ("Because",)
    if is_idempotent:
        state = fingerprint(example)
        again = segcli(*line)
        assert again.status == 0, again.err
        assert (handed(again)["run"], handed(again)["undo"]) == (None, None)
        assert Path("run.txt").read_text() == ""
        assert fingerprint(example) == state
    if can_undo:
        assert segcli(*found["undo"].split()[1:]).status == 0


@pytest.mark.repeats
@pytest.mark.parametrize("name", WRITING)
def test_the_table_of_changes_is_written_applied_or_not(segcli: Run, example: Path, name: str) -> None:
    words = WRITING[name][0]
    prepared(segcli, name)
    state = fingerprint(example)
    preview = segcli(*name.split(), *words, "--dry-run", "-f", "json")
    assert preview.status == 0, preview.err
    assert fingerprint(example) == state
    table = preview.rows
    assert table
    applied = segcli(*name.split(), *words, "-f", "json")
    assert applied.status == 0, applied.err
    assert applied.rows == table
    assert fingerprint(example) != state


@pytest.mark.repeats
def test_actions(segcli: Run, example: Path) -> None:
    for name in (name for name in ALL if name.startswith("run ")):
        done = segcli(*name.split(), "--result", "json", "--run-file", "run.txt")
        assert done.status == 0, done.err
        found = handed(done)
        assert (found["command"], found["run"], Path("run.txt").read_text()) == (name, None, "")
        assert set(found["counts"]) == {"changed", "skipped", "rejected"}
        assert len(found["skipped"]) == found["counts"]["skipped"] + found["counts"]["rejected"]
    done = segcli("run", "print-reminders", *APPLY, "--folder", "letters", "--result", "json", "--run-file", "run.txt")
    found = handed(done)
    with connected(example) as db:
        run, count = db.execute("SELECT run_id, count(*) FROM reminder GROUP BY run_id ORDER BY run_id DESC").fetchone()
    assert (found["run"], Path("run.txt").read_text()) == (run, f"{run}\n")
    assert found["undo"] == f"segcli undo {run} --yes"
    assert 0 < found["counts"]["changed"] <= count
    assert [Path(path).is_dir() for path in found["files"]] == [True]
    final = segcli("run", "print-invoices", *APPLY, "--folder", "invoices", "--result", "json")
    assert (handed(final)["run"], handed(final)["undo"]) == (last_run(example), None)


def test_undo_and_backup(segcli: Run, example: Path) -> None:
    segcli("tag", "000017", "--set", "class1=N")
    segcli("tag", "000017", "--set", "class1=S")
    done = segcli("undo", last_run(example), "--yes", "--result", "json", "-o", "back.json", "--reason", "slip")
    found = handed(done)
    assert (found["run"], found["counts"]) == (last_run(example), {"accounts": 1, "changes": 1})
    rows = json.loads(Path("back.json").read_text())
    assert [(row["account"], row["class"], row["from"], row["to"]) for row in rows] == [("000017", "class1", "S", "N")]
    segcli("request", "add", "000017", "Call")
    request = last_run(example)
    found = handed(segcli("undo", request, "--yes", "--result", "json", "-o", "back.csv"))
    assert found["run"] == request + 1
    assert Path("back.csv").read_text().splitlines()[1] == f"run {request},undone_by,,{request + 1}"
    state = last_run(example)
    found = handed(segcli("backup", "copy.db", "--result", "json", "--run-file", "run.txt"))
    assert (found["run"], found["files"], Path("run.txt").read_text()) == (None, ["copy.db"], "")
    assert last_run(example) == state


def test_the_number_of_a_new_record_is_told(segcli: Run, example: Path) -> None:
    for words in (
        ("subscription", "add", "000017", "--description", "Support", "--price", "6"),
        ("request", "add", "Call"),
    ):
        found = handed(segcli(*words, "--result", "json"))
        with connected(example) as db:
            sql = f"SELECT {words[0]}_number FROM {words[0]} ORDER BY id DESC LIMIT 1"
            assert db.execute(sql).fetchone() == (found["number"],)
        printed = segcli(*words)
        assert printed.out.strip() not in {"", found["number"]}


def test_the_undo_line_names_the_database(segcli: Run, example: Path) -> None:
    done = segcli("--database", example, "tag", "000017", "--set", "class1=S", "--result", "json")
    assert handed(done)["undo"] == f"segcli --database {example} undo {last_run(example)} --yes"
    assert handed(done)["command"] == "tag"


def test_what_was_rejected_is_named(segcli: Run, example: Path) -> None:
    Path("bad.csv").write_text("account,name,status\nNEW1,New,C\nNEW2,New,nonsense\n")
    done = segcli("import", "bad.csv", "--on-error", "skip", "--result", "json", "--run-file", "run.txt")
    found = handed(done)
    assert (done.status, found["run"]) == (5, last_run(example))
    assert (found["counts"]["added"], found["counts"]["rejected"]) == (1, 1)
    assert [skipped["record"].startswith("bad.csv:3") for skipped in found["skipped"]] == [True]
    refused = segcli("import", "bad.csv", "--again", "--result", "json", "--run-file", "run.txt")
    assert (refused.status, handed(refused)["run"], Path("run.txt").read_text()) == (1, None, "")


def test_several_files_are_several_runs(segcli: Run, example: Path) -> None:
    for name in ("one", "two"):
        Path(f"{name}.csv").write_text(f"account,name\n{name},{name}\n")
    first = last_run(example) + 1
    found = handed(segcli("import", "one.csv", "two.csv", "--result", "json", "--run-file", "run.txt"))
    assert Path("run.txt").read_text() == f"{first}\n{first + 1}\n"
    assert found["run"] == first + 1
    assert found["counts"]["added"] == 2


def test_standard_output_is_for_the_object_alone(segcli: Run, example: Path) -> None:
    state = fingerprint(example)
    line = ("tag", "000017", "--set", "class1=S", "--result", "json")
    for words in (("-f", "csv"), ("-o", "-"), ("-o", "/dev/stdout"), ("--run-file", "nowhere/run.txt")):
        done = segcli(*line, *words)
        assert (done.out, done.status in {1, 2}) == ("", True), words
    for name in (example, "-", "new.csv"):
        more = ("-o", "new.csv") if name == "new.csv" else ()
        assert segcli("tag", "000017", "--set", "class1=S", *more, "--run-file", name).status == 2, name
    assert segcli(*line, "-o", "nowhere/changes.csv").status == 1
    assert segcli(*line, "-o", "changes.nonsense").status == 2
    assert fingerprint(example) == state
    assert handed(segcli("tag", "--all", "--set", "class1=S", "--yes", "--result", "json", "--dry-run"))["run"] is None
    assert fingerprint(example) == state


def test_what_undo_leaves_is_named(segcli: Run, example: Path) -> None:
    segcli("tag", "000017", "000018", "--clear", "class1", "--yes")
    run = last_run(example)
    segcli("tag", "000017", "--set", "class1=S")
    found = handed(segcli("undo", run, "--yes", "--result", "json"))
    later = {"record": "account 000017, class1", "reason": f"run {run + 1} has changed it to S"}
    assert (found["skipped"], found["counts"]["skipped"], found["counts"]["accounts"]) == ([later], 1, 1)


def test_a_failure_leaves_an_empty_run_file(segcli: Run, example: Path) -> None:
    Path("run.txt").write_text("99\n")
    done = segcli("tag", "--all", "--set", "class1=S", "--yes", "--max-changes", "1", "--run-file", "run.txt")
    assert (done.status, Path("run.txt").read_text()) == (6, "")


@pytest.mark.repeats
def test_each_process_reads_its_own_run(example: Path) -> None:
    """Under xargs -P 8 the newest run is often that of another process."""
    with connected(example) as db:
        codes = [code for (code,) in db.execute("SELECT code FROM account WHERE class8 IS NULL LIMIT 24")]
    assert len(codes) == 24
    label = subprocess.run([sys.executable, "-m", "segcli", "classification", "value", "add", "8", "ZZ"], check=False)
    segcli = f"{sys.executable} -m segcli"
    if label.returncode:
        subprocess.run([*segcli.split(), "classification", "label", "8", "Channel"], check=True)
        subprocess.run([*segcli.split(), "classification", "value", "add", "8", "ZZ"], check=True)
    script = f"{segcli} tag $0 --set class8=ZZ --result json --run-file run-$0 > result-$0"
    done = subprocess.run(
        ["xargs", "-P", "8", "-n", "1", "sh", "-c", script],
        input="\n".join(codes),
        text=True,
        check=False,
        env=os.environ,
    )
    assert done.returncode == 0
    with connected(example) as db:
        for code in codes:
            run = int(Path(f"run-{code}").read_text())
            assert json.loads(Path(f"result-{code}").read_text())["run"] == run
            sql = "SELECT a.code FROM classification_change AS c JOIN account AS a ON a.id = c.account_id WHERE c.run_id = ?"
            assert db.execute(sql, (run,)).fetchall() == [(code,)]


# -------------------------------------------------------------------------------------------------- log
def test_log_finds_runs(segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGCLI_TODAY", "2026-07-01")
    segcli("tag", "000017", "--set", "class1=S", "--reason", "Yearly REVIEW of 2026")
    segcli("tag", "000018", "--clear", "class1", "--reason", "100% sure")
    segcli("administration", "set", "--city", "Delft", "--reason", "review")

    def found(*words: str) -> list[tuple[str, str | None]]:
        return [(row["command"], row["reason"]) for row in segcli("log", *words, "-f", "json").rows]

    assert found("--reason", "review") == [("administration set", "review"), ("tag", "Yearly REVIEW of 2026")]
    assert found("--reason", "%") == [("tag", "100% sure")]
    assert found("--reason", "review", "--command", "TAG") == [("tag", "Yearly REVIEW of 2026")]
    assert len(found("--since", "2026-07-01")) == 3
    assert {command.split()[0] for command, _ in found("--command", "import")} == {"import"}
    assert found("--command", "import", "--since", "2026-07-01") == []
    assert found("--command", "mport") == []
    assert segcli("log", "--since", "soon").status == 2
