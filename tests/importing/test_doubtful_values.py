"""Imports: values of which a file does not say for certain what they mean."""

from pathlib import Path

import pytest
from conftest import Run, connected
from import_case import bring

HEAD = "account;name;start date\n"


def starts(empty: Path) -> list[object]:
    """Return the stored start dates, by account."""
    with connected(empty) as db:
        return [day for (day,) in db.execute("SELECT start_date FROM account ORDER BY code")]


@pytest.mark.parametrize("first_is_proof", [False, True], ids=["proof last", "proof first"])
def test_a_date_with_another_separator_than_the_proof_is_refused(
    segcli: Run, empty: Path, *, first_is_proof: bool
) -> None:
    lines = ["1;A;5-1-2026\n", "2;B;1/13/2026\n"]
    done = bring(segcli, HEAD + "".join(reversed(lines) if first_is_proof else lines))
    assert done.status == 1
    line = 3 if first_is_proof else 2
    assert f"f.csv:{line}:start date" in done.err
    assert "'5-1-2026'" in done.err
    assert "another separator than 1/13/2026" in done.err
    assert "--dates dmy or --dates mdy" in done.err
    assert starts(empty) == []


def test_the_user_says_the_order_of_two_separators(segcli: Run, empty: Path) -> None:
    assert bring(segcli, HEAD + "1;A;5-1-2026\n2;B;1/13/2026\n", "--dates", "mdy").status == 0
    assert starts(empty) == ["2026-05-01", "2026-01-13"]


def test_a_sure_date_with_another_separator_is_taken(segcli: Run, empty: Path) -> None:
    assert bring(segcli, HEAD + "1;A;31-1-2026\n2;B;30/1/2026\n").status == 0
    assert starts(empty) == ["2026-01-31", "2026-01-30"]


def test_dates_of_two_orders_are_asked_for_even_if_wrong_rows_are_skipped(segcli: Run, empty: Path) -> None:
    content = HEAD + "1;A;13/1/2026\n2;B;2/3/2026\n3;C;1/14/2026\n"
    done = bring(segcli, content, "--on-error", "skip")
    assert done.status == 1
    assert "two orders" in done.err
    assert "f.csv:4:start date" in done.err
    assert "13/1/2026" in done.err
    assert starts(empty) == []
    assert bring(segcli, content, "--on-error", "skip", "--dates", "dmy").status == 5
    assert starts(empty) == ["2026-01-13", "2026-03-02"]
