"""Statements of account: the figures of a small administration, and those of the example against plain SQL and other overviews."""

from pathlib import Path
from typing import Any

import pytest
from conftest import Run, connected
from statement_case import CONFIG, filled, preview

BUCKETS = ("not_due", "days_1_30", "days_31_60", "days_61_90", "days_over_90")
FIGURES = ("opening", "debit", "credit", "closing", *BUCKETS)
# Each account and currency that has a balance or a movement, by plain SQL: what is dated up to a day less what is allocated up to it.
BALANCES = """
WITH movement AS (
  SELECT account_id, currency, invoice_date AS day, amount FROM outstanding_item
  UNION ALL
  SELECT i.account_id, i.currency, l.allocation_date, -l.amount FROM allocation AS l JOIN outstanding_item AS i ON i.id = l.item_id)
SELECT a.code, m.currency, sum(CASE WHEN day < :start THEN amount ELSE 0 END),
       sum(CASE WHEN day >= :start AND amount > 0 THEN amount ELSE 0 END),
       sum(CASE WHEN day >= :start AND amount < 0 THEN -amount ELSE 0 END), sum(amount)
  FROM movement AS m JOIN account AS a ON a.id = m.account_id WHERE day <= :end GROUP BY 1, 2
"""


def figures(rows: list[dict[str, Any]], names: tuple[str, ...] = FIGURES) -> dict[tuple[str, str], tuple[Any, ...]]:
    return {(row["account"], row["currency"]): tuple(row[name] for name in names) for row in rows}


def test_the_figures_of_a_small_administration(segcli: Run, empty: Path) -> None:
    filled(segcli)
    rows = preview(segcli, "--period", "2026-06")
    # C: 100 - 60 before June; then 250.50 and the used credit of 50, against 50 credited, 30 + 40 paid and 50 set off.
    assert figures(rows) == {
        ("C", "EUR"): (40, 300.5, 170, 170.5, 200.5, -30, 0, 0, 0),
        ("C", "USD"): (10, 0, 0, 10, 0, 0, 10, 0, 0),
        ("D", "EUR"): (75.25, 0, 0, 75.25, 0, 0, 0, 0, 75.25),
        ("E", "EUR"): (0, 12.34, 0, 12.34, 12.34, 0, 0, 0, 0),
    }
    assert [(row["account"], row["sent_by"], row["reason"]) for row in rows] == [
        ("C", "email", None), ("C", "email", None), ("D", "letter", None), ("E", "email", None),
    ]  # fmt: skip


def test_only_what_is_open(segcli: Run, empty: Path) -> None:
    filled(segcli)
    rows = preview(segcli, "--open-items", "--as-of", "2026-06-10")
    # C on 10 June: F-1 has 40 open, F-2 all, CR-1 is not yet set off. E has nothing then.
    assert figures(rows, ("items", "outstanding", *BUCKETS)) == {
        ("C", "EUR"): (3, 240.5, 200.5, 40, 0, 0, 0),
        ("C", "USD"): (1, 10, 0, 0, 10, 0, 0),
        ("D", "EUR"): (1, 75.25, 0, 0, 0, 0, 75.25),
    }


@pytest.mark.parametrize(
    ("words", "days"),
    [
        ((), ("2026-05-01", "2026-05-31")),  # today is 30 June: the last whole month
        (("--as-of", "2026-06-12"), ("2026-06-01", "2026-06-12")),
        (("--from", "2026-05-15"), ("2026-05-15", "2026-06-30")),
        (("--to", "2026-06-20"), ("2026-06-01", "2026-06-20")),
        (("--from", "2026-05-15", "--to", "2026-06-20"), ("2026-05-15", "2026-06-20")),
        (("--period", "2026Q2"), ("2026-04-01", "2026-06-30")),
        (("--period", "2026Q2", "--as-of", "2026-06-12"), ("2026-04-01", "2026-06-12")),
    ],
)
def test_the_period(segcli: Run, empty: Path, words: tuple[str, ...], days: tuple[str, str]) -> None:
    filled(segcli)
    wanted = figures(preview(segcli, "--from", days[0], "--to", days[1]))
    assert wanted
    assert figures(preview(segcli, *words)) == wanted
    assert f"{days[0]} to {days[1]}" in segcli("run", "print-statements", *words, "-f", "md").out


