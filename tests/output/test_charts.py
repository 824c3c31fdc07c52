"""Charts: what is drawn adds up to the table."""

import random
import tracemalloc
from collections import defaultdict
from dataclasses import replace

import pytest
from chart_case import COLUMNS, ROWS, SINGLE, STACKED, pictures, table
from hypothesis import given
from hypothesis import strategies as st

from segcli.base.errors import UsageError
from segcli.domain.table import Chart, Column, Row, Table
from segcli.output.charts import Gatherer, Picture, terminal
from segcli.output.charts.steps import following

# Figures


@given(ROWS)
def test_what_is_drawn_adds_up_to_the_table(rows: list[Row]) -> None:
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for row in rows:
        sums[row[2]][0] += row[3]  # type: ignore[index,operator]
        sums[row[2]][1] += row[4]  # type: ignore[index,operator]
    found = pictures(rows)
    assert {p.currency: list(p.totals) for p in found} == dict(sums)
    assert all(len(p.bars) <= 21 for p in found)


def test_the_largest_come_first_and_the_others_are_one() -> None:
    rows = [(str(n), None, "EUR", n * 100, -n) for n in random.Random(1).sample(range(1, 51), 50)]
    (found,) = pictures(rows)
    assert [bar.label for bar in found.bars] == [*(str(n) for n in range(50, 30, -1)), "30 others"]
    assert found.bars[-1].values == (sum(range(1, 31)) * 100, -sum(range(1, 31)))
    assert not found.is_drawn(found.bars[-1])
    assert found.is_drawn(found.bars[0])


def test_as_many_as_fit_keep_their_order() -> None:
    (found,) = pictures([("b", "B", "EUR", 1, 0), ("a", None, "EUR", 5, 0), (None, None, "EUR", None, -7)])
    assert [(bar.label, bar.total) for bar in found.bars] == [("b B", 1), ("a", 5), ("(none)", -7)]
    assert found.span == (-7, 5)


def test_currencies_are_never_added_up() -> None:
    found = pictures([("1", "A", "USD", 5, 1), ("2", "B", "EUR", 7, 1), ("3", "C", "JPY", 9, 1)])
    assert [(p.title, p.totals, p.words(p.bars[0].total)) for p in found] == [
        ("Ageing, EUR", (7, 1), "0.08"),
        ("Ageing, JPY", (9, 1), "10"),
        ("Ageing, USD", (5, 1), "0.06"),
    ]


def test_parts_of_a_cent_are_rounded_when_they_are_shown_and_never_before() -> None:
    columns = (*COLUMNS[:3], Column("new", "money", parts=10_000))
    rows = [(str(n), None, "EUR", 4_000) for n in range(25)]  # 0.4 of a cent each: 25 are ten cents
    (found,) = pictures(rows, SINGLE, columns=columns)
    assert sum(found.totals) == 100_000
    assert found.words(found.totals[0]) == "0.10"
    assert found.words_of(found.bars[0]) == "0.00"
    assert found.words_of(found.bars[-1]) == "0.02"


def test_in_the_currency_of_the_administration() -> None:
    columns = (*COLUMNS[:3], Column("new", "money", is_base=True))
    (found,) = pictures([("1", "A", "USD", 5), ("2", "B", "EUR", 7)], SINGLE, columns=columns, currency="GBP")
    assert (found.currency, found.totals) == ("GBP", (12,))


TIME = Table("Sales", (Column("month"), Column("revenue", "money")), [])


def by_time(rows: list[Row]) -> Picture:
    gatherer = Gatherer(TIME, Chart(("revenue",), "time", ("month",)))
    list(gatherer.watch(rows))
    return gatherer.pictures()[0]


def test_time_stays_in_order_and_has_no_gaps() -> None:
    found = by_time([("2026-02", 3), ("2025-11", 1), ("2025-12", 2)])
    assert [(bar.label, bar.total) for bar in found.bars] == [
        ("2025-11", 1),
        ("2025-12", 2),
        ("2026-01", 0),
        ("2026-02", 3),
    ]


