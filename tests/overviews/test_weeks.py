"""Weeks of ISO 8601: as periods and as a dimension of the analyses."""

from collections import defaultdict
from datetime import date, timedelta
from pathlib import Path

import pytest
from conftest import Run, connected

from segcli.base import dates
from segcli.base.errors import UsageError
from segcli.output.charts.steps import following

NOW = date(2026, 6, 30)  # a Tuesday


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("2026W05", "2026-01-26", "2026-02-01"),
        ("2026-W05", "2026-01-26", "2026-02-01"),
        ("2026w01", "2025-12-29", "2026-01-04"),
        ("2026W53", "2026-12-28", "2027-01-03"),
        ("2024W52", "2024-12-23", "2024-12-29"),
        ("thisweek", "2026-06-29", "2026-07-05"),
        ("last-week", "2026-06-22", "2026-06-28"),
    ],
)
def test_periods(text: str, first: str, last: str) -> None:
    span = dates.period(text, NOW)
    assert span == (date.fromisoformat(first), date.fromisoformat(last))
    assert dates.period(dates.name(*span), NOW) == span
    assert "W" in dates.name(*span)


@pytest.mark.parametrize("text", ["2025W53", "2026W00", "2026W54", "2026W5", "1899W01", "0000W01"])
def test_no_such_week(text: str) -> None:
    with pytest.raises(UsageError):
        dates.period(text, NOW)


def test_a_week_runs_to_sunday() -> None:
    for day in (NOW + timedelta(days=at) for at in range(-1200, 1200)):
        year, week, weekday = day.isocalendar()
        assert dates.week_name(day) == f"{year}W{week:02}"
        assert dates.period(dates.week_name(day), NOW)[0] == day - timedelta(days=weekday - 1)
        assert following(dates.week_name(day)) == dates.week_name(day + timedelta(days=7))


def sold(database: Path, kind: str = "sales") -> dict[tuple[str, str], int]:
    """Return the revenue by week and currency, the week by Python's calendar."""
    found: dict[tuple[str, str], int] = defaultdict(int)
    with connected(database) as db:
        sql = "SELECT invoice_date, currency, net_amount FROM invoice WHERE kind = ? AND status = 'processed'"
        for day, currency, amount in db.execute(sql, (kind,)):
            year, week, _ = date.fromisoformat(day).isocalendar()
            found[f"{year}W{week:02}", currency] += amount
    return found


@pytest.mark.parametrize(("overview", "kind"), [("sales-analysis", "sales"), ("purchase-analysis", "purchase")])
def test_by_week(segcli: Run, example: Path, overview: str, kind: str) -> None:
    rows = segcli("show", overview, "--group-by", "week", "-f", "json").rows
    assert len(rows) > 3
    scale = {"JPY": 1}
    amounts = {(row["week"], row["currency"]): round(row["revenue"] * scale.get(row["currency"], 100)) for row in rows}
    assert {key: amount for key, amount in amounts.items() if amount} == {
        k: v for k, v in sold(example, kind).items() if v
    }
    by_currency = [row["week"] for row in rows if row["currency"] == "EUR"]
    assert by_currency == sorted(by_currency)


def test_across_and_a_period(segcli: Run, example: Path) -> None:
    rows = segcli(
        "show", "sales-analysis", "--group-by", "year", "--across", "week", "--period", "2026Q1", "-f", "json"
    ).rows
    row = next(row for row in rows if row["currency"] == "EUR")
    with connected(example) as db:
        for week in range(2, 14):  # the weeks that lie in the quarter as a whole
            monday = date.fromisocalendar(2026, week, 1)
            amount = db.execute("SELECT coalesce(sum(net_amount), 0) FROM invoice WHERE kind = 'sales' AND status = 'processed' AND currency = 'EUR'"
                                " AND invoice_date BETWEEN ? AND ?", (str(monday), str(monday + timedelta(days=6)))).fetchone()[0]  # fmt: skip
            assert round(row[f"revenue_2026w{week:02}"] * 100) == amount
    columns = [name for name in row if name.startswith("revenue_2")]
    assert columns == [f"revenue_2026w{week:02}" for week in range(1, 15)]
    # The last week by its words and by its number, and beside the week before.
    assert segcli("show", "invoice-history", "--period", "lastweek", "-f", "csv").out == segcli(
        "show", "invoice-history", "--period", "2026W26", "-f", "csv").out  # fmt: skip
    compared = segcli(
        "show", "sales-analysis", "--period", "2026W26", "--compare", "previous", "--group-by", "status", "-f", "json"
    ).rows
    weeks = sold(example)
    total, before = (
        round(sum(row[name] for row in compared if row["currency"] == "EUR") * 100)
        for name in ("revenue", "revenue_before")
    )
    assert (total, before) == (weeks["2026W26", "EUR"], weeks["2026W25", "EUR"])


def test_refused(segcli: Run, example: Path) -> None:
    assert segcli("show", "sales-analysis", "--period", "2025W53").status == 2
    done = segcli("show", "sales-analysis", "--group-by", "week", "--period", "2026Q1", "--compare", "year")
    assert (done.status, "a period as a dimension" in done.err) == (2, True)
