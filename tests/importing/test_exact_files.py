"""The main job on Exact's real files; the sums are those of shared/data/SOURCES.md."""

import csv
import io
from collections.abc import Sequence
from pathlib import Path

import pytest
from conftest import Run, fingerprint
from python_calamine import CalamineWorkbook

REST, AUDIT = "rest-accounts.json", "auditfile-2016.xaf.xml"
# The debtors' subledger of the audit file, all lines, by relation.
OPEN = {"1": 8000.00, "22": 45922.37, "25": 23700.00, "29": 8000.00, "33": -391842.46, "34": 0.00, "36": 2000.00}
DAY = ("--as-of", "2016-12-31")


@pytest.mark.parametrize("order", [(REST, AUDIT), (AUDIT, REST)])
def test_the_main_job(segcli: Run, empty: Path, shared: Path, tmp_path: Path, order: Sequence[str]) -> None:
    files = [shared / "data" / "exact" / name for name in order]
    assert segcli("import", *files).status == 0
    once = fingerprint(empty)
    again = segcli("import", *files, "-f", "json")
    assert again.status == 0
    assert {(row["added"], row["changed"], row["rejected"]) for row in again.rows} == {(0, 0, 0)}
    assert fingerprint(empty) == once

    # 50 accounts in the answer and 28 relations in the file, of which 15 are the same: 000000 is no account.
    accounts = segcli("show", "account-search", "--inactive", "-f", "json").rows
    assert len(accounts) == 63
    assert not [row for row in accounts if row["account"] == "000000" or row["name"] == "Toro Rosso BV"]

    ageing = segcli("show", "debtor-ageing", *DAY, "-f", "json").rows
    assert {row["account"]: row["outstanding"] for row in ageing} == OPEN
    assert {row["account"]: row["days_over_90"] for row in ageing} == OPEN
    items = segcli("show", "outstanding-items", *DAY, "-f", "json").rows
    assert len(items) == 14
    assert round(sum(row["open"] for row in items if row["open"] > 0), 2) == 104122.37
    assert round(sum(row["open"] for row in items if row["open"] < 0), 2) == -408342.46
    assert [row["due_date"] for row in items if row["invoice_number"] is None] == [None, None]

    segcli("classification", "label", "1", "Region")
    segcli("classification", "value", "add", "1", "N", "North")
    segcli("classification", "value", "add", "1", "S", "South")
    (tmp_path / "tags.csv").write_text("account,Region\n22,N\n1,north\n25,S\n33,S\n", encoding="utf-8")
    assert segcli("tag", "--from", "tags.csv", "--yes").status == 0
    north = segcli("show", "debtor-ageing", *DAY, "--class1", "N", "-f", "json").rows
    assert {row["account"]: row["outstanding"] for row in north} == {"1": 8000.00, "22": 45922.37}
    groups = segcli("show", "debtor-ageing", *DAY, "--group-by", "class1", "-f", "json").rows
    assert {row["class1"]: row["outstanding"] for row in groups} == {"N": 53922.37, "S": -368142.46, None: 10000.00}
    assert round(sum(row["outstanding"] for row in groups), 2) == -304220.09


def test_csv_json_and_xlsx_hold_the_same(segcli: Run, empty: Path, shared: Path, tmp_path: Path) -> None:
    assert empty.exists()
    segcli("import", shared / "data" / "exact" / AUDIT)
    as_json = segcli("show", "debtor-ageing", *DAY, "-f", "json").rows
    as_csv = list(csv.DictReader(io.StringIO(segcli("show", "debtor-ageing", *DAY, "-f", "csv").out)))
    assert [float(row["outstanding"]) for row in as_csv] == [row["outstanding"] for row in as_json]
    assert segcli("show", "debtor-ageing", *DAY, "-o", "ageing.xlsx").status == 0
    sheet = CalamineWorkbook.from_path(str(tmp_path / "ageing.xlsx")).get_sheet_by_index(0).to_python()
    assert [row[3] for row in sheet[1:-1]] == [row["outstanding"] for row in as_json]
    assert (sheet[-1][0], sheet[-1][3]) == ("Total", -304220.09)  # of the file's own figures, see above
    balance = segcli("show", "debtor-balance", "--period", "2016", "-f", "json").rows
    assert {row["account"]: row["closing"] for row in balance} == OPEN
    assert (round(sum(r["debit"] for r in balance), 2), round(sum(r["credit"] for r in balance), 2)) == (
        104122.37,
        408342.46,
    )


def test_northwind_customers_come_in_as_accounts(segcli: Run, empty: Path, shared: Path) -> None:
    assert empty.exists()
    folder = shared / "data" / "northwind"
    # Two junk rows: they come in or are named; none is lost in silence.
    done = segcli("import", folder / "customers.csv", "--on-error", "skip", "--rejects", "junk.csv", "-f", "json")
    assert sum(done.rows[0][name] for name in ("added", "rejected")) == 93
    assert segcli("show", "account-search", "quick", "-f", "json").rows[0]["account"] == "QUICK"
    suppliers = segcli("import", folder / "suppliers.csv", "-f", "json")
    assert (suppliers.status, suppliers.rows[0]["added"]) == (0, 29)
