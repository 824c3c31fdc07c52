"""Access to the database: every open, check, lock and write goes through this module."""

import os
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from segcli.base import file_guard, file_modes, outcome
from segcli.base.errors import SegcliError
from segcli.storage import diagnosis, restricted, sql_functions
from segcli.storage.locking import POLL_SECONDS, WAIT_SECONDS, lock, shared
from segcli.storage.places import default_database, resource

APPLICATION_ID = file_guard.APPLICATION_ID
VERSION = 6  # user_version of schema.sql
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
_HEADER = file_guard.HEADER
_HEADER_BYTES = 100
_FORMATS = 2  # highest file format version: 1 is journal, 2 is write-ahead log
INTERRUPT_EVERY = 50_000  # virtual machine steps between checks for Ctrl-C


@contextmanager
def create(path: Path) -> Iterator[sqlite3.Connection]:
    """Create a database atomically, with the configured mode; create its folder if missing.

    The block may fill the database. If the block fails, no database is created.
    """
    from segcli.base import scratch

    target = Path(os.path.realpath(path))
    file_modes.make_folder(target.parent, file_modes.folder_of_database())
    with scratch.room(target.parent) as room:  # also removes leftovers of a killed process
        _refuse_taken(target, path)
        file_guard.refuse_beside(target)
        made = room / "new"
        with closing(sqlite3.connect(made, isolation_level=None)) as db:
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
            scratch.sync(target.parent)


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
    _check_header(path, real)
    try:
        if _version(path, real) < VERSION:
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
    db = bare(real, write=write)
    try:
        restricted.place_temporary(db, real.parent)
        for pragma in (*_PRAGMAS, *(() if write else _READING)):
            db.execute(f"PRAGMA {pragma}")
        db.execute("SELECT 1 FROM sqlite_schema LIMIT 1")  # reads the whole schema, so corruption is found here
        db.set_progress_handler(lambda: 0, INTERRUPT_EVERY)
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


def bare(real: Path, *, write: bool) -> sqlite3.Connection:
    """Connect to a file as it is, without checks or settings."""
    uri = f"{real.absolute().as_uri()}?mode={'rw' if write else 'ro'}"
    if not write and not (os.access(real, os.W_OK) and os.access(real.parent, os.W_OK)):
        held = shared(real)
        if held is not None and not Path(f"{real}-wal").exists():  # SQLite would have to create it
            return restricted.held(f"{uri}&immutable=1", held, WAIT_SECONDS)
        if held is not None:
            os.close(held)
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=WAIT_SECONDS)


def _check_header(path: Path, real: Path) -> None:
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
    if not head.startswith(_HEADER):
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
    if application != APPLICATION_ID:
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


def _version(path: Path, real: Path) -> int:
    """Return user_version, which may still be in the log. Raises SegcliError if it is from a newer segcli."""
    with closing(bare(real, write=False)) as db:
        version = int(db.execute("PRAGMA user_version").fetchone()[0])
    _check_owner(path, APPLICATION_ID, version)
    return version


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
    from segcli.base import scratch
    from segcli.storage import writeahead

    transaction = Transaction()
    real = Path(os.path.realpath(path))
    with lock(real, what, wait), _references(db, checked=not looked_up):
        writeahead.use(db, wait)
        db.execute("BEGIN IMMEDIATE")
        is_committed = False
        try:
            yield transaction
            if transaction.keep:
                with scratch.uninterrupted():
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
    from segcli.base import scratch

    with scratch.uninterrupted():
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
