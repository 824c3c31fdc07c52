"""SQL as Spark gets it. The tests on a Spark are in test_spark.py."""

import duckdb
import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcli.base.text import fold
from segcli.lake.spark_dialect import SPARK, folding
from segcli.lake.translate import translated


@pytest.mark.parametrize(
    ("sql", "spark"),
    [
        ("SELECT a / 2 FROM temp.t AS t", "SELECT a div 2 FROM t AS t"),
        ("SELECT 100.0 * a / b", "SELECT 100.0 * a / b"),
        (
            "SELECT 1e2 * sum(a) OVER (ORDER BY b) / nullif(c, 0)",
            "SELECT 1e2 * sum(a) OVER (ORDER BY b) / nullif(c, 0)",
        ),
        ("SELECT 1.5 + a / b", "SELECT 1.5 + a div b"),
        (
            "WITH x AS NOT MATERIALIZED (SELECT 1), y AS MATERIALIZED (SELECT 2)",
            "WITH x AS (SELECT 1), y AS (SELECT 2)",
        ),
        (
            "SELECT * FROM main.account WHERE a LIKE 'x\\_' ESCAPE '\\'",
            "SELECT * FROM lake_account WHERE a LIKE 'x\\\\_' ESCAPE '\\\\'",
        ),
        ("SELECT automatic_amount(l.id, :day)", "SELECT try_element_at(l.automatic_prices, :day)"),
        ("SELECT typeof(sum(a)) = 'real', a IS NOT b", "SELECT 'integer' = 'real', a IS DISTINCT FROM b"),
    ],
)
def test_translation(sql: str, spark: str) -> None:
    found = translated(sql, {"day": "2026-01-01"}, SPARK).sql
    assert " ".join(found.split()) == spark


@given(st.text(), st.text())
def test_a_text_is_folded_letter_by_letter(first: str, second: str) -> None:
    assert fold(first + second) == fold(first) + fold(second)


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=1, max_size=9))
def test_letters_are_folded_by_an_expression(texts: list[str]) -> None:
    """The functions in it, translate and replace, are the same in DuckDB."""
    letters = {letter for text in texts for letter in text if not letter.isascii()}
    sql = str(folding(letters).functions["fold"]).format("$text")
    for text in texts:
        assert duckdb.execute(f"SELECT {sql}", {"text": text}).fetchone() == (fold(text),)
