"""Letters and what is stored of them: no letter of what is not stored, and none that is stored and not there."""

import os
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import dying
import pytest
from conftest import Run
from connections import connecting
from stages import DB, SIGNALS, Stage
from trials import TRIALS

from segcli.storage.writing_connection import WritingConnection

PRINTING = ("print invoices", "print reminders", "print statements", "print subscriptions")


@pytest.fixture(params=PRINTING)
def printing(request: pytest.FixtureRequest, segcli: Run, administration: Path) -> Stage:
    """Return each action that prints, in a stage."""
    return Stage(segcli, administration, TRIALS[request.param])


def nothing_was_printed(stage: Stage) -> None:
    """See to it that nothing is stored, and that no letter is anywhere, hidden or not; then the action works as ever."""
    assert stage.seen()[:2] == stage.before[:2]
    assert [
        path
        for path in stage.folder.rglob("*")
        if path.suffix in {".pdf", ".eml", ".xml"} or path.name == "reminders.csv"
    ] == []
    assert dying.hidden(stage.folder) == stage.before[2]
    assert stage.segcli(*stage.trial.words).status == 0
    assert stage.seen() == stage.after


def warns_of_a_letter() -> None:
    """Name us with a letter that no font has: printing warns of it."""
    path = Path("config.yaml")
    path.write_text(path.read_text(encoding="utf-8").replace("Ours BV", "Ours 漢 BV"), encoding="utf-8")


class Failing(WritingConnection):
    """A connection whose disk fails at the commit: it rolls back and says so, as SQLite does where fdatasync fails."""

    code, said = sqlite3.SQLITE_IOERR_FSYNC, "disk I/O error"

    def execute(self, *given: object) -> sqlite3.Cursor:
        """Run a statement; the commit fails."""
        if given[0] == "COMMIT":
            super().execute("ROLLBACK")
            error = sqlite3.OperationalError(self.said)
            error.sqlite_errorname = "SQLITE_IOERR_FSYNC"  # type: ignore[misc]
            raise error
        return super().execute(*given)  # type: ignore[arg-type]


def test_a_commit_that_fails_leaves_no_letter(printing: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    printing.begin()
    with monkeypatch.context() as patched:
        patched.setattr(sqlite3, "connect", connecting(Failing))
        done = printing.segcli(*printing.trial.words)
    assert (done.status, "the disk does not take it" in done.err) == (1, True), done.err
    nothing_was_printed(printing)


@pytest.mark.repeats
def test_a_sync_that_fails_at_any_point_leaves_no_letter(printing: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    own = os.fsync
    for at in range(1, 20):
        calls: list[int] = []

        def sync(number: int, calls: list[int] = calls, at: int = at) -> None:
            calls.append(number)
            if len(calls) == at:
                raise OSError(5, "Input/output error")
            own(number)

        printing.begin()
        with monkeypatch.context() as patched:
            patched.setattr(os, "fsync", sync)
            done = printing.segcli(*printing.trial.words)
        if len(calls) < at:
            break
        if done.status:
            nothing_was_printed(printing)
        else:  # the folder's own sync may fail: what is renamed is renamed
            assert printing.seen() == printing.after
    assert at > 2


@pytest.mark.repeats
def test_a_signal_at_any_of_the_last_steps_leaves_no_letter_of_what_is_not_stored(printing: Stage) -> None:
    ended = printing.strike(dying.NEVER, signal.SIGTERM)
    stored = False
    for step in range(max(1, ended.steps - 25), ended.steps + 1):
        assert printing.strike(step, signal.SIGTERM).status == SIGNALS[signal.SIGTERM]
        if dying.held(DB) == printing.after[0]:
            stored = True
            assert printing.seen() == printing.after
        else:
            nothing_was_printed(printing)
    assert stored  # the commit is among the steps


@pytest.mark.repeats
@pytest.mark.parametrize("redirect", ["2>/dev/full", "2>&-", "2> >(exec true)"])
def test_where_stderr_is_full_or_closed_what_is_stored_is_printed(printing: Stage, redirect: str) -> None:
    printing.begin()
    warns_of_a_letter()
    command = [sys.executable, "-m", "segcli", *printing.trial.words]
    done = subprocess.run(
        ["bash", "-c", f'"$@" {redirect}', "x", *command], capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0, done
    assert dying.held(DB) == printing.after[0]
    assert dying.hidden(printing.folder) == printing.after[2]
    assert set(dying.shown(printing.folder, DB)) == set(printing.after[1])


def test_nothing_is_said_between_the_last_letter_and_the_commit(
    printing: Stage, monkeypatch: pytest.MonkeyPatch
) -> None:
    from segcli.interface.command import Session

    happened: list[str] = []

    class Told(WritingConnection):
        def execute(self, *given: object) -> sqlite3.Cursor:
            happened.extend(["commit"] if given[0] == "COMMIT" else [])
            return super().execute(*given)  # type: ignore[arg-type]

    printing.begin()
    warns_of_a_letter()
    with monkeypatch.context() as patched:
        patched.setattr(sqlite3, "connect", connecting(Told))
        for name in ("warn", "insist"):
            patched.setattr(Session, name, lambda _, text, *__, **___: happened.append(text))
        assert printing.segcli(*printing.trial.words).status == 0
    assert happened[0] == "commit"
    assert "U+6F22" in "".join(happened[1:])
