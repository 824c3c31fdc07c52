"""Check, backup, anonymise and undo, against the checks and copies of the sqlite3 shell and the change that is undone."""

import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from cases_import import copied
from measure import OURS, Case, Contestant
from prepare import ENVIRON, SEGCLI, SQLITE, Ready, segcli

SHELL, CHANGE = "sqlite3 shell", "the change"
_PART = 1 << 20  # bytes
WHO, NAME = (
    "0000040:1",
    "Pieter Zwartjes",
)  # the name of a person; those of the generated contacts are a word and a number
FIELDS = ("class3", "class4")
EVERYONE = ("tag", "--all", *(word for field in FIELDS for word in ("--set", f"{field}=V0002")), "--yes")
NAMES = (
    "check",
    "check --quick",
    "backup",
    "contact anonymise",
    "undo of a change of all accounts",
    "undo of an import of entries",
)


def cases(ready: Ready) -> Iterator[Case]:
    """Yield the checks, a backup, the removal of a person and the undo of a change of all accounts."""
    database, copy, here = ready.database, ready.folder / "copied.db", ready.folder / "stored.db"
    whole = shell(database, "PRAGMA integrity_check; PRAGMA foreign_key_check")
    yield Case("check", {OURS: ours(database, "check"), SHELL: whole}, {SHELL: 2.0})
    yield Case("check --quick", {OURS: ours(database, "check", "--quick"), SHELL: whole}, {SHELL: 0.2})
    yield backup(database, copy)
    yield anonymise(ready, here)
    yield undo(database, here)
    yield undo_of_an_import(ready, here)


def rows(*found: str) -> Callable[[], Iterable[Sequence[str]]]:
    """Return the result of a contestant that only has to end well: its exit status says so."""
    return lambda: [found]


def ours(database: Path, *words: str) -> Contestant:
    """Return segcli on a database; a check that fails ends with status 1."""
    return Contestant((SEGCLI, "-d", str(database), *words), result=rows("sound"), environ=ENVIRON)


def shell(database: Path, sql: str) -> Contestant:
    """Return the shell; that it finds the database sound is part of the result."""
    return Contestant((*SQLITE, "-bail", str(database), sql), result=rows("sound"))


def queried(database: Path, sql: str) -> Callable[[], Iterable[Sequence[str]]]:
    """Return the rows of a query as a result."""

    def found() -> Iterable[Sequence[str]]:
        with closing(sqlite3.connect(database)) as db:
            yield from (tuple(map(str, row)) for row in db.execute(sql))

    return found


def backup(database: Path, copy: Path) -> Case:
    """Return a backup that is checked, against .backup and a check of the copy. Both copies have the same rows."""
    result = queried(copy, "SELECT count(*), sum(net_amount), sum(id) FROM invoice_line")

    def without() -> None:
        copy.unlink(missing_ok=True)

    words = f"{' '.join(SQLITE)} {database} '.backup {copy}' && {' '.join(SQLITE)} {copy} 'PRAGMA quick_check'"
    contestants = {
        OURS: Contestant(
            (SEGCLI, "-d", str(database), "backup", str(copy)), before=without, result=result, environ=ENVIRON
        ),
        SHELL: Contestant(("sh", "-c", words), before=without, result=result),
    }
    return Case("backup", contestants, {SHELL: 1.2})


def anonymise(ready: Ready, here: Path) -> Case:
    """Return the removal of a person, against a check of the pages: both read every row once."""

    def named() -> None:
        copied(ready.database, here)()
        with closing(sqlite3.connect(here)) as db:
            account, code = WHO.split(":")
            db.execute(
                "UPDATE contact SET name = ? WHERE code = ? AND account_id = (SELECT id FROM account WHERE code = ?)",
                (NAME, code, account),
            )
            db.commit()

    def gone() -> Iterable[Sequence[str]]:
        if holds(here, NAME.encode()):
            raise RuntimeError(f"{NAME} is still in {here}")
        return [("sound",)]

    contestants = {
        OURS: Contestant(
            (SEGCLI, "-d", str(here), "contact", "anonymise", WHO, "--yes"), before=named, result=gone, environ=ENVIRON
        ),
        SHELL: shell(ready.database, "PRAGMA quick_check"),
    }
    return Case("contact anonymise", contestants, {SHELL: 1.0})


def holds(path: Path, text: bytes) -> bool:
    """Tell whether a file holds these bytes. It is read in parts: what this process holds counts as memory of its children."""
    with path.open("rb") as file:
        before = b""
        while part := file.read(_PART):
            if text in before + part:
                return True
            before = part[-len(text) :]
    return False


def undo(database: Path, here: Path) -> Case:
    """Return the undo of a change of two classes of all accounts, against that change. It leaves what was before."""
    result = queried(here, f"SELECT code, {', '.join(FIELDS)} FROM account")
    as_before = queried(database, f"SELECT code, {', '.join(FIELDS)} FROM account")

    def changed() -> None:
        copied(database, here)()
        segcli(here, *EVERYONE)

    def run() -> str:
        with closing(sqlite3.connect(database)) as db:
            return str(db.execute("SELECT max(id) + 1 FROM run").fetchone()[0])

    contestants = {
        OURS: Contestant(
            (SEGCLI, "-d", str(here), "undo", run(), "--yes"), before=changed, result=result, environ=ENVIRON
        ),
        CHANGE: Contestant(
            (SEGCLI, "-d", str(here), *EVERYONE), before=copied(database, here), result=as_before, environ=ENVIRON
        ),
    }
    return Case("undo of a change of all accounts", contestants, {CHANGE: 1.5})


def undo_of_an_import(ready: Ready, here: Path) -> Case:
    """Return the undo of an import of entries, against that import; what is left of one is what the other begins with."""
    file = ready.files / "transactions.csv"
    with closing(sqlite3.connect(ready.database)) as db:
        found = db.execute("SELECT max(id) FROM run WHERE command = ?", (f"import {file.name}",)).fetchone()[0]
    again = ("undo", str(found), "--yes")

    def without() -> None:
        copied(ready.database, here)()
        segcli(here, *again)

    contestants = {
        OURS: Contestant((SEGCLI, "-d", str(here), *again), before=copied(ready.database, here), environ=ENVIRON),
        CHANGE: Contestant((SEGCLI, "-d", str(here), "import", str(file)), before=without, environ=ENVIRON),
    }
    return Case("undo of an import of entries", contestants, {CHANGE: 1.5}, is_compared=False)
