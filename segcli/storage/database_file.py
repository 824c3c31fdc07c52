"""The database file below all transactions: its header, its version, and a plain connection to it."""

import os
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from segcli.base import file_guard
from segcli.base.errors import SegcliError
from segcli.storage import diagnosis, restricted
from segcli.storage.locking import POLL_SECONDS, WAIT_SECONDS, shared
from segcli.storage.places import default_database

VERSION = 10  # user_version of schema.sql
INTERRUPT_EVERY = 50_000  # virtual machine steps between checks for Ctrl-C
_HEADER_BYTES = 100
_FORMATS = 2  # highest file format version: 1 is journal, 2 is write-ahead log


def bare(real: Path, *, write: bool) -> sqlite3.Connection:
    """Connect to a file as it is, without checks or settings."""
    if write:
        from segcli.storage.writing_connection import WritingConnection

        uri = f"{real.absolute().as_uri()}?mode=rw"
        return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=WAIT_SECONDS, factory=WritingConnection)
    uri, held = reading_uri(real)
    if held is not None:
        return restricted.held(uri, held, WAIT_SECONDS)
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=WAIT_SECONDS)


def reading_uri(real: Path) -> tuple[str, int | None]:
    """Return the URI by which to read a file, and the shared lock to hold meanwhile, if one is needed."""
    uri = f"{real.absolute().as_uri()}?mode=ro"
    if not (os.access(real, os.W_OK) and os.access(real.parent, os.W_OK)):
        held = shared(real)
        if held is not None and not Path(f"{real}-wal").exists():  # SQLite would have to create it
            return f"{uri}&immutable=1", held
        if held is not None:
            os.close(held)
    return uri, None


def check_header(path: Path, real: Path) -> None:
    """Raise SegcliError if the file is not ours, from a newer segcli, or shorter than its header says.

    This runs before SQLite opens the file, because SQLite creates files beside it even for reading.
    """
    if real.is_dir():
        raise SegcliError(f"{path} is a folder, not a database", "name the file with --database")
    if real.exists() and not real.is_file():  # opening a pipe would block
        raise SegcliError(f"{path} is no file", "name the file with --database")
    try:
        head, size = _head(real)
    except FileNotFoundError:
        head, size = b"", 0
    except OSError as error:
        raise SegcliError(f"{path} cannot be read: {error.strerror}") from error
    if not head:
        raise SegcliError(f"there is no database {path}", f"make one: {_init_command(path)}")
    _check_head(path, real, head, size)


def _check_head(path: Path, real: Path, head: bytes, size: int) -> None:
    if not head.startswith(file_guard.HEADER):
        raise SegcliError(f"{path} is not a segcli database", "name the right file with --database")
    if len(head) < _HEADER_BYTES:
        raise diagnosis.damaged(path)
    _check_owner(path, *(int.from_bytes(head[at : at + 4], "big") for at in (68, 60)))
    if _is_short(real, head, size):
        time.sleep(POLL_SECONDS)  # a writer may have committed between the two reads
        head, size = _head(real)
    if _is_short(real, head, size) or max(head[18:20]) > _FORMATS:
        raise diagnosis.damaged(path)


def _head(real: Path) -> tuple[bytes, int]:
    """Return the first bytes of a file and its size."""
    with real.open("rb") as file:
        return file.read(_HEADER_BYTES), os.fstat(file.fileno()).st_size


def _is_short(real: Path, head: bytes, size: int) -> bool:
    """Tell whether a database is shorter than its header says, with no log to hold the rest."""
    page = int.from_bytes(head[16:18], "big")
    expected = int.from_bytes(head[28:32], "big") * (65536 if page == 1 else page)
    return size < expected and not Path(f"{real}-wal").exists()


def _check_owner(path: Path, application: int, version: int) -> None:
    if application != file_guard.APPLICATION_ID:
        raise SegcliError(
            f"{path} is a database of something else, not of segcli", "name the right file with --database"
        )
    if version > VERSION:
        raise SegcliError(
            f"{path} was made by a newer segcli (schema {version}; this one knows {VERSION})", "upgrade segcli"
        )
    if version < 1:
        raise diagnosis.damaged(path)


def _init_command(path: Path) -> str:
    flag = "" if Path(path) == default_database() else f"--database {path} "
    return f"segcli {flag}init   (or with data to try: segcli {flag}init --example)"


def version(path: Path, real: Path) -> int:
    """Return user_version, which may still be in the log. Raises SegcliError if it is from a newer segcli."""
    with closing(bare(real, write=False)) as db:
        found = int(db.execute("PRAGMA user_version").fetchone()[0])
    _check_owner(path, file_guard.APPLICATION_ID, found)
    return found
