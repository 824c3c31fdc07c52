"""A machine without a writable folder for temporary files: what is written needs only the folder in which it is written."""

import shutil
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Run

from segcli.base import scratch
from segcli.base.errors import SegcliError
from segcli.storage import database, restricted

# /tmp and /var/tmp are read-only in a mount namespace of its own; the folder of the test is not.
_JAIL = """mount --bind "$1" "$1" && mount --rbind /tmp /tmp && mount -o remount,ro,bind /tmp && mount --bind /var/tmp /var/tmp &&
mount -o remount,ro,bind /var/tmp && cd /tmp || exit 77
touch /tmp/no /var/tmp/no 2> /dev/null && exit 77
shift; exec "$@" """


def _jailed(folder: Path, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    if not shutil.which("unshare") or not Path("/var/tmp").is_dir():
        pytest.skip("there are no mount namespaces here")
    line = [
        "unshare",
        "-rm",
        "sh",
        "-c",
        _JAIL,
        "sh",
        str(folder),
        sys.executable,
        "-m",
        "segcli",
        "-d",
        str(folder / "t.db"),
        *words,
    ]
    env = {
        "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
        "TMPDIR": "/nonexistent",
        "HOME": str(folder),
        "SEGCLI_TODAY": "2026-06-30",
    }
    done = subprocess.run(line, input=given, capture_output=True, text=True, env=env, check=False)
    if done.returncode == 77 or "unshare" in done.stderr:
        pytest.skip(f"a mount namespace is not to be had: {done.stderr}")
    return done


def test_everything_is_written_beside_its_target(tmp_path: Path) -> None:
    made = _jailed(tmp_path, "init", "--example")
    assert (made.returncode, made.stderr) == (0, "")
    for ending in ("csv", "xlsx", "html", "json"):
        done = _jailed(tmp_path, "show", "debtor-ageing", "-o", str(tmp_path / f"a.{ending}"))
        assert (done.returncode, done.stderr) == (0, ""), ending
    (tmp_path / "r.yaml").write_text("files:\n  - {file: x.xlsx, show: account-search}\n")
    done = _jailed(tmp_path, "report", str(tmp_path / "r.yaml"), "--folder", str(tmp_path / "out"))
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "out" / "x.xlsx").stat().st_size > 1000
    assert not list(tmp_path.rglob(".segcli-*"))
    done = _jailed(tmp_path, "import", "-", given="account,name\nX,Y\n")
    assert (done.returncode, "set TMPDIR to a writable folder" in done.stderr) == (1, True)
    done = _jailed(tmp_path, "show", "debtor-ageing", "-f", "xlsx")
    assert (done.returncode, "set TMPDIR to a writable folder" in done.stderr) == (1, True)


def test_a_workbook_is_made_beside_its_target(segcli: Run, example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def none() -> str:
        raise FileNotFoundError(2, "No usable temporary directory found")

    with monkeypatch.context() as patch:
        patch.setattr(tempfile, "gettempdir", none)
        status = segcli("show", "debtor-ageing", "-o", "a.xlsx").status
        with pytest.raises(SegcliError, match="no folder takes temporary files"):
            scratch.temporary()
    assert status == 0


def test_sqlite_is_told_of_the_folder_of_the_database(example: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folders, pragma, wanted in (
        ({example.parent}, "temp_store_directory", str(example.parent)),
        (set(), "temp_store", 2),
    ):
        monkeypatch.setattr(restricted, "_takes_files", folders.__contains__)
        with closing(database.connect(example)) as db:
            assert db.execute(f"PRAGMA {pragma}").fetchone()[0] == wanted
            db.execute("PRAGMA temp_store_directory = ''")
