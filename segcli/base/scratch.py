"""Scratch folders ("rooms"): hidden folders for unfinished output, removed when their writer ends.

A writer holds a lock on its room; the kernel releases the lock when the process dies. A room that can be locked was
left by a dead writer: the next writer in the same folder empties and reuses it. So leftovers of kill -9 are cleaned up
then. A finished file leaves its room by a rename or through placing.py; signals are deferred meanwhile (signals.py).
"""

import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path

from segcli.base import signals
from segcli.base.errors import SegcliError

_kept: list[Path] = []  # the temporary room of this process, if any
_making: list[Path] = []  # folders of the files being written, innermost last
_rooms = ExitStack()  # closed at process exit


@contextmanager
def room(folder: Path) -> Iterator[Path]:
    """Create an empty private hidden folder inside `folder`; remove it with its content at the end."""
    taken = None
    try:
        with signals.deferred():
            taken = next(filter(None, (_taken(folder / f".segcli-{number}.new") for number in count(1))))
        yield taken[0]
    finally:
        with signals.deferred():
            if taken:
                _leave(*taken)


def _leave(path: Path, handle: int) -> None:
    _empty(path)
    with suppress(OSError):
        path.rmdir()
    os.close(handle)


@contextmanager
def making(folder: Path) -> Iterator[None]:
    """Put temporary files in this folder while a file is written, so that they are on the same disk."""
    _making.append(folder)
    try:
        yield
    finally:
        _making.pop()


def temporary() -> Path:
    """Return the folder for temporary files: that of the file being written, else the system's. SegcliError if none is writable."""
    if _making:
        return _making[-1]
    from tempfile import gettempdir

    try:
        return Path(gettempdir())
    except FileNotFoundError as error:
        raise SegcliError("no folder takes temporary files", "set TMPDIR to a writable folder") from error


def kept() -> Path:
    """Return the temporary room of this process, removed at exit."""
    if not _kept:
        import atexit

        atexit.register(leave)
        _kept.append(_rooms.enter_context(room(temporary())))
    return _kept[0]


def leave() -> None:
    """Remove the temporary room of this process. Call it before an exit that skips atexit."""
    _rooms.close()


def _taken(path: Path) -> tuple[Path, int] | None:
    """Create a room or take over that of a dead writer. None if it is in use, not ours or not a folder."""
    is_new = True
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        is_new = False
    try:
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):  # just removed, or not a folder
        return None
    except OSError as error:
        if not is_new and isinstance(error, PermissionError):  # another user's
            return None
        if is_new:  # if our own cannot be opened, the next one cannot either
            path.rmdir()
        raise
    if _is_ours(path, handle, is_new=is_new):
        _empty(path)
        return path, handle
    os.close(handle)
    return None


def _is_ours(path: Path, handle: int, *, is_new: bool) -> bool:
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # no locks on this disk: only a newly created room is certain to have no other owner
        return is_new
    found = os.fstat(handle)
    try:
        there = path.lstat()
    except FileNotFoundError:
        return False
    is_there = (found.st_dev, found.st_ino) == (there.st_dev, there.st_ino)
    return is_there and found.st_uid == os.geteuid() and not stat.S_IMODE(found.st_mode) & 0o077


def _empty(path: Path) -> None:
    with suppress(OSError):
        for child in list(path.iterdir()):
            if child.is_dir() and not child.is_symlink():
                from shutil import rmtree

                rmtree(child, ignore_errors=True)
            else:
                child.unlink()
