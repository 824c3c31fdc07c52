"""All or nothing: killed, interrupted, without room or rights, a command has happened or has not; PROMISE_POINTS: kills each (2).

Where the kills fall is drawn with a fixed seed from all steps of the command (dying.py says what a step is), and the last
ones, around the commit and after it, are always among them.
"""

import os
import random
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import dying
import pytest
import trials
from conftest import Run, connected
from stages import DB, LAST, POINTS, SIGNALS, Stage, without_privilege
from trials import TRIALS

from segcli.storage import sql_functions

NAMES = list(TRIALS)


@pytest.mark.repeats
@pytest.mark.parametrize("name", NAMES)
def test_killed_at_any_step_it_has_happened_or_not(
    segcli: Run, administration: Path, temporary: Path, name: str
) -> None:
    stage = Stage(segcli, administration, TRIALS[name])
    for step in stage.steps():
        assert stage.strike(step).status == -signal.SIGKILL
        for left in [*dying.hidden(stage.folder), *dying.hidden(temporary)]:
            assert not (temporary / left if (temporary / left).exists() else Path(left)).stat().st_mode & 0o077
        stage.is_whole()
        stage.completes()
        assert list(temporary.iterdir()) == []


@pytest.mark.repeats
@pytest.mark.parametrize(
    ("name", "number"),
    [
        *(
            (name, signal.SIGTERM)
            for name in ("tag from a file", "generate", "print invoices", "report", "show into a file", "backup")
        ),
        *(("import accounts", number) for number in SIGNALS),
    ],
)
def test_interrupted_it_has_happened_or_not(  # noqa: PLR0913 - fixtures
    segcli: Run, administration: Path, temporary: Path, capfd: pytest.CaptureFixture[str], name: str, number: int
) -> None:
    stage = Stage(segcli, administration, TRIALS[name])
    for step in stage.steps(number):
        capfd.readouterr()
        assert stage.strike(step, number).status == SIGNALS[signal.Signals(number)]
        assert "Traceback" not in capfd.readouterr().err
        assert dying.hidden(temporary) == []
        assert set(dying.hidden(stage.folder)) <= set(stage.after[2])  # whoever can tidy up does
        stage.is_whole()
        stage.completes()


def limit_to(size: int) -> Callable[[], None]:
    """Return what lets no file of this process grow beyond a size, as a full disk would."""
    return lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


@pytest.mark.repeats
@pytest.mark.parametrize(
    "name", ["import accounts", "undo", "generate", "print invoices", "report", "show a page", "backup", "anonymise"]
)
def test_without_room_nothing_is_changed(
    segcli: Run, administration: Path, temporary: Path, capfd: pytest.CaptureFixture[str], name: str
) -> None:
    stage = Stage(segcli, administration, TRIALS[name])
    statuses = set()
    for size in (1_000, 16_000, 33_000, 50_000, 100_000, 10_000_000)[:: 1 if POINTS > 2 else 2]:
        capfd.readouterr()
        ended = stage.strike(dying.NEVER, first=limit_to(size))
        said = capfd.readouterr().err
        assert ended.status in {1, stage.trial.status}
        assert "Traceback" not in said
        if ended.status:
            assert stage.seen() == stage.before
            assert any(
                words in said for words in ("the disk does not take it", "files may not be that large", "ulimit -f")
            ), said
        else:
            assert stage.seen() == stage.after
        assert dying.hidden(temporary) == []
        stage.completes()
        statuses.add(ended.status)
    assert 1 in statuses


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """Give a disk of 1.8 MB, or skip the test where none can be made."""
    folder = tmp_path / "small"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1800k", "none", str(folder)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        yield folder
    finally:
        os.chdir(tmp_path)
        subprocess.run(["umount", "-l", str(folder)], check=True)


