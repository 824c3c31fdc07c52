"""Which engine answers a question: SQLite, or one over the lake. The flags, and the choice as data."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import NamedTuple

from segcli.base.errors import SegcliError, UsageError
from segcli.base.record import Record
from segcli.interface import options
from segcli.interface.command import Session, Values
from segcli.interface.parameters import flag
from segcli.storage.reader import Reader

SQLITE, LAKE, AUTO, SPARK = "sqlite", "lake", "auto", "sc://"
SECTION = "Engine"
ENGINE = (
    flag(
        "engine",
        "--engine",
        "sqlite (default), lake, auto, or a Spark server: sc://HOST:PORT",
        SECTION,
        metavar="ENGINE",
    ),
    flag("sync", "--sync", "Bring the lake up to date first.", SECTION, kind="flag"),
)
ADMINISTRATION = flag(
    "administration", "--administration", "Administrations of the lake: A,B or all.", SECTION, metavar="KEYS"
)
CONVERT = flag(
    "convert_to",
    "--convert-to",
    "With several base currencies: amounts in this one, at the rates of the as-of day.",
    SECTION,
    metavar="CODE",
)
EXPLAIN = flag(
    "explain", "--explain", "Show the engine, the SQL and its plan instead of the answer.", SECTION, kind="flag"
)


class Wanted(Record):
    """The engine that is asked for, and the administrations; none: that of the database."""

    engine: str
    syncs: bool = False
    administrations: tuple[str, ...] = ()
    url: str = ""  # of the lake for a cluster; '': its folder


class Opened(NamedTuple):
    """The connection that answers, and what it is, for people."""

    db: Reader
    about: str


class Question(Record):
    """What `auto` chooses by: the name of the overview, and its flags."""

    name: str
    values: Values


Opener = Callable[[Session, Wanted, Question | None], AbstractContextManager[Opened]]
_openers: list[Opener] = []


def provide(opener: Opener) -> None:
    """Register the function that opens the lake, which lies above this package."""
    _openers[:] = [opener]


def wanted(session: Session, values: Values) -> Wanted:
    """Return the engine of the flags, the environment or the configuration. UsageError for an unknown one."""
    said = session.config.values["engine"].strip()
    engine = said if said.startswith(SPARK) else said.lower()
    if engine not in {SQLITE, LAKE, AUTO} and not engine.startswith(SPARK):
        raise UsageError(f"--engine: there is no '{said}'", "it is sqlite, lake, auto or sc://HOST:PORT")
    administrations = options.names(values.get("administration"), "--administration")
    if administrations and engine in {SQLITE, AUTO}:
        raise UsageError("--administration asks the lake", "add --engine lake")
    if values.get("convert_to") and not administrations:
        raise UsageError("--convert-to is for administrations with different currencies", "add --administration all")
    return Wanted(engine, bool(values.get("sync")), administrations, session.config.values["lake.url"])


def database_of(db: Reader) -> sqlite3.Connection:
    """Return the database behind a connection, for what only SQLite answers."""
    found = getattr(db, "database", db)
    if not isinstance(found, sqlite3.Connection):
        raise SegcliError("this needs the database, not the lake", "leave --administration out")
    return found


@contextmanager
def opened(session: Session, asked: Wanted, question: Question | None = None) -> Iterator[Opened]:
    """Yield the connection that answers. It sees one snapshot. Without a question, `auto` is SQLite."""
    if asked.engine == SQLITE:
        with session.connect() as db:
            yield Opened(db, f"sqlite, {session.database}")
    else:
        with _openers[0](session, asked, question) as found:
            yield found


@contextmanager
def reading(session: Session, values: Values, question: Question | None = None) -> Iterator[Reader]:
    """Yield the connection that the flags, the environment or the configuration ask for."""
    with opened(session, wanted(session, values), question) as found:
        yield found.db
