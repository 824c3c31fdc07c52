"""Output folders that are published atomically with the database commit.

A folder is written under a hidden name, which the run records (run.outbox), and renamed after the commit. If a run is
killed, the next run in that folder renames a recorded folder and deletes an unrecorded one. A lock on the folder shows
that its writer is still alive.
"""

import fcntl
import filecmp
import os
import re
import secrets
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

from segcli.base import file_modes, outcome, placing, signals
from segcli.base.errors import SegcliError, reason_of

_HIDDEN = re.compile(r"\.(?P<name>.+)\.[0-9a-f]{16}\.new", re.ASCII)
_locks: dict[Path, int] = {}  # hidden folders of this process with their lock descriptors
_FORBIDDEN = frozenset('/\\\0:*?"<>|~')
_LONGEST = 120  # bytes: file systems allow 255, and a suffix follows
ENDINGS = ("pdf", "eml", "xml")


def check_folder(folder: Path) -> None:
    """Create a folder if it is missing; raise SegcliError if it is not writable."""
    try:
        file_modes.make_folder(folder)
        reason = "" if os.access(folder, os.W_OK | os.X_OK) else "you may not write in it"
    except OSError as error:
        reason = str(error.strerror)
    if reason:
        raise SegcliError(f"{folder} cannot be written: {reason}", "nothing was sent or stored")


def free(folder: Path, code: str) -> str:
    """Return an unused file name for a code in a folder, without extension.

    Characters not allowed in a name become hyphens: 2024/1 becomes 2024-1, or 2024-1-2 if that exists. The name never starts
    with a dot or hyphen, contains no path separator and is not too long.
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
    """Publish or delete the hidden folders that killed runs left; return the published paths."""
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
    """Yield a hidden folder to write to; delete it if the block fails. The caller publishes or discards it."""
    hidden = folder / f".{name}.{secrets.token_hex(8)}.new"
    try:
        with signals.deferred():
            hidden.mkdir(mode=0o700)
            file_modes.widen(hidden, file_modes.folder())
            _locks[hidden] = os.open(hidden, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        with suppress(OSError):  # a file system without locks
            fcntl.flock(_locks[hidden], fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield hidden
        placing.sync(hidden)
        placing.sync(folder)  # the folder must be on disk before the commit that records it
    except BaseException as error:
        discard(hidden)
        if isinstance(error, OSError):
            hint = "nothing was printed or stored"
            raise SegcliError(f"{folder} cannot take what was to be printed: {reason_of(error)}", hint) from error
        raise


def published_before(hidden: Path) -> Path | None:
    """Return the published folder of this name, numbered or not, that has the same files with the same content."""
    match = _HIDDEN.fullmatch(hidden.name)
    return next(filter(partial(_is_same, hidden), _published(hidden.parent / match["name"])), None) if match else None


def _published(target: Path) -> Iterator[Path]:
    """Yield the folders that runs of one name have published."""
    number, path = 1, target
    while path.is_dir():
        yield path
        number += 1
        path = target.with_name(f"{target.name}-{number}")


def _is_same(one: Path, other: Path) -> bool:
    names = sorted(path.name for path in one.iterdir())
    if names != sorted(path.name for path in other.iterdir()):
        return False
    return filecmp.cmpfiles(one, other, names, shallow=False)[0] == names


def discard(hidden: Path) -> None:
    """Delete a hidden folder of this process whose run was not committed."""
    with signals.deferred():
        shutil.rmtree(hidden, ignore_errors=True)
        if hidden in _locks:
            os.close(_locks.pop(hidden))


def _has_writer(path: Path) -> bool:
    """Tell whether another process still writes to a hidden folder or is about to publish it."""
    if path in _locks:  # left by an earlier, interrupted run of this process
        os.close(_locks.pop(path))
    try:
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except PermissionError:  # belongs to another user; only that user can publish it
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
    """Rename a hidden folder to its final name, after the commit. Return the path, numbered if the name exists."""
    try:
        with signals.deferred():
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
    placing.sync(folder)
    if hidden in _locks:
        os.close(_locks.pop(hidden))
    return target


@contextmanager
def writing(path: Path, like: Path | None = None) -> Iterator[BinaryIO]:
    """Yield a new file to write and sync it at the end; it gets the default file mode, or that of the file `like`."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600), "wb") as file:
        yield file
        file.flush()
        file_modes.give(file.fileno(), file_modes.of_file(like) if like else file_modes.wanted_of_files())
        os.fsync(file.fileno())
