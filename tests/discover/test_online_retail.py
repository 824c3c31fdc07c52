"""The whole of Online Retail (UCI, 541,909 lines): published figures, which pandas reproduces from the text files.

ONLINE_RETAIL_FOLDER names a folder with the data set as one or several CSV files with its own headings. As published, only the lines
count that have a customer and a price, and that are no cancellation.
"""

import csv
import os
from pathlib import Path

import pytest
from conftest import Run

KEPT = {("A", "A"): 548, ("B", "B"): 286, ("C", "C"): 234}
MOVED = {("A", "B"): 161, ("A", "C"): 43, ("B", "A"): 186, ("B", "C"): 179, ("C", "A"): 46, ("C", "B"): 172}
ACTIVE = {
    "2010-12": [885, 324, 286, 340, 321, 352],
    "2011-01": [417, 92, 111, 96, 134, 120],
    "2011-02": [380, 71, 71, 108, 103, 94],
}


@pytest.fixture
def retail(segcli: Run, database: Path) -> Path:
    folder = os.environ.get("ONLINE_RETAIL_FOLDER")
    if not folder:
        pytest.skip("ONLINE_RETAIL_FOLDER does not name the folder of the data set")
    with Path("sales.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["invoice", "item", "quantity", "date", "price", "account"])
        for path in sorted(Path(folder).glob("*.csv")):
            with path.open(newline="", encoding="utf-8") as source:
                for row in csv.DictReader(source):
                    if row["CustomerID"] and float(row["UnitPrice"]) > 0 and not row["InvoiceNo"].startswith("C"):
                        writer.writerow([row["InvoiceNo"], row["StockCode"], row["Quantity"], row["InvoiceDate"][:10],
                                         row["UnitPrice"], row["CustomerID"].partition(".")[0]])  # fmt: skip
    assert segcli("init").status == 0
    words = (
        "--map",
        "invoice=invoice_number",
        "--map",
        "item=item",
        "--map",
        "date=invoice_date",
        "--map",
        "price=unit_price",
    )
    done = segcli("import", "sales.csv", "--as", "sales", *words)
    assert done.status == 0, done.err
    return database


@pytest.mark.repeats
def test_published_figures(segcli: Run, retail: Path) -> None:
    by_class = segcli(
        "score", "abc", "--as-of", "2011-12-09", "--window", "24m", "--group-by", "abc", "-f", "json"
    ).rows
    assert {row["abc"]: row["accounts"] for row in by_class} == {"A": 1133, "B": 1469, "C": 1736}
    moves = segcli("matrix", "abc(180d)", "--from", "2011-06-09", "--to", "2011-12-06", "-f", "json").rows
    found = {(row["source"], row["target"]): row["value"] for row in moves}
    letters = {pair: count for pair, count in found.items() if set(pair) <= set("ABC")}
    assert letters == KEPT | MOVED
    assert (sum(KEPT.values()), sum(letters.values())) == (1068, 1855)
    cohorts = segcli("cohort", "--as-of", "2011-12-09", "--figure", "accounts", "-f", "json").rows
    for row in cohorts[:3]:
        assert [row[f"period_{k}"] for k in range(6)] == ACTIVE[row["cohort"]]
