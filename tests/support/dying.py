"""Dying: a run of segcli in a forked child that is struck just before its n-th step, and what it leaves.

A step is an SQL statement, or a call that opens a file to write, syncs, names, renames or removes one. A forked child starts
at once, and the n-th step is the n-th step each time, so that a test can strike at all of them, or at any.
"""

import mmap
import os
import signal
import sqlite3
import sys
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

from conftest import connected, contents

from segcli.cli import main

NEVER = 0
BROKEN = 99  # the child ended with a traceback
_NAMES = frozenset(
    {"os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate", "os.chmod"}
)
_WRITES = os.O_WRONLY | os.O_RDWR | os.O_CREAT


class Ended(NamedTuple):
    """How a child ended: its status (negative: the signal that killed it), and how many steps it took."""

    status: int
    steps: int


def run(
    words: Sequence[str], step: int = NEVER, number: int = signal.SIGKILL, first: Callable[[], None] | None = None
) -> Ended:
    """Run segcli in a child that gets a signal just before the given step. `first` is done in the child before it."""
    counter = mmap.mmap(-1, 8)
    sys.stdout.flush()
    sys.stderr.flush()
    child = os.fork()
    if not child:
        sys.settrace(None)  # what this child covers is lost with it
        status = BROKEN
        try:
            _strike(counter, step, number)
            if first:
                first()
            status = main.run(list(words))
            sys.stdout.flush()
            sys.stderr.flush()
        except BaseException:  # noqa: BLE001 - whatever it is, the child must end here
            traceback.print_exc()
            sys.stderr.flush()
        finally:
            os._exit(status)
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    return Ended(status, int.from_bytes(counter[:8], "big"))


def _strike(counter: mmap.mmap, step: int, number: int) -> None:
    """Count the steps of this process, and send it the signal before the given one."""

    def tick() -> None:
        count = int.from_bytes(counter[:8], "big") + 1
        counter[:8] = count.to_bytes(8, "big")
        if count == step:
            os.kill(os.getpid(), number)

    def heard(event: str, given: tuple[Any, ...]) -> None:
        if event in _NAMES or (event == "open" and isinstance(given[2], int) and given[2] & _WRITES):
            tick()

    class Counted:
        """Takes a step with each statement; a handler of the signal raises where the statement was asked for."""

        def execute(self, *given: Any) -> sqlite3.Cursor:
            tick()
            return super().execute(*given)  # type: ignore[misc,no-any-return]

        def executemany(self, *given: Any) -> sqlite3.Cursor:
            tick()
            return super().executemany(*given)  # type: ignore[misc,no-any-return]

    connect, sync = sqlite3.connect, os.fsync

    def connected(*given: Any, **named: Any) -> sqlite3.Connection:
        db = connect(
            *given, **named | {"factory": type("Counted", (Counted, named.get("factory", sqlite3.Connection)), {})}
        )
        if number == signal.SIGKILL:  # nothing is raised then, so that each row of many can be a step
            db.set_trace_callback(lambda _: tick())
        return db

    def synced(file: int) -> None:
        tick()
        sync(file)

    sqlite3.connect, os.fsync = connected, synced  # type: ignore[assignment]
    sys.addaudithook(heard)


def held(path: Path, *, is_upgraded: bool = False) -> str:
    """Return a digest of all that a database holds, but for the names of hidden folders, which differ from run to run.

    So do the versions of tables, and the salt and the identity that an upgrade gives to an administration that had none.
    """
    with connected(path) as db, connected(Path(":memory:")) as copy:
        db.backup(copy)
        if "outbox" in {row[1] for row in copy.execute("PRAGMA table_info(run)")}:
            copy.execute("UPDATE run SET outbox = 'hidden' WHERE outbox IS NOT NULL")
        if "table_version" in {row[0] for row in copy.execute("SELECT name FROM sqlite_schema")}:
            copy.execute("UPDATE table_version SET number = 1")
        if is_upgraded:
            copy.execute("UPDATE administration SET mailing_salt = 'salt', identity = 'same'")
        return contents(copy)


def hidden(folder: Path) -> list[str]:
    """Return what lies hidden, or unfinished, in a folder and below it."""
    found = (path for path in folder.rglob("*") if path.name.startswith(".") or path.suffix in {".tmp", ".new"})
    return sorted(str(path.relative_to(folder)) for path in found)


def shown(folder: Path, database: Path) -> dict[str, bytes]:
    """Return the files of a folder that are not hidden, and not the database's."""
    own = {database.name, *(f"{database.name}{end}" for end in ("-wal", "-shm", "-journal", ".lock"))}
    found = (path for path in folder.rglob("*") if path.is_file() and path.name not in own)
    names = {str(path.relative_to(folder)): path for path in found}
    return {
        name: path.read_bytes()
        for name, path in names.items()
        if not any(part.startswith(".") for part in Path(name).parts)
    }
