"""From an overview and a request to SQL: columns, order, groups and names, on two small tables. Without commands."""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import date
from typing import Any

import pytest

from segcli.base.errors import UsageError
from segcli.domain.catalogue import Catalogue
from segcli.domain.clause import EVERYTHING, Clause
from segcli.domain.table import Column, Overview
from segcli.query.compose import Query, Request, compose, over_selection
from segcli.query.selection import Filters
from segcli.storage import sql_functions

CATALOGUE = Catalogue([(1, "Region"), (3, "Customer value")], lambda _: [])
ITEMS = Overview(
    columns=(
        Column("account", "code"),
        Column("class1", "code"),
        Column("number", "code"),
        Column("day", "date"),
        Column("currency"),
        Column("open", "money", total="sum"),
        Column("units", "integer", total="sum", is_extra=True),
        Column("share", "percent"),
        Column("note", is_extra=True),
        Column("weight", "decimal", is_extra=True),
        Column("class2", "code"),
    ),
    sql="SELECT s.account, s.id AS account_id, i.* FROM selection AS s JOIN item AS i ON i.owner = s.id WHERE i.day <= :last",
    sort=("-day", "number"),
    counts="items",
    values={"last": "2026-06-30"},
)
SUMS = Overview(
    columns=(Column("class1", "code"), Column("sum", "money", total="sum")),
    sql="SELECT NULL AS account_id, a.class1, sum(i.open) AS sum FROM selection AS s JOIN account AS a ON a.id = s.id"
    " JOIN item AS i ON i.owner = s.id GROUP BY a.class1",
    is_grouped=True,
)
NAMED = Overview(
    columns=(Column("account", "code"), Column("name")),
    sql="SELECT id AS account_id, account, name FROM selection",
    sort=("account",),
)
LINES = Overview(columns=(Column("number", "code"),), sql="SELECT owner AS account_id, number FROM item")
SCHEMA = """
CREATE TABLE account (id INTEGER PRIMARY KEY, code, name, status, city, country, email, phone, is_blocked, end_date, is_mailing_excluded,
  search_code, manager, currency, address, postcode, state, language, sector, vat_number, chamber_of_commerce,
  class1, class2, class3, class4, class5, class6, class7, class8);
CREATE TABLE classification_value (id INTEGER PRIMARY KEY, code, description);
CREATE TABLE exchange_rate (currency, rate_date, rate);
CREATE TABLE item (owner, number, day, currency, open, units, share, note);
INSERT INTO classification_value VALUES (10, 'N', 'North'), (11, 'S', 'South'), (30, 'A', 'Best');
INSERT INTO account (id, code, name, country, manager, class1, class3) VALUES
 (1, '2', 'bakker', 'NL', NULL, 10, 30), (2, '10', 'Acme', 'be', 'Ann', 11, NULL), (3, '1', 'Cool', 'NL', 'bo', NULL, 30), (4, '3', 'Dull', 'NL', 'Bo', 10, NULL);
INSERT INTO item VALUES (1, '9', '2026-01-05', 'EUR', 100, 1, 5.0, 'x'), (1, '10', '2026-01-05', 'USD', 200, 2, NULL, NULL),
 (2, '11', '2026-02-01', 'EUR', 400, 3, 7.5, 'B'), (3, '12', '2026-03-01', 'EUR', 800, 4, 1.0, 'a'), (3, '13', '2026-07-01', 'EUR', 1600, 5, 1.0, NULL);
"""


def request(**asked: Any) -> Request:
    return Request(Filters(), date(2026, 6, 30), **asked)


Ask = Callable[..., tuple[list[str], list[tuple[Any, ...]], Query]]


@pytest.fixture(name="ask", scope="module")
def _ask() -> Iterator[Ask]:
    """Return what gives the names of the columns, the rows and the query of a request."""
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(SCHEMA)
        sql_functions.register(db)

        def ask(
            overview: Overview = ITEMS, clause: Clause = EVERYTHING, **asked: Any
        ) -> tuple[list[str], list[tuple[Any, ...]], Query]:
            composed = compose(overview, request(**asked), clause, CATALOGUE)
            found = db.execute(composed.sql, composed.values)
            names = [column[0] for column in found.description]
            assert names[: len(composed.columns)] == [column.name for column in composed.columns]
            return names, found.fetchall(), composed

        yield ask


