"""The writer lock `<file>.lock` beside a file. The kernel releases it when its holder dies."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from segcli.base import file_modes
from segcli.base.errors import BusyError, SegcliError, UsageError, reason_of

POLL_SECONDS = 0.05
WAIT_SECONDS = 30.0
_LOCKED = b"process "  # start of a lock file; the holder follows


def _refuse_foreign_lock(file: int, real: Path) -> None:
    """Raise UsageError if the file is not a lock of segcli, because locking overwrites it."""
    head = os.pread(file, len(_LOCKED), 0)
    if head and head != _LOCKED:
        raise UsageError(f"{real}.lock is there, and is no lock of segcli", "move it away: nothing was changed")


def _opened(real: Path, mode: int) -> int:
    """Open the lock file. Those who may write the database may use its lock; without a database the lock gets `mode`."""
    try:
        file = os.open(f"{real}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise SegcliError(f"{real}.lock cannot be written: {reason_of(error)}") from error
    if real.exists():
        file_modes.share(file, real)
    else:
        file_modes.share(file, real.parent, mode)
    return file


def _take(file: int, real: Path, how: int, wait: float) -> None:
    """Lock an open file. Raises BusyError if another process holds it longer than `wait` seconds."""
    import fcntl

    deadline = time.monotonic() + wait
    while True:
        try:
            fcntl.flock(file, how | fcntl.LOCK_NB)
        except BlockingIOError:
            if time.monotonic() >= deadline:
                holder = os.read(file, 200).decode(errors="replace").strip() or "another process"
                raise BusyError(f"{real} is busy: {holder}", "try again when that is done") from None
            time.sleep(POLL_SECONDS)
        else:
            return


def shared(real: Path) -> int | None:
    """Take a shared lock, for a reader who may not write beside the database. Writers wait until the descriptor is closed.

    Returns None if nobody has written to the database yet.
    """
    import fcntl

    try:
        file = os.open(f"{real}.lock", os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return None
    except OSError as error:
        hint = "its owner's next command that writes gives it the mode of the database"
        raise SegcliError(f"{real}.lock cannot be read: {error.strerror}", hint) from error
    try:
        _take(file, real, fcntl.LOCK_SH, WAIT_SECONDS)
    except BaseException:
        os.close(file)
        raise
    return file


@contextmanager
def lock(real: Path, what: str, wait: float, mode: int = file_modes.PRIVATE) -> Iterator[None]:
    """Hold `<database>.lock`. It cannot become stale: the kernel releases it when the process dies."""
    import fcntl

    file = _opened(real, mode)
    try:
        _take(file, real, fcntl.LOCK_EX, wait)
        _refuse_foreign_lock(file, real)
        with suppress(OSError):  # on a full disk SQLite gives a better error
            text = f"{_LOCKED.decode()}{os.getpid()}, {what}, since {time.strftime('%H:%M:%S')}\n"
            os.ftruncate(file, 0)
            os.pwrite(file, text.encode(errors="replace"), 0)
        try:
            yield
        finally:
            with suppress(OSError):  # the work is done, or its error is already being raised
                os.ftruncate(file, 0)
    finally:
        os.close(file)
