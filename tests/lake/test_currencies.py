"""Administrations with different base currencies: side by side, or converted at the rate of the as-of day. The sums are done by hand."""

import json
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


@pytest.mark.repeats
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
    assert found.out.splitlines()[1:] == ["us,A,1", "us,C,1", "eu,A,1", "eu,B,1"]
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


def add(segcli: Run, folder: Path, key: str, **files: str) -> None:
    """Import more files into an administration, and sync it."""
    for name, text in files.items():
        (folder / f"{key}-{name}.csv").write_text(text)
        assert segcli("import", folder / f"{key}-{name}.csv", "-d", folder / f"{key}.db").status == 0
    assert segcli("lake", "sync", "-d", folder / f"{key}.db").status == 0


@pytest.mark.repeats
def test_the_control_line_of_each_currency_is_told(segcli: Run, ask: Run, tmp_path: Path) -> None:
    head = "journal,entry_number,entry_date,gl_account,account,debit,credit\n"
    chart = "gl_account,description,type,subledger\n1300,Debtors,B,debtors\n8000,Revenue,P,\n"
    for key, amount in (("eu", "121.00"), ("us", "200.00")):
        lines = f"{head}70,1,2026-05-01,1300,A,{amount},\n70,1,2026-05-01,8000,,,{amount}\n"
        add(segcli, tmp_path, key, chart=chart, lines=lines)
    euro = "ledger 1300: 121.00, items: 150.00, difference -29.00 EUR"
    dollar = "ledger 1300: 200.00, items: 165.00, difference 35.00 USD; 1 items have no amount in USD"
    for words in ((), ("--convert-to", "EUR")):
        found = ask("debtor-ageing", "-f", "md", *words)
        assert f"debtor-ageing: {euro}; {dollar}" in found.err
        assert f"as of 2026-06-30 · by due date · {euro} · {dollar}" in found.out


def test_the_steps_are_those_of_all_currencies(segcli: Run, ask: Run, tmp_path: Path) -> None:
    head = "account,contact,first_name,email\n"
    add(segcli, tmp_path, "eu", contacts=f"{head}A,1,Ann,ann@alpha.nl\nB,2,Bob,bob@beta.nl\n")
    add(segcli, tmp_path, "us", contacts=f"{head}A,1,Cas,cas@anders.us\nC,2,Dot,\n")
    assert ask("marketing-list", "--output", tmp_path / "list.csv", "--manifest").status == 0
    steps = json.loads((tmp_path / "list.csv.manifest.json").read_text())["steps"]
    assert [(one["step"], one["number"]) for one in steps] == [
        ("contacts", 4), ("not written to: no e-mail address", 1), ("to write to", 3),
    ]  # fmt: skip


def sales(segcli: Run, folder: Path) -> None:
    """Import sales: 100 euros with a cost, and 10 dollars without one, in eu; 220 dollars and 30 euros, with a cost, in us."""
    head = "invoice_number,account,invoice_date,currency\n"
    lines = "invoice_number,line,item,quantity,unit_price,net_amount,cost_amount\n"
    items = "item,name,item_group\nI,Item,G\nJ,Other,H\n"
    add(
        segcli, folder, "eu", items=items, invoices=f"{head}11,A,2026-05-01,EUR\n12,B,2026-06-01,USD\n",
        sold=f"{lines}11,1,I,1,100.00,100.00,60.00\n12,1,I,1,10.00,10.00,\n",
    )  # fmt: skip
    add(
        segcli, folder, "us", items=items, invoices=f"{head}11,A,2026-05-01,USD\n12,C,2026-06-01,EUR\n",
        sold=f"{lines}11,1,I,2,110.00,220.00,150.00\n12,1,J,1,30.00,30.00,20.00\n",
    )  # fmt: skip


def test_a_limit_counts_the_groups_of_all_currencies(ask: Run) -> None:
    words = ("account-overview", "--group-by", "country", "--convert-to", "EUR", "--limit", "1")
    assert [(row["country"], row["outstanding"]) for row in ask(*words, "-f", "json").rows] == [("NL", 200)]
    lines = [line.split() for line in ask(*words, "-f", "plain").out.splitlines()]
    assert ["Total", "4", "0", "0.00", "0.00", "300.00", "200.00"] in [line[:7] for line in lines]
    assert "1 of 2 rows" in ask(*words, "-f", "md").out


def test_a_limit_leaves_totals_of_all_rows(ask: Run) -> None:
    for words in ((), ("--convert-to", "EUR")):
        text = ask(
            "debtor-ageing", "--columns", "account,currency,outstanding", "--limit", "1", "-f", "plain", *words
        ).out
        found = [line.split() for line in text.splitlines() if line.startswith("Total")]
        assert "1 of 5 rows" in text
        euro = [["Total", "EUR", "150.00"], ["Total", "GBP", "9.00"], ["Total", "USD", "165.00"]]
        assert found == ([["Total", "EUR", "300.00"], ["Total", "GBP", "9.00"]] if words else euro)  # 165 / 1.10 = 150


