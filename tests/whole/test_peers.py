"""Worked cases of other systems, as far as this version answers them; test_finance holds the AGE and AR cases by number.

Where the collection lies beside the checkout, what stands here is held against it.
"""

import json
from collections.abc import Iterable
from pathlib import Path

from conftest import Run
from import_case import load

ITEM_HEAD = "account,invoice_number,invoice_date,due_date,currency,amount"
PAID_HEAD = "account,invoice_number,allocation_date,amount"


def bring(segcli: Run, name: str, head: str, rows: Iterable[str]) -> None:
    load(segcli, "--create-missing", **{name: "\n".join((head, *rows)) + "\n"})


def opened(segcli: Run, *words: str) -> list[float]:
    return [
        row["open"]
        for row in segcli("show", "outstanding-items", "--sort", "invoice_number", "-f", "json", *words).rows
    ]


def test_age_11_what_was_reconciled_later_is_open_again(segcli: Run, empty: object) -> None:
    march = [f"C,3{n},2019-03-1{n},2019-03-1{n},EUR,10000" for n in range(1, 6)]
    bring(
        segcli,
        "i.csv",
        ITEM_HEAD,
        ["C,2,2019-02-10,,EUR,-1000", *march, "C,4,2019-04-10,2019-04-10,EUR,100000", "C,5,2019-05-10,,EUR,-49000"],
    )
    bring(
        segcli,
        "p.csv",
        PAID_HEAD,
        ["C,2,2019-05-20,-1000", *(f"C,3{n},2019-05-20,10000" for n in range(1, 6)), "C,5,2019-05-20,-49000"],
    )
    row = segcli("show", "debtor-ageing", "--as-of", "2019-04-30", "--monthly", "--by", "invoice", "-f", "json").rows[0]
    assert (row["outstanding"], row["month_2019_04"], row["month_2019_03"], row["month_2019_02"]) == (
        149000,
        100000,
        50000,
        -1000,
    )
    assert segcli("show", "debtor-ageing", "--as-of", "2019-05-31", "-f", "json").rows[0]["outstanding"] == 100000


def test_age_13_a_partial_reconciliation_counts_once(segcli: Run, empty: object) -> None:
    bring(segcli, "i.csv", ITEM_HEAD, ["C,1,2024-01-01,2024-01-31,EUR,100", "C,2,2024-01-02,,EUR,-20"])
    bring(segcli, "p.csv", PAID_HEAD, ["C,1,2024-01-03,20", "C,2,2024-01-03,-20"])
    assert opened(segcli) == [80]
    balance = segcli("show", "debtor-balance", "--period", "2024", "-f", "json").rows[0]
    assert balance["closing"] == 80


def test_ar_03_an_over_credit_stays_visible(segcli: Run, empty: object) -> None:
    # ERPNext flips a full credit note on a part-paid invoice to its own open item; ours is one from the start.
    bring(segcli, "i.csv", ITEM_HEAD, ["C,1,2024-01-01,2024-01-31,EUR,100", "C,2,2024-01-02,,EUR,-100"])
    bring(segcli, "p.csv", PAID_HEAD, ["C,1,2024-01-03,40"])
    assert opened(segcli) == [60, -100]


def test_ar_19_20_filters_by_group_and_account(segcli: Run, empty: object) -> None:
    for code in ("G1", "G2", "G3"):
        segcli("classification", "value", "add", "1", code)
    Path("a.csv").write_text("account,name,class1\nC1,One,G1\nC2,Two,G2\nC3,Three,\n")
    segcli("import", "a.csv")
    bring(segcli, "i.csv", ITEM_HEAD, [f"C{n},{n},2024-01-01,2024-01-31,EUR,100" for n in (1, 2, 3)])
    assert len(opened(segcli, "--class1", "G1")) == 1
    assert len(opened(segcli, "--class1", "G3")) == 0
    assert len(opened(segcli, "--class1", "G1,G2")) == 2
    assert segcli("show", "outstanding-items", "--class1", "Mars").status == 2
    assert segcli("show", "outstanding-items", "--class1", "  ").status == 2
    rows = segcli("show", "outstanding-items", "--account", "C1", "--account", "C3", "-f", "json").rows
    assert [row["account"] for row in rows] == ["C1", "C3"]


def test_ars_01_an_advance_lowers_outstanding_and_bucket(segcli: Run, empty: object) -> None:
    def summary() -> tuple[float, float]:
        row = segcli("show", "debtor-ageing", "--as-of", "2024-02-10", "-f", "json").rows[0]
        return row["outstanding"], row["days_1_30"]

    bring(segcli, "i.csv", ITEM_HEAD, ["C,1,2024-01-01,2024-01-31,EUR,200"])
    assert summary() == (200, 200)
    bring(segcli, "j.csv", ITEM_HEAD, ["C,,2024-02-01,,EUR,-50"])
    assert summary() == (150, 150)
    bring(segcli, "p.csv", PAID_HEAD, ["C,1,2024-02-02,125"])
    assert summary() == (25, 25)


def test_cls_01_an_empty_class_is_not_in_a_list(segcli: Run, empty: object) -> None:
    segcli("classification", "value", "add", "1", "s")
    Path("a.csv").write_text("account,name,city,class1\n1,A,Prague,s\n2,B,Prague 11,\n3,C,Praha,\n")
    segcli("import", "a.csv")

    def found(*words: str) -> list[str]:
        return [row["account"] for row in segcli("show", "account-search", *words, "-f", "json").rows]

    assert found("--where", "city starts with Prague") == ["1", "2"]
    assert found("--class1", "not:s") == found("--where", "class1 != s") == ["2", "3"]


def test_cls_02_set_and_clear(segcli: Run, empty: object) -> None:
    for field, code in ((1, "A"), (2, "B")):
        segcli("classification", "value", "add", field, code)
    Path("a.csv").write_text("account,name\n1,X\n")
    segcli("import", "a.csv")

    def classes() -> list[object]:
        return list(segcli("show", "account-search", "--columns", "class1,class2", "-f", "json").rows[0].values())

    segcli("tag", "1", "--set", "class1=A", "--set", "class2=B")
    assert classes() == ["A", "B"]
    segcli("tag", "1", "--clear", "class2")
    assert classes() == ["A", None]
    segcli("tag", "1", "--clear", "class1,class2")
    assert classes() == [None, None]


def test_the_collection_says_the_same(shared: Path) -> None:
    cases = {
        case["id"]: case for case in json.loads((shared / "cases" / "peer_cases.json").read_text(encoding="utf-8"))
    }
    assert cases["AGE-05"]["expect"]["days_past_due"] == [-15, 16, 46, 77, 107, 138]
    assert cases["AGE-11"]["expect"]["closing_balance"] == 149000
    assert cases["AGE-13"]["expect"] == {"JE1_residual": 80, "JE2_residual": 0}
    assert cases["AGE-14"]["given"]["payments"][0] == {"date": "2024-02-05", "amount": 40}
    assert [row["outstanding"] for row in cases["AR-05"]["expect"]["rows"]] == [20, 100, 40]
    assert [row["outstanding"] for row in cases["ARS-01"]["expect"]["after"]] == [200, 150, 25]
