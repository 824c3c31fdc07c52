"""Periods without invoices in the analyses: rows and columns of 0 within a period, in every format."""

import csv
import io
from pathlib import Path

import pytest
from conftest import Run, connected

SOLD = (("2025-11-03", 100), ("2026-01-15", 200), ("2026-04-30", -50), ("2026-04-01", 25))


@pytest.fixture
def sold(segcli: Run, empty: Path) -> Path:
    """Return a database with one account that bought in November, January and April."""
    lines = [f"V{at},{day},A1,One,processed,EUR,{amount}.00" for at, (day, amount) in enumerate(SOLD)]
    Path("i.csv").write_text(
        "\n".join(["invoice_number,invoice_date,account,name,status,currency,net_amount", *lines, ""])
    )
    Path("a.csv").write_text("code,name\nA1,One\n")
    assert segcli("import", "a.csv", "i.csv").status == 0
    return empty


def revenues(segcli: Run, *words: str, unit: str = "month") -> dict[str, float]:
    rows = segcli("show", "sales-analysis", "--group-by", unit, "-f", "json", *words).rows
    return {row[unit]: row["revenue"] for row in rows}


def test_rows(segcli: Run, sold: Path) -> None:
    # Without a period: from the first to the last month with an invoice, not beyond.
    every = {"2025-11": 100, "2025-12": 0, "2026-01": 200, "2026-02": 0, "2026-03": 0, "2026-04": -25}
    assert revenues(segcli) == every
    assert revenues(segcli, "--as-of", "2026-06-30") == every
    # Within a stated period: all of its months.
    half = {"2026-01": 200, "2026-02": 0, "2026-03": 0, "2026-04": -25, "2026-05": 0, "2026-06": 0}
    assert revenues(segcli, "--period", "2026H1") == half
    assert list(revenues(segcli, "--from", "2026-03-01")) == ["2026-03", "2026-04"]
    assert list(revenues(segcli, "--to", "2026-02-28")) == ["2025-11", "2025-12", "2026-01", "2026-02"]
    assert list(revenues(segcli, "--period", "2026H1", "--as-of", "2026-03-31")) == ["2026-01", "2026-02", "2026-03"]
    # A period without any invoice has no rows.
    assert segcli("show", "sales-analysis", "--group-by", "month", "--period", "2024", "--fail-if-empty").status == 3


def test_other_periods(segcli: Run, sold: Path) -> None:
    assert revenues(segcli, unit="quarter") == {"2025Q4": 100, "2026Q1": 200, "2026Q2": -25}
    assert revenues(segcli, "--period", "2025", unit="quarter") == {
        "2025Q1": 0,
        "2025Q2": 0,
        "2025Q3": 0,
        "2025Q4": 100,
    }
    assert revenues(segcli, "--from", "2024-06-01", unit="year") == {"2024": 0, "2025": 100, "2026": 175}
    weeks = revenues(segcli, "--from", "2026-01-15", unit="week")
    assert list(weeks) == [f"2026W{week:02}" for week in range(3, 19)]  # 15 January and 30 April
    assert {week: amount for week, amount in weeks.items() if amount} == {"2026W03": 200, "2026W14": 25, "2026W18": -50}
    assert list(revenues(segcli, "--to", "2025-11-30", unit="week")) == ["2025W45", "2025W46", "2025W47", "2025W48"]


def test_machine_formats(segcli: Run, sold: Path) -> None:
    words = ("show", "sales-analysis", "--group-by", "month", "--period", "2026Q1")
    rows = list(csv.DictReader(io.StringIO(segcli(*words, "-f", "csv").out)))
    empty = {
        "month": "2026-02",
        "currency": "EUR",
        "quantity": "0",
        "revenue": "0.00",
        "cost": "0.00",
        "margin": "0.00",
        "invoices": "0",
    }
    assert len(rows) == 3
    assert {name: rows[1][name] for name in empty} == empty
    assert [line[:2] for line in segcli(*words).table[1:]] == [[f"2026-0{month}", "EUR"] for month in (1, 2, 3)]
    # With a second dimension there are only the rows that exist.
    both = segcli("show", "sales-analysis", "--group-by", "month,account", "-f", "json").rows
    assert [row["month"] for row in both] == ["2025-11", "2026-01", "2026-04"]


def test_columns(segcli: Run, sold: Path) -> None:
    def across(*words: str) -> dict[str, float]:
        (row,) = segcli(
            "show", "sales-analysis", "--group-by", "account", "--across", "month", "-f", "json", *words
        ).rows
        return {name.removeprefix("revenue_"): amount for name, amount in row.items() if name.startswith("revenue_2")}

    assert across() == {"2025_11": 100, "2025_12": 0, "2026_01": 200, "2026_02": 0, "2026_03": 0, "2026_04": -25}
    assert across("--period", "2026Q1") == {"2026_01": 200, "2026_02": 0, "2026_03": 0}
    assert across("--period", "2026Q2") == {"2026_04": -25, "2026_05": 0, "2026_06": 0}
    rows = segcli(
        "show", "sales-analysis", "--group-by", "year", "--across", "quarter", "-f", "json", "--from", "2024-01-01"
    ).rows
    assert [(row["year"], row["revenue_2025q4"], row["revenue_2026q1"]) for row in rows] == [
        ("2024", 0, 0), ("2025", 100, 0), ("2026", 0, 200),
    ]  # fmt: skip
    done = segcli("show", "sales-analysis", "--group-by", "account", "--across", "week", "--from", "2020-01-01")
    assert (done.status, "more than 60 columns" in done.err) == (2, True)


def test_totals_stay(segcli: Run, example: Path) -> None:
    with connected(example) as db:
        sums = dict(
            db.execute(
                "SELECT currency, sum(net_amount) FROM invoice WHERE kind = 'sales' AND status = 'processed' GROUP BY currency"
            )
        )
        months = dict(db.execute("SELECT currency, count(DISTINCT substr(invoice_date, 1, 7)) FROM invoice WHERE kind = 'sales'"
                                 " AND status = 'processed' GROUP BY currency"))  # fmt: skip
    rows = segcli("show", "sales-analysis", "--group-by", "month", "-f", "json").rows
    for currency, amount in sums.items():
        found = [row for row in rows if row["currency"] == currency]
        assert round(sum(row["revenue"] for row in found) * (1 if currency == "JPY" else 100)) == amount
        assert len(found) == max(months.values())  # each currency has all months
        assert sum(row["invoices"] > 0 for row in found) == months[currency]