@pytest.mark.repeats
def test_groups_with_equal_values_are_one_row(ask: Run) -> None:
    rows = ask("account-search", "--group-by", "country", "-f", "json").rows
    assert [(row["country"], row["accounts"]) for row in rows] == [("NL", 3), ("US", 1)]
    rows = ask("account-search", "--where", "country in (NL, US)", "--group-by", "country", "-f", "json").rows
    assert [(row["country"], row["accounts"]) for row in rows] == [("NL", 3), ("US", 1)]
    rows = ask("account-overview", "--group-by", "country", "--columns", "accounts", "-f", "json").rows
    assert rows == [{"accounts": 3}, {"accounts": 1}]
    rows = ask(
        "account-overview", "--group-by", "country", "--columns", "outstanding", "--sort", "country", "-f", "json"
    ).rows
    assert rows == [
        {"outstanding": 150, "base_currency": "EUR"},
        {"outstanding": 55, "base_currency": "USD"},
        {"outstanding": 110, "base_currency": "USD"},
    ]
    rows = ask("debtor-ageing", "--group-by", "country", "--columns", "currency,outstanding", "-f", "json").rows
    assert [(row["currency"], row["outstanding"]) for row in rows] == [
        ("EUR", 150),
        ("GBP", 9),
        ("USD", 55),
        ("USD", 110),
    ]


def test_a_column_that_one_currency_lacks_moves_no_other(segcli: Run, ask: Run, tmp_path: Path) -> None:
    sales(segcli, tmp_path)
    head = ask("sales-analysis", "--group-by", "item_group", "-f", "csv").out.splitlines()
    assert head == [
        "item_group,currency,quantity,revenue,cost,margin,invoices,uncosted",
        "G,EUR,1,100.00,60.00,40.00,,0",
        "H,EUR,1,30.00,20.00,10.00,,0",
        "G,USD,3,230.00,150.00,70.00,,1",
    ]
    rows = ask("sales-analysis", "--group-by", "country", "--across", "item_group", "-f", "json").rows
    assert [(row["country"], row["currency"], row["revenue"], row["revenue_g"], row["revenue_h"]) for row in rows] == [
        ("NL", "EUR", 130, 100, 30), ("US", "USD", 220, 220, 0), ("NL", "USD", 10, 10, 0),
    ]  # fmt: skip


def test_numbers_that_cannot_be_added_up_are_empty(segcli: Run, ask: Run, tmp_path: Path) -> None:
    sales(segcli, tmp_path)
    found = ask(
        "sales-analysis", "--group-by", "item", "--columns", "item,revenue,invoices,margin_percent", "-f", "json"
    )
    assert [(row["item"], row["revenue"], row["invoices"], row["margin_percent"]) for row in found.rows] == [
        ("I", 100, None, None), ("J", 30, None, None), ("I", 230, None, None),
    ]  # fmt: skip
    assert "invoices, margin_percent: empty" in found.err


def test_what_has_no_answer_over_base_currencies_is_refused(segcli: Run, ask: Run, tmp_path: Path) -> None:
    for words in (
        ("outstanding-items", "--columns", "account,open,base_open"),
        ("account-overview", "--subtotal", "country"),
        ("sales-analysis", "--top", "3"),
        ("sales-analysis", "--abc"),
        ("sales-analysis", "--group-by", "item", "--columns", "item,share"),
        ("marketing-list", "--where", "outstanding > 0"),
        ("account-overview", "--columns", "account", "--sort", "-credit_limit", "--explain"),
    ):
        found = ask(*words)
        assert (found.status, found.out) == (2, ""), words
        assert "base currencies" in found.err, words
    assert ask("outstanding-items", "--columns", "account,open,base_open", "--convert-to", "EUR", "-f", "csv").out == (
        "account,open,base_open\nA,100.00,100.00\nB,50.00,50.00\nA,100.00,100.00\nC,50.00,50.00\nC,9.00,\n"
    )
    found = ask("account-overview", "--sort", "-credit_limit", "--convert-to", "EUR")
    assert (found.status, found.out) == (2, "")
    assert "--sort: credit_limit is not shown" in found.err


def test_base_amounts_are_told_in_their_currency(ask: Run) -> None:
    assert ask("outstanding-items", "--columns", "account,base_open", "-f", "csv").out == (
        "account,base_open,base_currency\nA,100.00,EUR\nB,50.00,EUR\nA,110.00,USD\nC,55.00,USD\nC,,USD\n"
    )
    found = ask(
        "account-overview", "--columns", "account", "--sort", "-outstanding", "--convert-to", "EUR", "-f", "csv"
    )
    assert found.out == "account\nA\nA\nB\nC\n"  # 100, 100, 50, 50


def test_who_opted_out_in_one_administration_is_not_written_to(segcli: Run, ask: Run, tmp_path: Path) -> None:
    head = "account,contact,first_name,email,is_mailing_excluded\n"
    add(segcli, tmp_path, "eu", contacts=f"{head}A,1,Ann,ann@x.nl,yes\nB,2,Bob,bob@x.nl,no\n")
    add(segcli, tmp_path, "us", contacts=f"{head}A,1,Ann,ANN@x.nl,no\nC,2,Bob,bob@x.nl,no\nC,3,Cas,cas@x.us,no\n")
    assert ask("marketing-list", "--columns", "email", "-f", "csv").out == "email\nbob@x.nl\ncas@x.us\n"
    rows = ask("contact-overview", "--group-by", "is_mailing_allowed", "-f", "json").rows
    assert [(row["is_mailing_allowed"], row["contacts"]) for row in rows] == [(False, 2), (True, 3)]
