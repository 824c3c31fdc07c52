"""SQLite files: typed columns, exact values, several tables, and the same bytes for the same data."""

import sqlite3
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from tables import COLUMNS, ROWS, draw_bytes, table

from segcli.base.errors import SegcliError
from segcli.domain.table import Column, Numbers, Table
from segcli.output.render import Style, binder
from segcli.output.render.sqlite import named, table_names


def read(data: bytes, sql: str, *values: object) -> list[tuple[Any, ...]]:
    """Return the answer of plain SQL to the drawn file."""
    Path("drawn.db").write_bytes(data)
    db = sqlite3.connect("drawn.db")
    try:
        return db.execute(sql, values).fetchall()
    finally:
        db.close()


def test_columns_have_their_types() -> None:
    found = read(draw_bytes("sqlite", table()), "SELECT name, type FROM pragma_table_info('outstanding_items')")
    types = {"text": "TEXT", "code": "TEXT", "date": "TEXT", "integer": "INTEGER", "flag": "INTEGER"}
    wanted = [(column.name, types.get(column.kind, "REAL")) for column in COLUMNS] + [("amount_minor", "INTEGER")]
    assert [(name, "REAL" if kind == "FLOAT" else kind) for name, kind in found] == wanted


def test_values_by_hand() -> None:
    first, second, third, *_ = read(draw_bytes("sqlite", table()), "SELECT * FROM outstanding_items")
    assert first == ("0001", "Café Zürich", "2026-01-31", 12.3, 3, 12.5, 1.5, 1, 1230)
    assert (second[3], second[-1]) == (1234567.0, 1234567)  # yen have no smaller unit
    assert third[2:] == (None, -0.05, None, None, None, None, -5)


def test_every_value_comes_back() -> None:
    rows = read(draw_bytes("sqlite", table()), "SELECT * FROM outstanding_items ORDER BY rowid")
    assert len(rows) == len(ROWS)
    for row, given in zip(rows, ROWS, strict=True):
        code, name, day, amount, days, share, factor, flag, currency = given
        assert row[:3] == (code, name and str(name).replace("\ud800", "\\ud800"), day)
        assert row[4:] == (days, share, factor, flag, amount)
        if amount is not None and abs(int(amount)) < 10**15:
            assert Decimal(str(row[3])) == Decimal(amount) / (1 if currency == "JPY" else 100)


def test_the_minor_units_add_up_exactly_where_numbers_do_not() -> None:
    amounts = [10] * 10 + [1]
    drawn = Table("T", (Column("amount", "money"),), [(amount,) for amount in amounts])
    ((number, minor),) = read(draw_bytes("sqlite", drawn), "SELECT total(amount) = 1.01, sum(amount_minor) FROM t")
    assert minor == 101 == sum(amounts)
    assert number in {0, 1}  # by the release of SQLite: this is what the second column is for


def test_amounts_have_the_decimals_of_their_currency() -> None:
    columns = (Column("amount", "money"), Column("base_amount", "money", is_base=True))
    drawn = Table("T", columns, [(12345, 100, "KWD"), (12345, 100, "CLF"), (12345, 100, "JPY")], currency_at=2)
    rows = read(draw_bytes("sqlite", drawn), "SELECT amount, base_amount, amount_minor, base_amount_minor FROM t")
    assert rows == [(12.345, 1.0, 12345, 100), (1.2345, 1.0, 12345, 100), (12345.0, 1.0, 12345, 100)]


def test_amounts_in_parts_of_a_unit_are_rounded_as_everywhere() -> None:
    drawn = Table("T", (Column("amount", "money", parts=10_000),), [(12_345_000,), (12_350_000,), (-12_345_000,)])
    assert read(draw_bytes("sqlite", drawn), "SELECT amount_minor FROM t") == [(1235,), (1235,), (-1235,)]


def test_named_counts_are_json() -> None:
    drawn = Table("T", (Column("fields", is_object=True),), [(Numbers({"name": 3, "stad": 1}),), (None,)])
    sql = "SELECT json_extract(fields, '$.name'), json_extract(fields, '$.stad') FROM t"
    assert read(draw_bytes("sqlite", drawn), sql) == [(3, 1), (None, None)]


def test_infinity_is_empty_as_in_json() -> None:
    drawn = Table("T", (Column("factor", "decimal"),), [(float("inf"),), (Decimal("1.25"),)])
    assert read(draw_bytes("sqlite", drawn), "SELECT factor FROM t") == [(None,), (1.25,)]


@pytest.mark.parametrize("size", [0, 1, 2001])
def test_the_same_data_gives_the_same_bytes(size: int) -> None:
    drawn = [draw_bytes("sqlite", table(ROWS[:1] * size)) for _ in range(2)]
    assert drawn[0] == drawn[1]
    assert read(drawn[0], "SELECT count(*) FROM outstanding_items") == [(size,)]
    assert read(drawn[0], "PRAGMA integrity_check") == [("ok",)]


def test_several_tables_are_in_one_file(tmp_path: Path) -> None:
    tables = [table(), Table("Ageing", (Column("a", "integer"),), [(1,), (2,)]), table(ROWS[:3], name="first 3")]
    with (tmp_path / "book.db").open("wb") as file:
        assert binder("sqlite")(tables, file, Style()) == [len(ROWS), 2, 3]
    data = (tmp_path / "book.db").read_bytes()
    names = [row[0] for row in read(data, "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY rowid")]
    assert names == ["outstanding_items", "ageing", "first 3"]
    assert read(data, "SELECT sum(a) FROM ageing") == [(3,)]
    assert read(data, 'SELECT count(*) FROM "first 3"') == [(3,)]


def test_names_of_tables() -> None:
    said = {
        "Debtor ageing": "debtor_ageing",
        "Revenue by sector, 2026-05": "revenue_by_sector_2026_05",
        "Café: Zürich": "cafe_zurich",
        "2026": "table_2026",
        "sqlite_schema": "table_sqlite_schema",
        "Sqlite, what": "table_sqlite_what",
        "…": "table",
        "x" * 99: "x" * 60,
    }
    assert {title: named(title) for title in said} == said
    columns = (Column("a"),)
    tables = [Table("Ageing", columns, []), Table("AGEING", columns, []), Table("x", columns, [], name="Ageing")]
    assert table_names(tables) == ["ageing", "ageing_2", "Ageing_3"]


def test_an_error_of_what_is_read_is_not_told_of_what_is_written() -> None:
    def rows() -> Iterator[tuple[int]]:
        yield (1,)
        raise sqlite3.OperationalError("the source is gone")

    with pytest.raises(sqlite3.OperationalError, match="the source is gone"):
        draw_bytes("sqlite", Table("T", (Column("a", "integer"),), rows()))


def test_a_table_that_sqlite_cannot_hold_is_an_error() -> None:
    columns = tuple(Column(f"c{number}") for number in range(3000))  # more than SQLITE_MAX_COLUMN
    with pytest.raises(SegcliError, match="SQLite cannot write the file: too many columns"):
        draw_bytes("sqlite", Table("T", columns, []))
