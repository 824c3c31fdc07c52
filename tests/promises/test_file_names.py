"""Names of files: a database, or whatever else a command reads and writes, may have a name that is no UTF-8."""

import json
import os
from pathlib import Path

import pytest
import trials
from conftest import Run, connected

DB = os.fsdecode(b"d\xff/k\xe9.db")
WORDS: list[tuple[str, ...]] = [
    ("check",),
    ("import", "b\udce9.csv", "--on-error", "skip", "--rejects", "m\udce9.csv"),
    ("tag", "--from", "t\udce9.csv", "--yes"),
    ("show", "account-search", "-o", "a\udce9.xlsx"),
    ("show", "account-search", "-o", "a\udce9.csv", "--manifest"),
    ("classification", "export", "-o", "c\udce9.yaml"),
    ("classification", "import", "c\udce9.yaml"),
    ("rules", "plan", "r\udce9.yaml", "-o", "p\udce9.json"),
    ("rules", "apply", "p\udce9.json"),
    ("report", "report\udce9.yaml", "--folder", "out\udce9"),
    ("--config", "c\udce9g.yaml", "run", "print-invoices", "--all", "--apply", "--yes", "--folder", "l\udce9"),
    ("--config", "c\udce9g.yaml", "run", "print-reminders", "--all", "--apply", "--yes", "--folder", "l\udce9"),
    ("contact", "anonymise", "A:1", "--yes"),
    ("undo", "--help"),
    ("log",),
    ("backup", "b\udce9.db"),
    ("help", "--reference", "h\udce9.md"),
]


@pytest.fixture
def folder(tmp_path: Path, segcli: Run, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with an administration whose name is no UTF-8, and files of such names."""
    trials.write_files(tmp_path)
    monkeypatch.setenv("SEGCLI_DATABASE", DB)
    for words in trials.SETTING_UP:
        assert segcli(*words).status == 0, words
    for old, new in (("bad.csv", "b\udce9.csv"), ("tags.csv", "t\udce9.csv"), ("rules.yaml", "r\udce9.yaml"),
                     ("report.yaml", "report\udce9.yaml"), ("config.yaml", "c\udce9g.yaml")):  # fmt: skip
        Path(old).rename(new)
    report = Path("report\udce9.yaml")
    report.write_text(report.read_text() + "mail: {to: a@b.example, subject: S, draft: d.eml}\n")
    return tmp_path


def test_every_command_takes_names_that_are_no_utf_8(segcli: Run, folder: Path) -> None:
    for words in WORDS:
        done = segcli(*words)
        assert done.status == (5 if words[0] == "import" else 0), (words, done.err)
        assert "damaged" not in done.err
    for name in (
        "m\udce9.csv",
        "a\udce9.xlsx",
        "a\udce9.csv.manifest.json",
        "p\udce9.json",
        "out\udce9/d.eml",
        "b\udce9.db",
    ):
        assert Path(name).stat().st_size, name


def test_a_sound_database_of_such_a_name_is_sound_and_a_damaged_one_is_not(segcli: Run, folder: Path) -> None:
    found = {row["check"]: row["result"] for row in segcli("check", "-f", "json").rows}
    assert found["integrity"] == "ok"
    assert set(found.values()) <= {"ok", "warning"}
    with connected(Path(DB)) as db:
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        db.execute("PRAGMA writable_schema = ON")
        db.execute(
            "UPDATE sqlite_schema SET sql = replace(sql, 'email', 'e_mail') WHERE name = 'account' AND type = 'table'"
        )
        db.commit()
    assert segcli("check").status == 1


def test_an_older_one_is_upgraded_after_a_backup(segcli: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = os.fsdecode(b"old\xe9.db")
    trials.older(Path(name), 3)
    assert segcli("--database", name, "check").status == 0
    assert Path(f"{name}.schema3.backup").stat().st_size


def test_what_is_said_of_such_a_name_can_be_read(segcli: Run, folder: Path) -> None:
    done = segcli("--errors", "json", "show", "account-search", "-f", "csv", "-o", DB)
    assert done.status == 2
    assert json.loads(done.err)["message"].startswith(f"--output: {DB} is the database in use")
