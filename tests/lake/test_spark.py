"""Spark answers as SQLite does: the same rows in the same order. It runs where Java and pip's pyspark[connect] are."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

import engine_case
import pytest
import spark_server
from conftest import Run
from engine_case import DAY, answer

from segcli.base.errors import SegcliError
from segcli.lake import labels, manifest, spark_session, views
from segcli.lake.automatic_prices import Prices
from segcli.lake.spark_engine import Source, Spark
from segcli.storage import database

pytestmark = pytest.mark.repeats
# Each takes a second or more, so one question stands for those whose SQL has the same parts. SPARK_QUESTIONS=all asks all.
SOME = """
account-search --where "abc = A"
account-search --where "name contains 'ö' or turnover(24m where item_group contains 'fé') > 500"
account-search --as-of-class 2026-03-31 --class1 N
contact-overview --group-by why_not
marketing-list --split 90:10 --holdout 10 --seed spring --columns email,account,test_group,sharing
outstanding-items --base-currency --columns account,invoice_number,open,base_open,future,remaining,days_overdue
debtor-ageing --details --share
debtor-balance --group-by manager
transaction-search --running --columns entry_date,entry_number,debit,credit,balance --limit 500
invoice-history --unpaid --columns invoice_number,open,ordered_by,deliver_to,is_credit_note
sales-analysis --group-by item_group --across week --period 2026-02
sales-analysis --abc --columns account,revenue,cumulative,abc,share,margin_percent
subscription-search --movements
request-search --open --overdue
""".strip().splitlines()
ALL = [*engine_case.usual("N"), *engine_case.special(), *engine_case.every_column(), *engine_case.every_condition()]
QUESTIONS = ALL if os.environ.get("SPARK_QUESTIONS") == "all" else SOME


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Return the URL of a Spark."""
    with spark_server.running(tmp_path_factory.mktemp("spark")) as url:
        yield url


@pytest.fixture(scope="module")
def lake(_example: Path, tmp_path_factory: pytest.TempPathFactory) -> manifest.Lake:
    """Return the lake of the example. Its folder has a name that patterns of files would read otherwise."""
    return engine_case.synced(_example, tmp_path_factory.mktemp("lake") / "a {b} [c] d'e")


@pytest.fixture(scope="module")
def pair(_example: Path, lake: manifest.Lake, server: str) -> Iterator[tuple[sqlite3.Connection, Spark]]:
    """Return the example as a database and as a lake that Spark reads."""
    with closing(database.connect(_example)) as db, closing(_spark(server, lake, db)) as spark:
        yield db, spark


def _spark(server: str, lake: manifest.Lake, db: sqlite3.Connection, url: str = "") -> Spark:
    chosen = lake.administrations
    tables = partial(views.views, chosen, labels=labels.matched(chosen), several=False)
    prices = Prices({0: lambda: closing(database.connect(Path(chosen[0].database)))})
    return spark_session.opened(server, url, Source(tables, prices, db, ()))


@pytest.mark.parametrize("line", QUESTIONS)
def test_same_rows(pair: tuple[sqlite3.Connection, Spark], line: str) -> None:
    db, spark = pair
    ours, theirs = answer(db, line), answer(spark, line)
    assert theirs.rows == ours.rows
    assert theirs == ours
    assert [list(map(type, row)) for row in theirs.rows] == [list(map(type, row)) for row in ours.rows]


def test_a_sum_beyond_64_bits(pair: tuple[sqlite3.Connection, Spark]) -> None:
    for db in pair:
        with pytest.raises(sqlite3.OperationalError, match="integer overflow"):
            db.execute("SELECT sum(id + 9223372036854770000) FROM account").fetchall()


def test_values_as_sqlite_has_them(pair: tuple[sqlite3.Connection, Spark]) -> None:
    """Folded letters of one, several and no characters; rounding away from zero; days; parts of a hash."""
    sql = """SELECT share(:a, 1, 2), share(-7, 3, 2), share(1, 1, 0), share(NULL, 1, 1), in_base(1000, 'USD', '1.0583', 'EUR'),
      in_base(1000, 'JPY', '161.5', 'EUR'), in_base(1000, 'USD', '2000/1890', 'EUR'), in_base(5, 'USD', NULL, 'EUR'),
      bucket('spring', 'NL010'), julianday('2026-03-01') - julianday('2026-02-01'), 7 / 2, -7 / 2, 7 / 2.0, 100.0 * 7 / 2,
      'É' = 'é' COLLATE NOCASE, 'A' COLLATE NOCASE = 'a' COLLATE NOCASE, lower('ÀB'), 'a\\b' GLOB '*\\b', 'x.y' GLOB '?.[xyz]',
      NULL IS NULL, CAST('12' AS INTEGER), ' Ab ' = label_key(' Ab ')"""
    ours, theirs = (db.execute(sql, {"a": 3}).fetchone() for db in pair)
    assert theirs == ours


def test_folded_letters(pair: tuple[sqlite3.Connection, Spark]) -> None:
    names = "SELECT id, fold(name) FROM account WHERE fold(name) <> lower(name) ORDER BY id"
    ours, theirs = (db.execute(names).fetchall() for db in pair)
    assert theirs == ours
    assert len(ours) > 5


def test_one_row_is_read_of_many(pair: tuple[sqlite3.Connection, Spark]) -> None:
    found = pair[1].execute("SELECT id FROM account ORDER BY id")
    assert [found.fetchone(), found.fetchone()] == pair[0].execute(
        "SELECT id FROM account ORDER BY id LIMIT 2"
    ).fetchall()
    found.close()


def _database(lake: manifest.Lake) -> str:
    return lake.administrations[0].database


def test_where_the_cluster_finds_the_lake(lake: manifest.Lake, server: str) -> None:
    with closing(database.connect(Path(_database(lake)))) as db:
        with closing(
            _spark(server, lake, db, f"file://{lake.folder}".replace("{", "\\{").replace("[", "\\["))
        ) as spark:
            assert spark.execute("SELECT count(*) FROM account").fetchone() == (300,)
        with (
            closing(_spark(server, lake, db, "file:///nowhere/lake")) as spark,
            pytest.raises(SegcliError, match="/nowhere"),
        ):
            spark.execute("SELECT count(*) FROM account").fetchall()


def test_on_the_command_line(server: str, lake: manifest.Lake, segcli: Run, monkeypatch: Any) -> None:
    monkeypatch.setenv("SEGCLI_LAKE_FOLDER", str(lake.folder))
    line = ("show", "debtor-ageing", "--as-of", DAY, "-f", "csv", "-d", _database(lake))
    assert segcli(*line, "--engine", server).out == segcli(*line).out


def test_a_spark_that_is_not_there(lake: manifest.Lake, segcli: Run, monkeypatch: Any) -> None:
    monkeypatch.setenv("SEGCLI_LAKE_FOLDER", str(lake.folder))
    for engine, status, told in (
        ("sc://127.0.0.1:1", 1, "no Spark answers at 127.0.0.1:1: "),
        ("sc://:15002", 2, "no address of a Spark server"),
    ):
        found = segcli("show", "debtor-ageing", "-d", _database(lake), "--engine", engine)
        assert (found.status, told in found.err) == (status, True)
