"""Access to the database: every open, check, lock and write goes through this module."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from segcli.base import file_guard, file_modes, outcome
from segcli.base.errors import SegcliError
from segcli.storage import database_file, diagnosis, restricted, sql_functions
from segcli.storage.locking import WAIT_SECONDS, lock
from segcli.storage.places import resource

MINIMUM_SQLITE = (3, 37, 0)  # STRICT tables; RETURNING and trigrams are older
_PRAGMAS = (
    "foreign_keys=ON",
    "recursive_triggers=ON",  # otherwise INSERT OR REPLACE does not fire delete triggers
    "cell_size_check=ON",
    "secure_delete=ON",
    "synchronous=FULL",  # with WAL: a reported commit survives a power cut
    "cache_size=-20000",  # 20 MB, and as much again per sorter; more did not speed up large imports
)
# trusted_schema=OFF: a schema written by somebody else must not call arbitrary functions. Writers cannot use it: many SQLite
# versions (3.40) consider the triggers of the search index unsafe. `check` compares those triggers with schema.sql.
# Readers use a small cache and no memory mapping: cell_size_check examines a mapped page at every access, and pages that were
# read are in the system's cache anyway. Measured over 14 overviews with a million accounts: 10 to 25 % less CPU.
_READING = ("trusted_schema=OFF", "cache_size=-4000")


@contextmanager
def create(path: Path) -> Iterator[sqlite3.Connection]:
    """Create a database atomically, with the configured mode; create its folder if missing.

    The block may fill the database. If the block fails, no database is created.
    """
    from segcli.base import placing, scratch
    from segcli.storage.writing_connection import WritingConnection

    target = Path(os.path.realpath(path))
    file_modes.make_folder(target.parent, file_modes.folder_of_database())
    with scratch.room(target.parent) as room:  # also removes leftovers of a killed process
        _refuse_taken(target, path)
        file_guard.refuse_beside(target)
        made = room / "new"
        with closing(sqlite3.connect(made, isolation_level=None, factory=WritingConnection)) as db:
            restricted.place_temporary(db, target.parent)
            db.executescript("BEGIN;\n" + resource("schema.sql").read_text(encoding="utf-8") + "\nCOMMIT;")
            db.execute("PRAGMA foreign_keys=ON")
            sql_functions.register(db)
            yield db
            db.execute("PRAGMA journal_mode=WAL")
        made.chmod(file_modes.wanted_of_database())
        with lock(target, "init", WAIT_SECONDS, file_modes.wanted_of_database()):
            _refuse_taken(target, path)  # another process may have created it meanwhile
            made.replace(target)
            placing.sync(target.parent)


def _refuse_taken(target: Path, path: Path) -> None:
    """Raise SegcliError if the database exists, or if a stray log would be applied to the new one."""
    from segcli.storage import writeahead

    if target.exists() and target.stat().st_size:
        raise SegcliError(f"{path} is there already", "choose another --database, or move that file away")
    if writeahead.size(target):
        raise SegcliError(
            f"{path}-wal is left of another database, and may hold what was last written to it",
            "move it to where that database is, or delete it",
        )


def connect(path: Path, *, write: bool = False, may_upgrade: bool = True) -> sqlite3.Connection:
    """Connect to an existing segcli database. An older database is upgraded first, unless `may_upgrade` is false.

    Raises SegcliError if the file is missing, damaged, not a segcli database or made by a newer segcli.
    """
    if sqlite3.sqlite_version_info < MINIMUM_SQLITE:
        raise SegcliError(f"SQLite {sqlite3.sqlite_version} is too old", "segcli needs 3.37 or newer")
    real = Path(os.path.realpath(path))  # one name, one lock, one write-ahead log
    file_guard.note(real, file_guard.DATABASE)
    database_file.check_header(path, real)
    try:
        if database_file.version(path, real) < database_file.VERSION:
            if not may_upgrade:
                raise SegcliError(f"{path} is of an older segcli", "any other command upgrades it")
            from segcli.storage import migrations

            migrations.upgrade(real)
        return _connected(path, real, write=write)
    except UnicodeDecodeError as error:  # SQLite's message quotes the schema, which is corrupt
        raise diagnosis.damaged(path) from error


def _connected(path: Path, real: Path, *, write: bool) -> sqlite3.Connection:
    if write:
        file_modes.settle(real)
    db = database_file.bare(real, write=write)
    try:
        restricted.place_temporary(db, real.parent)
        for pragma in (*_PRAGMAS, *(() if write else _READING)):
            db.execute(f"PRAGMA {pragma}")
        db.execute("SELECT 1 FROM sqlite_schema LIMIT 1")  # reads the whole schema, so corruption is found here
        db.set_progress_handler(lambda: 0, database_file.INTERRUPT_EVERY)
        sql_functions.register(db)
        if write:
            _refuse_incomplete(db, path)
    except BaseException:
        db.close()
        raise
    return db


def _refuse_incomplete(db: sqlite3.Connection, path: Path) -> None:
    """Raise SegcliError if a table, index or trigger is missing: writing without it could break the data."""
    from segcli.storage import schema

    if not schema.is_whole(db):
        raise diagnosis.incomplete(path)


class Transaction:
    """The current transaction. Set `keep` to False to roll it back at the end, as a dry run does."""

    keep = True

    def __init__(self) -> None:
        self.after_commit: list[Callable[[], object]] = []
        self.after_rollback: list[Callable[[], object]] = []

    def on_commit(self, action: Callable[[], object]) -> None:
        """Run an action right after the commit. Signals are blocked from the commit to the end of the action."""
        self.after_commit.append(action)

    def on_rollback(self, action: Callable[[], object]) -> None:
        """Run an action if nothing was committed, whatever the cause. Signals are blocked meanwhile."""
        self.after_rollback.append(action)


@contextmanager
def writing(
    db: sqlite3.Connection, path: Path, what: str, *, wait: float = 30, looked_up: bool = False
) -> Iterator[Transaction]:
    """Hold the writer lock and a transaction, which is committed or rolled back as a whole.

    `what` describes the holder to waiting processes. Raises BusyError after `wait` seconds. `looked_up` means that all
    references written were looked up in this transaction, so SQLite need not check foreign keys.
    """
    from segcli.base import signals
    from segcli.storage import table_versions, writeahead

    transaction = Transaction()
    real = Path(os.path.realpath(path))
    with lock(real, what, wait), _references(db, checked=not looked_up):
        writeahead.use(db, wait)
        db.execute("BEGIN IMMEDIATE")
        is_committed = False
        try:
            with table_versions.watched(db) as written:
                yield transaction
            if transaction.keep:
                with signals.deferred():
                    table_versions.raise_of(db, written())
                    db.execute("COMMIT")
                    is_committed = True
                    outcome.current().close(is_committed=True)
                    for action in transaction.after_commit:
                        action()
        finally:
            outcome.current().close(is_committed=False)
            if not is_committed:
                _roll_back(db, transaction)
        if is_committed:
            writeahead.bound(db, real)


def _roll_back(db: sqlite3.Connection, transaction: Transaction) -> None:
    """Roll back a transaction and run its actions for this case, with signals blocked."""
    from segcli.base import signals

    with signals.deferred():
        try:
            if db.in_transaction:  # after a full or failing disk SQLite has already rolled back
                db.execute("ROLLBACK")
        finally:
            for action in transaction.after_rollback:
                action()


@contextmanager
def _references(db: sqlite3.Connection, *, checked: bool) -> Iterator[None]:
    """Turn foreign-key checks on or off; SQLite ignores this inside an open transaction."""
    db.execute(f"PRAGMA foreign_keys={int(checked)}")
    try:
        yield
    finally:
        db.execute("PRAGMA foreign_keys=1")
