"""Every question has one answer: SQLite and DuckDB over the lake give the same rows in the same order, captions and totals."""

import sqlite3
import sys
from collections.abc import Iterator
from pathlib import Path

import engine_case
import pytest
from conftest import ROOT
from engine_case import answer
from hypothesis import given, settings
from hypothesis import strategies as st

from segcli.base.errors import UsageError
from segcli.lake.duckdb_engine import DuckDb

sys.path.insert(0, str(ROOT / "tests" / "benchmarks"))
import generate

Pair = tuple[sqlite3.Connection, DuckDb]
FORMS = [*engine_case.usual("N"), *engine_case.special(), *engine_case.every_column(), *engine_case.every_condition()]


@pytest.fixture(scope="module")
def example(_example: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Return the example administration as a database and as a lake."""
    with engine_case.engines(_example, tmp_path_factory.mktemp("lake")) as pair:
        yield pair


@pytest.fixture(scope="module")
def unfilled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DuckDb]:
    """Return the lake of a database without rows."""
    made = tmp_path_factory.mktemp("unfilled")
    engine_case.fill(made / "unfilled.db", ["init"])
    with engine_case.engines(made / "unfilled.db", made / "lake") as (_, duck):
        yield duck


@pytest.fixture(scope="module")
def generated(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pair]:
    """Return an administration of 500 accounts as a database and as a lake."""
    made = tmp_path_factory.mktemp("generated")
    generate.generate(made, 0.0005)
    files = (["import", str(made / f"{name}.csv")] for name in generate.FILES)
    engine_case.fill(made / "generated.db", ["init"], *files)
    with engine_case.engines(made / "generated.db", made / "lake") as pair:
        yield pair


@pytest.mark.repeats
@pytest.mark.parametrize("line", FORMS)
def test_of_the_example(example: Pair, line: str) -> None:
    db, duck = example
    ours, theirs = answer(db, line), answer(duck, line)
    assert theirs.rows == ours.rows
    assert theirs == ours


@pytest.mark.repeats
@pytest.mark.parametrize("line", [*engine_case.usual("V0001"), *engine_case.special()[::2]])
def test_of_a_generated_administration(generated: Pair, line: str) -> None:
    line = line.replace("--class1 N", "--class1 V0001").replace("not:N", "not:V0001").replace("A..", "V0001..")
    line = (
        line.replace("class1 was N", "class1 was V0001")
        .replace("000001,000017", "0000001")
        .replace("000001", "0000001")
    )
    db, duck = generated
    assert _told(duck, line) == _told(db, line)


def test_every_statement_binds(example: Pair, unfilled: DuckDb) -> None:
    """A statement that only SQLite takes fails here within seconds, on tables without rows."""
    for line in FORMS:
        sql, values = engine_case.statement(example[0], line)
        if "temp." not in sql:  # what is made on the way, as scores are, is not there
            assert unfilled.types(sql, values), line


@pytest.mark.repeats
def test_the_forms_have_rows(example: Pair) -> None:
    """Equal answers prove nothing where all are empty."""
    empty = [line for line in (*engine_case.usual("N"), *engine_case.special()) if not answer(example[0], line).rows]
    assert len(empty) <= 6, empty


_CLASS = st.sampled_from(
    ("", "--class1 N,S", "--class1 not:N", "--class2 none", "--class3 A..B --class4 any", "--class5 not:1,none")
)
_WHERE = st.sampled_from(
    ("", "turnover(6m) > 500", "overdue > 0 or open_requests > 0", "not (class1 = N) and name contains 'e'", "days_to_pay < 30",
     "quantity(12m where item_group is not empty) >= 10", "margin is empty", "invoices(1y) between 1 and 5", "last_invoice < 90d ago",
     "outstanding(where currency = USD) > 0", "turnover(12m) > 1.2 * turnover(24m, 12m)", "last_invoice > start_date",
     "outstanding > credit_limit", "abc(6m) != abc(12m, 6m)", "city < M", "churn = lost", "rfm_segment is not empty")
)  # fmt: skip
_DAY = st.sampled_from(("2026-06-30", "2026-03-31", "2025-12-31", "2025-02-01"))
_GROUP = st.sampled_from(
    ("", "class1", "country", "class2,country", "manager", "currency", "class1,class1_name", "status")
)
_NAME = st.sampled_from(
    ("account-search", "account-overview", "contact-overview", "outstanding-items", "debtor-ageing", "debtor-balance", "invoice-history",
     "invoice-history --lines", "sales-analysis", "transaction-search", "subscription-search", "request-search", "marketing-list",
     "debtor-balance --base-currency", "outstanding-items --base-currency", "debtor-ageing --details")
)  # fmt: skip


@pytest.mark.repeats
@settings(max_examples=25)
@given(name=_NAME, classes=_CLASS, where=_WHERE, day=_DAY, group=_GROUP)
def test_whatever_is_asked(example: Pair, name: str, classes: str, where: str, day: str, group: str) -> None:  # noqa: PLR0913 - what is drawn
    line = f"{name} {classes} --as-of {day}"
    line += f' --where "{where}"' if where else ""
    if group and not (name.startswith("sales") and "currency" in group):
        line += f" --group-by {group}"
    db, duck = example
    ours, theirs = _told(db, line), _told(duck, line)
    assert theirs == ours


def _told(db: object, line: str) -> object:
    """Return the answer, or the error that the question gets."""
    try:
        return answer(db, line)  # type: ignore[arg-type]
    except UsageError as error:
        return error.message


@pytest.mark.repeats
@pytest.mark.parametrize("name", engine_case.SCORED)
def test_scores(example: Pair, name: str) -> None:
    assert engine_case.scored(example[1], name) == engine_case.scored(example[0], name)


def test_a_sum_beyond_64_bits_is_the_same_error(example: Pair) -> None:
    sql = f"SELECT sum(x.n) FROM (SELECT {2**62} AS n UNION ALL SELECT {2**62}) AS x"
    for db in example:
        with pytest.raises(sqlite3.OperationalError, match="integer overflow"):
            db.execute(sql).fetchall()
