"""Levels that start at the end of a month: of the due date, or of the invoice date."""

from datetime import date

import pytest
from conftest import Run
from reminder_case import owing, policy, remind

LEVEL = "{action: letter, start: %s, days: %s}"


@pytest.mark.parametrize(
    ("start", "days", "first"),
    [  # the item is of 16 April 2026 and due on 16 May 2026
        ("end of month", 0, date(2026, 5, 31)),
        ("end of month", 10, date(2026, 6, 10)),
        ("end of month of due date", 1, date(2026, 6, 1)),
        ("end of month of invoice date", 30, date(2026, 5, 30)),
        ("end of month of invoice date", 0, date(2026, 5, 17)),  # never before the day after the due date
    ],
)
def test_the_first_level_starts_at_the_end_of_a_month(
    segcli: Run, empty: object, start: str, days: int, first: date
) -> None:
    policy(LEVEL % (start, days))
    owing(segcli, ["C,1,45,EUR,100"])  # 45 days before 30 June
    assert remind(segcli, day=date.fromordinal(first.toordinal() - 1)) == []
    (row,) = remind(segcli, day=first)
    assert (row["account"], row["level"]) == ("C", 1)


def test_a_leap_day_ends_its_month(segcli: Run, empty: object) -> None:
    policy(LEVEL % ("end of month", 0))
    owing(segcli, ["C,1,871,EUR,100"])  # due on 10 February 2024
    assert remind(segcli, day=date(2024, 2, 28)) == []
    assert len(remind(segcli, day=date(2024, 2, 29))) == 1


def test_an_unknown_start_names_the_known_ones(segcli: Run, empty: object) -> None:
    policy(LEVEL % ("end of year", 0))
    done = segcli("run", "print-reminders", "--config", "config.yaml")
    assert done.status == 1
    assert "end of month of invoice date" in done.err
