"""Reports: all files or none, killed at every step, and one report at a time."""

import errno
import os
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import Run
from report_case import MAIL, REPORT, content

from segcli.base.errors import SegcliError
from segcli.cli import main
from segcli.reports import making, publishing
from segcli.storage import locking

# All or nothing


def test_what_fails_in_the_middle_leaves_the_old_files(segcli: Run, write_report: Callable[[str], Path]) -> None:
    segcli("report", write_report(REPORT), "--folder", "out")
    before = content(Path("out"))
    segcli("tag", "000001", "--set", "class1=X")
    failed = segcli(
        "report", write_report(REPORT + "- {file: c.csv, show: account-search --class1 NOWHERE}\n"), "--folder", "out"
    )
    assert failed.status == 1
    assert "r.yaml:10:23: " in failed.err
    assert content(Path("out")) == before


def test_a_disk_that_is_full_leaves_the_old_files(segcli: Run, write_report: Callable[[str], Path]) -> None:
    path = write_report(REPORT + "- {file: c.html, show: contact-overview}\n")
    segcli("report", path, "--folder", "out")
    before = content(Path("out"))
    segcli("tag", "000001", "--set", "class1=X")
    limited = f"ulimit -f 40; exec {shlex.quote(sys.executable)} -B -m segcli report {path} --folder out"
    failed = subprocess.run(["bash", "-c", limited], capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert "larger than a file may be" in failed.stderr
    assert "out/" in failed.stderr
    assert ".r.new" not in failed.stderr
    assert content(Path("out")) == before


def test_a_file_that_cannot_be_written_leaves_the_old_ones(
    segcli: Run, write_report: Callable[[str], Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_report(REPORT)
    segcli("report", path, "--folder", "out")
    before = content(Path("out"))

    def full(*_: Path) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(making.outbox, "writing", full)
    failed = segcli("report", path, "--folder", "out")
    assert (failed.status, failed.err) == (1, "segcli: out/a.csv cannot be written: the disk is full\n")
    assert content(Path("out")) == before


STEPS = ("mkdir", "rename", "replace", "unlink")


def killed(step: int, words: list[str]) -> bool:
    """Run segcli in a child that dies, as by SIGKILL, just before the given step; tell whether it came to that."""
    child = os.fork()
    if child:
        return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 99
    count = 0

    def counted(own: Callable[..., object]) -> Callable[..., object]:
        def one(*given: object, **named: object) -> object:
            nonlocal count
            count += 1
            if count == step:
                os._exit(99)
            return own(*given, **named)

        return one

    for name in STEPS:
        setattr(Path, name, counted(getattr(Path, name)))
    publishing.shutil.rmtree = counted(shutil.rmtree)  # type: ignore[assignment]
    os._exit(main.run(words))


@pytest.mark.repeats
def test_killed_at_every_step_it_is_all_old_or_becomes_all_new(
    segcli: Run, write_report: Callable[[str], Path]
) -> None:
    path = write_report(REPORT + MAIL)
    segcli("report", path, "--folder", "new", "--as-of", "2026-03-31")
    segcli("report", path, "--folder", "old", "--as-of", "2026-06-30")
    new, old = content(Path("new")), content(Path("old"))
    seen = set()
    for step in range(1, 60):
        shutil.rmtree("out", ignore_errors=True)
        shutil.copytree("old", "out")
        was_killed = killed(step, ["report", str(path), "--folder", "out", "--as-of", "2026-03-31"])
        found = content(Path("out"))
        is_ready = Path("out/.r.ready").exists()
        shown = {name: data for name, data in found.items() if not name.startswith(".")}
        if not is_ready:
            assert shown == old or new.items() <= shown.items()
        publishing.Place(Path("out"), "r").recover()
        after = {name: data for name, data in content(Path("out")).items() if not name.startswith(".")}
        assert after in (old, {**old, **new})
        assert not is_ready or after == {**old, **new}
        seen.add((is_ready, after == old))
        if not was_killed:
            break
    assert not was_killed
    assert seen == {(False, True), (True, False), (False, False)}


def test_what_a_killed_run_left_is_no_hindrance(segcli: Run, write_report: Callable[[str], Path]) -> None:
    path = write_report(REPORT)
    Path("out/.r.new/sub").mkdir(parents=True)
    Path("out/.r.new/sub/half").write_text("half")
    Path("out/.r.ready").mkdir()
    Path("out/.r.ready/of-before.csv").write_text("whole")
    assert segcli("report", path, "--folder", "out") == (0, "", "")
    assert set(content(Path("out"))) == {"a.csv", "sub/b.xlsx", "of-before.csv"}


def test_two_at_once_exclude_each_other(segcli: Run, write_report: Callable[[str], Path]) -> None:
    path = write_report(REPORT)
    Path("out").mkdir()
    with locking.lock(Path("out/.r"), "report r.yaml", 0):
        busy = segcli("report", path, "--folder", "out")
    assert busy.status == 75
    assert f"process {os.getpid()}" in busy.err
    assert content(Path("out")) == {}
    assert segcli("report", path, "--folder", "out").status == 0


def test_a_target_that_cannot_be_is_told_before(segcli: Run, write_report: Callable[[str], Path]) -> None:
    path = write_report(REPORT)
    Path("out/a.csv").mkdir(parents=True)
    found = segcli("report", path, "--folder", "out")
    assert (found.status, "out/a.csv is a folder" in found.err) == (1, True)
    Path("out/a.csv").rmdir()
    Path("out/sub").write_text("")
    found = segcli("report", path, "--folder", "out")
    assert (found.status, "out/sub is a file" in found.err) == (1, True)
    assert set(content(Path("out"))) == {"sub"}


def test_a_target_that_cannot_be_when_a_killed_run_is_completed(
    segcli: Run, write_report: Callable[[str], Path]
) -> None:
    Path("out/.r.ready").mkdir(parents=True)
    Path("out/.r.ready/a.csv").write_text("whole")
    Path("out/a.csv").mkdir()
    found = segcli("report", write_report(REPORT), "--folder", "out")
    assert (found.status, found.err) == (1, "segcli: out/a.csv cannot be written: Is a directory\n")
    assert content(Path("out")) == {".r.ready/a.csv": b"whole"}


def test_files_on_two_disks_are_not_put_in_place_together() -> None:
    if Path("/dev").stat().st_dev == Path("/").stat().st_dev:
        pytest.skip("one disk is all there is")
    publishing.check(Path("/"), ["a.csv"])
    with pytest.raises(SegcliError, match="/dev is on another disk than /"):
        publishing.check(Path("/"), ["a.csv", "dev/b.csv"])


def test_a_link_is_replaced_and_what_it_led_to_stays(segcli: Run, write_report: Callable[[str], Path]) -> None:
    Path("out").mkdir()
    Path("other").write_text("mine")
    Path("out/a.csv").symlink_to(Path("other").resolve())
    assert segcli("report", write_report(REPORT), "--folder", "out", "--if-changed").status == 0
    assert Path("other").read_text() == "mine"
    assert not Path("out/a.csv").is_symlink()