@given(st.lists(st.integers(0, 9998 * 12), unique=True, min_size=1, max_size=80))
def test_of_time_the_latest_steps_are_kept_and_the_earlier_added_up(months: list[int]) -> None:
    found = by_time([(f"{n // 12 + 1:04}-{n % 12 + 1:02}", n + 1) for n in months])
    named = [bar for bar in found.bars if not bar.is_rest]
    assert len(named) <= 36
    assert sum(found.totals) == sum(months) + len(months)
    first = max(months) - len(named) + 1
    assert [bar.total for bar in named] == [n + 1 if n in months else 0 for n in range(first, max(months) + 1)]
    earlier = sum(n < first for n in months)
    assert [bar.label for bar in found.bars if bar.is_rest] == ([f"{earlier} earlier"] if earlier else [])


def test_steps_of_time() -> None:
    pairs = [
        ("2026-09", "2026-10"),
        ("2026-12", "2027-01"),
        ("2026Q1", "2026Q2"),
        ("2026Q4", "2027Q1"),
        ("2026", "2027"),
    ]
    assert [following(before) for before, _ in pairs] == [after for _, after in pairs]
    assert following("(none)") == ""


def test_rows_of_one_label_are_one_bar_with_a_piece_for_each_value() -> None:
    columns = (Column("source"), Column("target"), Column("value", "integer"))
    rows = [("A", "A", 5), ("A", "B", 2), ("B", "B", 4), ("B", None, 1)]
    (found,) = pictures(rows, Chart(("value",), "stacked", ("source",), by="target"), columns=columns, currency_at=None)
    assert found.series == ("A", "B", "(none)")
    assert [(bar.label, bar.values) for bar in found.bars] == [("A", (5, 2, 0)), ("B", (0, 4, 1))]
    assert (found.currency, found.words(12345)) == ("", "12345")


def test_more_series_than_can_be_told_apart_are_added_up() -> None:
    columns = (Column("account"), *(Column(f"b{n}", "money") for n in range(20)))
    chart = Chart(tuple(f"b{n}" for n in range(20)), "stacked")
    (found,) = pictures([("x", *range(20))], chart, columns=columns, currency_at=None)
    assert found.series == (*(f"B{n}" for n in range(13, 20)), "13 others")
    assert found.bars[0].values == (*range(13, 20), sum(range(13)))


def test_a_row_that_adds_up_others_is_no_bar_among_them() -> None:
    (found,) = pictures(
        [("x", None, "EUR", 5, 0), ("(the rest)", None, "EUR", 900, 0)], replace(STACKED, rest="(the rest)")
    )
    assert [(bar.label, bar.total, bar.is_rest) for bar in found.bars] == [("x", 5, False), ("the rest", 900, True)]


@pytest.mark.repeats
def test_memory_is_that_of_the_bars() -> None:
    gatherer = Gatherer(table([]), STACKED)
    rows = ((str(n), "a name", "EUR", n, -n) for n in range(50_000))
    tracemalloc.start()
    count = sum(1 for _ in gatherer.watch(rows))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (count, len(gatherer.pictures()[0].bars)) == (50_000, 21)
    assert peak < 200_000


def test_columns_that_are_not_shown_cannot_be_drawn() -> None:
    with pytest.raises(UsageError, match="--chart draws new, old: none is shown"):
        Gatherer(table([], columns=COLUMNS[:3]), STACKED)


def test_what_has_no_sum_is_drawn_in_the_order_of_the_table() -> None:
    columns = (Column("value"), Column("index", "decimal"))
    rows = [(f"v{n}", 100 - n * 3.25 if n else None) for n in range(25)]
    chart = Chart(("index",), "bar", ("value",), adds_up=False)
    gatherer = Gatherer(Table("Profile", columns, rows), chart)
    assert list(gatherer.watch(rows)) == rows
    (found,) = gatherer.pictures()
    assert [bar.label for bar in found.bars] == [f"v{n}" for n in range(20)]
    assert [bar.total for bar in found.bars[:4]] == [0, 97, 94, 90]  # rounded: 96.75, 93.5, 90.25
    assert [found.words_of(bar) for bar in found.bars[:3]] == ["", "97", "94"]  # the index of v0 is empty, not 0
    drawn = terminal.lines(found, terminal.Look(40))
    assert [line.split() for line in drawn[1:2]] == [["v0"]]
    assert not any(bar.is_rest for bar in found.bars)
    assert found.title == "Profile: index, the first 20 of 25"
