"""Files and devices: written whole or not at all, and heard when they fail."""

import csv
import errno
import io
import os
import resource
import signal
import stat
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import pytest
from output_case import COLUMNS, command, environment, run

from segcli.base.errors import SegcliError
from segcli.domain.table import Table
from segcli.output import destinations
from segcli.output.destinations import Replacing
from segcli.output.render import Style


def table(rows: int = 3) -> Table:
    return Table("T", COLUMNS, ((f"{n:03d}", "Café") for n in range(rows)))


OLD = "the old content\n"


def leftovers(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return an empty folder."""
    path = tmp_path / "folder"
    path.mkdir()
    return path


@pytest.fixture
def old(folder: Path) -> Path:
    path = folder / "out.csv"
    path.write_text(OLD)
    return path


@pytest.mark.parametrize("form", ["csv", "json", "xlsx", "html"])
def test_a_file_is_written_whole_and_for_its_owner_only(form: str, folder: Path) -> None:
    path = folder / f"out.{form}"
    before = os.umask(0)
    try:
        assert destinations.write(table(), form, path, Style()) == 3
    finally:
        os.umask(before)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert leftovers(folder) == [path.name]
    assert ("Café" in path.read_text(encoding="utf-8")) if form != "xlsx" else zipfile.is_zipfile(path)


def test_a_reader_keeps_the_old_file(old: Path) -> None:
    with old.open() as reader:
        destinations.write(table(), "csv", old, Style())
        assert reader.read() == OLD
    assert old.read_text(encoding="utf-8").startswith("account,name\n000,Café\n")


def test_nothing_is_left_of_a_table_that_breaks(old: Path) -> None:
    def rows() -> Iterator[tuple[str, str]]:
        yield from (("a", "b") for _ in range(5000))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        destinations.write(Table("T", COLUMNS, rows()), "csv", old, Style())
    assert leftovers(old.parent) == [old.name]
    assert old.read_text() == OLD


def test_if_changed_leaves_an_equal_file_alone(old: Path) -> None:
    destinations.write(table(), "csv", old, Style())
    os.utime(old, (1, 1))
    assert destinations.write(table(), "csv", old, Style(), Replacing(if_changed=True)) == 3
    assert old.stat().st_mtime == 1
    destinations.write(table(4), "csv", old, Style(), Replacing(if_changed=True))
    assert old.stat().st_mtime > 1
    os.utime(old, (1, 1))
    destinations.write(table(4), "csv", old, Style())
    assert old.stat().st_mtime > 1
    assert leftovers(old.parent) == [old.name]


def test_the_same_data_gives_the_same_workbook(folder: Path) -> None:
    path = folder / "out.xlsx"
    destinations.write(table(), "xlsx", path, Style())
    os.utime(path, (1, 1))
    destinations.write(table(), "xlsx", path, Style(), Replacing(if_changed=True))
    assert path.stat().st_mtime == 1


def test_a_link_is_replaced_and_its_victim_untouched(old: Path) -> None:
    link = old.with_name("link.csv")
    link.symlink_to(old)
    destinations.write(table(), "csv", link, Style(), Replacing(if_changed=True))
    assert not link.is_symlink()
    assert old.read_text() == OLD
    nowhere = old.with_name("nowhere.csv")
    nowhere.symlink_to(old.with_name("missing"))
    destinations.write(table(), "csv", nowhere, Style())
    assert leftovers(old.parent) == ["link.csv", "nowhere.csv", "out.csv"]


def test_a_link_that_lies_in_wait_is_not_followed(old: Path) -> None:
    elsewhere = old.with_name("elsewhere")
    elsewhere.mkdir(mode=0o700)
    (elsewhere / "new").write_text("mine")
    old.with_name(".segcli-1.new").symlink_to(elsewhere)
    destinations.write(table(), "csv", old.with_name("new.csv"), Style())
    assert leftovers(old.parent) == [".segcli-1.new", "elsewhere", "new.csv", old.name]
    assert (elsewhere / "new").read_text() == "mine"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("missing/out.csv", "its folder does not exist"),
        ("out.csv/out.csv", "its folder is a file"),
        ("x" * 300 + ".csv", "its name is too long"),
        (".", "is a folder"),
    ],
)
def test_a_bad_place_is_said_in_words(name: str, words: str, old: Path) -> None:
    with pytest.raises(SegcliError, match=words):
        destinations.write(table(), "csv", old.parent / name, Style())
    assert leftovers(old.parent) == [old.name]


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (errno.EACCES, "you may not write"),
        (errno.EROFS, "read-only"),
        (errno.EDQUOT, "your share"),
        (errno.EIO, "Input"),
    ],
)
def test_what_the_system_refuses_is_said_in_words(
    number: int, words: str, old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "open", refuse)
    with pytest.raises(SegcliError, match=words):
        destinations.write(table(), "csv", old, Style())
    monkeypatch.undo()
    assert leftovers(old.parent) == [old.name]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_rights(folder: Path) -> None:
    folder.chmod(0o500)
    with pytest.raises(SegcliError, match="you may not write in its folder"):
        destinations.write(table(), "csv", folder / "out.csv", Style())


@pytest.mark.parametrize("fails", ["write", "fsync"])
def test_a_full_disk_changes_nothing(fails: str, old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def fill(file: io.BufferedWriter) -> int:
        file.write(b"half")
        if fails == "write":
            full()
        return 1

    if fails == "fsync":
        monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(SegcliError, match="the disk is full"):
        destinations.to_file(old, fill)  # type: ignore[arg-type]
    assert leftovers(old.parent) == [old.name]
    assert old.read_text() == OLD


@pytest.mark.parametrize("form", ["csv", "xlsx"])
@pytest.mark.parametrize("unbuffered", ["", "1"])
def test_a_limit_on_the_size_of_files_changes_nothing(form: str, unbuffered: str, old: Path) -> None:
    done = run(
        form, str(old), 50_000, env=environment(PYTHONUNBUFFERED=unbuffered, TMPDIR=str(old.parent)),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000)),
    )  # fmt: skip
    assert done.returncode == 1
    assert b"larger than a file may be here" in done.stderr
    assert b"Traceback" not in done.stderr
    assert leftovers(old.parent) == [old.name]
    assert old.read_text() == OLD


def test_a_killed_export_leaves_the_old_file(old: Path) -> None:
    child = subprocess.Popen(command("csv", str(old), 10**8), env=environment())
    try:
        while len(leftovers(old.parent)) < 2:
            assert child.poll() is None
        assert old.read_text() == OLD
    finally:
        child.kill()
        child.wait()
    assert child.returncode == -signal.SIGKILL
    assert old.read_text() == OLD


# Nothing below names a device in /dev as the file to write: were the code broken and the tests run by root, they would
# replace it for the whole machine. Links in a folder of our own, and /dev/fd, where nothing can be made, tell as much.


@pytest.mark.parametrize("device", ["/dev/null", "/dev/full"])
def test_a_device_stays_a_device(device: str, folder: Path) -> None:
    link = folder / "link"
    link.symlink_to(device)
    done = run("csv", str(link), 50_000)
    assert done.returncode == (device == "/dev/full")
    assert (b"the disk is full" in done.stderr) == (device == "/dev/full")
    assert link.is_symlink()
    assert leftovers(folder) == ["link"]


@pytest.mark.parametrize(
    "path", ["/dev/stdout", "/dev/stderr", "/dev/fd/1", "/proc/self/fd/1", "/dev/../dev/stdout", "link"]
)
def test_what_leads_to_a_descriptor_is_no_file(path: str, folder: Path) -> None:
    """With > FILE, what /dev/stdout leads to is a file, and must not be replaced all the same."""
    link = folder / "link"
    link.symlink_to("/dev/stdout")
    code = f"from pathlib import Path; from segcli.output import destinations as output; print(output.leads_to_device(Path({path!r})))"
    with (folder / "out").open("w+") as file:
        subprocess.run(
            [sys.executable, "-c", code], env=environment(), stdout=file, stderr=file, cwd=folder, check=True
        )
        file.seek(0)
        assert file.read() == "True\n"


@pytest.mark.parametrize("path", ["regular.csv", "missing.csv", "loop"])
def test_what_leads_to_a_file_is_one(path: str, folder: Path) -> None:
    (folder / "regular.csv").touch()
    (folder / "loop").symlink_to("loop")
    assert not destinations.leads_to_device(folder / path)


@pytest.mark.parametrize("path", ["/dev/fd/1", "/proc/self/fd/1", "link"])
def test_standard_output_by_its_path_is_written_on(path: str, folder: Path) -> None:
    target = folder / "out"
    (folder / "link").symlink_to("/dev/stdout")
    with target.open("wb") as file:
        file.write(b"first\n")
        file.flush()
        assert run("csv", path, stdout=file, cwd=folder).returncode == 0
    assert target.read_bytes().startswith(b"first\naccount,name\n00000000,")


def test_a_full_standard_output_by_its_path_has_its_name() -> None:
    with Path("/dev/full").open("wb") as full:
        done = run("csv", "/dev/fd/1", stdout=full)
    assert done.stderr == b"cannot write to standard output: No space left on device\n"


def test_a_fifo_is_written_as_it_is(folder: Path) -> None:
    fifo = folder / "fifo.csv"
    os.mkfifo(fifo)
    child = subprocess.Popen(command("csv", str(fifo), 3), env=environment())
    assert fifo.read_bytes().count(b"\n") == 4
    assert child.wait() == 0
    assert stat.S_ISFIFO(fifo.stat().st_mode)


def test_a_fifo_that_its_reader_leaves_is_a_closed_pipe(folder: Path) -> None:
    fifo = folder / "fifo"
    os.mkfifo(fifo)
    reader = os.open(fifo, os.O_RDONLY | os.O_NONBLOCK)

    def fill(file: IO[bytes]) -> int:
        os.close(reader)
        return file.write(b"x" * 1_000_000)

    with pytest.raises(BrokenPipeError):
        destinations.to_file(fifo, fill)
    assert stat.S_ISFIFO(fifo.stat().st_mode)


def test_an_open_descriptor_is_written_where_it_stands(folder: Path) -> None:
    with (folder / "log").open("wb") as file:
        file.write(b"before\n")
        file.flush()
        table = Table("T", COLUMNS, [("1", "A")])
        assert destinations.write(table, "csv", Path(f"/dev/fd/{file.fileno()}"), Style()) == 1
    assert (folder / "log").read_bytes() == b"before\naccount,name\n1,A\n"


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_append_and_pipe_get_the_same_bytes_as_a_file(form: str, folder: Path) -> None:
    path = folder / "file"
    run(form, str(path))
    appended = folder / "appended"
    with appended.open("ab") as file:
        run(form, stdout=file)
    assert run(form).stdout == path.read_bytes() == appended.read_bytes()


def test_half_a_character_does_not_stop_a_text(folder: Path) -> None:
    destinations.write_text(folder / "x", "é\ud800\n")
    assert (folder / "x").read_bytes() == b"\xc3\xa9\\ud800\n"


def test_a_file_holds_what_csv_reads(folder: Path) -> None:
    path = folder / "a.csv"
    destinations.write(Table("T", COLUMNS, [("1", 'a "b"\nc')]), "csv", path, Style())
    with path.open(encoding="utf-8", newline="") as file:
        assert list(csv.reader(file, strict=True)) == [["account", "name"], ["1", 'a "b"\nc']]
