"""Backups: whole, of one moment, and put back as the help says; and workbooks for which there is no room."""

import os
import shutil
from pathlib import Path

import dying
import pytest
from conftest import Run, connected
from stages import DB, Stage, without_privilege
from trials import TRIALS


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
