"""`segcli send`, killed at every step that the mail server sees: no message is sent twice, and what is unknown is told."""

import os
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
import smtp_server
from conftest import Run, connected, is_sound
from smtp_server import HANG_UP, Server, settings, write

SEGCLI = [sys.executable, "-m", "segcli"]
NAMES = ("a", "b", "c")
# EHLO, then MAIL, RCPT, DATA and the message itself for each of three, then QUIT.
STEPS = 1 + 4 * len(NAMES) + 1

pytestmark = pytest.mark.repeats


class Deadly(Server):
    """Kills its client at a step, before it answers."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder)
        self.left = 0
        self.client: subprocess.Popen[str] | None = None
        self.on_data = lambda _: self.step("250 ok")

    def answer(self, command: str, usual: str) -> str:
        """Answer a command, which is a step."""
        return super().answer(command, usual) if command == "CONNECT" else self.step(usual)

    def step(self, usual: str) -> str:
        """Return the usual answer, or kill the client where this is the step."""
        self.left -= 1
        if self.left or self.client is None:
            return usual
        self.client.kill()
        self.client.wait()
        return HANG_UP


def started(folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [*SEGCLI, "send", str(folder), "--yes"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_killed_at_any_step_nothing_is_sent_twice(
    segcli: Run, empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: int
) -> None:
    drafts = write(tmp_path / "drafts", *NAMES)
    does = Deadly(tmp_path)
    with smtp_server.serving(does) as port:
        monkeypatch.setenv("SEGCLI_CONFIG", str(settings(tmp_path, port)))
        does.left = step
        does.client = started(drafts)
        does.client.communicate(timeout=60)
        assert does.client.returncode == -signal.SIGKILL
        does.client = None
        again = segcli("send", drafts, "--yes")
        taken = Counter(one for taken in does.taken for one in taken.recipients)
        with connected(empty) as db:
            states = dict(db.execute("SELECT recipient, status FROM sent_message").fetchall())
        assert max(taken.values()) == 1
        unknown = {one for one, status in states.items() if status == "unknown"}
        assert set(states) == {f"{name}@example.com" for name in NAMES}
        assert set(states) - unknown <= set(taken)
        # Only a message that was being handed over, by DATA or the message itself, is unknown: it was killed within these two.
        kind = (step - 2) % 4 if 1 < step < STEPS else 0
        assert len(unknown) == (kind in {2, 3})
        assert again.status == (5 if unknown else 0)
        assert "outcome unknown: the command ended before the answer came" in again.err or not unknown
        assert segcli("send", drafts, "--yes", "--again").status == 0
        assert {one for taken in does.taken for one in taken.recipients} == set(states)
    assert is_sound(empty)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_waits_for_the_answer_of_the_message_in_hand(
    segcli: Run, empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    drafts = write(tmp_path / "drafts", *NAMES)
    does = Server(tmp_path)

    def interrupting(_: bytes) -> str:
        os.kill(client.pid, number)
        time.sleep(0.3)
        return "250 ok"

    does.on_data = interrupting
    with smtp_server.serving(does) as port:
        monkeypatch.setenv("SEGCLI_CONFIG", str(settings(tmp_path, port)))
        client = started(drafts)
        client.communicate(timeout=60)
        assert client.returncode in {130, -number, 128 + number}
        with connected(empty) as db:
            assert db.execute("SELECT recipient, status FROM sent_message").fetchall() == [("a@example.com", "sent")]
        does.on_data = lambda _: "250 ok"
        assert segcli("send", drafts, "--yes") == (0, "", "")
    assert Counter(one for taken in does.taken for one in taken.recipients) == {
        f"{name}@example.com": 1 for name in NAMES
    }


def test_the_answer_waits_for_another_writer(
    segcli: Run, empty: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import that begins while the message is away must not make it unknown."""
    drafts = write(tmp_path / "drafts", "a")
    does = Server(tmp_path)
    code = f"""
import sqlite3, sys, time
from pathlib import Path
from segcli.storage import locking
with locking.lock(Path({str(empty)!r}), "other", 5):
    print("held", flush=True)
    time.sleep(1.5)
"""
    others: list[subprocess.Popen[str]] = []

    def holding(_: bytes) -> str:
        others.append(subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True))
        assert others[0].stdout
        assert others[0].stdout.readline() == "held\n"
        return "250 ok"

    does.on_data = holding
    monkeypatch.setenv("SEGCLI_WAIT", "0.2")
    with smtp_server.serving(does) as port:
        monkeypatch.setenv("SEGCLI_CONFIG", str(settings(tmp_path, port)))
        assert segcli("send", drafts, "--yes") == (0, "", "")
    assert others[0].wait() == 0
    others[0].communicate()
    with connected(empty) as db:
        assert db.execute("SELECT status FROM sent_message").fetchall() == [("sent",)]