@pytest.mark.parametrize(
    "span", [("2026-06-01", "2026-06-30"), ("2025-01-01", "2025-12-31"), ("2025-11-12", "2025-11-12")]
)
def test_plain_sql_and_the_overviews_agree(segcli: Run, example: Path, span: tuple[str, str]) -> None:
    Path("config.yaml").write_text(CONFIG)
    words = ("--from", span[0], "--to", span[1])
    found = figures(preview(segcli, *words, "--columns", "account,currency," + ",".join(FIGURES), "--amounts", "text"))
    with connected(example) as db:
        rows = db.execute(BALANCES, {"start": span[0], "end": span[1]}).fetchall()
    decimals = {"JPY": 0}
    wanted = {
        (code, currency): tuple(money(minor, decimals.get(currency, 2)) for minor in amounts)
        for code, currency, *amounts in rows
        if any(amounts)
    }
    assert {key: row[:4] for key, row in found.items()} == wanted
    assert len(wanted) > 20
    balances = segcli("show", "debtor-balance", *words, "-f", "json", "--amounts", "text").rows
    assert {key: row[:4] for key, row in found.items()} == figures(balances, FIGURES[:4])
    ages = figures(segcli("show", "debtor-ageing", "--as-of", span[1], "-f", "json", "--amounts", "text").rows,
                   ("outstanding", *BUCKETS))  # fmt: skip
    assert {key: row[3:] for key, row in found.items() if any(float(amount) for amount in row[3:])} == ages


def money(minor: int, decimals: int) -> str:
    text = f"{abs(minor):0{decimals + 1}}"
    return f"{'-' * (minor < 0)}{text[: len(text) - decimals]}{'.' * bool(decimals)}{text[len(text) - decimals :]}"


@pytest.mark.parametrize("day", ["2026-06-30", "2025-11-12"])
def test_open_items_are_those_of_the_overview(segcli: Run, example: Path, day: str) -> None:
    Path("config.yaml").write_text(CONFIG)
    found = figures(preview(segcli, "--open-items", "--as-of", day), ("items", "outstanding"))
    sums: dict[tuple[str, str], tuple[int, float]] = {}
    for row in segcli("show", "outstanding-items", "--as-of", day, "-f", "json").rows:
        count, total = sums.get((row["account"], row["currency"]), (0, 0.0))
        sums[row["account"], row["currency"]] = (count + 1, round(total + row["open"], 2))
    assert found == sums


def test_an_own_list_of_buckets(segcli: Run, empty: Path) -> None:
    filled(segcli)
    (row,) = preview(segcli, "--period", "2026-06", "--account", "D", "--buckets", "14,200")
    assert [row[name] for name in ("not_due", "days_1_14", "days_15_200", "days_over_200")] == [0, 0, 75.25, 0]


def test_statements_can_be_selected_and_grouped(segcli: Run, example: Path) -> None:
    Path("config.yaml").write_text(CONFIG)
    every = preview(segcli, "--period", "2026-06")
    parts = [preview(segcli, "--period", "2026-06", "--class1", atom) for atom in ("any", "none")]
    assert sorted(row["account"] for rows in parts for row in rows) == sorted(row["account"] for row in every)
    grouped = preview(segcli, "--period", "2026-06", "--group-by", "class1")
    assert round(sum(row["closing"] for row in grouped if row["currency"] == "EUR"), 2) == round(
        sum(row["closing"] for row in every if row["currency"] == "EUR"), 2
    )
