"""Linking price lists, twice and back."""

from pathlib import Path

import pytest
from conftest import APPLY, APPLY_SELECTED, Run, fingerprint
from price_case import imported


def lists(segcli: Run) -> dict[str, str | None]:
    return {row["account"]: row["price_list"] for row in segcli("run", "link-price-list", "-f", "json").rows}


def test_link_replace_unlink_and_back(segcli: Run, prices: Path) -> None:
    assert lists(segcli) == {"A": "RETAIL", "C": "HOTELS"}
    preview = segcli("run", "link-price-list", "retail", "-f", "json").rows
    assert [(r["account"], r["name"], r["price_list"], r["becomes"]) for r in preview] == [
        ("A", "A", "RETAIL", None), ("B", "B", None, "RETAIL"), ("C", "C", "HOTELS", "RETAIL"),
    ]  # fmt: skip
    assert segcli("run", "link-price-list", "retail", *APPLY).status == 0
    assert lists(segcli) == {"A": "RETAIL", "B": "RETAIL", "C": "RETAIL"}
    before = fingerprint(prices)
    assert segcli("run", "link-price-list", "retail", *APPLY, "--exit-code").status == 0
    assert fingerprint(prices) == before, "twice is once"
    first = segcli("log", "-f", "json").rows[0]["run"]
    unlinked = segcli("run", "link-price-list", "RETAIL", "--unlink", "--country", "NL", "-f", "json").rows
    assert [row["becomes"] for row in unlinked] == ["none", "none"]
    assert segcli("run", "link-price-list", "RETAIL", "--unlink", "--country", "NL", *APPLY_SELECTED).status == 0
    assert lists(segcli) == {"C": "RETAIL"}
    second = segcli("log", "-f", "json").rows[0]["run"]
    assert segcli("undo", second, "--yes").status == 0
    assert lists(segcli) == {"A": "RETAIL", "B": "RETAIL", "C": "RETAIL"}
    assert segcli("undo", first, "--yes").status == 0
    assert lists(segcli) == {"A": "RETAIL", "C": "HOTELS"}
    assert segcli("undo", segcli("log", "-f", "json").rows[0]["run"], "--yes").status == 0  # and back again
    assert lists(segcli) == {"A": "RETAIL", "B": "RETAIL", "C": "RETAIL"}
    assert segcli("check").status == 0


def test_undo_leaves_what_changed_since(segcli: Run, prices: Path) -> None:
    assert segcli("run", "link-price-list", "RETAIL", *APPLY).status == 0
    run = segcli("log", "-f", "json").rows[0]["run"]
    assert segcli("run", "link-price-list", "HOTELS", "--account", "B", *APPLY_SELECTED).status == 0
    assert segcli("undo", run, "--yes").status == 0
    assert lists(segcli) == {"A": "RETAIL", "B": "HOTELS", "C": "HOTELS"}


def test_unlinking_leaves_other_lists(segcli: Run, prices: Path) -> None:
    assert segcli("run", "link-price-list", "HOTELS", "--unlink", *APPLY).status == 0
    assert lists(segcli) == {"A": "RETAIL"}


@pytest.mark.parametrize(
    ("words", "status", "hint"),
    [
        (("RETIAL",), 2, "RETAIL"),
        (("RETAIL", "--apply"), 2, "--all"),
        (APPLY, 2, "which price list"),
        (("--unlink",), 2, "which price list"),
        (("--details",), 2, "which price list"),
        (("RETAIL", *APPLY, "--max-changes", "1"), 6, "2 of 3 accounts"),
        (("RETAIL", "--account", "ZZ", *APPLY_SELECTED), 2, "ZZ"),
        (("RETAIL", *APPLY, "--dry-run", "--exit-code", "-o", "x.csv"), 4, ""),
    ],
)
def test_what_is_refused(segcli: Run, prices: Path, words: tuple[str, ...], status: int, hint: str) -> None:
    before = fingerprint(prices)
    done = segcli("run", "link-price-list", *words)
    assert (done.status, done.out) == (status, "")
    assert hint in done.err
    assert fingerprint(prices) == before


def test_details_show_nothing_before_there_are_lines(segcli: Run, prices: Path) -> None:
    done = segcli("run", "link-price-list", "RETAIL", "--details", "-f", "json")
    assert (done.status, done.rows) == (0, [])
    assert segcli("run", "link-price-list", "RETAIL", "--details", "--fail-if-empty").status == 3


def test_details_are_the_items_last_bought(segcli: Run, prices: Path) -> None:
    head = "invoice_number,invoice_date,account,status,currency,net_amount,vat_amount,total_amount\n"
    days = (
        ("B", "2026-05-01"),
        ("B", "2026-06-01"),
        ("B", "2025-06-30"),
        ("A", "2026-06-01"),
        ("B", "2026-07-01"),
        ("C", "2026-06-02"),
    )
    rows = (f"I{number},{day},{account},processed,EUR,0,0,0" for number, (account, day) in enumerate(days, 1))
    assert imported(segcli, head + "\n".join(rows) + "\nI7,2026-06-20,B,draft,EUR,0,0,0\n", name="invoices.csv") == 0
    bought = [(1, "T1", "1", ""), (2, "T1", "4", "kg"), (2, "T1", "6000", "G"), (1, "T3", "1", ""), (3, "T2", "1", ""), (4, "T1", "1", ""),
              (5, "T2", "1", ""), (6, "T1", "2", "bag"), (7, "T2", "1", "")]  # fmt: skip
    text = "".join(
        f"I{number},{at},{item},{quantity},{unit},0\n" for at, (number, item, quantity, unit) in enumerate(bought, 1)
    )
    done = imported(segcli, "invoice_number,line,item,quantity,unit,net_amount\n" + text, name="lines.csv")
    assert done == 0
    done = segcli("run", "link-price-list", "RETAIL", "--details", "-f", "json")
    assert done.status == 0, done.err
    columns = (
        "account",
        "item",
        "last_bought",
        "quantity",
        "price_list",
        "price_now",
        "becomes",
        "price_then",
        "difference",
    )
    assert [tuple(row[name] for name in columns) for row in done.rows] == [
        ("B", "T1", "2026-06-01", 10, None, 19.97, "RETAIL", 17.99, -1.98),
        ("B", "T3", "2026-05-01", 1, None, None, "RETAIL", None, None),
        ("C", "T1", "2026-06-02", 2, "HOTELS", 0.0125, "RETAIL", 18.9715, None),  # dollars and euros are not compared
    ]
    rows = segcli("run", "link-price-list", "RETAIL", "--details", "--group-by", "country", "-f", "json").rows
    assert sorted((row["country"], row["accounts"], row["items"]) for row in rows) == [("BE", 1, 1), ("NL", 1, 2)]
