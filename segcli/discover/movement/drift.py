"""Drift: how the shares of classes and of metrics moved between two days, by the population stability index."""

import sqlite3
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any, NamedTuple

from segcli.base.errors import UsageError
from segcli.discover import features
from segcli.discover.bands import NUMERIC, Banded, banded, measure
from segcli.discover.features import Feature
from segcli.domain.clause import Clause
from segcli.domain.segments.shares import share
from segcli.domain.segments.stability import Stability, stability
from segcli.domain.table import Column, Row
from segcli.query import class_history
from segcli.query.expressions import language
from segcli.query.expressions.fields import bare, own_names
from segcli.query.names import Names

BANDS, MOST_BANDS = 10, 100
NOTHING = "no accounts"
SUMMARY = (
    Column("dimension"),
    Column("label"),
    Column("values", "integer"),
    Column("accounts_before", "integer"),
    Column("accounts_after", "integer"),
    Column("psi", "decimal", "PSI"),
    Column("verdict"),
)
DETAILS = (
    Column("dimension"),
    Column("label"),
    Column("value", "code"),
    Column("value_name", heading="Name"),
    Column("accounts_before", "integer"),
    Column("share_before", "percent"),
    Column("accounts_after", "integer"),
    Column("share_after", "percent"),
    Column("part", "decimal", "Part of PSI"),
    Column("psi", "decimal", "PSI"),
    Column("verdict"),
)
_DIGITS = 6
_TABLES = ("feature_before", "feature_after")
_NEW = -1  # of class_history.value_on: the account did not exist yet


class Moved(NamedTuple):
    """A class or a metric: the code and the name of each value in order, and its accounts on both days."""

    dimension: str
    label: str
    values: tuple[tuple[str, str], ...]
    before: tuple[int, ...]
    after: tuple[int, ...]

    @property
    def found(self) -> Stability | None:
        """Return the index, None if a day has no accounts."""
        return stability(self.before, self.after)


class Between(NamedTuple):
    """The names on the first and on the last day, and the condition on `account AS a` for the accounts."""

    first: Names
    last: Names
    among: Clause


def classes(db: sqlite3.Connection, asked: Between, fields: Iterable[int]) -> Iterator[Moved]:
    """Yield the classes at the end of both days. An account counts from the day on which it was added."""
    catalogue = asked.last.catalogue
    for field in fields:
        counts = [_classes_on(db, field, names.day, asked.among) for names in (asked.first, asked.last)]
        known = {0: ("none", "")} | {value.id: (value.code, value.description) for value in catalogue.values(field)}
        order = [*list(known)[1:], 0]
        yield _moved(f"class{field}", catalogue.label(field), known, order, counts)


def _classes_on(db: sqlite3.Connection, field: int, day: date, among: Clause) -> Mapping[int, int]:
    value = class_history.value_on(field, day.isoformat())
    sql = f"SELECT {value.sql} AS v, count(*) FROM account AS a WHERE {among.sql} GROUP BY v"
    found = dict(db.execute(sql, (*value.values, *among.values)))
    found.pop(_NEW, None)
    return found


def metrics(db: sqlite3.Connection, asked: Between, texts: Sequence[str], parts: int) -> Iterator[Moved]:
    """Yield the metrics in bands of the first day: the same accounts on both days, whenever they were added."""
    if not texts:
        return
    for text in texts:
        if language.operand(text, asked.last).name in own_names():
            raise UsageError(f"--metrics: {text} has no history", "name a metric or a score; classes are arguments")
    laid = [
        features.lay(db, names, texts, asked.among, table=table)
        for names, table in zip((asked.first, asked.last), _TABLES, strict=True)
    ]
    for old, new in zip(*laid, strict=True):
        yield _banded(db, asked, old, new, parts) if old.kind in NUMERIC else _valued(db, old, new)


def _banded(db: sqlite3.Connection, asked: Between, old: Feature, new: Feature, parts: int) -> Moved:
    first, last = (measure(one, names.day, names.currency) for one, names in ((old, asked.first), (new, asked.last)))
    cut = banded(db, _TABLES[0], first, "TRUE", parts)
    counts = [_counts(db, table, one.cell) for table, one in zip(_TABLES, (cut, Banded(last, cut.bands)), strict=True)]
    return _moved(first.name, "", cut.cells, list(cut.cells), counts)


def _valued(db: sqlite3.Connection, old: Feature, new: Feature) -> Moved:
    counts = [_counts(db, table, Clause(f"x.{one.column}")) for table, one in zip(_TABLES, (old, new), strict=True)]
    every = sorted({value for found in counts for value in found if value is not None}, key=str)
    known = {value: (str(value), "") for value in every} | {None: ("none", "")}
    return _moved(bare(old.text), "", known, [*every, None], counts)


def _counts(db: sqlite3.Connection, table: str, cell: Clause) -> Mapping[Any, int]:
    return dict(db.execute(f"SELECT {cell.sql} AS v, count(*) FROM temp.{table} AS x GROUP BY v", cell.values))


def _moved(
    name: str,
    label: str,
    known: Mapping[Any, tuple[str, str]],
    order: Iterable[Any],
    counts: Sequence[Mapping[Any, int]],
) -> Moved:
    held = [key for key in order if any(found.get(key) for found in counts)]
    before, after = (tuple(found.get(key, 0) for key in held) for found in counts)
    return Moved(name, label, tuple(known[key] for key in held), before, after)


def in_order(found: Iterable[Moved]) -> list[Moved]:
    """Return what moved most first; what has no index comes last."""
    return sorted(found, key=lambda one: -one.found.psi if one.found else 1)


def summary(found: Iterable[Moved]) -> Iterator[Row]:
    """Yield a row per class and metric."""
    for one in found:
        yield one.dimension, one.label or None, len(one.values), sum(one.before), sum(one.after), *_verdict(one)


def details(found: Iterable[Moved]) -> Iterator[Row]:
    """Yield a row per value."""
    for one in found:
        totals = sum(one.before), sum(one.after)
        parts: Sequence[float | None] = one.found.parts if one.found else (None,) * len(one.values)
        for (code, name), old, new, part in zip(one.values, one.before, one.after, parts, strict=True):
            rounded = None if part is None else round(part, _DIGITS)
            shares = (old, share(old, totals[0]), new, share(new, totals[1]))
            yield one.dimension, one.label or None, code, name or None, *shares, rounded, *_verdict(one)


def _verdict(one: Moved) -> tuple[float | None, str]:
    found = one.found
    return (round(found.psi, _DIGITS), found.verdict) if found else (None, NOTHING)


def absent(db: sqlite3.Connection, found: Iterable[Moved], days: tuple[date, date]) -> str:
    """Say which day has no accounts whose classes are known; '' if both have some."""
    empty = [day for place, day in enumerate(days) for one in found if not sum((one.before, one.after)[place])]
    if not empty:
        return ""
    (start,) = db.execute(
        "SELECT min(r.started_at) FROM account AS a JOIN run AS r ON r.id = a.added_run_id"
    ).fetchone()
    since = f": the first account was added on {start[:10]}" if start else ""
    return f"at the end of {min(empty)} there were no accounts, so that classes have no index{since}"
