"""A lake that is killed, interrupted or without room is the old one or the new one, and the next sync completes it."""

import os
import random
import resource
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import dying
import pytest
from conftest import Run, connected
from processes import SEGCLI, environment
from stages import without_privilege

from segcli.lake import manifest, sync

POINTS = int(os.environ.get("PROMISE_POINTS", "4"))
LAST = 6  # steps around the manifest and after it
FOLDER = Path("lake")
WORDS = ("lake", "sync", str(FOLDER))


def whole() -> int:
    """Check every file of the lake, and return the run that it is of."""
    (one,) = manifest.read(FOLDER).administrations
    for part in one.tables.values():
        part.verify()
    return one.run


def left_over() -> set[Path]:
    """Return the files in the folder that the manifest does not name."""
    named = {part.path.resolve() for one in manifest.read(FOLDER).administrations for part in one.tables.values()}
    own = {(FOLDER / manifest.NAME).resolve(), (FOLDER / f"{manifest.NAME}.lock").resolve()}
    return {path.resolve() for path in FOLDER.rglob("*") if path.is_file()} - named - own


@pytest.fixture
def changed(segcli: Run, example: Path, tmp_path: Path) -> Path:
    """Return a lake that is behind its database by one run: run 23 in the lake, 24 in the database."""
    assert example.exists()
    assert segcli(*WORDS).status == 0
    assert segcli("tag", "000017", "--set", "class1=none", "--yes").status == 0
    shutil.copytree(FOLDER, tmp_path / "kept")
    return tmp_path / "kept"


def again(kept: Path) -> None:
    shutil.rmtree(FOLDER)
    shutil.copytree(kept, FOLDER)


@pytest.mark.repeats
@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGKILL, -signal.SIGKILL), (signal.SIGTERM, 143), (signal.SIGINT, 130)]
)
def test_struck_at_any_step_the_lake_is_the_old_or_the_new(
    segcli: Run, changed: Path, number: int, status: int
) -> None:
    last = dying.run(WORDS).steps
    assert last > 20
    seen = set()
    for step in sorted({*random.Random(5).sample(range(1, last), POINTS), *range(last - LAST, last)}):
        again(changed)
        ended = dying.run(WORDS, step, number)
        assert ended.status in {status, 0}, f"at step {step}"  # a signal after the manifest is in place is too late
        seen.add(whole())
        assert segcli(*WORDS).status == 0
        assert (whole(), left_over(), dying.hidden(FOLDER)) == (24, set(), [])
    assert seen == {23, 24}


@pytest.mark.repeats
def test_a_first_sync_that_is_killed_leaves_a_folder_that_takes_the_next(segcli: Run, example: Path) -> None:
    assert example.exists()
    last = dying.run(WORDS).steps
    for step in sorted({*random.Random(6).sample(range(1, last), POINTS), *range(1, 12, 3), last - 2}):
        shutil.rmtree(FOLDER, ignore_errors=True)
        assert dying.run(WORDS, step).status == -signal.SIGKILL
        assert segcli(*WORDS).status == 0, f"at step {step}"
        assert (whole(), left_over(), dying.hidden(FOLDER)) == (23, set(), [])


@pytest.mark.repeats
def test_killed_at_any_time_it_stands(segcli: Run, changed: Path, example: Path) -> None:
    chance = random.Random(8)
    for _ in range(POINTS):
        again(changed)
        process = subprocess.Popen([*SEGCLI, *WORDS], env=environment(example), stderr=subprocess.PIPE)
        time.sleep(chance.uniform(0.1, 0.6))
        process.kill()
        process.communicate()
        assert whole() in {23, 24}
    assert segcli(*WORDS).status == 0
    assert (whole(), left_over()) == (24, set())


@pytest.mark.parametrize("size", [33_000, 40_000])
def test_without_room_the_old_lake_stands(
    segcli: Run, changed: Path, capfd: pytest.CaptureFixture[str], size: int
) -> None:
    assert changed.exists()
    capfd.readouterr()
    ended = dying.run(WORDS, first=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)))
    said = capfd.readouterr().err
    assert ended.status == 1, said
    assert "ulimit -f" in said
    assert "Traceback" not in said
    assert (whole(), left_over(), dying.hidden(FOLDER)) == (23, set(), [])
    assert segcli(*WORDS).status == 0
    assert whole() == 24


