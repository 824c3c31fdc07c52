"""What the tests share: a database of their own, the example administration, and segcli run in this process."""

import contextlib
import hashlib
import io
import json
import os
import shutil
import signal
import sqlite3
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from hypothesis import HealthCheck, settings

from segcli.base import file_guard
from segcli.cli import main

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared"
STORY_ENDS = "2026-06-30"
# Which tests are slow, and the fixtures that test files of several folders share.
pytest_plugins = (
    "effort",
    "class_case",
    "price_case",
    "report_case",
    "stages",
    "subscription_case",
    "subscription_files",
)
# What carries an action out off a terminal: on everything, and on what other flags select.
APPLY = ("--apply", "--all", "--yes")
APPLY_SELECTED = ("--apply", "--yes")

# How fast a busy machine is says nothing about the code.
# CI draws the same cases each time, so that a failure belongs to the change; elsewhere each run draws new ones.
settings.register_profile(
    "house", deadline=None, derandomize="CI" in os.environ, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("house")


class Result(NamedTuple):
    """What a run of segcli left behind."""

    status: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Return the JSON that was printed."""
        found: list[dict[str, Any]] = json.loads(self.out)
        return found

    @property
    def table(self) -> list[list[str]]:
        """Return the tab-separated lines that were printed."""
        return [line.split("\t") for line in self.out.splitlines()]


Run = Callable[..., Result]
# In the background, or under nohup, these are ignored, and would be in all that tests start.
signal.signal(signal.SIGHUP, signal.SIG_DFL)
signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def _alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keep each test from the user's own files, clock and terminal, and from the files of the test before (inodes are reused)."""
    file_guard.forget()
    for name in [name for name in os.environ if name.startswith("SEGCLI_")]:
        monkeypatch.delenv(name)
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "config"))
    monkeypatch.setenv("XDG_DATA_HOME", str(home / "data"))
    monkeypatch.setenv("SEGCLI_DATABASE", str(tmp_path / "test.db"))
    monkeypatch.setenv("SEGCLI_TODAY", STORY_ENDS)
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def segcli(capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """Run segcli in this process and return its status and what it wrote."""

    def run(*words: object, stdin: str | bytes = "") -> Result:
        capfd.readouterr()
        content = stdin.encode() if isinstance(stdin, str) else stdin
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content), encoding="utf-8"))
        status = main.run([str(word) for word in words])
        with contextlib.suppress(OSError):
            sys.stdout.flush()
        sys.stderr.flush()
        captured = capfd.readouterr()
        return Result(status, captured.out, captured.err)

    return run


@pytest.fixture
def database(tmp_path: Path) -> Path:
    """Return the path of the test's database."""
    return tmp_path / "test.db"


@pytest.fixture
def room(tmp_path: Path) -> Path:
    """Return a folder with nothing else in it."""
    folder = tmp_path / "room"
    folder.mkdir()
    return folder


Once = Callable[[Callable[[Run], None]], None]
_left: dict[str, Path] = {}  # by the name of a set-up: a folder with the files that it left


@pytest.fixture
def once(segcli: Run, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Once:
    """Return what runs a set-up the first time in this process, and afterwards copies the files that it left.

    A set-up takes nothing but `segcli`, and leaves nothing but files in the test's folder.
    """

    def done(set_up: Callable[[Run], None]) -> None:
        name = f"{set_up.__module__}.{set_up.__qualname__}"
        if name in _left:
            shutil.copytree(_left[name], tmp_path, dirs_exist_ok=True, symlinks=True)
            return
        set_up(segcli)
        for path in tmp_path.glob("*.db"):
            with connected(path) as db:
                db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        folder = tmp_path_factory.mktemp("left") / "folder"
        shutil.copytree(tmp_path, folder, symlinks=True)
        _left[name] = folder

    return done


def _init(segcli: Run) -> None:
    assert segcli("init").status == 0


@pytest.fixture
def empty(once: Once, database: Path) -> Path:
    """Return an empty database."""
    once(_init)
    return database


@pytest.fixture(scope="session")
def _example(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("example") / "example.db"
    before = {name: os.environ.get(name) for name in ("SEGCLI_DATABASE", "SEGCLI_TODAY")}
    os.environ.update(SEGCLI_DATABASE=str(path), SEGCLI_TODAY=STORY_ENDS)
    try:
        assert main.run(["init", "--example"]) == 0
    finally:
        for name, value in before.items():
            os.environ.pop(name, None) if value is None else os.environ.update({name: value})
    db = sqlite3.connect(path)
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()
    return path


@pytest.fixture
def example(_example: Path, database: Path) -> Path:
    """Return a database with the example administration."""
    shutil.copy(_example, database)
    return database


@pytest.fixture
def shared() -> Path:
    """Return the folder of real files, or skip the test where it is missing."""
    if not SHARED.is_dir():
        pytest.skip(f"the real files are not here ({SHARED})")
    return SHARED


@contextlib.contextmanager
def connected(path: Path) -> Iterator[sqlite3.Connection]:
    """Give a plain connection to a database, to look at it by another route."""
    db = sqlite3.connect(path)
    try:
        yield db
    finally:
        db.close()


def select(database: Path, sql: str) -> list[tuple[Any, ...]]:
    """Return the rows of a query, by the same route."""
    with connected(database) as db:
        return db.execute(sql).fetchall()


def steps_of(db: sqlite3.Connection, work: Callable[[], object]) -> int:
    """Return how many hundreds of steps SQLite takes for some work."""
    done: list[int] = []
    db.set_progress_handler(lambda: done.append(1), 100)
    work()
    db.set_progress_handler(None, 0)
    return len(done)


def fingerprint(path: Path) -> str:
    """Return a digest of all that a database holds."""
    with connected(path) as db:
        return contents(db)


def contents(db: sqlite3.Connection) -> str:
    """Return a digest of the schema and the rows of a database, in whatever order they lie.

    The rows are read as they are: the SQL text that `iterdump` makes of them takes half as long again.
    """
    schema = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema").fetchall()
    found = [repr(row) for row in schema]
    for kind, name, _, sql in schema:
        if kind == "table" and sql and not sql.startswith("CREATE VIRTUAL"):
            found += [f"{name} {row}" for row in db.execute(f'SELECT * FROM "{name}"')]
    return hashlib.sha256("\n".join(sorted(found)).encode()).hexdigest()


def is_sound(path: Path) -> bool:
    """Tell whether a database is whole and nothing was left beside it."""
    with connected(path) as db:
        whole = db.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        related = db.execute("PRAGMA foreign_key_check").fetchone() is None
    leftovers = [p.name for p in path.parent.iterdir() if p.name.startswith(".") or p.name.endswith(".tmp")]
    return whole and related and not leftovers