# ------------------------------------------------------------------------------------------------- plain rows
def test_as_it_is_declared(ask: Ask) -> None:
    """All but the extra columns and the classes without a label, the newest first, `10` behind `9`."""
    names, rows, composed = ask()
    assert names == ["account", "class1", "number", "day", "currency", "open", "share"]
    assert [row[2] for row in rows] == ["12", "11", "9", "10"]
    assert rows[0] == ("1", None, "12", "2026-03-01", "EUR", 800, 1.0)
    assert rows[2][:2] == ("2", "N")
    assert composed.currency_at == 4
    assert "LIMIT" not in composed.sql


def test_chosen_columns(ask: Ask) -> None:
    names, rows, composed = ask(
        columns=("Open", "customer VALUE", "class1_name", "class2", "note", " Name ", "account"), sort=("open",)
    )
    assert names == ["open", "class3", "class1_name", "class2", "note", "name", "account", "currency"]
    assert rows[0] == (100, "A", "North", None, "x", "bakker", "2", "EUR")
    assert rows[1] == (400, None, "South", None, "B", "Acme", "10", "EUR")
    assert composed.currency_at == 7
    assert [column.title for column in composed.columns[:4]] == ["Open", "Customer value", "Region name", "class2"]


def test_the_code_of_the_account_where_the_overview_has_none(ask: Ask) -> None:
    names, rows, _ = ask(LINES, columns=("account", "number"), sort=("account", "-number"))
    assert names == ["account", "number"]
    assert rows == [("1", "13"), ("1", "12"), ("2", "10"), ("2", "9"), ("10", "11")]


def test_no_order_where_none_is_declared(ask: Ask) -> None:
    names, rows, composed = ask(LINES)
    assert (names, len(rows)) == (["number"], 5)
    assert composed.sql.endswith("FROM overview AS o")


def test_money_without_a_currency_of_its_own(ask: Ask) -> None:
    names, _, composed = ask(NAMED, columns=("name", "country"))
    assert (names, composed.currency_at) == (["name", "country"], None)


@pytest.mark.parametrize(
    ("sort", "numbers"),
    [
        (("number",), "9 10 11 12"), (("-number",), "12 11 10 9"), (("-open",), "12 11 9 10"), (("note", "-number"), "10 12 11 9"), (("-note", "number"), "9 11 12 10"),
        (("account", "number"), "12 9 10 11"), (("-account", "-number"), "11 10 9 12"), (("name", "-day"), "11 9 10 12"), (("Region", "number"), "12 9 10 11"),
        (("class1_name", "-number"), "12 10 9 11"), (("currency",), "12 11 9 10"), (("day",), "9 10 11 12"), (("day", "-day", "-number"), "10 9 11 12"), (("manager",), "9 10 11 12"),
    ],
)  # fmt: skip
def test_order(ask: Ask, sort: tuple[str, ...], numbers: str) -> None:
    assert " ".join(row[2] for row in ask(sort=sort)[1]) == numbers


def test_limit_and_selection(ask: Ask) -> None:
    assert len(ask(limit=2)[1]) == 2
    assert ask(limit=0)[1] == []
    _, rows, composed = ask(clause=Clause("a.country = ? AND a.id > ?", ("NL", 1)), limit=9)
    assert [row[0] for row in rows] == ["1"]
    assert composed.values == {
        "selected_0": "NL",
        "selected_1": 1,
        "last": "2026-06-30",
        "home_currency": "EUR",
        "sort_day": "2026-06-30",
        "row_limit": 9,
    }


