"""What --explain shows: the engine, the statement as the engine gets it, its values, and its plan."""

import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

from segcli.query.compose import Query
from segcli.storage.reader import Reader


def lines(db: Reader, about: str, query: Query) -> Iterator[str]:
    """Yield the explanation of a statement, line by line."""
    yield f"engine: {about}"
    yield ""
    yield from _plan(db, query)
    yield ""
    yield from (f":{name} = {value!r}" for name, value in _bound(query).items())


def _plan(db: Reader, query: Query) -> Iterator[str]:
    plan = getattr(db, "plan", None)
    if plan:
        yield from plan(query.sql, query.values)
    elif isinstance(db, sqlite3.Connection):
        yield from query.sql.splitlines()
        yield ""
        yield from _of_sqlite(db, query)


def _of_sqlite(db: sqlite3.Connection, query: Query) -> Iterator[str]:
    """Yield the steps of SQLite's plan; each is indented below the one that it belongs to."""
    depth = {0: 0}
    for step, parent, _, text in db.execute(f"EXPLAIN QUERY PLAN {query.sql}", query.values):
        depth[step] = depth.get(parent, 0) + 1
        yield f"{'  ' * (depth[step] - 1)}{text}"


def _bound(query: Query) -> Mapping[str, Any]:
    """Return the values that the statement names."""
    return {name: value for name, value in query.values.items() if f":{name}" in query.sql}
