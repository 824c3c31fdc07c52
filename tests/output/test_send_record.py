"""The record of sent e-mail: what it shows, what undo says of it, and that who is anonymised is not left in it."""

import contextlib
import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Run, connected

DRAFT = "From: me@example.com\nTo: {to}\nCc: {cc}\nSubject: S\n\nText\n"


@pytest.fixture
def sent(segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """Send a message to a contact and to somebody else; return the contact's address."""
    with connected(example) as db:
        address: str = db.execute(
            "SELECT c.email FROM contact AS c JOIN account AS a ON a.id = c.account_id WHERE a.code = '000001' AND c.code = '1'"
        ).fetchone()[0]
    Path("letter.eml").write_text(DRAFT.format(to=address, cc="other@example.com"))
    monkeypatch.setenv("SEGCLI_SENDMAIL", "true")
    assert segcli("send", "letter.eml", "--yes").status == 0
    return address


def test_a_script_gets_what_was_done(segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SEGCLI_SENDMAIL", "true")
    Path("letter.eml").write_text(DRAFT.format(to="a@example.com", cc="b@example.com"))
    done = segcli(
        "send",
        "letter.eml",
        "--yes",
        "--reason",
        "Spring",
        "--result",
        "json",
        "--run-file",
        "run.txt",
        "-o",
        "t.csv",
        "--exit-code",
    )
    assert (done.status, done.err) == (4, "")
    with connected(example) as db:
        number, reason = db.execute("SELECT id, reason FROM run ORDER BY id DESC LIMIT 1").fetchone()
    found = json.loads(done.out)
    assert found["counts"] == {"changed": 1, "unchanged": 0, "rejected": 0}
    assert (found["run"], found["undo"], found["files"], reason) == (number, None, ["t.csv"], "Spring")
    assert Path("run.txt").read_text() == f"{number}\n"
    lines = Path("t.csv").read_text(encoding="utf-8-sig").splitlines()
    assert [line.split(",")[1:4] for line in lines[1:]] == [
        ["a@example.com", "S", "sent"],
        ["b@example.com", "S", "sent"],
    ]
    again = segcli("send", "letter.eml", "--yes", "--result", "json", "--run-file", "run.txt", "--exit-code")
    assert (again.status, json.loads(again.out)["run"], Path("run.txt").read_text()) == (0, None, "")


def test_undo_says_that_it_cannot(segcli: Run, sent: str) -> None:
    assert sent
    number = segcli("log", "--limit", "1", "-f", "json").rows[0]["run"]
    failed = segcli("undo", number, "--yes")
    assert failed.status == 1
    assert "sent messages cannot be taken back" in failed.err


def test_a_person_is_shown_what_was_sent_and_is_then_gone(segcli: Run, example: Path, sent: str) -> None:
    shown = segcli("contact", "show", sent, "-f", "json").rows
    assert [row["value"] for row in shown if row["part"] == "e-mail"] == ["2026-06-30T12:00:00Z", "sent"]
    assert segcli("contact", "anonymise", "000001:1", "--yes").status == 0
    with connected(example) as db:
        assert db.execute("SELECT recipient FROM sent_message ORDER BY position").fetchall() == [
            ("anonymised",),
            ("other@example.com",),
        ]
    assert sent.encode() not in example.read_bytes()
    assert (
        segcli("send", "letter.eml", "--dry-run", "-f", "json").rows[0]["status"] == "sent"
    )  # and is not written to again


def test_a_draft_is_not_overwritten(segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not one in a named folder either, before anything is sent."""
    assert example.exists()
    monkeypatch.setenv("SEGCLI_SENDMAIL", "tee sent")
    Path("drafts").mkdir()
    draft = Path("drafts/letter.eml")
    draft.write_text(DRAFT.format(to="a@example.com", cc="b@example.com"))
    for words in (("--run-file", draft), ("-f", "csv", "-o", draft)):
        done = segcli("send", "drafts", "--yes", *words)
        assert (done.status, "it is not written" in done.err) == (2, True)
    assert draft.read_text().startswith("From: me@")
    assert not Path("sent").exists()


def test_sendmail_does_not_write_twice_to_those_who_have_it(
    segcli: Run, sent: str, example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It takes the recipients from the message: to one of them alone it cannot send."""
    assert sent
    with connected(example) as db:
        db.execute("UPDATE sent_message SET status = 'refused' WHERE position = 1")
        db.commit()
    monkeypatch.setenv("SEGCLI_SENDMAIL", "tee sent")
    failed = segcli("send", "letter.eml", "--yes")
    assert failed.status == 5
    assert "send it again to recipients who have it already" in failed.err
    assert not Path("sent").exists()


@pytest.mark.parametrize(
    ("typed", "status", "says"), [(b"y\n", 0, "1 message sent, run 24"), (b"n\n", 2, "nothing was changed")]
)
def test_on_a_terminal_it_asks(
    example: Path, monkeypatch: pytest.MonkeyPatch, typed: bytes, status: int, says: str
) -> None:
    assert example.exists()
    monkeypatch.setenv("SEGCLI_SENDMAIL", "tee sent")
    Path("letter.eml").write_text(DRAFT.format(to="a@example.com", cc="b@example.com"))
    master, terminal = pty.openpty()
    words = [sys.executable, "-m", "segcli", "send", "letter.eml"]
    process = subprocess.Popen(words, stdin=terminal, stdout=subprocess.DEVNULL, stderr=terminal)
    os.close(terminal)
    os.write(master, typed)
    said = b""
    with contextlib.suppress(OSError):  # nobody is at the other end any more
        while part := os.read(master, 65536):
            said += part
    os.close(master)
    assert process.wait(60) == status
    text = said.decode()
    assert "1 message to send, 0 already sent; through " in text
    assert "Send them? [y/N] " in text
    assert says in text
    assert Path("sent").exists() == (status == 0)