def test_only_what_is_used_is_joined(ask: Ask) -> None:
    assert "account AS s" not in ask(columns=("number",))[2].sql
    assert "classification_value" not in ask(columns=("number", "country"))[2].sql
    sql = ask(columns=("class3_name", "class1", "class3"))[2].sql
    assert [sql.count(f"classification_value AS v{n}") for n in range(1, 9)] == [1, 0, 1, 0, 0, 0, 0, 0]
    assert "classification_value AS v1" in ask(columns=("number",), sort=("class1",))[2].sql


def test_a_line_of_no_account_stays_where_the_overview_has_such(ask: Ask) -> None:
    lines = Overview(
        columns=(Column("number", "code"), Column("city")),
        sql="SELECT NULL AS account_id, number, 'x' AS city FROM nobody CROSS JOIN item UNION ALL SELECT id, name, '' FROM selection",
        has_nobody=True, sort=("number",),
    )  # fmt: skip
    none = Clause("a.class1 IS NULL")
    assert [row[0] for row in ask(lines, none, columns=("number", "country"))[1]] == [
        "9",
        "10",
        "11",
        "12",
        "13",
        "Cool",
    ]
    assert [row[0] for row in ask(lines, Clause("a.class1 = ?", (10,)), columns=("number", "country"))[1]] == [
        "Dull",
        "bakker",
    ]


def test_a_statement_over_the_selection() -> None:
    sql, values = over_selection(
        Clause("a.class1 IS ? OR a.id = ?", (None, 2)),
        "x AS (SELECT 5) SELECT (SELECT count(*) FROM selection), (SELECT count(*) FROM nobody)",
    )
    with closing(sqlite3.connect(":memory:")) as db:
        db.executescript(SCHEMA)
        sql_functions.register(db)
        assert db.execute(sql, values).fetchall() == [(2, 1)]
    assert values == {"selected_0": None, "selected_1": 2}


# ----------------------------------------------------------------------------------------------------- groups
def test_groups_by_class_and_currency(ask: Ask) -> None:
    """Per class, and per currency where there is money; those without a value last."""
    names, rows, composed = ask(group_by=("Region",))
    assert names == ["class1", "class1_name", "currency", "accounts", "items", "open"]
    assert rows == [
        ("N", "North", "EUR", 1, 1, 100),
        ("N", "North", "USD", 1, 1, 200),
        ("S", "South", "EUR", 1, 1, 400),
        (None, None, "EUR", 1, 1, 800),
    ]
    assert [(c.title, c.kind, c.total, c.empty) for c in composed.columns] == [
        ("Region", "code", "", "(none)"), ("Region name", "text", "", ""), ("Currency", "text", "", ""), ("Accounts", "integer", "sum", ""),
        ("Items", "integer", "sum", ""), ("Open", "money", "sum", ""),
    ]  # fmt: skip
    assert composed.currency_at == 2


def test_groups_by_more(ask: Ask) -> None:
    assert ask(group_by=("Currency",))[1] == ask(group_by=("currency",))[1] == [("EUR", 3, 3, 1300), ("USD", 1, 1, 200)]
    names, rows, _ = ask(group_by=("class1_name", "class1"))
    assert names[:2] == ["class1_name", "class1"]
    assert [row[:3] for row in rows] == [
        ("North", "N", "EUR"),
        ("North", "N", "USD"),
        ("South", "S", "EUR"),
        (None, None, "EUR"),
    ]
    assert [row[0] for row in ask(group_by=("manager",))[1]] == ["Ann", "bo", None, None]
    assert [row[0] for row in ask(group_by=("account",))[1]] == ["1", "2", "2", "10"]
    assert ask(NAMED, group_by=("country",))[0] == ["country", "accounts"]
    assert ask(NAMED, group_by=("country",))[1] == [("be", 1), ("NL", 3)]


def test_only_money_in_currencies_of_its_own_is_kept_apart(ask: Ask) -> None:
    sql = (
        "SELECT owner AS account_id, currency, open AS base, units FROM selection AS s JOIN item AS i ON i.owner = s.id"
    )
    columns = (
        Column("currency"),
        Column("units", "integer", total="sum"),
        Column("base", "money", total="sum", is_base=True),
    )
    for shown in (columns[:2], columns):
        names, rows, _ = ask(Overview(columns=shown, sql=sql), group_by=("country",), columns=("country", "units"))
        assert (names[:2], [row[:2] for row in rows]) == (["country", "units"], [("be", 3), ("NL", 12)])


