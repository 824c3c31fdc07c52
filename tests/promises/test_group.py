"""Two users of one group: what database.mode and files.mode give them, and what they do not."""

import os
import shutil
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import Run

import segcli

GROUP, FIRST, SECOND, STRANGER = 61_000, 61_001, 61_002, 61_003  # numbers are enough: no user is made
REPORT = "files:\n- {file: sub/a.csv, show: account-search}\n- {file: b.csv, show: debtor-ageing}\n"


class Done(NamedTuple):
    """What a run left behind."""

    status: int
    out: str
    err: str


def _as(user: int) -> list[str]:
    """Return the words that run a program as a user: each but the stranger is in the group as well as in one of its own."""
    groups = "--clear-groups" if user == STRANGER else f"--groups={GROUP}"
    return ["setpriv", f"--reuid={user}", f"--regid={user}", groups]


def _python() -> tuple[list[str], str]:
    """Return a Python that another user can run, and where it finds segcli: ours may lie where only root may look."""
    version = f"python{sys.version_info.major}.{sys.version_info.minor}"
    path = os.pathsep.join(
        (str(Path(segcli.__file__).parent.parent), *(name for name in sys.path if name.endswith("-packages")))
    )
    for found in (sys.executable, f"/usr/bin/{version}"):
        tried = [
            *_as(SECOND),
            found,
            "-c",
            "import segcli.cli.main, yaml",
        ]
        if not subprocess.run(tried, check=False, capture_output=True, env={"PYTHONPATH": path}).returncode:
            return [found], path
    pytest.skip("another user can run no Python that has what segcli needs")


class Place:
    """A folder of the group, and segcli run in it by one of the users."""

    def __init__(self, folder: Path, mode: str) -> None:
        self.folder = folder
        self.python, self.path = _python()
        shutil.chown(folder, FIRST, GROUP)
        folder.chmod(0o2770)
        self.config = folder / "c.yaml"
        self.config.write_text(f"files.mode: {mode}\ndatabase: {{mode: {mode}}}\n")
        (folder / "r.yaml").write_text(REPORT)
        for name in ("c.yaml", "r.yaml"):
            (folder / name).chmod(0o644)

    def run(self, user: int, *words: str, umask: int = 0o022) -> Done:
        """Run segcli as a user."""
        done = subprocess.run(
            [*_as(user), *self.python, "-m", "segcli", *words],
            cwd=self.folder, capture_output=True, text=True, check=False, umask=umask,
            env={**os.environ, "SEGCLI_CONFIG": str(self.config), "SEGCLI_DATABASE": str(self.folder / "t.db"), "HOME": "/nowhere",
                 "PYTHONPATH": self.path, "PYTHONDONTWRITEBYTECODE": "1"},
        )  # fmt: skip
        return Done(done.returncode, done.stdout, done.stderr)

    def mode(self, name: str) -> str:
        """Return the rights of a file or folder."""
        return oct(stat.S_IMODE((self.folder / name).stat().st_mode) & 0o777)


@pytest.fixture
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    """Give a place for a mode. Not in tmp_path: each start of pytest makes the folders above that private."""
    if os.geteuid() != 0 or not shutil.which("setpriv"):
        pytest.skip("only root, with setpriv, can run a program as another user")
    with tempfile.TemporaryDirectory(prefix="segcli-group-") as name:
        folder = Path(name, "shared")
        folder.mkdir()
        folder.parent.chmod(0o711)
        found = Place(folder, request.param)
        assert found.run(FIRST, "init", "--example").status == 0
        yield found


@pytest.mark.parametrize("place", ["0660"], indirect=True)
def test_two_users_write_by_turns(place: Place) -> None:
    assert [place.mode(name) for name in ("t.db", "t.db.lock")] == ["0o660", "0o660"]
    for number, user in enumerate((FIRST, SECOND, FIRST, SECOND)):
        done = place.run(user, "tag", "000001", "--set", f"class1={'NS'[number % 2]}", umask=0o077)
        assert (done.status, done.err) == (0, ""), user
        report = place.run(user, "report", "r.yaml", "--folder", "out", umask=0o077)
        assert (report.status, report.err) == (0, ""), user
    assert [place.mode(name) for name in ("out", "out/sub", "out/sub/a.csv", "out/b.csv", "out/.r.lock")] == [
        "0o770", "0o770", "0o660", "0o660", "0o660"]  # fmt: skip
    assert place.run(SECOND, "check").status == 0
    assert place.run(STRANGER, "show", "account-search").status == 1


