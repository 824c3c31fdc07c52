"""Subscriptions: their status on a day, what they bring a month, and how that moves."""

from pathlib import Path

import pytest
from conftest import APPLY_SELECTED, Run
from subscription_case import UPDATE, found


def test_status_and_value_on_a_day(segcli: Run, subscriptions: Path) -> None:
    tea = (17.99, 215.89)  # 53.973 / 3 = 17.991; x 4 = 215.892
    days = {
        "2025-11-29": [("S1", "upcoming", 0, 0), ("S3", "upcoming", 0, 0), ("S2", "upcoming", 0, 0)],
        "2026-03-20": [("S1", "running", 10, 120), ("S3", "running", 31, 372), ("S2", "running", *tea)],
        "2026-03-21": [("S1", "running", 10, 120), ("S3", "cancelled", 0, 0), ("S2", "running", *tea)],
        "2026-05-10": [("S1", "running", 10, 120), ("S3", "cancelled", 0, 0), ("S2", "running", *tea)],
        "2026-05-11": [("S1", "running", 10, 120), ("S3", "cancelled", 0, 0), ("S2", "to renew", *tea)],
        "2026-07-10": [("S1", "running", 10, 120), ("S3", "cancelled", 0, 0), ("S2", "to renew", *tea)],
        "2026-07-11": [("S1", "running", 10, 120), ("S3", "cancelled", 0, 0), ("S2", "ended", 0, 0)],
    }
    assert {day: found(segcli, "--as-of", day) for day in days} == days
    assert [row[0] for row in found(segcli, "--as-of", "2026-05-11", "--state", "to renew,cancelled")] == ["S3", "S2"]
    assert segcli("show", "subscription-search", "--state", "lost").status == 2


def test_weeks_count_as_fifty_two_a_year(segcli: Run, subscriptions: Path) -> None:
    Path("w.csv").write_text(
        "subscription,account,frequency,frequency_count,start_date,price\nW,A,week,2,2026-01-01,3\n"
    )
    assert segcli("import", "w.csv").status == 0
    assert found(segcli, "--subscription", "W") == [("W", "running", 6.5, 78)]  # 26 times 3.00


def test_movements_add_up(segcli: Run, example: Path) -> None:
    for words in (("--period", "2026Q1"), ("--from", "2025-06-01", "--to", "2026-06-30"), ("--group-by", "class1")):
        rows = segcli("show", "subscription-search", "--movements", "-f", "json", *words).rows
        assert rows
        for row in rows:
            moved = sum(row[name] for name in ("opening", "new", "grown", "shrunk", "lost"))
            assert moved == pytest.approx(row["closing"], abs=0.011)
    value = segcli("show", "subscription-search", "-f", "json", "--as-of", "2026-03-31").rows
    closing = segcli("show", "subscription-search", "--movements", "--period", "2026Q1", "-f", "json").rows
    assert sum(row["closing"] for row in closing) == pytest.approx(sum(row["monthly_value"] for row in value), abs=0.01)


def test_new_grown_shrunk_and_lost(segcli: Run, subscriptions: Path) -> None:
    assert (
        segcli(*UPDATE, "--subscription", "S1", "--amount", "2.5", "--from", "2026-04-01", *APPLY_SELECTED).status == 0
    )
    rows = segcli(
        "show", "subscription-search", "--movements", "-f", "json", "--from", "2026-02-01", "--to", "2026-04-30"
    ).rows
    moved = [
        (row["subscription"], row["opening"], row["new"], row["grown"], row["lost"], row["closing"]) for row in rows
    ]
    assert moved == [("S1", 10, 0, 2.5, 0, 12.5), ("S3", 31, 0, 0, -31, 0), ("S2", 17.99, 0, 0, 0, 17.99)]
    assert (
        segcli("show", "subscription-search", "--movements", "--period", "2026-01", "-f", "json").rows[0]["new"] == 10
    )