def test_chosen_columns_of_groups(ask: Ask) -> None:
    names, rows, composed = ask(group_by=("class1",), columns=("Open", "REGION"))
    assert names == ["open", "class1", "currency"]
    assert rows == [(100, "N", "EUR"), (200, "N", "USD"), (400, "S", "EUR"), (800, None, "EUR")]
    assert composed.currency_at == 2
    assert "classification_value AS v1" in ask(group_by=("class1",), columns=("open",))[2].sql


@pytest.mark.parametrize(
    ("sort", "sums"),
    [(("-open",), [800, 400, 100, 200]), (("open",), [100, 400, 800, 200]), (("-class1", "-open"), [400, 100, 200, 800]), (("-Accounts", "-items", "CURRENCY"), [100, 400, 800, 200]),
     (("class1-name",), [800, 100, 200, 400]), (("-region", "-open"), [400, 100, 200, 800])],
)  # fmt: skip
def test_order_of_groups(ask: Ask, sort: tuple[str, ...], sums: list[int]) -> None:
    assert [row[-1] for row in ask(group_by=("class1",), sort=sort)[1]] == sums


def test_what_groups_by_itself(ask: Ask) -> None:
    """It names its own columns, classes too, and is not grouped again."""
    names, rows, _ = ask(SUMS, group_by=("class1",), sort=("-sum",))
    assert (names, rows) == (["class1", "sum"], [(None, 2400), (11, 400), (10, 300)])


# ------------------------------------------------------------------------------------------------------ names
@pytest.mark.parametrize(
    ("asked", "message", "hint"),
    [
        ({"columns": ("opn",)}, "--columns: there is no column 'opn'", "did you mean open?"), ({"sort": ("-dya",)}, "--sort: there is no column 'dya'", "did you mean day"),
        ({"group_by": ("contry",)}, "--group-by: there is no column 'contry'", "did you mean country"), ({"columns": ("class9",)}, "--columns: there is no column 'class9'", "did you mean class8"),
        ({"group_by": ("class1",), "columns": ("open", "Region", "Open")}, "--columns: 'open' is named twice", ""),
        ({"columns": ("open", "day", "OPEN")}, "--columns: 'open' is named twice", ""), ({"group_by": ("class1", "Region")}, "--group-by: 'class1' is named twice", ""),
        ({"group_by": ("open",)}, "--group-by: 'open' is an amount", "group by a class, country, currency, date …"), ({"group_by": ("share",)}, "--group-by: 'share' is an amount", "group by a class, country, currency, date …"), ({"group_by": ("weight",)}, "--group-by: 'weight' is an amount", "group by a class, country, currency, date …"),
        ({"group_by": ("class1",), "columns": ("day",)}, "--columns: 'day' is not among the columns of the groups", "there is: class1, class1_name, currency, accounts, items, open"),
        ({"group_by": ("class1", "class3", "city", "country", "manager", "sector"), "columns": ("Contry",)}, "--columns: 'Contry' is not among the columns of the groups", "did you mean country"),
        ({"group_by": ("class1",), "sort": ("-day",)}, "--sort: 'day' is not among the columns of the groups", "there is: class1, class1_name, currency, accounts, items, open"),
    ],
)  # fmt: skip
def test_names_that_are_not_there(asked: dict[str, tuple[str, ...]], message: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        compose(ITEMS, request(**asked), EVERYTHING, CATALOGUE)
    assert caught.value.message == message
    assert caught.value.hint.startswith(hint)
    assert bool(caught.value.hint) == bool(hint)


def test_a_request_knows_what_it_names() -> None:
    asked = request(columns=("a",), sort=("-b", "c"))
    assert [asked.names(name) for name in ("a", "b", "c", "-b", "d")] == [True, True, True, False, False]
