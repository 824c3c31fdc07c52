"""Several administrations in one lake: an answer over all is the union of the single ones, and nothing of two of them meets."""

import shutil
import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import engine_case
import pytest
from conftest import connected
from engine_case import Answer, answer

from segcli.domain.units import FINE
from segcli.lake import tables
from segcli.lake.duckdb_engine import DuckDb
from segcli.storage import database

FILES = {
    "accounts.csv": "account,name,class1,country,email\nA,Alpha,N,NL,a@a.example\nB,Beta,S,BE,b@b.example\n",
    "items.csv": "item,description,item_group,unit,sales_price\nX,x,G,piece,7.00\n",
    "types.csv": "subscription_type,description,frequency\nM,Monthly,monthly\n",
    "subscriptions.csv": "subscription,account,type,start_date,item,quantity,unit_price,is_automatic_price\nS1,A,m,2026-01-01,X,1,10,0\n"
    "S2,A,M,2026-01-01,X,3,,1\n",
    "invoices.csv": "invoice_number,account,invoice_date,currency,net_amount,vat_amount,total_amount\n1,A,2026-05-01,EUR,100.00,21.00,121.00\n",
    "lines.csv": "invoice_number,line,item,quantity,unit_price\n1,1,X,2,50\n",
    "receivables.csv": "account,invoice_number,invoice_date,due_date,currency,amount\nA,1,2026-05-01,2026-05-31,EUR,121.00\n"
    "B,2,2026-06-01,2026-07-01,USD,50.00\n",
    "payments.csv": "account,invoice_number,entry_number,payment_date,amount\nA,1,P1,2026-06-15,21.00\n",
    "requests.csv": "request,type,description,account,request_date\nR1,task,Call,A,2026-06-01\n",
    "contacts.csv": "account,contact,last_name,email\nA,1,One,one@a.example\n",
    "chart.csv": "gl_account,description,type,subledger\n1300,Debtors,B,debtors\n8000,Revenue,P,\n",
    "entries.csv": "journal,entry_number,line_number,entry_date,gl_account,account,debit,credit\n70,1,1,2026-05-01,1300,A,121.00,\n"
    "70,1,2,2026-05-01,8000,,,121.00\n",
}
COUNT = 40
# Rows that exist once per administration. Mailing looks at all addresses together: see test_mailing.
QUESTIONS = (
    "account-search", "account-overview", "contact-search", "outstanding-items", "debtor-ageing", "debtor-balance", "invoice-history",
    "invoice-history --lines", "sales-analysis", "subscription-search", "request-search", "account-search --class1 N",
    'account-search --where "turnover > 0 and outstanding > 50"', "account-search --columns account,class1,class1_name,price_list",
    "debtor-balance --base-currency", "outstanding-items --sort -open", "account-overview --as-of 2026-05-31",
)  # fmt: skip
SUMMED = (
    "debtor-ageing --group-by class1", "sales-analysis --group-by month,item_group", "account-search --group-by country",
    "invoice-history --group-by currency", "transaction-search --group-by gl_account", "subscription-search --group-by type",
)  # fmt: skip


Several = tuple[list[sqlite3.Connection], DuckDb]


@pytest.fixture(scope="module")
def several(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Several]:
    """Return forty databases, which differ in their amounts and names, and one connection to their lake."""
    made = tmp_path_factory.mktemp("several")
    first = made / "k0.db"
    _fill(first, made)
    paths = [first, *(_another(first, made / f"k{number}.db", number) for number in range(1, COUNT))]
    for path in paths:
        lake = engine_case.synced(path, made / "lake")
    dbs = [database.connect(path) for path in paths]
    with closing(engine_case.over(lake, made)) as engine:
        yield dbs, engine
    for db in dbs:
        db.close()


def _fill(path: Path, folder: Path) -> None:
    for name, text in FILES.items():
        (folder / name).write_text(text)
    files = [str(folder / name) for name in FILES]
    engine_case.fill(path, ["init"], ["classification", "label", "1", "Region"], ["import", *files, "--create-missing"])


def _another(first: Path, path: Path, number: int) -> Path:
    """Make a database with `number` cents more in each amount, the number in each name, and another identity."""
    shutil.copy(first, path)
    with connected(path) as db, db:
        db.execute("UPDATE administration SET identity = 'i' || ?", (number,))
        db.execute("UPDATE account SET name = name || ?", (number,))
        db.execute("UPDATE outstanding_item SET amount = amount + ?, base_amount = base_amount + ?", (number, number))
        db.execute(
            "UPDATE subscription_line SET quantity = quantity + ? WHERE is_automatic_price = 1", (number * 1_000_000,)
        )
        db.execute("UPDATE invoice SET net_amount = net_amount + ?, total_amount = total_amount + ?", (number, number))
    return path


def _keyed(found: Answer, key: str) -> list[tuple[Any, ...]]:
    """Return the rows with the key of their administration in front, without what follows the shown columns."""
    width = len(found.columns)
    if "administration" not in found.columns:
        return [(key, *row[:width]) for row in found.rows]
    at = found.columns.index("administration")
    return [(row[at], *row[:at], *row[at + 1 : width]) for row in found.rows]


@pytest.mark.repeats
def test_all_are_the_union_of_each(several: Several) -> None:
    """One test for all questions, since forty databases are made for it."""
    for line in QUESTIONS:
        _compare(*several, line)


def _compare(dbs: list[sqlite3.Connection], engine: DuckDb, line: str) -> None:
    is_named = "--columns" not in line
    single = [row for number, db in enumerate(dbs) for row in _keyed(answer(db, line), f"k{number}" * is_named)]
    assert Counter(_keyed(answer(engine, line), "")) == Counter(single), line
    assert len(single) >= COUNT, line


@pytest.mark.repeats
def test_groups_of_all_are_the_sums_of_each(several: Several) -> None:
    for line in SUMMED:
        _compare_sums(*several, line)


def _compare_sums(dbs: list[sqlite3.Connection], engine: DuckDb, line: str) -> None:
    whole = answer(engine, line)
    sums: dict[tuple[Any, ...], list[Any]] = {}
    for db in dbs:
        found = answer(db, line)
        for row in found.rows:
            texts = tuple(cell for cell in row if not isinstance(cell, int | float))
            numbers = [cell for cell in row if isinstance(cell, int | float)]
            held = sums.setdefault(texts, [0] * len(numbers))
            sums[texts] = [a + b for a, b in zip(held, numbers, strict=True)]
    found = {
        tuple(c for c in row if not isinstance(c, int | float)): [c for c in row if isinstance(c, int | float)]
        for row in whole.rows
    }
    assert found == sums, line


def test_every_reference_is_an_id() -> None:
    for name, source in tables.sources().items():
        references = {column for column, kind in source.columns.items() if kind == "int64" and column.endswith("_id")}
        assert references <= source.ids, name


@pytest.mark.repeats
def test_automatic_prices_are_those_of_each_database(several: Several) -> None:
    """Python makes them, from the database that a line is of: 3 and `number` pieces at 7.00."""
    sql = "SELECT id, automatic_amount(id, :day) FROM subscription_line WHERE is_automatic_price = 1 ORDER BY id"
    found = several[1].execute(sql, {"day": "2026-06-30"}).fetchall()
    assert [(number >> 40, amount) for number, amount in found] == [(n, (3 + n) * 700 * FINE) for n in range(COUNT)]
