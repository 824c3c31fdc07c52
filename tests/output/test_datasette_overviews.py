"""The dashboards and queries over an exported file: they run, their fields exist, and their figures are those of segcli."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT, Run

from segcli.storage.sqlite_plugin import prepare_connection

EXAMPLES = ROOT / "examples"
METADATA: dict[str, Any] = yaml.safe_load((EXAMPLES / "datasette.yaml").read_text(encoding="utf-8"))
DATABASE = METADATA["databases"]["overviews"]
(BOARD,) = METADATA["plugins"]["datasette-dashboards"].values()
CHARTS = BOARD["charts"]


@pytest.fixture
def overviews(segcli: Run, example: Path) -> Path:
    """Return the file that the example report writes."""
    assert example.exists()
    assert segcli("report", EXAMPLES / "overviews.yaml", "--folder", ".", "--as-of", "2026-06-30") == (0, "", "")
    return Path("overviews.db")


def ask(path: Path, sql: str, **values: str) -> list[dict[str, Any]]:
    """Return the answer on a connection as Datasette prepares it; what is in [[ ]] applies where the dashboard has a filter."""
    with closing(sqlite3.connect(path)) as db:
        prepare_connection(db)
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute(re.sub(r"\[\[(.*?)\]\]", r"\1", sql), values)]


def minor(segcli: Run, *words: str) -> dict[str, dict[str, int]]:
    """Return the sums of the amounts of an overview by currency, in minor units, by way of json."""
    sums: dict[str, dict[str, int]] = {}
    for row in segcli("show", *words, "-f", "json", "--amounts", "text").rows:
        for name in ("outstanding", "not_due"):
            of_currency = sums.setdefault(row["currency"], {"outstanding": 0, "not_due": 0})
            of_currency[name] += int(row[name].replace(".", ""))
    return sums


def test_what_is_owed(segcli: Run, overviews: Path) -> None:
    wanted = minor(segcli, "debtor-ageing", "--as-of", "2026-06-30")
    rows = ask(overviews, DATABASE["queries"]["owed"]["sql"])
    assert {row["currency"]: int(row["outstanding"].replace(".", "")) for row in rows} == {
        currency: sums["outstanding"] for currency, sums in wanted.items()
    }
    for currency, sums in wanted.items():
        units = 1 if currency == "JPY" else 100
        (told,) = ask(overviews, CHARTS["outstanding"]["query"], currency=currency)
        (late,) = ask(overviews, CHARTS["overdue"]["query"], currency=currency)
        (part,) = ask(overviews, CHARTS["share-overdue"]["query"], currency=currency)
        overdue = sums["outstanding"] - sums["not_due"]
        assert round(told["amount"] * units) == sums["outstanding"]
        assert round(late["amount"] * units) == overdue
        assert part["part"] == pytest.approx(100 * overdue / sums["outstanding"], abs=0.051)


def test_bars_add_up_to_what_is_owed_and_sold(segcli: Run, overviews: Path) -> None:
    wanted = minor(segcli, "debtor-ageing", "--as-of", "2026-06-30")["EUR"]["outstanding"]
    bars = ask(overviews, CHARTS["ageing"]["query"], currency="EUR")
    assert round(sum(bar["amount"] for bar in bars) * 100) == wanted
    assert {bar["number"] for bar in bars} == {1, 2, 3, 4, 5}
    words = ("sales-analysis", "--group-by", "country", "--from", "2026-01-01", "--to", "2026-06-30")
    sold = [row["revenue"] for row in segcli("show", *words, "-f", "json").rows if row["currency"] == "EUR"]
    bars = ask(overviews, CHARTS["sales"]["query"], currency="EUR")
    assert sum(bar["revenue"] for bar in bars) == pytest.approx(sum(sold), abs=0.001)
    assert {bar["month"] for bar in bars} == {f"2026-0{month}" for month in range(1, 7)}


def test_the_largest_come_first(overviews: Path) -> None:
    rows = ask(overviews, CHARTS["largest"]["query"], currency="EUR")
    overdue = [float(row["overdue"]) for row in rows]
    assert overdue == sorted(overdue, reverse=True)
    assert len(rows) == 10


def test_queries_with_words(segcli: Run, overviews: Path) -> None:
    items = ask(overviews, DATABASE["queries"]["overdue-items"]["sql"], account="")
    wanted = segcli("show", "outstanding-items", "--as-of", "2026-06-30", "--overdue", "-f", "json").rows
    assert sorted((row["account"], row["open"]) for row in items) == sorted((r["account"], r["open"]) for r in wanted)
    one = items[0]["account"]
    of_one = ask(overviews, DATABASE["queries"]["overdue-items"]["sql"], account=one)
    assert of_one == [row for row in items if row["account"] == one]
    name = ask(overviews, "SELECT name FROM account_overview ORDER BY account LIMIT 1")[0]["name"]
    found = ask(overviews, DATABASE["queries"]["find-account"]["sql"], words=name.upper())
    assert name in {row["name"] for row in found}


@pytest.mark.parametrize("name", CHARTS)
def test_fields_of_charts_are_columns_of_their_queries(overviews: Path, name: str) -> None:
    chart = CHARTS[name]
    rows = ask(overviews, chart["query"], currency="EUR")
    display = chart["display"]
    used = re.findall(r"'field': '(\w+)'", str(display))
    assert rows
    assert set(used) <= set(rows[0])
    assert used or chart["library"] == "table"


def test_the_layout_shows_every_chart() -> None:
    assert {name for row in BOARD["layout"] for name in row} == set(CHARTS)
    assert len({len(row) for row in BOARD["layout"]}) == 1


@pytest.mark.parametrize("table", DATABASE["tables"])
def test_tables_and_columns_are_there(overviews: Path, table: str) -> None:
    said = DATABASE["tables"][table]
    columns = {row["name"] for row in ask(overviews, f"SELECT name FROM pragma_table_info('{table}')")}
    named = [*said.get("facets", ()), *(said[key] for key in ("label_column", "sort", "sort_desc") if key in said)]
    assert columns
    assert set(named) <= columns
