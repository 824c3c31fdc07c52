"""The translation of SQL: literals stay as they are, each construct gets the meaning that SQLite gives it, others are refused."""

import sqlite3
from typing import Any

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcli.lake import globs
from segcli.lake.duckdb_dialect import DUCKDB
from segcli.lake.tokens import parsed
from segcli.lake.translate import translated

VALUES = {"a": 1, "b": "x*", "c": "Ab"}


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("SELECT :a", "SELECT $a"),
        ("SELECT ':a', \":a\" -- :a\n, :a", "SELECT ':a', \":a\" -- :a\n, $a"),
        ("SELECT 'it''s :a' || :c", "SELECT 'it''s :a' || $c"),
        ("SELECT x IS NOT 0, x IS NOT NULL, x IS :a", "SELECT x IS DISTINCT FROM 0, x IS NOT NULL, x IS NOT DISTINCT FROM $a"),
        ("SELECT CAST(substr(x, 2) AS INTEGER)", "SELECT CAST(substr(x, 2) AS BIGINT)"),
        ("SELECT a / 7, a / 1e6", "SELECT a // 7, a / 1e6"),
        ("SELECT x GLOB :b", "SELECT starts_with(x, $b_glob)"),
        ("SELECT 1 WHERE NOT (a.x GLOB '*b*')", "SELECT 1 WHERE NOT (contains(a.x, $g0_glob))"),
        ("SELECT x NOT GLOB '*[^0-9]*'", "SELECT NOT regexp_full_match(x, $g0_glob)"),
        ("CREATE TEMP TABLE t (id INTEGER PRIMARY KEY) WITHOUT ROWID", "CREATE TABLE t (id BIGINT PRIMARY KEY) "),
        ("SELECT * FROM main.run JOIN temp.t", "SELECT * FROM lake.run JOIN main.t"),
        ("SELECT * FROM (SELECT 1 LIMIT -1)", "SELECT * FROM (SELECT 1 )"),
        ("SELECT value FROM json_each(:c)", "SELECT value FROM listed($c)"),
    ],
)  # fmt: skip
def test_what_becomes_of_it(sql: str, expected: str) -> None:
    assert translated(sql, VALUES, DUCKDB).sql == expected


def test_only_what_is_named_is_bound() -> None:
    assert translated("SELECT :a", VALUES, DUCKDB).values == {"a": 1}
    assert translated("SELECT ?, ?", (5, "six"), DUCKDB).values == {"p0": 5, "p1": "six"}
    assert translated("SELECT x GLOB ?, ?", ("*a*", 2), DUCKDB).values == {"p0_glob": "a", "p1": 2}


def test_case_and_calls_are_operands() -> None:
    for operand in (
        "o.name",
        "min(x, 'CASE')".replace("min", "coalesce"),
        "CASE WHEN a THEN CASE b WHEN 1 THEN 2 END END",
        "(a || b)",
    ):
        expected = f"SELECT 1 ORDER BY {DUCKDB.nocase(operand)} DESC"
        assert translated(f"SELECT 1 ORDER BY {operand} COLLATE NOCASE DESC", {}, DUCKDB).sql == expected


@pytest.mark.parametrize(
    "sql", ["SELECT max(a, b)", "SELECT min(a, 0)", "SELECT x GLOB y", "SELECT #", "SELECT (1", "SELECT 1)"]
)
def test_what_no_engine_shares_is_refused(sql: str) -> None:
    with pytest.raises(ValueError, match=r"portable|GLOB|SQL|bracket"):
        translated(sql, {}, DUCKDB)


@given(st.text(st.sampled_from("ab'\":?-()[]*\n\\é "), max_size=12))
def test_a_literal_is_never_touched(text: str) -> None:
    literal = "'" + text.replace("'", "''") + "'"
    sql = f"SELECT {literal} AS x WHERE {literal} <> :a"
    assert translated(sql, VALUES, DUCKDB).sql == f"SELECT {literal} AS x WHERE {literal} <> $a"
    assert duckdb.execute(f"SELECT {literal}").fetchone() == (text,)


@given(st.text(st.sampled_from("aAzZ[`{@éÉßİ\u212a \U0001d400"), max_size=6))
def test_capitals_are_lowered_as_in_sqlite(text: str) -> None:
    db = sqlite3.connect(":memory:")
    ours = db.execute("SELECT lower(?)", (text,)).fetchone()
    db.close()
    assert duckdb.execute(f"SELECT {DUCKDB.nocase('$text')}", {"text": text}).fetchone() == ours


def test_brackets_nest() -> None:
    inner = parsed("f(a, (b))")[1]
    assert isinstance(inner, list)
    assert isinstance(inner[-1], list)


_PATTERN = st.text(st.sampled_from("abAB*?[]^-!\\.+(){}|$é\n "), max_size=8)


def _sqlite(text: str, pattern: str) -> Any:
    db = sqlite3.connect(":memory:")
    try:
        return db.execute("SELECT ? GLOB ?", (text, pattern)).fetchone()[0]
    finally:
        db.close()


@given(st.text(st.sampled_from("abAB*?[]^-!\\.+é\n "), max_size=6), _PATTERN)
def test_patterns_match_as_in_sqlite(text: str, pattern: str) -> None:
    kind, bound = globs.converted(pattern)
    sql = DUCKDB.globs[kind].format("$text", "$pattern")
    assert int(duckdb.execute(f"SELECT {sql}", {"text": text, "pattern": bound}).fetchone()[0]) == _sqlite(
        text, pattern
    )
