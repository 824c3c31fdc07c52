"""The metadata for Datasette: its queries answer as segcli does, and it names nothing that is not there."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
import yaml
from conftest import ROOT, Run, connected

FILE = ROOT / "examples" / "datasette.yaml"
DATABASE: dict[str, Any] = yaml.safe_load(FILE.read_text(encoding="utf-8"))["databases"]["segcli"]


def answer(path: Path, name: str, **values: str) -> list[dict[str, Any]]:
    """Return what a query gives where nobody but SQLite itself is asked."""
    with connected(path) as db:
        db.row_factory = sqlite3.Row
        return [dict(row) for row in db.execute(DATABASE["queries"][name]["sql"], values)]


@pytest.mark.parametrize("day", ["2026-06-30", "2026-03-31", "2025-02-28"])
def test_debtor_ageing(segcli: Run, example: Path, day: str) -> None:
    rows = [list(row.values()) for row in segcli("show", "debtor-ageing", "--as-of", day, "-f", "json").rows]
    assert [list(row.values()) for row in answer(example, "debtor-ageing", as_of=day)] == rows
    assert rows


def test_sales_by_class1(segcli: Run, example: Path) -> None:
    rows = segcli("show", "sales-analysis", "--group-by", "class1,month", "-f", "json").rows
    wanted = {(row["class1"], row["month"], row["currency"]): (row["revenue"], row["invoices"]) for row in rows}
    found = answer(example, "sales-by-class1")
    assert {(r["class1"], r["month"], r["currency"]): (r["revenue"], r["invoices"]) for r in found} == {
        (code or "(none)", *rest): value for (code, *rest), value in wanted.items()
    }
    assert len(found) == len(rows)


def test_accounts_and_classifications(segcli: Run, example: Path) -> None:
    columns = ["account", "name", "city", "country", "status", *(f"class{n}" for n in range(1, 9))]
    rows = segcli("show", "account-search", "--columns", ",".join(columns), "-f", "json").rows
    found = {row["account"]: row for row in answer(example, "accounts")}
    assert all(found[row["account"]] == row for row in rows)
    with connected(example) as db:
        assert len(found) == db.execute("SELECT count(*) FROM account").fetchone()[0] > len(rows) > 200
    listed = segcli("classification", "list", "-f", "json").rows
    counts = {(row["class"], row["code"]): row["accounts"] for row in listed}
    assert {(row["class"], row["code"]): row["accounts"] for row in answer(example, "classifications")} == counts


def test_subscriptions(segcli: Run, example: Path) -> None:
    day = "2026-06-30"
    rows = segcli("show", "subscription-search", "--from", day, "--to", day, "-f", "json").rows
    found = answer(example, "subscriptions", as_of=day)
    assert sorted((row["account"], row["subscription"]) for row in found) == sorted(
        (row["account"], row["subscription"]) for row in rows
    )
    assert 0 < len(found) < len(segcli("show", "subscription-search", "-f", "json").rows)


@pytest.mark.parametrize("name", DATABASE["queries"])
def test_an_empty_day_is_today(example: Path, name: str) -> None:
    values = dict.fromkeys(DATABASE["queries"][name].get("params", ()), "")
    assert answer(example, name, **values)


@pytest.mark.parametrize("table", DATABASE["tables"])
def test_tables_and_columns_are_there(example: Path, table: str) -> None:
    said = DATABASE["tables"][table]
    with connected(example) as db:
        columns = {row[1] for row in db.execute("SELECT * FROM pragma_table_info(?)", (table,))}
    named = [
        *said.get("facets", ()),
        *said.get("columns", ()),
        *(said[k] for k in ("label_column", "sort_desc") if k in said),
    ]
    assert columns
    assert set(named) <= columns
