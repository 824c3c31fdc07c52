"""Open a connection that answers from the lake, once it is known to be the answer of today."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, contextmanager, nullcontext
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from segcli.base import scratch
from segcli.base.errors import SegcliError, UsageError
from segcli.interface.command import Session
from segcli.interface.engine import AUTO, SPARK, Opened, Question, Wanted
from segcli.lake import choice, current, labels, manifest, views
from segcli.lake.automatic_prices import Opened as OpenedDatabase
from segcli.lake.automatic_prices import Prices
from segcli.lake.manifest import Administration, Lake
from segcli.query import side_by_side
from segcli.storage import database

_MOST_NAMED = 5  # administrations in the text on what answers


class _Asked(NamedTuple):
    """What to answer from: administrations of the lake, their databases for automatic prices, and the one database, if there is one."""

    chosen: Sequence[Administration]
    keys: Sequence[str]  # of all administrations that are asked for by name; none: that of the database
    places: Mapping[int, OpenedDatabase]  # by number, as it is in the ids of the answer
    database: sqlite3.Connection | None


@contextmanager
def opened(session: Session, wanted: Wanted, question: Question | None) -> Iterator[Opened]:
    """Yield a connection to the lake. SegcliError if the lake does not hold what the databases hold now."""
    if wanted.engine == AUTO:
        with session.connect() as db:
            reason = choice.against(session, db, question)
            if reason:
                yield Opened(db, f"sqlite, {session.database}: {reason}")
                return
    with _lake(session, wanted) as found:
        yield found


@contextmanager
def _lake(session: Session, wanted: Wanted) -> Iterator[Opened]:
    folder = current.folder_of(session)
    if wanted.syncs:
        _sync(session, folder, wanted)
    lake = manifest.read(folder)
    with ExitStack() as stack:
        asked = _several(session, lake, wanted) if wanted.administrations else _one(session, lake, stack)
        found = labels.matched(asked.chosen)
        for text in found.lacking if len(asked.chosen) > 1 else ():
            session.warn(f"lake: {text}")
        db = _connection(asked, found, wanted, stack)
        runs = ", ".join(f"{one.key} at run {one.run}" for one in asked.chosen[:_MOST_NAMED])
        more = f" and {len(asked.chosen) - _MOST_NAMED} more" if len(asked.chosen) > _MOST_NAMED else ""
        yield Opened(db, f"{db.name} over {folder}: {runs}{more}")


def _connection(asked: _Asked, found: labels.Labels, wanted: Wanted, stack: ExitStack) -> Any:  # noqa: ANN401 - DuckDb, Spark or Parts
    """Return a connection per base currency, or the one if there is only one."""
    by_currency: dict[str, list[Administration]] = {}
    for one in asked.chosen:
        by_currency.setdefault(one.currency, []).append(one)
    if len(by_currency) == 1:
        return _agreeing(_engine(asked, found, wanted, stack), asked.chosen)
    whole = _engine(asked, found, wanted, stack)
    parts = {}
    for code, chosen in by_currency.items():
        part = _engine(asked._replace(chosen=chosen), found, wanted, stack)
        part.whole = whole
        parts[code] = _agreeing(part, chosen)
    return side_by_side.Parts(parts, whole)


def _agreeing(db: Any, chosen: Sequence[Administration]) -> Any:  # noqa: ANN401 - DuckDb, Spark or Parts
    """Return the connection. SegcliError if administrations with one base currency have different rates of another one."""
    if len(chosen) > 1:
        row = db.execute(f"SELECT currency, rate_date FROM {views.DIFFERING_RATE} ORDER BY 1, 2 LIMIT 1").fetchone()
        if row:
            told = f"the administrations have different rates of {row[0]} on {row[1]}"
            raise SegcliError(told, "ask them one at a time, or import the same rates: segcli rates import FILE")
    return db


def _engine(asked: _Asked, found: labels.Labels, wanted: Wanted, stack: ExitStack) -> Any:  # noqa: ANN401 - DuckDb, Spark or Parts
    """Return a connection of the engine; it is closed with the stack."""
    prices = Prices(asked.places)
    tables = partial(views.views, asked.chosen, labels=found, several=bool(asked.keys))
    if wanted.engine.startswith(SPARK):
        from segcli.lake import spark_session
        from segcli.lake.spark_engine import Source

        source = Source(tables, prices, asked.database, asked.keys)
        return stack.enter_context(closing(spark_session.opened(wanted.engine, wanted.url, source)))
    if not choice.has_duckdb():
        raise SegcliError("--engine lake needs the package duckdb", "install it: pip install 'segcli[lake]'")
    from segcli.lake import duckdb_engine

    room = stack.enter_context(scratch.room(scratch.temporary()))
    held = tables(duckdb_engine.files)
    db = duckdb_engine.DuckDb(held, prices, room, database=asked.database, administrations=asked.keys)
    return stack.enter_context(closing(db))


def _sync(session: Session, folder: Path, wanted: Wanted) -> None:
    """Sync the databases that are asked for to the lake, except those that are not on this machine."""
    if not wanted.administrations:
        current.synced(session, folder, session.database, current.key_of(session))
        return
    for one in _named(manifest.read(folder), wanted.administrations):
        if Path(one.database).exists():
            current.synced(session, folder, Path(one.database), one.key)


def _one(session: Session, lake: Lake, stack: ExitStack) -> _Asked:
    """Return the administration of the session's database."""
    db = stack.enter_context(session.connect())
    held = current.of_session(session, lake, db)
    return _Asked((held,), (), {0: lambda: nullcontext(db)}, db)


def _several(session: Session, lake: Lake, wanted: Wanted) -> _Asked:
    """Return the administrations that are named, each compared with its database if that is on this machine."""
    chosen = _named(lake, wanted.administrations)
    for one in chosen:
        if Path(one.database).exists():
            with closing(database.connect(Path(one.database), may_upgrade=False)) as db:
                current.refuse_stale(one, db)
        else:
            told = f"lake: {one.key} is of {one.synced_at}; its database {one.database} is not here to compare with"
            session.insist(told)
    places = {one.number: partial(_database, one) for one in chosen}
    return _Asked(chosen, [one.key for one in chosen], places, None)


def _named(lake: Lake, names: Sequence[str]) -> list[Administration]:
    if names == ("all",):
        return list(lake.administrations)
    found = [lake.find(name) for name in dict.fromkeys(names)]
    if None in found:
        known = ", ".join(one.key for one in lake.administrations)
        raise UsageError(f"--administration: the lake has no '{names[found.index(None)]}'", f"it has {known}")
    return sorted((one for one in found if one), key=lambda one: one.number)


@contextmanager
def _database(one: Administration) -> Iterator[sqlite3.Connection]:
    """Open the database of an administration. SegcliError if it is not on this machine."""
    if not Path(one.database).exists():
        told = f"{one.key} has automatic prices, which are in its database {one.database}"
        raise SegcliError(told, "ask where that is, or for other administrations")
    with closing(database.connect(Path(one.database))) as db:
        yield db
