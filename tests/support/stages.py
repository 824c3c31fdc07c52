"""A folder to try a command in, killed or not, again and again from the same beginning."""

import os
import random
import shutil
import signal
from collections.abc import Callable
from pathlib import Path

import dying
import pytest
import trials
from conftest import STORY_ENDS, Run, connected
from trials import Trial

from segcli.cli import main

POINTS = int(os.environ.get("PROMISE_POINTS", "2"))
LAST = 3  # steps that are always tried: the commit and what comes after it
SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
DB = Path("test.db")


@pytest.fixture(scope="module")
def administration(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with the administration of the trials and its files."""
    folder = tmp_path_factory.mktemp("administration")
    with pytest.MonkeyPatch.context() as patched:
        patched.chdir(folder)
        patched.setenv("SEGCLI_DATABASE", DB.name)
        patched.setenv("SEGCLI_TODAY", STORY_ENDS)
        trials.write_files(folder)
        for words in trials.SETTING_UP:
            assert main.run(words) == 0, words
    return folder


class Stage:
    """A folder to try a command in, again and again from the same beginning; and what should come of it."""

    def __init__(self, segcli: Run, administration: Path, trial: Trial) -> None:
        self.segcli, self.trial = segcli, trial
        self.root = Path.cwd()
        self.folder, self.beginning = self.root / "stage", self.root / "beginning"
        shutil.copytree(administration, self.folder)
        os.chdir(self.folder)
        os.environ["SEGCLI_DATABASE"] = DB.name  # put back after the test, as it was
        for words in trial.before:
            assert segcli(*words).status == 0
        shutil.copytree(self.folder, self.beginning)
        self.before = self.seen()
        done = segcli(*trial.words)
        assert done.status == trial.status, done.err
        self.after = self.seen()
        assert self.after != self.before

    def seen(self) -> tuple[str, dict[str, bytes], list[str]]:
        """Return all that the database holds, the files, and what is hidden."""
        return dying.held(DB), dying.shown(self.folder, DB), dying.hidden(self.folder)

    def begin(self) -> None:
        """Put everything back as it was before the command."""
        os.chdir(self.root)
        shutil.rmtree(self.folder)
        shutil.copytree(self.beginning, self.folder)
        os.chdir(self.folder)

    def strike(self, step: int, number: int = signal.SIGKILL, first: Callable[[], None] | None = None) -> dying.Ended:
        """Begin anew, and let the command be struck before a step."""
        self.begin()
        return dying.run(self.trial.words, step, number, first)

    def steps(self, number: int = signal.SIGKILL) -> list[int]:
        """Return the steps to strike at: some of all, with a fixed seed, and always the last ones."""
        ended = self.strike(dying.NEVER, number)
        assert ended.status == self.trial.status
        some = random.Random(7).sample(range(1, ended.steps + 1), min(POINTS, ended.steps))
        return sorted({*some, *range(max(1, ended.steps + 1 - LAST), ended.steps + 1)})

    def is_whole(self) -> None:
        """See to it that the database is sound and, with the files, as before the command or as after it."""
        assert self.segcli("check").status == 0  # the first to open it, with what the dead one left in its log
        with connected(DB) as db:
            assert db.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        held, files, _ = self.seen()
        assert held in {self.before[0], self.after[0]}
        assert set(self.before[1]) <= set(files)
        for name, content in files.items():
            assert content in (self.before[1].get(name), self.after[1].get(name)), name

    def completes(self) -> None:
        """See to it that the next run brings everything to where an uninterrupted one does, and tidies up."""
        done = self.segcli(*self.trial.words)
        assert done.status in {self.trial.status, self.trial.again}, done.err
        assert self.seen() == self.after


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return the folder of temporary files, the test's own."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


def without_privilege() -> None:
    """Let even root be bound by the rights of files: its exemption from them (CAP_DAC_OVERRIDE) is laid down."""
    import ctypes

    if os.geteuid():
        return
    system, header, sets = ctypes.CDLL(None), (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    assert system.capget(header, sets) == 0
    for place in (0, 1):  # effective, permitted; bits 1 and 2
        sets[place] &= ~0b110
    assert system.capset(header, sets) == 0
