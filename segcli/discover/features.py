"""Features of accounts in a temporary table: a row per account, a column per field, class, metric or score."""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import NamedTuple

from segcli.domain.clause import EVERYTHING, Clause
from segcli.query.expressions import language
from segcli.query.expressions.collecting import Collector, measure
from segcli.query.expressions.fields import OWN
from segcli.query.expressions.metrics import CATALOGUE
from segcli.query.names import Names
from segcli.storage import temporary_tables

NONE, UNKNOWN, EITHER = "none", "unknown", "none or unknown"  # what an empty value means
_NO_FLAGS: Mapping[str, Clause | str] = MappingProxyType({})


class Feature(NamedTuple):
    """A feature: its text as in --where, its type as in `segcli where fields`, and its column of the table."""

    text: str
    kind: str  # text, class (the id of the value), status, flag, date, period (2025-03), money (minor units) or number
    column: str
    empty: str = NONE


def empty(name: str) -> str:
    """Return what an empty value of a field, metric or score means: nothing, an unknown amount, or one of the two."""
    metric = CATALOGUE.get(name)
    if metric is None or not metric.lacks:
        return NONE
    return EITHER if metric.per else UNKNOWN  # an average of nothing is empty, too


def own(text: str, names: Names) -> str:
    """Return a field or metric with the prefix account. if a label has the same name, and would hide it."""
    is_hidden = "(" not in text and names.catalogue.labelled(text) is not None
    return f"{OWN}{text}" if is_hidden else text


def lay(  # noqa: PLR0913 - what is laid out, of whom, and where
    db: sqlite3.Connection,
    names: Names,
    texts: Iterable[str],
    among: Clause = EVERYTHING,
    *,
    flags: Mapping[str, Clause | str] = _NO_FLAGS,
    table: str = "feature",
) -> tuple[Feature, ...]:
    """Create `temp.<table>` with account_id, a column per feature, and a column of 0 and 1 per flag; return the features.

    `among` and the flags are conditions on `account AS a`; a flag can also be the text of an expression. Metrics are computed in one
    scan per fact table. An unknown amount (no exchange rate) is NULL. Raise UsageError
    for an unknown feature.
    """
    collector = Collector()
    known = replace(names, measured=collector)
    held = [(text, language.operand(text, known)) for text in texts]
    marks = {
        name: language.compile_expression(flag, known) if isinstance(flag, str) else flag
        for name, flag in flags.items()
    }
    measure(db, collector, names.day)
    found = tuple(
        Feature(text, field.kind, f"f{number}", empty(field.name)) for number, (text, field) in enumerate(held)
    )
    columns = [Clause(f"{field.column} AS f{number}", field.values) for number, (_, field) in enumerate(held)]
    columns += [Clause(f"({clause.sql}) AS {name}", clause.values) for name, clause in marks.items()]
    declared = ", ".join(("account_id INTEGER PRIMARY KEY", *(feature.column for feature in found), *flags))
    temporary_tables.create(db, table, declared)
    db.execute(
        f"INSERT INTO temp.{table} SELECT {', '.join(('a.id', *(c.sql for c in columns)))}"
        f" FROM account AS a{collector.joins} WHERE {among.sql} ORDER BY a.id",
        (*(value for c in columns for value in c.values), *among.values),
    )
    return found
