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
from conftest import STORY_ENDS, Run, connected
from trials import TRIALS, Trial

from segcli.cli import main
from segcli.storage import sql_functions

POINTS = int(os.environ.get("PROMISE_POINTS", "2"))
LAST = 3  # steps that are always tried: the commit and what comes after it
SIGNALS = {signal.SIGINT: 130, signal.SIGTERM: 143, signal.SIGHUP: 129}
DB = Path("test.db")
NAMES = list(TRIALS)


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
    """Give a disk of 1.5 MB, or skip the test where none can be made."""
    folder = tmp_path / "small"
    folder.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1500k", "none", str(folder)], capture_output=True, check=False
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


def test_a_backup_put_back_as_its_help_says_is_what_it_was(segcli: Run, administration: Path) -> None:
    stage = Stage(segcli, administration, TRIALS["tag from a file"])
    last = stage.strike(dying.NEVER).steps
    stage.begin()
    assert segcli("backup", "copy.db").status == 0
    dying.run(stage.trial.words, last)  # killed after its commit, which stands in its log alone
    log = Path(f"{DB}-wal")
    assert log.stat().st_size
    for path in (DB, log, Path(f"{DB}-shm")):
        path.rename(f"old-{path.name}")
    shutil.copy("copy.db", DB)
    assert segcli("check").status == 0
    assert dying.held(DB) == stage.before[0]


def test_a_backup_taken_while_an_import_runs_holds_the_moment_before_it(segcli: Run, administration: Path) -> None:
    stage = Stage(segcli, administration, TRIALS["backup"])
    stage.begin()
    with connected(DB) as writer:
        writer.execute("BEGIN IMMEDIATE")
        writer.execute("UPDATE account SET name = 'half'")
        assert segcli("backup", "copy.db").status == 0
        writer.rollback()
    assert dying.held(Path("copy.db")) == stage.before[0]
    assert Path("copy.db").stat().st_mode & 0o077 == 0


def test_a_folder_that_takes_no_backup_is_named(
    segcli: Run, administration: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    stage = Stage(segcli, administration, TRIALS["backup"])
    stage.begin()
    Path("elsewhere").mkdir(mode=0o500)
    capfd.readouterr()
    assert dying.run(("backup", "elsewhere/copy.db"), first=without_privilege).status == 1
    assert capfd.readouterr().err == (
        "segcli: elsewhere/copy.db cannot be written: you may not write in its folder\n  no backup was made\n"
    )


def test_a_backup_reaches_a_disk_that_has_no_links(
    segcli: Run, administration: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(1, "Operation not permitted")  # as a disk of FAT says

    stage = Stage(segcli, administration, TRIALS["backup"])
    stage.begin()
    monkeypatch.setattr(os, "link", refuse)
    assert segcli("backup", "copy.db").status == 0
    assert dying.held(Path("copy.db")) == stage.before[0]
    assert segcli("backup", "copy.db").status == 2


def test_no_room_for_the_parts_of_a_workbook_is_said(
    segcli: Run, administration: Path, temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from xlsxwriter import workbook

    def refuse(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    stage = Stage(segcli, administration, TRIALS["show into a file"])
    stage.begin()
    monkeypatch.setattr(workbook, "ZipFile", refuse)
    done = segcli(*stage.trial.words)
    assert (done.status, done.err) == (
        1,
        f"segcli: {Path.cwd()} cannot take the parts of a workbook: the disk is full\n  make room there\n",
    )
    assert stage.seen() == stage.before
    assert list(temporary.iterdir()) == []


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


class Failing(sqlite3.Connection):
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
    connect = sqlite3.connect
    printing.begin()
    with monkeypatch.context() as patched:
        patched.setattr(sqlite3, "connect", lambda *given, **named: connect(*given, factory=Failing, **named))
        done = printing.segcli(*printing.trial.words)
    assert (done.status, "the disk does not take it" in done.err) == (1, True), done.err
    nothing_was_printed(printing)


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
    connect = sqlite3.connect

    class Told(sqlite3.Connection):
        def execute(self, *given: object) -> sqlite3.Cursor:
            happened.extend(["commit"] if given[0] == "COMMIT" else [])
            return super().execute(*given)  # type: ignore[arg-type]

    printing.begin()
    warns_of_a_letter()
    with monkeypatch.context() as patched:
        patched.setattr(sqlite3, "connect", lambda *given, **named: connect(*given, factory=Told, **named))
        for name in ("warn", "insist"):
            patched.setattr(Session, name, lambda _, text, *__, **___: happened.append(text))
        assert printing.segcli(*printing.trial.words).status == 0
    assert happened[0] == "commit"
    assert "U+6F22" in "".join(happened[1:])
