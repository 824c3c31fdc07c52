"""Cohorts worked out by hand: periods, observed accounts, repeat purchases, sums and averages."""

from datetime import date

import pytest

from segcli.discover.cohorts import tables as cohort_tables
from segcli.domain.segments import cohorts
from segcli.domain.segments.cohorts import Cell, Figure, Unit


@pytest.mark.parametrize(
    ("day", "unit", "complete", "following"),
    [
        ("2026-01-31", "month", "2026-01-01", 1),
        ("2026-01-30", "month", "2025-12-31", 1),
        ("2026-03-31", "quarter", "2026-02-01", 1),
        ("2026-03-30", "quarter", "2025-10-01", 1),
        ("2026-12-31", "year", "2026-05-05", 1),
        ("2026-12-30", "year", "2025-05-05", 1),
    ],
)
def test_complete_periods(day: str, unit: Unit, complete: str, following: int) -> None:
    last = cohorts.last_complete(date.fromisoformat(day), unit)
    assert last == cohorts.number(date.fromisoformat(complete), unit)
    assert cohorts.last_complete(date.max, unit) == cohorts.number(date.max, unit)
    months = {"month": "2026-02-01", "quarter": "2026-04-01", "year": "2027-01-01"}
    first = cohorts.number(date(2026, 1, 1), unit)
    assert cohorts.number(date.fromisoformat(months[unit]), unit) == first + following


# Class A: two accounts start in period 10, one in 11. Class B: one account in 11. Period 12 is the last complete one.
CELLS = [
    Cell("A", 10, 0, 2, 1, 300), Cell("A", 10, 1, 1, 0, 100), Cell("A", 10, 2, 2, 1, -50), Cell("A", 10, 3, 1, 0, 999),
    Cell("A", 11, 0, 1, 0, 70), Cell("A", 11, 1, 1, 1, 30), Cell("B", 11, -2, 0, 0, -5), Cell("B", 11, 0, 1, 0, 11),
]  # fmt: skip


def test_figures() -> None:
    found = cohorts.figures(CELLS, 12, 3)
    assert found == [
        #             size k  observed active repeated turnover cumulative
        Figure("A", 3, 0, 3, 3, 1, 370, 370),
        Figure("A", 3, 1, 3, 2, 2, 130, 500),
        Figure("A", 3, 2, 2, 2, 2, -50, 350),  # only the two accounts that started in period 10
        Figure("B", 1, 0, 1, 1, 0, 11, 11),
        Figure("B", 1, 1, 1, 0, 0, 0, 11),
        Figure("B", 1, 2, 0, 0, 0, 0, 0),
    ]
    assert cohorts.figures(CELLS, 12, 10**12) == found  # period 3 is observed of nobody
    assert [(f.since, f.observed) for f in cohorts.figures(CELLS, 9, 3)] == [(0, 0), (0, 0)]
    assert [f.retention for f in found[:3]] == [100, 66.6667, 100]
    assert [f.repeat_rate for f in found[:3]] == [33.3333, 66.6667, 100]
    assert [f.value for f in found[:3]] == [123, 167, 175]
    assert [f.is_whole for f in found[:3]] == [True, True, False]
    assert (found[-1].retention, found[-1].repeat_rate, found[-1].value) == (None, None, None)


def _wide(name: str) -> list[tuple[object, ...]]:
    found = cohorts.figures(CELLS, 12, 3)
    columns, rows = cohort_tables.wide(found, name, lambda cohort: (str(cohort),), has_names=False, average="avg")
    assert [column.name for column in columns] == ["cohort", "accounts", "period_0", "period_1", "period_2"]
    return [tuple(row) for row in rows]


def test_wide_tables() -> None:
    """Rates are weighted by the observed accounts; sums are empty where not all accounts are observed."""
    assert _wide("retention") == [("A", 3, 100, 66.6667, 100), ("B", 1, 100, 0, None), ("avg", 4, 100, 50, 100)]
    assert _wide("accounts") == [("A", 3, 3, 2, None), ("B", 1, 1, 0, None), ("avg", 2, 2, 1, None)]
    assert _wide("turnover") == [("A", 3, 370, 130, None), ("B", 1, 11, 0, None), ("avg", 2, 191, 65, None)]
    assert _wide("value") == [("A", 3, 123, 167, 175), ("B", 1, 11, 11, None), ("avg", 4, 95, 128, 175)]
    assert _wide("repeat") == [("A", 3, 33.3333, 66.6667, 100), ("B", 1, 0, 0, None), ("avg", 4, 25, 50, 100)]
