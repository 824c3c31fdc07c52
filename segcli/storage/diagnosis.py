"""Turns database errors into messages for the user: damaged, incomplete, busy, full, not writable."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from segcli.base.errors import BusyError, SegcliError, UsageError

_TORN = ("unsupported file format", "Could not decode to UTF-8")  # messages of SQLite and Python without an error name
_TOO_MUCH = ("this is more at once than SQLite takes: nothing was changed", "ask for less in one command")
_TOO_LARGE = (
    "a sum is larger than can be kept (2^63 of the smallest unit)",
    "select fewer accounts, or look for an amount that is a mistake",
)
# SQLite message -> meaning and hint.
_SAYINGS = {
    "integer overflow": _TOO_LARGE,  # raised by sum()
    "REAL value in INTEGER column": _TOO_LARGE,  # + and * overflow to a float
    "parser stack overflow": _TOO_MUCH,
    "Expression tree is too large": _TOO_MUCH,
    "too many SQL variables": _TOO_MUCH,
    "too many terms": _TOO_MUCH,
    "string or blob too big": _TOO_MUCH,
}


def backups(path: Path) -> list[Path]:
    """Return the backups beside a database, newest last."""
    import glob

    return sorted(path.parent.glob(f"{glob.escape(path.name)}*.backup*"), key=lambda p: p.stat().st_mtime)


def copies(db: sqlite3.Connection, path: Path) -> list[Path]:
    """Return the other databases of the same administration in the folder, whatever their names."""
    real = Path(os.path.realpath(path))
    salt = _salt(db)
    files = (file for file in real.parent.iterdir() if file != real and file.is_file() and not file.is_symlink())
    found = {file for file in files if _is_database(file) and _salt_of(file) == salt}
    return sorted({*found, *backups(real)})


def _is_database(file: Path) -> bool:
    try:
        with file.open("rb") as opened:
            return opened.read(16) == b"SQLite format 3\0"
    except OSError:
        return False


def _salt(db: sqlite3.Connection) -> str | None:
    row = db.execute("SELECT mailing_salt FROM administration").fetchone()
    return None if row is None else str(row[0])


def _salt_of(file: Path) -> str | None:
    """Read the salt without creating files beside the database; None if there is none."""
    try:
        with closing(sqlite3.connect(f"{file.as_uri()}?mode=ro&immutable=1", uri=True)) as db:
            return _salt(db)
    except sqlite3.Error:
        return None


def damaged(path: Path) -> SegcliError:
    """Return the error for a damaged file. It names the newest backup beside it."""
    found = backups(path)
    hint = f"the newest backup beside it is {found[-1]}: put it in its place" if found else "put a backup in its place"
    # a remaining log would be applied to the backup
    left = [name for name in (f"{path}-wal", f"{path}-shm") if Path(name).exists()]
    without = f", and remove {' and '.join(left)}" if left else ""
    return SegcliError(f"{path} is damaged and was left as it is", hint + without)


def incomplete(path: Path) -> SegcliError:
    """Return the error for a file that lacks tables, indexes or triggers."""
    return SegcliError(f"{path} lacks a part of its schema: nothing was changed", "segcli check says which")


def explain(error: sqlite3.Error, path: Path) -> SegcliError:
    """Translate an SQLite error for the user; an unknown error is raised again."""
    name, text = getattr(error, "sqlite_errorname", "") or "", str(error)
    found = _of_content(name, text, path) or _of_place(name, text, path)
    if found is None:
        raise error  # a bug of ours keeps its traceback
    return found


def _of_content(name: str, text: str, path: Path) -> SegcliError | None:
    """Return the error for a problem with the content of the file."""
    if name.startswith(("SQLITE_CORRUPT", "SQLITE_NOTADB")) or text.startswith(_TORN):
        return damaged(path)
    if "pattern too complex" in text:
        return UsageError("a text to look for is longer than SQLite takes (50,000 bytes)", "look for a part of it")
    if text.startswith("no such ") and _lacks_parts(path):
        return incomplete(path)
    return next((SegcliError(*meaning) for said, meaning in _SAYINGS.items() if said in text), None)


def _of_place(name: str, text: str, path: Path) -> SegcliError | None:
    """Return the error for a problem with the disk, the folder or other users of the file."""
    if name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")):
        return BusyError(f"{path} stayed busy", "another program holds it; try again")
    if name.startswith("SQLITE_FULL") or "disk is full" in text:
        return SegcliError("the disk is full: nothing was changed", "make room and run the command again")
    if name.startswith("SQLITE_IOERR"):
        return SegcliError(
            f"{path}: the disk does not take it (full, a file size limit, or failing): nothing was changed",
            "set TMPDIR to a writable folder" if name == "SQLITE_IOERR_GETTEMPPATH" else "",
        )
    is_barred = name.startswith(("SQLITE_READONLY", "SQLITE_CANTOPEN", "SQLITE_PERM"))
    if is_barred and Path(f"{os.path.realpath(path)}-journal").exists():
        return SegcliError(
            f"{path} has a journal beside it that another program left: {path}-journal",
            f"let SQLite put it in order: sqlite3 {path} 'PRAGMA quick_check'; a journal of something else: move it away",
        )
    if is_barred:
        return SegcliError(
            f"{path} cannot be written: no rights to the file or to its folder {path.parent}",
            "a database in use also needs its folder writable, for the files -wal and -shm",
        )
    return None


def _lacks_parts(path: Path) -> bool:
    from segcli.storage import schema

    return schema.lacks_parts(path)
