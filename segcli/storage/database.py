"""The one door to the database: opened, checked, locked and written to here and nowhere else."""

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
    "recursive_triggers=ON",  # else INSERT OR REPLACE slips past a delete trigger
    "cell_size_check=ON",
    "secure_delete=ON",
    "synchronous=FULL",  # with WAL: a commit that was reported survives a power cut
    "cache_size=-20000",  # 20 MB, of which each sorter takes as much again; more did not make large imports quicker
)
# A schema that somebody else wrote must not run what it likes. Not for writers: the triggers that keep the search
# index count as unsafe in the SQLite of many systems (3.40), and they are checked against schema.sql by `check`.
# A reader's cache is small and nothing is mapped: cell_size_check looks at a mapped page each time it is touched, and what has
# been read once is in the system's cache anyway. Measured over 14 overviews at a million accounts: 10 to 25 % less CPU.
_READING = ("trusted_schema=OFF", "cache_size=-4000")
_HEADER = file_guard.HEADER
_HEADER_BYTES = 100
_FORMATS = 2  # ways of writing that SQLite has: journal and write-ahead log
INTERRUPT_EVERY = 50_000  # virtual machine steps between two looks for Ctrl-C


@contextmanager
def create(path: Path) -> Iterator[sqlite3.Connection]:
    """Create a database, whole or not at all, with the mode of the configuration. Its folder is made where missing.

    The block may fill it; where that fails there is no database.
    """
    from segcli.base import scratch

    target = Path(os.path.realpath(path))
    file_modes.make_folder(target.parent, file_modes.folder_of_database())
    with scratch.room(target.parent) as room:  # which clears away what a killed one left, whatever comes now
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
            _refuse_taken(target, path)  # another one may have been quicker
            made.replace(target)
            scratch.sync(target.parent)


def _refuse_taken(target: Path, path: Path) -> None:
    """Raise SegcliError where there is a database, or a log that SQLite would take for that of a new one."""
    from segcli.storage import writeahead

    if target.exists() and target.stat().st_size:
        raise SegcliError(f"{path} is there already", "choose another --database, or move that file away")
    if writeahead.size(target):
        raise SegcliError(
            f"{path}-wal is left of another database, and may hold what was last written to it",
            "move it to where that database is, or delete it",
        )


def connect(path: Path, *, write: bool = False, may_upgrade: bool = True) -> sqlite3.Connection:
    """Return a connection to a database of ours. Never creates one; an older one is upgraded first, if that may be.

    Raises SegcliError where the file is missing, damaged, not ours or made by a newer segcli.
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
    except UnicodeDecodeError as error:  # SQLite quotes the schema in its own message, and that is torn
        raise diagnosis.damaged(path) from error


def _connected(path: Path, real: Path, *, write: bool) -> sqlite3.Connection:
    if write:
        file_modes.settle(real)
    db = bare(real, write=write)
    try:
        restricted.place_temporary(db, real.parent)
        for pragma in (*_PRAGMAS, *(() if write else _READING)):
            db.execute(f"PRAGMA {pragma}")
        db.execute("SELECT 1 FROM sqlite_schema LIMIT 1")  # reads all of it: what is torn is found here
        db.set_progress_handler(lambda: 0, INTERRUPT_EVERY)
        sql_functions.register(db)
        if write:
            _refuse_incomplete(db, path)
    except BaseException:
        db.close()
        raise
    return db


def _refuse_incomplete(db: sqlite3.Connection, path: Path) -> None:
    """Raise SegcliError where a table, index or trigger is gone: what they guard must not be written without them."""
    from segcli.storage import schema

    if not schema.is_whole(db):
        raise diagnosis.incomplete(path)


def bare(real: Path, *, write: bool) -> sqlite3.Connection:
    """Return a connection to a file as it is, nothing checked and nothing set."""
    uri = f"{real.absolute().as_uri()}?mode={'rw' if write else 'ro'}"
    if not write and not (os.access(real, os.W_OK) and os.access(real.parent, os.W_OK)):
        held = shared(real)
        if held is not None and not Path(f"{real}-wal").exists():  # SQLite would have to make it
            return restricted.held(f"{uri}&immutable=1", held, WAIT_SECONDS)
        if held is not None:
            os.close(held)
    return sqlite3.connect(uri, uri=True, isolation_level=None, timeout=WAIT_SECONDS)


def _check_header(path: Path, real: Path) -> None:
    """Raise SegcliError where the file is not ours, of a newer segcli, or shorter than it says.

    Before SQLite sees it: that makes files beside what it opens, even to read.
    """
    if real.is_dir():
        raise SegcliError(f"{path} is a folder, not a database", "name the file with --database")
    if real.exists() and not real.is_file():  # a pipe would be waited for
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
        time.sleep(POLL_SECONDS)  # a writer that has just ended may have been at it between our looks
        head, size = _head(real)
    if _is_short(real, head, size) or max(head[18:20]) > _FORMATS:
        raise diagnosis.damaged(path)


def _head(real: Path) -> tuple[bytes, int]:
    """Return the first bytes of a file and its size."""
    with real.open("rb") as file:
        return file.read(_HEADER_BYTES), os.fstat(file.fileno()).st_size


def _is_short(real: Path, head: bytes, size: int) -> bool:
    """Tell whether a database is shorter than it says, and no log has the rest."""
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
    """Return user_version, which may be in the log yet. Raise SegcliError where it is of a newer segcli."""
    with closing(bare(real, write=False)) as db:
        version = int(db.execute("PRAGMA user_version").fetchone()[0])
    _check_owner(path, APPLICATION_ID, version)
    return version


class Transaction:
    """A transaction in progress: set `keep` to False to have it rolled back at the end, as a dry run is.

    `finish` is done right after the commit; no signal comes between the two. `abandon` is done where nothing was
    committed, whatever the cause.
    """

    keep = True

    def __init__(self) -> None:
        self.finish: Callable[[], object] = lambda: None
        self.abandon: Callable[[], object] = lambda: None


@contextmanager
def writing(
    db: sqlite3.Connection, path: Path, what: str, *, wait: float = 30, looked_up: bool = False
) -> Iterator[Transaction]:
    """Hold the one writer's lock and a transaction: all of it is committed, or none.

    `what` names the holder to those who wait. Raises BusyError after `wait` seconds. `looked_up` says that whatever is
    written refers only to rows that were found in this transaction: SQLite need not look for them once more.
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
                    transaction.finish()
        finally:
            outcome.current().close(is_committed=False)
            if not is_committed:
                _roll_back(db, transaction)
        if is_committed:
            writeahead.bound(db, real)


def _roll_back(db: sqlite3.Connection, transaction: Transaction) -> None:
    """Undo a transaction and what was prepared beside it: no signal comes in between."""
    from segcli.base import scratch

    with scratch.uninterrupted():
        try:
            if db.in_transaction:  # a full or failing disk has rolled back already
                db.execute("ROLLBACK")
        finally:
            transaction.abandon()


@contextmanager
def _references(db: sqlite3.Connection, *, checked: bool) -> Iterator[None]:
    """Have references checked or not in the transaction that begins inside: in one that is open it cannot be changed."""
    db.execute(f"PRAGMA foreign_keys={int(checked)}")
    try:
        yield
    finally:
        db.execute("PRAGMA foreign_keys=1")
