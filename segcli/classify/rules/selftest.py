"""The tests in a rule file: a fictitious account, and the value that the rules must give it."""

import re
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

from segcli.base.errors import SegcliError, in_file
from segcli.classify.rules.compiled import RuleSet
from segcli.classify.rules.file import CLEAR, KEEP
from segcli.classify.rules.values import given
from segcli.domain.table import Cell
from segcli.query.expressions import language, limits, metric_sql
from segcli.query.expressions.collecting import Collector
from segcli.query.expressions.fields import Field
from segcli.query.names import Names
from segcli.settings.plain_yaml import Node

_NOBODY = -1  # id of the fictitious account
# The price list of the fictitious account, in place of the table of this name.
_LINK = f"""price_list_link (account_id, price_list_id) AS
 (SELECT {_NOBODY}, p.id FROM price_list AS p WHERE p.code = ?)"""
_SCORE = re.compile(r"SELECT k\.(\w+) FROM temp\.(\w+)")
_USUAL: Mapping[str, Cell] = {"status": "C", "is_blocked": 0, "name": "test", "code": "test", "id": _NOBODY}


class Failure(NamedTuple):
    """A failed test."""

    place: str
    expected: str
    found: str


def failures(db: sqlite3.Connection, found: RuleSet, collector: Collector, names: Names) -> Iterator[Failure]:
    """Yield the failed tests of a file."""
    for said, expected in found.file.tests:
        got = _result(db, found, collector, _values(said, names, collector))
        if got != _wanted(found, expected, names):
            yield Failure(expected.place, expected.text, got)


def _wanted(found: RuleSet, expected: Node, names: Names) -> str:
    word = expected.text.lower()
    if word in {KEEP, CLEAR, "none"}:
        return CLEAR if word == "none" else word
    matching = names.catalogue.find(found.field, expected.text)
    if not matching:
        unknown = names.catalogue.unknown(found.field, expected.text)
        raise SegcliError(f"{expected.place}: {unknown.message}", unknown.hint or "or keep, or clear")
    return matching[0].code


def _values(said: Mapping[str, Node], names: Names, collector: Collector) -> dict[Field, Cell]:
    """Return a test's values by operand. A metric that no rule uses is a SegcliError, since it would test nothing."""
    known = len(collector.calls)
    found = {}
    for word, node in said.items():
        with in_file():
            field = language.operand(word, replace(names, origin=node.place, measured=collector))
        if len(collector.calls) > known:
            raise SegcliError(f"{node.place}: no rule asks for {word}", "is its window the one that a rule asks for?")
        found[field] = given(field, node, names)
        hint = names.unknown(field.name, node.text) if field.name == "price_list" else None
        if hint is not None:
            raise SegcliError(f"{node.place}: there is no price list '{node.text}'", hint)
        if field.name == limits.OVER_LIMIT:
            what = f"{node.place}: {field.name} follows from outstanding and credit_limit"
            raise SegcliError(what, "give both: {outstanding: 5k, credit_limit: 4k}")
    return found


def _result(db: sqlite3.Connection, found: RuleSet, collector: Collector, values: Mapping[Field, Cell]) -> str:
    """Return the code that the rules give, or keep or clear."""
    rows, bound = _account(db, collector, values)
    linked = next((value for field, value in values.items() if field.name == "price_list"), None)
    numbers = " ".join(f"WHEN {rule.condition.sql} THEN {number}" for number, rule in enumerate(found.rules))
    conditions = tuple(value for rule in found.rules for value in rule.condition.values)
    row = db.execute(
        f"WITH {_LINK} SELECT CASE {numbers} END FROM {rows} WHERE {found.scope.sql}",
        (linked, *conditions, *bound, *found.scope.values),
    ).fetchone()
    if row is not None and row[0] is not None:
        return found.rules[row[0]].code or CLEAR
    if row is None or found.file.otherwise is None:
        return KEEP
    return found.otherwise_code or CLEAR


def _account(db: sqlite3.Connection, collector: Collector, values: Mapping[Field, Cell]) -> tuple[str, list[Cell]]:
    """Return the SQL of a row for the fictitious account with its metrics, and the bound values."""
    named = {field.column.removeprefix("a."): value for field, value in values.items()}
    bound: list[Cell] = []
    columns = []
    for row in db.execute("PRAGMA main.table_info(account)").fetchall():
        columns.append(f"? AS {row[1]}")
        bound.append(named.get(row[1], _USUAL.get(row[1])))
    rows = f"(SELECT {', '.join(columns)}) AS a"
    for source in collector.sources:
        calls = [(call, name) for call, name in collector.calls.items() if call.source == source]
        cells = ", ".join(f"? AS {name.partition('.')[2]}" for _, name in calls)
        rows += f" CROSS JOIN (SELECT {cells}) AS m_{source}"
        bound += [named.get(metric_sql.column(call, name)) for call, name in calls]
    _score(db, values)
    return rows, bound


def _score(db: sqlite3.Connection, values: Mapping[Field, Cell]) -> None:
    """Set the scores of the fictitious account; scores of the previous test are removed."""
    for (name,) in db.execute("SELECT name FROM temp.sqlite_schema WHERE name GLOB 'score_*'").fetchall():
        db.execute(f"DELETE FROM temp.{name} WHERE account_id = ?", (_NOBODY,))
    for field, value in values.items():
        if score := _SCORE.search(field.column):
            db.execute(f"INSERT INTO temp.{score[2]} (account_id, {score[1]}) VALUES (?, ?)"
                f" ON CONFLICT (account_id) DO UPDATE SET {score[1]} = excluded.{score[1]}", (_NOBODY, value))  # fmt: skip
