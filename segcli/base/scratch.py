"""Rooms aside: a hidden folder for what is not done yet, which goes with its writer, or with the next one if that was killed.

A writer holds a lock on its room, which the kernel frees when it dies. So a room that can be locked is a dead writer's: it
is emptied and used again, and what kill -9 leaves behind stays no longer than until somebody writes in that folder once more.
"""

import fcntl
import os
import signal
import stat
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from itertools import count
from pathlib import Path

from segcli.base.errors import SegcliError

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_kept: list[Path] = []  # the room of this process, once it has one
_making: list[Path] = []  # folders of files that are being made, the innermost last
_rooms = ExitStack()  # which is left at its end


@contextmanager
def room(folder: Path) -> Iterator[Path]:
    """Give an empty hidden folder in a folder, for its owner only; it goes at the end with what is in it."""
    taken = None
    try:
        with uninterrupted():
            taken = next(filter(None, (_taken(folder / f".segcli-{number}.new") for number in count(1))))
        yield taken[0]
    finally:
        with uninterrupted():
            if taken:
                _leave(*taken)


def _leave(path: Path, handle: int) -> None:
    _empty(path)
    with suppress(OSError):
        path.rmdir()
    os.close(handle)


@contextmanager
def uninterrupted() -> Iterator[None]:
    """Let signals wait that would end us: what is a moment's work is done whole."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, ())
    try:
        signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)  # one that came just before is raised here
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


@contextmanager
def making(folder: Path) -> Iterator[None]:
    """Have temporary files in this folder while a file is made: beside it, on its disk."""
    _making.append(folder)
    try:
        yield
    finally:
        _making.pop()


def temporary() -> Path:
    """Return the folder for temporary files: that of the file that is made, else the system's. A SegcliError where none is writable."""
    if _making:
        return _making[-1]
    from tempfile import gettempdir

    try:
        return Path(gettempdir())
    except FileNotFoundError as error:
        raise SegcliError("no folder takes temporary files", "set TMPDIR to a writable folder") from error


def kept() -> Path:
    """Return a room in the folder of temporary files that goes with the process."""
    if not _kept:
        import atexit

        atexit.register(leave)
        _kept.append(_rooms.enter_context(room(temporary())))
    return _kept[0]


def leave() -> None:
    """Remove the room of this process; for an end that does not come by itself."""
    _rooms.close()


def _taken(path: Path) -> tuple[Path, int] | None:
    """Take a room: make it, or take over that of a dead writer. None where it has an owner, or is no room at all."""
    is_new = True
    try:
        path.mkdir(mode=0o700)
    except FileExistsError:
        is_new = False
    try:
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError):  # just gone, or no folder
        return None
    except OSError as error:
        if not is_new and isinstance(error, PermissionError):  # another user's
            return None
        if is_new:  # where our own cannot be opened, neither can the next
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
    except OSError:  # a disk without locks: only what was made just now has surely no other owner
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


def place(path: Path, target: Path) -> None:
    """Give a finished file its name, which must not be taken: unlike a rename, it never replaces a file that appeared meanwhile."""
    try:
        os.link(path, target)
    except FileExistsError:
        raise
    except OSError:  # a disk without links, such as a USB stick's: the name is reserved, then replaced
        os.close(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600))
        path.replace(target)
    sync(target.parent)


def sync(folder: Path) -> None:
    """Have new names in a folder kept through a power cut. What is renamed is renamed: no error comes of it."""
    with suppress(OSError):
        number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(number)
        finally:
            os.close(number)


def is_same(path: Path, other: Path) -> bool:
    """Tell whether a file has the content of another; a link has not, for it is to become a file."""
    import filecmp

    return path.is_file() and not path.is_symlink() and filecmp.cmp(path, other, shallow=False)
