"""Administrations with different base currencies: side by side, or converted at the rate of the as-of day. The sums are done by hand."""

from pathlib import Path

import engine_case
import pytest
from conftest import Result, Run

EURO = {
    "accounts.csv": "account,name,class1,country\nA,Alpha,N,NL\nB,Beta,S,NL\n",
    "items.csv": "account,invoice_number,invoice_date,due_date,currency,amount\nA,1,2026-05-01,2026-05-31,EUR,100.00\n"
    "B,2,2026-06-01,2026-07-30,EUR,50.00\n",
}
DOLLAR = {
    "accounts.csv": "account,name,class1,country\nA,Anders,n,US\nC,Gamma,N,NL\n",
    "items.csv": "account,invoice_number,invoice_date,due_date,currency,amount\nA,1,2026-05-01,2026-05-31,USD,110.00\n"
    "C,2,2026-06-01,2026-07-30,USD,55.00\nC,3,2026-06-01,2026-07-30,GBP,9.00\n",
}
RATES = "currency,date,rate\nUSD,2026-01-01,1.25\nUSD,2026-06-01,1.10\nUSD,2026-07-01,2.00\n"


@pytest.fixture
def ask(segcli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> object:
    """Return a function that asks both administrations."""
    monkeypatch.setenv("SEGCLI_LAKE_FOLDER", str(tmp_path / "lake"))
    (tmp_path / "rates.csv").write_text(RATES)
    for key, currency, files in (("eu", "EUR", EURO), ("us", "USD", DOLLAR)):
        folder = tmp_path / f"{key}-files"
        folder.mkdir()
        for name, text in files.items():
            (folder / name).write_text(text)
        imports = (["import", str(folder / name), "--create-missing"] for name in files)
        rates = [["rates", "import", str(tmp_path / "rates.csv")]] if currency == "EUR" else []
        label = ["classification", "label", "1" if currency == "EUR" else "2", "Region"]
        other = [["classification", "label", "1", "Kind"]] if currency == "USD" else []
        engine_case.fill(
            tmp_path / f"{key}.db", ["init"], ["administration", "set", "--currency", currency], *rates, label, *other, *imports
        )  # fmt: skip
        assert segcli("lake", "sync", "-d", tmp_path / f"{key}.db").status == 0

    def asked(*words: str) -> Result:
        return segcli("show", *words, "--engine", "lake", "--administration", "all")

    return asked


def test_side_by_side(ask: Run) -> None:
    assert ask("account-overview", "--columns", "administration,account,outstanding", "-f", "csv").out == (
        "administration,account,outstanding,base_currency\neu,A,100.00,EUR\neu,B,50.00,EUR\nus,A,110.00,USD\nus,C,55.00,USD\n"
    )
    totals = ask("account-overview", "--columns", "account,outstanding", "--limit", "1", "-f", "plain").out
    assert [line.split() for line in totals.splitlines() if line.startswith("Total")] == [
        ["Total", "EUR", "150.00"],
        ["Total", "USD", "165.00"],
    ]
    rows = ask("debtor-ageing", "-f", "json").rows
    assert [(row["account"], row["currency"], row["outstanding"]) for row in rows] == [
        ("A", "EUR", 100), ("B", "EUR", 50), ("A", "USD", 110), ("C", "GBP", 9), ("C", "USD", 55),
    ]  # fmt: skip


def test_converted(ask: Run) -> None:
    rows = ask("account-overview", "--columns", "account,outstanding", "--convert-to", "eur", "-f", "json").rows
    assert [row["outstanding"] for row in rows] == [
        100,
        50,
        100,
        50,
    ]  # 110 and 55 dollars at 1.10, the last rate by 30 June
    rows = ask("account-overview", "--group-by", "country", "--convert-to", "EUR", "-f", "json").rows
    assert [(row["country"], row["accounts"], row["outstanding"], row["overdue"]) for row in rows] == [
        ("NL", 3, 200, 100), ("US", 1, 100, 100),
    ]  # fmt: skip
    rows = ask(
        "account-overview", "--group-by", "country", "--sort", "outstanding", "--convert-to", "EUR", "-f", "json"
    ).rows
    assert [row["country"] for row in rows] == ["US", "NL"]
    before = ask(
        "account-overview", "--columns", "outstanding", "--as-of", "2026-05-31", "--convert-to", "EUR", "-f", "json"
    ).rows
    assert [row["outstanding"] for row in before] == [100, 0, 88, 0]  # at 1.25
    items = ask("debtor-ageing", "--convert-to", "EUR", "-f", "json").rows
    assert [(row["currency"], row["outstanding"]) for row in items] == [
        ("EUR", 100), ("EUR", 50), ("EUR", 100), ("GBP", 9), ("EUR", 50),
    ]  # fmt: skip


def test_classes_are_matched_by_label(ask: Run) -> None:
    found = ask("account-search", "--class", "Region=N", "--columns", "administration,account,class1", "-f", "csv")
    assert found.out == "administration,account,class1\neu,A,N\n"
    assert "Region" in found.err or "Kind" in found.err
    found = ask("account-search", "--group-by", "class1", "-f", "json")
    assert [(row["class1"], row["accounts"]) for row in found.rows] == [("N", 1), ("S", 1), (None, 2)]


def test_what_cannot_be_converted_is_refused(ask: Run) -> None:
    found = ask("account-overview", "--convert-to", "USD")
    assert (found.status, found.out) == (1, "")
    assert "no administration in USD has a rate of EUR on or before 2026-06-30" in found.err
    found = ask("account-overview", "--convert-to", "EUR", "--as-of", "2025-12-31")
    assert found.status == 1


def test_administrations_whose_rates_differ_are_asked_one_at_a_time(
    segcli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SEGCLI_LAKE_FOLDER", str(tmp_path / "lake"))
    for key, rate in (("a", "1.10"), ("b", "1.20")):
        (tmp_path / f"{key}.csv").write_text(f"currency,date,rate\nUSD,2026-01-01,{rate}\n")
        engine_case.fill(tmp_path / f"{key}.db", ["init"], ["rates", "import", str(tmp_path / f"{key}.csv")])
        assert segcli("lake", "sync", "-d", tmp_path / f"{key}.db").status == 0
    show = ("show", "account-search", "--engine", "lake", "--administration")
    found = segcli(*show, "all")
    assert (found.status, found.out) == (1, "")
    assert "different rates of USD on 2026-01-01" in found.err
    assert segcli(*show, "b").status == 0


def test_a_card_is_of_one_administration(ask: Run) -> None:
    rows = [
        line.split()[:3]
        for line in ask(
            "account-overview", "A", "-f", "plain", "--columns", "administration,account,name"
        ).out.splitlines()
    ]
    assert ["eu", "A", "Alpha"] in rows
    assert ["us", "A", "Anders"] in rows


def test_groups_have_the_administration(ask: Run) -> None:
    found = ask("account-search", "--group-by", "administration,account", "--sort", "-administration", "-f", "csv")
    assert (
        found.out.splitlines()[1:] == ["us,A,1", "us,C,1", "eu,A,1", "eu,B,1"] or found.out.splitlines()[1] == "eu,A,1"
    )
    found = ask("sales-analysis", "--group-by", "administration", "--fail-if-empty")
    assert found.status == 3
    assert "there is no column" in ask("account-search", "--group-by", "administratio").err


def test_what_goes_with_it(segcli: Run, ask: Run) -> None:
    assert "add --administration all" in segcli("show", "account-search", "--engine", "lake", "--convert-to", "EUR").err
    assert "different base currencies" in ask("account-search", "--explain").err
    assert ask("account-search", "--sync").status == 0
    words = (
        "show",
        "account-search",
        "--engine",
        "lake",
        "--administration",
        "us",
        "--columns",
        "administration,account",
    )
    assert segcli(*words, "-f", "csv").out == "administration,account\nus,A\nus,C\n"  # one that is named is shown, too