@pytest.mark.parametrize("place", ["0640"], indirect=True)
def test_the_second_user_only_reads(place: Place) -> None:
    first, second = (place.run(user, "show", "account-search", "-f", "csv") for user in (FIRST, SECOND))
    assert (second.status, second.err, second.out) == (0, "", first.out)
    assert first.out.count("\n") > 10
    refused = place.run(SECOND, "tag", "000001", "--set", "class1=N")
    assert (refused.status, f"it belongs to user {FIRST}" in refused.err) == (1, True)
    assert place.run(FIRST, "report", "r.yaml", "--folder", "out").status == 0
    assert [place.mode(name) for name in ("t.db", "t.db.lock", "out", "out/b.csv")] == ["0o640", "0o640", "0o750", "0o640"]  # fmt: skip
    assert place.run(FIRST, "tag", "000001", "--set", "class1=N").status == 0  # the reader left nothing in its way
    assert place.run(STRANGER, "show", "account-search").status == 1


@pytest.mark.parametrize("place", ["0640"], indirect=True)
def test_a_reader_beside_a_log_that_a_killed_writer_left(place: Place) -> None:
    code = (
        "import os, sqlite3; db = sqlite3.connect('t.db'); db.execute(\"UPDATE account SET name = 'Fresh' WHERE code = '000001'\");"
        " db.commit(); os._exit(9)"
    )
    subprocess.run(
        [*_as(FIRST), *place.python, "-c", code], cwd=place.folder, check=False
    )  # fmt: skip
    assert (place.folder / "t.db-wal").stat().st_size
    done = place.run(SECOND, "show", "account-search", "--account", "000001", "-f", "csv")
    assert (done.status, "Fresh" in done.out) == (0, True), done.err


@pytest.mark.parametrize("place", ["0600"], indirect=True)
def test_private_unless_the_configuration_says_otherwise(place: Place) -> None:
    refused = place.run(SECOND, "show", "account-search")
    assert (refused.status, "cannot be read: Permission denied" in refused.err) == (1, True)
    assert place.run(FIRST, "report", "r.yaml", "--folder", "out", umask=0).status == 0
    assert [place.mode(name) for name in ("t.db", "t.db.lock", "out", "out/b.csv")] == ["0o600", "0o600", "0o700", "0o600"]  # fmt: skip


@pytest.mark.parametrize("place", ["0660"], indirect=True)
def test_what_a_killed_run_of_another_user_left_is_in_nobodys_way(place: Place) -> None:
    """A private hidden folder of one user is not the room of another."""
    for name, mode in ((".segcli-1.new", 0o700), ("out", 0o770)):
        (place.folder / name).mkdir()
        (place.folder / name).chmod(mode)
        shutil.chown(place.folder / name, FIRST, GROUP)
    left = place.folder / "out/.r.new"
    left.mkdir()
    (left / "old.csv").write_text("x")
    left.chmod(0o770)
    for path in (left, left / "old.csv"):
        shutil.chown(path, FIRST, GROUP)
    done = place.run(SECOND, "show", "account-search", "-o", "x.csv")
    assert (done.status, done.err) == (0, "")
    report = place.run(SECOND, "report", "r.yaml", "--folder", "out")
    assert (report.status, report.err) == (0, "")


@pytest.mark.parametrize("place", ["0660"], indirect=True)
def test_an_old_private_lock_is_told_of_as_it_is(place: Place) -> None:
    (place.folder / "t.db.lock").chmod(0o600)
    refused = place.run(SECOND, "tag", "000001", "--set", "class1=N")
    assert (refused.status, f"it belongs to user {FIRST}, and you may not write it" in refused.err) == (1, True)
    assert "in its folder" not in refused.err
    assert place.run(FIRST, "tag", "000001", "--set", "class1=N").status == 0
    assert place.run(SECOND, "tag", "000001", "--set", "class1=S").status == 0


