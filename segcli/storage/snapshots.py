"""Copies of the database: private, and checked before they get their final name."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from segcli.base import file_guard, outcome, placing, scratch
from segcli.base.errors import SegcliError, reason_of
from segcli.storage import database_file

_STEP = 1000  # pages copied between checks for Ctrl-C


def snapshot(db: sqlite3.Connection, target: Path, tick: Callable[[int], None] = lambda _: None) -> None:
    """Write a checked copy of the database to a new file with mode 0600. `tick` is called with the pages copied so far.

    The connection must have no open transaction.
    """
    if not target.parent.is_dir():
        raise SegcliError(f"there is no folder {target.parent}")
    try:
        with scratch.room(target.parent) as room:  # also removes leftovers of a killed process
            file_guard.refuse(target)
            made = room / "new"
            _copy(db, made, target, tick)
            placing.place(made, target)
            outcome.current().wrote(target)
    except FileExistsError as error:
        hint = "a backup never overwrites: choose another name"
        raise SegcliError(f"{target} is there already", hint) from error
    except OSError as error:
        raise SegcliError(f"{target} cannot be written: {reason_of(error)}", "no backup was made") from error


def _copy(db: sqlite3.Connection, made: Path, target: Path, tick: Callable[[int], None]) -> None:
    """Write a copy of one moment, check it and sync it to disk."""
    if target.exists() or target.is_symlink():
        raise FileExistsError(target)
    os.close(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))  # private from the start
    pages = 0

    def count(_status: int, remaining: int, total: int) -> None:
        nonlocal pages
        pages = total - remaining
        tick(pages)

    try:
        with closing(database_file.bare(made, write=True)) as copy, _one_moment(db):
            copy.execute("PRAGMA synchronous=OFF")  # the whole file is synced once, below
            db.backup(copy, pages=_STEP, progress=count)
            copy.execute("PRAGMA journal_mode=DELETE")  # a copy is complete without a log beside it
    except sqlite3.OperationalError as error:
        if error.sqlite_errorname.startswith(("SQLITE_FULL", "SQLITE_IOERR")):
            reason = "the disk is full, failing, or files may not be that large (ulimit -f)"
            raise SegcliError(f"{target} cannot be written: {reason}", "no backup was made") from error
        raise
    _check(made, lambda: tick(pages))
    with made.open("rb") as file:
        os.fsync(file.fileno())


@contextmanager
def _one_moment(db: sqlite3.Connection) -> Iterator[None]:
    """Hold a read transaction: a writer that commits meanwhile does not make the copy start again."""
    db.execute("BEGIN")
    try:
        db.execute("SELECT 1 FROM sqlite_schema LIMIT 1").fetchone()
        yield
    finally:
        db.execute("ROLLBACK")


def _check(made: Path, tick: Callable[[], None]) -> None:
    """Read the whole copy: its pages, and that its rows satisfy their types, NOT NULL and CHECK.

    The connection is writable, because SQLite does not check CHECK over a read-only one.
    """
    with closing(database_file.bare(made, write=True)) as copy:
        copy.execute("PRAGMA query_only=ON")
        copy.execute("PRAGMA cell_size_check=ON")
        copy.set_progress_handler(tick, database_file.INTERRUPT_EVERY)
        verdict = str(copy.execute("PRAGMA quick_check(1)").fetchone()[0])
    if verdict != "ok":
        why = verdict.splitlines()[-1]  # the first line of damage to a page only names the database
        told = f"the copy would not be sound ({why}): no backup was made"
        raise SegcliError(told, "the database is damaged; see: segcli check")
