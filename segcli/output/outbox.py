"""A folder of letters that appears whole, in the moment when the reminders are stored, or not at all.

It is written under a hidden name, which the run notes (run.outbox), and renamed after the commit. So what a killed run
left behind is known: noted, and the next run in that folder completes it; not, and the next run removes it. A lock says
that its writer is still alive.
"""

import fcntl
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from segcli.base import file_modes, outcome, scratch
from segcli.base.errors import SegcliError, reason_of

_HIDDEN = re.compile(r"\.(?P<name>.+)\.[0-9a-f]{16}\.new", re.ASCII)
_locks: dict[Path, int] = {}  # our own hidden folders, until they have their names
_FORBIDDEN = frozenset('/\\\0:*?"<>|~')
_LONGEST = 120  # bytes: a file system takes 255, and more comes behind
ENDINGS = ("pdf", "eml", "xml")


def check_folder(folder: Path) -> None:
    """Raise SegcliError where no file can be written to a folder; it is made where it is missing."""
    try:
        file_modes.make_folder(folder)
        reason = "" if os.access(folder, os.W_OK | os.X_OK) else "you may not write in it"
    except OSError as error:
        reason = str(error.strerror)
    if reason:
        raise SegcliError(f"{folder} cannot be written: {reason}", "nothing was sent or stored")


def free(folder: Path, code: str) -> str:
    """Return a name, without its ending, that a code gives to a file and that is not taken in the folder.

    What cannot be part of a name is a hyphen: 2024/1 becomes 2024-1, and where that is taken 2024-1-2. It is never
    hidden, never an option, never another folder, and never longer than a name may be.
    """
    name = found = _named(code)
    number = 1
    while any((folder / f"{found}.{ending}").exists() for ending in ENDINGS):
        number += 1
        found = f"{name}-{number}"
    return found


def _named(code: str) -> str:
    plain = "".join("-" if c in _FORBIDDEN or not c.isprintable() else c for c in code)
    return plain.strip(" .-").encode()[:_LONGEST].decode(errors="ignore").strip(" .-") or "_"


def recover(folder: Path, is_noted: Callable[[str], bool]) -> list[str]:
    """Complete or remove what killed runs left in a folder; return what was completed."""
    completed = []
    for path in sorted(folder.glob(".*.new")):
        match = _HIDDEN.fullmatch(path.name)
        if not match or path.is_symlink() or not path.is_dir() or _has_writer(path):
            continue
        if is_noted(path.name):
            completed.append(str(publish(path)))
        else:
            shutil.rmtree(path)
    return completed


@contextmanager
def prepared(folder: Path, name: str) -> Iterator[Path]:
    """Give a hidden folder to write to; it goes again where the block fails. Whoever asks for it publishes or discards it."""
    hidden = folder / f".{name}.{secrets.token_hex(8)}.new"
    try:
        with scratch.uninterrupted():
            hidden.mkdir(mode=0o700)
            file_modes.widen(hidden, file_modes.folder())
            _locks[hidden] = os.open(hidden, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        with suppress(OSError):  # a disk without locks
            fcntl.flock(_locks[hidden], fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield hidden
        scratch.sync(hidden)
        scratch.sync(folder)  # the commit that notes it must not be kept by a power cut that takes it
    except BaseException as error:
        discard(hidden)
        if isinstance(error, OSError):
            hint = "nothing was printed or stored"
            raise SegcliError(f"{folder} cannot take what was to be printed: {reason_of(error)}", hint) from error
        raise


def discard(hidden: Path) -> None:
    """Remove a hidden folder of ours: what it goes with was not stored."""
    with scratch.uninterrupted():
        shutil.rmtree(hidden, ignore_errors=True)
        if hidden in _locks:
            os.close(_locks.pop(hidden))


def _has_writer(path: Path) -> bool:
    """Tell whether another process is still writing to a hidden folder, or about to give it its name."""
    if path in _locks:  # an earlier run of this process, which was cut off
        os.close(_locks.pop(path))
    try:
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except PermissionError:  # it is private to another user, who alone can complete it
        return True
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    finally:
        os.close(handle)
    return False


def publish(hidden: Path) -> Path:
    """Give a hidden folder its name; after the commit. Returns the name, numbered where it was taken."""
    try:
        with scratch.uninterrupted():
            target = _publish(hidden)
    except OSError as error:
        hint = "the run is done and stored: the next one in that folder puts them in their place"
        raise SegcliError(f"{hidden} could not get its name: {reason_of(error)}", hint) from error
    outcome.current().wrote(target)
    return target


def _publish(hidden: Path) -> Path:
    match, folder = _HIDDEN.fullmatch(hidden.name), hidden.parent
    name = match["name"] if match else hidden.name
    number, target = 1, folder / name
    while target.exists() or target.is_symlink():
        number += 1
        target = folder / f"{name}-{number}"
    hidden.rename(target)
    scratch.sync(folder)
    if hidden in _locks:
        os.close(_locks.pop(hidden))
    return target


@contextmanager
def writing(path: Path, like: Path | None = None) -> Iterator[BinaryIO]:
    """Give a new file to write, on the disk when the block ends, with the mode of files, or of the one that it replaces."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
        yield file
        file.flush()
        file_modes.give(file.fileno(), file_modes.of_file(like) if like else file_modes.wanted_of_files())
        os.fsync(file.fileno())
