"""Copies of the database: private, and checked before they get their final name."""

import os
import sqlite3
from contextlib import closing
from pathlib import Path

from segcli.base import file_guard, outcome, placing, scratch
from segcli.base.errors import SegcliError, reason_of
from segcli.storage import database_file


def snapshot(db: sqlite3.Connection, target: Path) -> None:
    """Write a checked copy of the database to a new file with mode 0600."""
    if not target.parent.is_dir():
        raise SegcliError(f"there is no folder {target.parent}")
    try:
        with scratch.room(target.parent) as room:  # also removes leftovers of a killed process
            file_guard.refuse(target)
            made = room / "new"
            _copy(db, made, target)
            placing.place(made, target)
            outcome.current().wrote(target)
    except FileExistsError as error:
        hint = "a backup never overwrites: choose another name"
        raise SegcliError(f"{target} is there already", hint) from error
    except OSError as error:
        raise SegcliError(f"{target} cannot be written: {reason_of(error)}", "no backup was made") from error


def _copy(db: sqlite3.Connection, made: Path, target: Path) -> None:
    """Write a copy, check its integrity and sync it to disk."""
    if target.exists() or target.is_symlink():
        raise FileExistsError(target)
    os.close(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # private from the start
    try:
        db.execute("VACUUM INTO ?", (made.absolute().as_uri(),))  # a URI: its name need not be UTF-8
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
            reason = "the disk is full, failing, or files may not be that large (ulimit -f)"
            raise SegcliError(f"{target} cannot be written: {reason}", "no backup was made") from error
        raise
    except sqlite3.IntegrityError as error:  # a row violates a constraint of its table, or is twice in an index
        raise _unsound(str(error)) from error
    with closing(database_file.bare(made, write=False)) as copy:
        verdict = copy.execute("PRAGMA quick_check(1)").fetchone()[0]
    if verdict != "ok":
        raise _unsound(verdict)
    with made.open("rb") as file:
        os.fsync(file.fileno())


def _unsound(why: str) -> SegcliError:
    return SegcliError(f"the copy would not be sound ({why}): no backup was made", "see: segcli check")
