"""Invoices and lines that come in again with changes: summaries and revenues are those of a first import, and only what changed is recalculated."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from decimal import Decimal
from fractions import Fraction
from math import floor
from pathlib import Path

import pytest
from conftest import Run, connected
from hypothesis import given
from hypothesis import strategies as st
from import_case import bring

from segcli.importing.kinds.machinery.line_amounts import MOST, TOO_LARGE, fine, quantity, register, stated

ACCOUNTS = "account,name\nA,Alpha\nB,Beta\n"
ITEMS = "item,description,item_group\nX,Ex,one\nY,Wy,two\n"
HEADS = "invoice_number,invoice_date,account,status,net_amount,vat_amount\n"
LINES = "invoice_number,line,item,quantity,net_amount\n"
FIRST_HEADS = ("1,2026-01-10,A,processed,30,0", "2,2026-02-10,B,processed,30,0", "3,2026-03-10,A,processed,30,0")
FIRST_LINES = ("1,1,X,1,10", "1,2,Y,2,20", "2,1,X,1,10", "2,2,Y,2,20", "3,1,X,1,10", "3,2,Y,2,20")
SUMMARY = """SELECT a.code, s.month, t.code, s.quantity / 1000000, s.net_amount / 1000000, s.invoices, s.group_invoices, s.all_invoices
  FROM invoice_summary AS s JOIN account AS a ON a.id = s.account_id JOIN item AS t ON t.id = s.item_id ORDER BY 1, 2, 3"""
REVENUE = "SELECT invoice_number, revenue_amount / 1000000, base_revenue_amount / 1000000 FROM invoice ORDER BY 1"


@pytest.fixture
def filled(segcli: Run, empty: Path) -> Path:
    """Return a database with three invoices of two lines."""
    given = (
        (ACCOUNTS, "accounts"),
        (ITEMS, "items"),
        (text(HEADS, FIRST_HEADS), "invoices"),
        (text(LINES, FIRST_LINES), "lines"),
    )
    for content, name in given:
        assert bring(segcli, content, name=f"{name}.csv").status == 0
    return empty


def text(head: str, rows: Sequence[str]) -> str:
    return head + "".join(f"{row}\n" for row in rows)


def asked(database: Path, sql: str) -> list[tuple[object, ...]]:
    with connected(database) as db:
        return db.execute(sql).fetchall()


def test_changed_and_missing_lines_are_summed_again(segcli: Run, filled: Path) -> None:
    changed = ("1,1,X,3,31", "1,2,Y,2,20", "2,2,Y,2,20", "3,1,X,1,10", "3,2,Y,2,20", "3,3,X,4,40")
    assert bring(segcli, text(LINES, changed), name="lines.csv").status == 0
    assert asked(filled, SUMMARY) == [
        ("A", "2026-01", "X", 3, 31, 1, 1, 1),
        ("A", "2026-01", "Y", 2, 20, 1, 1, 0),
        ("A", "2026-03", "X", 5, 50, 1, 1, 1),
        ("A", "2026-03", "Y", 2, 20, 1, 1, 0),
        ("B", "2026-02", "Y", 2, 20, 1, 1, 1),
    ]
    assert asked(filled, REVENUE) == [("1", 51, 51), ("2", 20, 20), ("3", 70, 70)]
    assert "summaries,wrong" not in segcli("check", "-f", "csv").out


def test_two_files_of_lines_in_one_command(segcli: Run, filled: Path) -> None:
    for name, rows in (("one", ("1,1,X,3,31",)), ("two", ("2,2,Y,2,25", "3,3,X,4,40"))):
        Path(f"{name}.csv").write_text(text(LINES, rows))
    assert segcli("import", "one.csv", "two.csv").status == 0
    assert asked(filled, REVENUE) == [("1", 31, 31), ("2", 25, 25), ("3", 40, 40)]


@pytest.mark.parametrize("known", [True, False])
def test_a_line_whose_number_is_the_place_of_a_line_without_one_is_told(
    segcli: Run, filled: Path, *, known: bool
) -> None:
    if not known:
        with connected(filled) as db:
            db.execute("DELETE FROM invoice_line")
            db.commit()
    before = asked(filled, SUMMARY)
    done = bring(segcli, text(LINES, ("1,2,X,1,31", "1,,Y,2,20")), name="lines.csv")
    assert done.status == 1
    assert "lines.csv:3:line: duplicate of line 2; a line without a number has that of its place" in done.err
    assert asked(filled, SUMMARY) == before
    assert bring(segcli, text(LINES, ("1,1,X,1,31", "1,,Y,2,20")), name="lines.csv").status == 0
    assert asked(filled, "SELECT line_number FROM invoice_line WHERE invoice_id = 1 ORDER BY id") == [(1,), (2,)]


def test_moved_and_withdrawn_invoices_are_summed_again(segcli: Run, filled: Path) -> None:
    moved = ("1,2026-04-10,B,processed,30,0", "2,2026-02-10,B,open,30,0", "3,2026-03-10,A,processed,30,0")
    assert bring(segcli, text(HEADS, moved), name="invoices.csv").status == 0
    assert asked(filled, SUMMARY) == [
        ("A", "2026-03", "X", 1, 10, 1, 1, 1),
        ("A", "2026-03", "Y", 2, 20, 1, 1, 0),
        ("B", "2026-04", "X", 1, 10, 1, 1, 1),
        ("B", "2026-04", "Y", 2, 20, 1, 1, 0),
    ]
    assert asked(filled, REVENUE) == [("1", 30, 30), ("2", 0, 0), ("3", 30, 30)]


def test_totals_that_follow_from_lines_follow_the_lines_that_changed(segcli: Run, empty: Path) -> None:
    heads = "invoice_number,invoice_date,account,status\n1,2026-01-10,A,processed\n2,2026-02-10,B,processed\n"
    for lines in (FIRST_LINES[:4], ("1,1,X,1,11", *FIRST_LINES[1:4])):
        for content, name in (
            (ACCOUNTS, "accounts"),
            (ITEMS, "items"),
            (heads, "invoices"),
            (text(LINES, lines), "lines"),
        ):
            assert bring(segcli, content, name=f"{name}.csv").status == 0
    assert asked(empty, "SELECT invoice_number, net_amount, total_amount FROM invoice ORDER BY 1") == [
        ("1", 3100, 3100),
        ("2", 3000, 3000),
    ]


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (text(LINES, ("1,1,X,1,11", *FIRST_LINES[1:])), "lines.csv"),
        (text(HEADS, ("1,2026-01-11,A,processed,30,0", *FIRST_HEADS[1:])), "invoices.csv"),
    ],
)
def test_months_without_a_change_are_not_summed_again(segcli: Run, filled: Path, content: str, name: str) -> None:
    with connected(filled) as db:
        db.execute(
            "UPDATE invoice_summary SET quantity = -1000000 WHERE month <> '2026-02'"
        )  # which a sum would put right
        db.commit()
    assert bring(segcli, content, name=name).status == 0
    assert [row[:4] for row in asked(filled, SUMMARY)] == [
        ("A", "2026-01", "X", 1),
        ("A", "2026-01", "Y", 2),
        ("A", "2026-03", "X", -1),
        ("A", "2026-03", "Y", -1),
        ("B", "2026-02", "X", 1),
        ("B", "2026-02", "Y", 2),
    ]


@given(
    st.integers(-(10**14), 10**14),
    st.integers(0, 9),
    st.sampled_from([(10_000, "EUR", 2), (10_000, "KWD", 3), (1, "JPY", 0), (1, "EUR", 2), (1_000_000, "", 0)]),
)
def test_a_decimal_text_is_its_parts_rounded_half_away_from_zero(
    digits: int, decimals: int, unit: tuple[int, str, int]
) -> None:
    parts, currency, places = unit
    text = f"{Decimal(digits).scaleb(-decimals):f}"
    exact = Fraction(abs(digits), 10**decimals) * parts * 10**places
    expected = floor(exact + Fraction(1, 2)) * (-1 if digits < 0 else 1)
    expected = expected if abs(expected) <= MOST else TOO_LARGE
    assert fine(text, parts, currency) == expected
    with closing(
        sqlite3.connect(":memory:")
    ) as db:  # what the statements call: short numbers go through SQLite's own floats
        register(db)
        name = {10_000: "cost_amount", 1: "vat_amount", 1_000_000: "quantity"}[parts]
        sql = quantity({name: "?1"}) if name == "quantity" else stated({name: "?1"}, name)
        found = db.execute(f"SELECT {sql} FROM (SELECT ?2 AS currency) AS i", (text, currency)).fetchone()[0]
    assert (found, type(found)) == (expected, type(expected))
