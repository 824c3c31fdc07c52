"""The folder of letters: it appears whole, or waits for the next run."""

import errno
import fcntl
import os
from pathlib import Path

import pytest

from segcli.base.errors import SegcliError
from segcli.output import outbox

HIDDEN = ".letters.0123456789abcdef.new"


def test_what_is_no_hidden_folder_of_ours_stays(tmp_path: Path) -> None:
    """Another name, a file, a link, and one that somebody is writing to."""
    out = tmp_path / "out"
    names = (".letters.new", ".file.0123456789abcdef.new", ".link.0123456789abcdef.new", ".busy.0123456789abcdef.new")
    for name in (HIDDEN, names[0], names[3], "elsewhere"):
        (out / name).mkdir(parents=True)
    (out / names[1]).write_text("")
    (out / names[2]).symlink_to(out / "elsewhere")
    busy = os.open(out / names[3], os.O_RDONLY)
    fcntl.flock(busy, fcntl.LOCK_EX)
    assert outbox.recover(out, lambda _: False) == []
    assert {path.name for path in out.iterdir()} == {*names, "elsewhere"}
    os.close(busy)
    assert outbox.recover(out, lambda _: True) == [str(out / "busy")]


def test_what_cannot_be_printed_leaves_nothing(tmp_path: Path) -> None:
    def fill() -> None:
        with outbox.prepared(tmp_path, "letters") as hidden:
            (hidden / "half.pdf").write_bytes(b"half")
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(SegcliError, match="cannot take what was to be printed: the disk is full") as told:
        fill()
    assert told.value.hint == "nothing was printed or stored"
    assert list(tmp_path.iterdir()) == [tmp_path / "home"]


def test_a_folder_that_cannot_get_its_name_waits_for_the_next_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with outbox.prepared(out, "letters") as hidden:
        (hidden / "a.pdf").write_bytes(b"a")

    def refuse(_path: Path, _target: Path) -> None:
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))

    with monkeypatch.context() as patched:
        patched.setattr(Path, "rename", refuse)
        with pytest.raises(SegcliError, match="could not get its name: you may not write in its folder") as told:
            outbox.publish(hidden)
    assert told.value.hint == "the run is done and stored: the next one in that folder puts them in their place"
    assert outbox.recover(out, lambda name: name == hidden.name) == [str(out / "letters")]
    assert (out / "letters" / "a.pdf").read_bytes() == b"a"
