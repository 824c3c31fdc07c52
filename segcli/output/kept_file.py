"""An existing SQLite file to which an export adds tables. It is copied, and the complete copy replaces it."""

import fcntl
import os
import shutil
import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path

from segcli.base import file_guard
from segcli.base.errors import BusyError, SegcliError, UsageError

_WAIT_SECONDS = 5.0  # for another program that writes to the file
_LOGS = ("-wal", "-journal")
_Stamp = tuple[int, int, int, int]  # device, inode, size, time of the last change


class KeptFile:
    """The file at a path, which need not exist. Raises UsageError if it may not be written or is not a SQLite database."""

    def __init__(self, path: Path) -> None:
        file_guard.refuse(path)
        self.path = path
        self._real = Path(os.path.realpath(path))
        self._stamp: _Stamp | None = None
        if path.is_file() and self._head() not in {
            file_guard.HEADER,
            b"",
        }:  # without a byte it is a database without tables
            raise UsageError(f"{path} is not a SQLite database: nothing was written", "use another file")

    def _head(self) -> bytes:
        try:
            with self.path.open("rb") as file:
                return file.read(len(file_guard.HEADER))
        except OSError as error:
            reason = error.strerror or str(error)
            raise SegcliError(
                f"{self.path} cannot be read: {reason}", "its other tables must be copied; use another file"
            ) from error

    def copy(self, target: Path) -> bool:
        """Copy the file byte by byte; return False if it does not exist or is empty.

        Raises BusyError if another program writes to it, SegcliError if SQLite cannot read it.
        """
        self._stamp = self._stamp_now()
        if self._stamp is None or not self._real.stat().st_size:
            return False
        try:
            with closing(sqlite3.connect(f"{self._real.as_uri()}?mode=rw", uri=True, timeout=_WAIT_SECONDS)) as db:
                has_log = db.execute("PRAGMA journal_mode").fetchone()[0] == "wal"
                db.execute("BEGIN")
                db.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # takes a read lock, which blocks writers
                if not has_log:
                    self._take(target)
        except sqlite3.OperationalError as error:
            if getattr(error, "sqlite_errorname", "").startswith("SQLITE_BUSY"):
                raise self._busy() from error
            raise SegcliError(f"{self.path} cannot be read: {error}", "is it a SQLite database?") from error
        except sqlite3.DatabaseError as error:
            raise SegcliError(f"{self.path} cannot be read: {error}", "is it damaged? use another file") from error
        if has_log:  # closing moved the log into the file, unless another program has the file open
            self._refuse_open()
            self._take(target)
        return True

    def check(self) -> None:
        """Raise BusyError if the file was changed after it was copied, since replacing it would lose the change."""
        if self._stamp_now() != self._stamp:
            raise self._busy()
        self._refuse_open()

    def _take(self, target: Path) -> None:
        self._stamp = self._stamp_now()
        shutil.copyfile(self._real, target)

    def _stamp_now(self) -> _Stamp | None:
        with suppress(FileNotFoundError):
            found = self.path.stat()
            return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns
        return None

    def _refuse_open(self) -> None:
        if any(Path(f"{self._real}{end}").exists() for end in _LOGS):
            raise self._busy()

    def _busy(self) -> BusyError:
        return BusyError(
            f"{self.path} is in use by another program, or was changed by it: nothing was written", "try again"
        )


@contextmanager
def turn(folders: Iterable[Path]) -> Iterator[None]:
    """Let only one segcli at a time replace kept files in these folders; others wait until the end of the block."""
    with ExitStack() as held:
        for folder in sorted({folder.resolve() for folder in folders}):
            with suppress(
                OSError
            ):  # a missing folder is reported when it is written to; some file systems have no locks
                handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
                held.callback(os.close, handle)
                fcntl.flock(handle, fcntl.LOCK_EX)
        yield
