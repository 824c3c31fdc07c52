"""A million accounts into an empty table: straight from the rows, the indexes afterwards, or not at all."""

import sqlite3
from collections.abc import Iterable, Iterator
from typing import Any

from segcli.classification import CLASSES
from segcli.kinds._stage import Counts, Stage

_DEFAULTS = {
    "status": "'C'",
    "is_sales": "1",
    "is_supplier": "0",
    "is_blocked": "0",
    "is_mailing_excluded": "0",
    "invoice_by": "'letter'",
}
_LARGE_BUFFER, _SMALL_BUFFER = 32 << 20, 1 << 20  # bytes of the search index's hash table while it is built; FTS5's own


def first_load(stage: Stage, rows: Iterable[tuple[Any, ...]]) -> Counts | None:
    """Fill the empty table straight from the rows; None where a row was rejected or double: then nothing is kept.

    Its indexes and its search index are built afterwards, which takes half the time.
    """
    columns = {**stage.targets, **{name: name for name in stage.fields if name in {*CLASSES, "search_text"}}}
    marks = [  # the first two of a row are its number and its place
        f"coalesce(?{at}, {_DEFAULTS[name]})" if name in _DEFAULTS else f"?{at}"
        for at, name in enumerate(stage.fields, 3)
    ]
    sql = (
        f"INSERT INTO account (added_run_id, {', '.join(columns[name] for name in stage.fields)})"
        f" VALUES ({int(stage.run_id)}, {', '.join(marks)}) ON CONFLICT (code) DO NOTHING"
    )
    dropped = stage.execute(
        "SELECT name, type, sql FROM sqlite_schema"
        " WHERE tbl_name = 'account' AND sql IS NOT NULL AND type IN ('index', 'trigger')"
    ).fetchall()
    # The index of a class that the file does not carry stays empty: it costs nothing, and building it a scan.
    dropped = [row for row in dropped if row[0].removeprefix("account_") not in set(CLASSES) - set(stage.fields)]
    stage.execute("PRAGMA secure_delete=OFF")  # nobody is erased here: the pages that go held indexes half built
    try:
        return _fill(stage, rows, sql, dropped)
    finally:
        stage.execute("PRAGMA secure_delete=ON")


def _fill(
    stage: Stage, rows: Iterable[tuple[Any, ...]], sql: str, dropped: list[tuple[str, str, str]]
) -> Counts | None:
    for name, what, _ in dropped:
        stage.execute(f"DROP {what} {name}")
    given = _Counted(rows)
    try:
        added = stage.db.executemany(sql, given).rowcount
    except sqlite3.IntegrityError:  # a class that is not known yet, for one: staging says what it is
        return None
    if stage.rejected or added < given.count:
        return None
    for _, _, definition in dropped:
        stage.execute(definition)
    _index_search(stage)
    return Counts(added=added)


class _Counted:
    """Rows that are counted as they pass."""

    def __init__(self, rows: Iterable[tuple[Any, ...]]) -> None:
        self._rows = rows
        self.count = 0

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        for row in self._rows:
            self.count += 1
            yield row


def _index_search(stage: Stage) -> None:
    """Build the search index with a large buffer, which halves the time."""
    for size in (_LARGE_BUFFER, _SMALL_BUFFER):
        stage.execute("INSERT INTO account_search (account_search, rank) VALUES ('hashsize', ?)", size)
        if size == _LARGE_BUFFER:
            stage.execute("INSERT INTO account_search (account_search) VALUES ('rebuild')")