def test_on_a_full_disk_the_old_lake_stands(segcli: Run, changed: Path, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    made = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1200k", "none", disk], capture_output=True, check=False)
    if made.returncode:
        pytest.skip("no disk can be mounted here")
    try:
        shutil.copytree(changed, disk / "lake")
        (disk / "ballast").write_bytes(b"x" * (shutil.disk_usage(disk).free - 20_000))
        before = (disk / "lake" / manifest.NAME).read_bytes()
        done = segcli("lake", "sync", disk / "lake")
        assert (done.status, "the disk is full" in done.err) == (1, True), done.err
        assert (disk / "lake" / manifest.NAME).read_bytes() == before
        (disk / "ballast").unlink()
        assert segcli("lake", "sync", disk / "lake").status == 0
        assert segcli("lake", "status", disk / "lake", "--verify", "--exit-code").status == 0
    finally:
        subprocess.run(["umount", "-l", disk], check=True)


def test_one_at_a_time(segcli: Run, changed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert changed.exists()
    monkeypatch.setenv("SEGCLI_WAIT", "0.2")
    code = f"from segcli.lake import folders; from pathlib import Path; import time\nwith folders.held(Path('{FOLDER}'), 'lake sync', 1): print(1, flush=True); time.sleep(60)"
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE) as other:
        assert other.stdout
        other.stdout.readline()
        for words in (WORDS, ("lake", "drop", FOLDER, "--yes")):
            done = segcli(*words)
            assert (done.status, "lake sync, since" in done.err) == (75, True), done.err
        assert segcli("lake", "status", FOLDER).status == 0  # a reader waits for nobody
        other.kill()
    assert segcli(*WORDS).status == 0


def test_a_sync_is_of_one_moment(segcli: Run, changed: Path, example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is committed while the tables are read is not in the lake, and the next sync brings it."""
    assert changed.exists()
    own = sync.tables.sources

    def committing() -> object:
        process = [*SEGCLI, "tag", "000018", "--set", "class1=none", "--yes"]
        subprocess.run(process, env=environment(example), check=True)
        return own()

    with monkeypatch.context() as patch:
        patch.setattr(sync.tables, "sources", committing)
        assert segcli(*WORDS).status == 0
    assert whole() == 24
    assert segcli("lake", "status", FOLDER, "--exit-code").status == 4
    assert segcli(*WORDS).status == 0
    with connected(example) as db:
        assert whole() == db.execute("SELECT max(id) FROM run").fetchone()[0] == 25


def test_a_database_that_may_only_be_read_is_synced(segcli: Run, example: Path, tmp_path: Path) -> None:
    place = tmp_path / "theirs"
    place.mkdir()
    shutil.copy(example, place / "test.db")
    assert segcli("--database", place / "test.db", "tag", "000017", "--set", "class1=none", "--yes").status == 0
    (place / "test.db").chmod(0o400)
    place.chmod(0o500)
    try:
        words = ("--database", str(place / "test.db"), *WORDS)
        assert dying.run(words, first=without_privilege).status == 0
    finally:
        place.chmod(0o700)
    assert whole() == 24
    assert sorted(path.name for path in place.iterdir()) == ["test.db", "test.db.lock"]


def test_without_rights_to_its_folder_nothing_is_written(
    segcli: Run, example: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert example.exists()
    FOLDER.mkdir(mode=0o700)
    assert segcli(*WORDS).status == 0
    assert segcli("tag", "000017", "--set", "class1=none", "--yes").status == 0
    FOLDER.chmod(0o500)
    try:
        for words in (WORDS, ("lake", "drop", str(FOLDER), "--yes")):
            capfd.readouterr()
            ended = dying.run(words, first=without_privilege)
            said = capfd.readouterr().err
            assert (ended.status, "you may not" in said, "Traceback" in said) == (1, True, False), said
    finally:
        FOLDER.chmod(0o700)
    assert whole() == 23