# -------------------------------------------------------------------------------------------- one user is enough
@pytest.mark.repeats
@pytest.mark.parametrize(("mode", "file", "folder"), [("0600", 0o600, 0o700), ("0640", 0o640, 0o750), ("0660", 0o660, 0o770)])  # fmt: skip
@pytest.mark.parametrize("umask", [0, 0o077])
def test_modes_of_what_is_written(  # noqa: PLR0913 - cases
    segcli: Run, example: Path, mode: str, file: int, folder: int, umask: int
) -> None:
    Path("c.yaml").write_text(f"files: {{mode: {mode}}}\nletters: {{iban: NL91ABNA0417164300}}\n")
    Path("r.yaml").write_text(REPORT)
    Path("a.csv").write_text("account,name,is_sales\n1,A,?\n2,B,yes\n")
    Path("value.yaml").write_text((Path(__file__).parents[2] / "examples/customer-value.yaml").read_text())
    before = os.umask(umask)
    try:
        for words, status in (
            (("report", "r.yaml", "--folder", "new/out"), 0),
            (("show", "account-search", "-o", "x.csv", "--manifest"), 0),
            (("rules", "plan", "value.yaml", "-o", "plan.json"), 0),
            (("import", "a.csv", "--on-error", "skip", "--rejects", "rejects.csv"), 5),
            (("run", "print-reminders", "--apply", "--country", "BE", "--yes", "--folder", "letters"), 0),
        ):
            done = segcli("--config", "c.yaml", *words)
            assert done.status == status, done.err
    finally:
        os.umask(before)
    made = [path for name in ("new", "letters") for path in (Path(name), *Path(name).rglob("*"))]
    made += map(Path, ("x.csv", "x.csv.manifest.json", "plan.json", "rejects.csv"))
    assert len(made) > 12
    assert {(path.is_dir(), stat.S_IMODE(path.stat().st_mode)) for path in made} == {(False, file), (True, folder)}


def test_a_file_keeps_its_mode_where_that_is_not_wider(segcli: Run, example: Path) -> None:
    Path("c.yaml").write_text("files.mode: 0640\n")
    Path("r.yaml").write_text(REPORT)
    for mode, expected in ((0o600, 0o600), (0o640, 0o640), (0o666, 0o640), (0o604, 0o640)):
        for path in (Path("x.csv"), Path("out/b.csv")):
            path.parent.mkdir(exist_ok=True)
            path.write_text("old")
            path.chmod(mode)
        assert segcli("--config", "c.yaml", "show", "account-search", "-o", "x.csv").status == 0
        assert segcli("--config", "c.yaml", "report", "r.yaml", "--folder", "out").status == 0
        assert [stat.S_IMODE(Path(name).stat().st_mode) for name in ("x.csv", "out/b.csv")] == [expected] * 2


def test_the_database_takes_the_mode_that_is_asked_for(
    segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def modes() -> list[int]:
        return [stat.S_IMODE(Path(f"{example}{end}").stat().st_mode) for end in ("", ".lock")]

    example.chmod(0o640)
    assert segcli("tag", "000001", "--set", "class1=N").status == 0  # nothing is asked for: it stays
    assert modes() == [0o640, 0o640]
    monkeypatch.setenv("SEGCLI_DATABASE_MODE", "0660")
    assert segcli("tag", "000001", "--set", "class1=S").status == 0
    assert modes() == [0o660, 0o660]
    (row,) = (row for row in segcli("check", "-f", "json").rows if row["check"] == "rights")
    assert row["result"] == "ok"
    monkeypatch.setenv("SEGCLI_DATABASE_MODE", "0600")
    assert segcli("tag", "000001", "--set", "class1=N").status == 0
    assert modes() == [0o600, 0o600]
    monkeypatch.setenv("SEGCLI_DATABASE_MODE", "0644")
    assert segcli("log").status == 2