def test_on_a_full_disk_nothing_is_changed_and_with_room_again_it_is_done(
    segcli: Run, administration: Path, small_disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(administration, small_disk, dirs_exist_ok=True)
    os.chdir(small_disk)
    monkeypatch.setenv("SEGCLI_DATABASE", DB.name)
    (small_disk / "big.csv").write_text("account,name\n" + "".join(f"X{n},Name {n}\n" for n in range(4000)))
    ballast = small_disk / "ballast"
    ballast.write_bytes(b"x" * (shutil.disk_usage(small_disk).free - 200_000))
    before = dying.held(DB), dying.shown(small_disk, DB)
    for words in (("import", "big.csv"), ("backup", "copy.db")):
        done = segcli(*words)
        assert (done.status, "the disk is full" in done.err) == (1, True), done.err
        assert (dying.held(DB), dying.shown(small_disk, DB), dying.hidden(small_disk)) == (*before, [])
    ballast.unlink()
    assert segcli("import", "big.csv").status == 0
    with connected(DB) as db:
        assert db.execute("SELECT count(*) FROM account WHERE code GLOB 'X*'").fetchone() == (4000,)
    assert segcli("check").status == 0


@pytest.mark.repeats
@pytest.mark.parametrize(("file", "folder"), [(0o400, 0o700), (0o600, 0o500), (0o400, 0o500)])
def test_without_rights_nothing_is_changed_and_that_is_said(
    segcli: Run, administration: Path, capfd: pytest.CaptureFixture[str], file: int, folder: int
) -> None:
    stage = Stage(segcli, administration, TRIALS["tag from a file"])
    for words in (
        ("show", "account-search"),
        stage.trial.words,
        ("import", "later.csv"),
        TRIALS["generate"].words,
        ("backup", "copy.db"),
    ):
        stage.begin()
        DB.chmod(file)
        stage.folder.chmod(folder)
        capfd.readouterr()
        ended = dying.run(words, first=without_privilege)
        out, err = capfd.readouterr()
        stage.folder.chmod(0o700)
        DB.chmod(0o600)
        reads = words[0] in {"show", "backup"}
        makes_a_file = words[0] == "backup" and folder != 0o700
        assert ended.status == (0 if reads and not makes_a_file else 1), err
        assert "Traceback" not in err
        if ended.status:
            assert out == ""
            named, why = ("copy.db", "you may not") if makes_a_file else (DB, "no rights to the file or to its folder")
            assert f"{named} cannot be written: {why}" in err.replace(f"{stage.folder}/", "")
        assert stage.seen()[0] == stage.before[0]


@pytest.mark.repeats
@pytest.mark.parametrize("version", [int(path.stem) for path in sorted(trials.SCHEMAS.glob("*.sql"))])
def test_an_upgrade_that_is_killed_has_happened_or_not(
    segcli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, version: int
) -> None:
    first, folder = tmp_path / "first", tmp_path / "upgraded"
    first.mkdir()
    trials.older(first / DB, version)
    monkeypatch.setenv("SEGCLI_DATABASE", str(folder / DB))
    before = dying.held(first / DB)

    def strike(step: int) -> dying.Ended:
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(first, folder)
        return dying.run(("check",), step)

    last = strike(dying.NEVER).steps
    after = dying.held(folder / DB, is_upgraded=True)
    for step in random.Random(version).sample(range(1, last), POINTS):
        assert strike(step).status == -signal.SIGKILL
        assert dying.held(folder / DB) == before or dying.held(folder / DB, is_upgraded=True) == after
        backup = folder / f"{DB}.schema{version}.backup"
        assert not backup.exists() or dying.held(backup) == before
        assert segcli("check").status == 0
        assert dying.held(folder / DB, is_upgraded=True) == after
        assert dying.held(backup) == before
        assert dying.hidden(folder) == []


def test_an_init_that_is_killed_has_made_a_database_or_none(
    segcli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "fresh"
    monkeypatch.setenv("SEGCLI_DATABASE", str(folder / DB))
    last = dying.run(("init",)).steps
    for step in sorted(
        {*random.Random(3).sample(range(1, last), min(POINTS, last - 1)), *range(last - LAST, last + 1)}
    ):
        shutil.rmtree(folder, ignore_errors=True)
        assert dying.run(("init",), step).status == -signal.SIGKILL
        was_made = (folder / DB).exists()
        assert segcli("init").status == was_made  # an existing one is refused, and left alone
        assert segcli("check").status == 0
        assert dying.hidden(folder) == []


def test_killed_at_any_time_two_generators_skip_nothing_and_make_nothing_twice(
    segcli: Run, administration: Path
) -> None:
    stage = Stage(segcli, administration, TRIALS["generate"])
    chance = random.Random(11)
    stage.begin()
    for _ in range(POINTS):
        two = [
            subprocess.Popen([sys.executable, "-m", "segcli", *stage.trial.words], stderr=subprocess.PIPE)
            for _ in range(2)
        ]
        time.sleep(chance.uniform(0.05, 0.6))
        for process in two:
            process.kill()
            process.communicate()
        stage.is_whole()
    stage.completes()


def test_a_signal_inside_a_function_of_ours_that_sqlite_calls_is_no_bug(
    segcli: Run, administration: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    stage = Stage(segcli, administration, TRIALS["list sync"])
    stage.begin()

    own = sql_functions.register

    def register(db: sqlite3.Connection) -> None:
        own(db)
        db.create_function("mail_hash", 1, lambda _: os.kill(os.getpid(), signal.SIGTERM))

    monkeypatch.setattr(sql_functions, "register", register)
    done = segcli("contact", "anonymise", "A:1", "--yes")
    assert (done.status, done.err) == (143, "")
    assert dying.held(DB) == stage.before[0]
