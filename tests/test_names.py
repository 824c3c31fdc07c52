"""Names mean one thing: ranges are of codes, in the order in which tables show them."""

import random
from pathlib import Path

import pytest

from segcli.classification import code_order
from tests.conftest import Run

VALUES = (("A", "Key accounts"), ("B", "Standard"), ("C", "Basic"), ("D", "At risk"))
CLASS_RANGES = {"A..B": "K1 S1", "B..C": "B1 S1", "not:A..B": "B1 D1", "a..b": "K1 S1", "C..Z": "B1 D1"}


def accounts(segcli: Run, *flags: str) -> str:
    """Return the codes of the accounts that flags select."""
    done = segcli("show", "account-search", *flags, "-f", "json", "--columns", "account", "--sort", "account")
    assert done.status == 0, done.err
    return " ".join(row["account"] for row in done.rows)


@pytest.fixture
def valued(segcli: Run, empty: Path) -> Path:
    """Return a database whose value D is described by a word that lies between the codes A and B."""
    segcli("classification", "label", "3", "Value")
    for code, description in VALUES:
        segcli("classification", "value", "add", "3", code, description)
    Path("a.csv").write_text("account,name,class3\nK1,Key,A\nS1,Std,B\nB1,Bas,C\nD1,Risk,D\n")
    assert segcli("import", "a.csv").status == 0
    return empty


@pytest.mark.parametrize(("values", "wanted"), CLASS_RANGES.items(), ids=list(CLASS_RANGES))
def test_a_range_is_of_codes_and_not_of_descriptions(segcli: Run, valued: Path, values: str, wanted: str) -> None:
    assert accounts(segcli, "--class3", values) == wanted


def test_a_range_reclassifies_nobody_by_a_description(segcli: Run, valued: Path) -> None:
    segcli("classification", "value", "add", "4", "YES")
    assert segcli("tag", "--class3", "A..B", "--set", "class4=YES", "--yes").status == 0
    assert accounts(segcli, "--class4", "YES") == "K1 S1"


@pytest.fixture
def numbered(segcli: Run, empty: Path) -> Path:
    """Return a database with invoices, ledger accounts and entries whose numbers have different lengths."""
    Path("a.csv").write_text("account,name\nA1,Alpha\n")
    head = "invoice_number,invoice_date,account,status,currency,net_amount,vat_amount,total_amount\n"
    numbers = ["99", "100", "101", "1000", "F-9", "F-10"]
    lines = "".join(f"{n},2026-05-01,A1,processed,EUR,99.00,0.00,99.00\n" for n in numbers)
    Path("i.csv").write_text(head + lines)
    Path("g.csv").write_text("gl_account,description,type\n15,a,B\n950,b,B\n1000,c,B\n1500,d,B\n")
    Path("j.csv").write_text("journal,description,type\n70,Sales,sales\n")
    entry = "70,2026,5,{},{},2026-05-01,{},,a,{},{}\n"
    Path("t.csv").write_text(
        "journal,financial_year,period,entry_number,line_number,entry_date,gl_account,account,description,debit,credit\n"
        + entry.format(9, 1, 950, "10.00", "")
        + entry.format(9, 2, 1000, "", "10.00")
        + entry.format(10, 1, 1500, "10.00", "")
        + entry.format(10, 2, 15, "", "10.00")
    )
    assert segcli("import", "a.csv", "i.csv", "g.csv", "j.csv", "t.csv").status == 0
    return empty


NUMBERS = {
    ("invoice-history", "--invoice", "99..101", "invoice_number"): "99 100 101",
    ("invoice-history", "--invoice", "100..101", "invoice_number"): "100 101",
    ("invoice-history", "--invoice", "1..5", "invoice_number"): "",
    ("invoice-history", "--invoice", "007..99", "invoice_number"): "99",
    ("invoice-history", "--invoice", "not:99..101", "invoice_number"): "1000 F-9 F-10",
    ("invoice-history", "--invoice", "f-9..f-10", "invoice_number"): "F-9 F-10",
    ("transaction-search", "--gl-account", "900..1000", "gl_account"): "950 1000",
    ("transaction-search", "--gl-account", "1000..2000", "gl_account"): "1000 1500",
    ("transaction-search", "--entry", "9..10", "entry_number"): "9 9 10 10",
}


@pytest.mark.parametrize(("asked", "wanted"), NUMBERS.items(), ids=[" ".join(asked[1:3]) for asked in NUMBERS])
def test_ranges_of_numbers(segcli: Run, numbered: Path, asked: tuple[str, ...], wanted: str) -> None:
    overview, flag, values, column = asked
    done = segcli("show", overview, flag, values, "-f", "json", "--columns", column, "--sort", column)
    assert (done.status, " ".join(row[column] for row in done.rows)) == (0, wanted)


def test_a_backward_range_is_told_by_the_same_order(segcli: Run, numbered: Path) -> None:
    done = segcli("show", "invoice-history", "--invoice", "101..99")
    assert (done.status, "99..101" in done.err) == (2, True)


def test_tables_and_ranges_have_one_order(segcli: Run, empty: Path) -> None:
    """Each range holds exactly the rows that stand between its ends in the sorted table."""
    codes = ["7", "007", "10", "99", "100", "A", "b", "B2", "b10", "ZZ", "a-1", "0x", "éa", "Z9"]
    random.Random(6).shuffle(codes)
    Path("a.csv").write_text("account,name\nA1,Alpha\n")
    head = "invoice_number,invoice_date,account,status,currency,net_amount,vat_amount,total_amount\n"
    Path("i.csv").write_text(head + "".join(f"{n},2026-05-01,A1,processed,EUR,1.00,0.00,1.00\n" for n in codes))
    assert segcli("import", "a.csv", "i.csv").status == 0

    def numbers(*flags: str) -> list[str]:
        done = segcli("show", "invoice-history", *flags, "-f", "json", "--sort", "invoice_number")
        return [row["invoice_number"] for row in done.rows]

    shown = numbers()
    assert sorted(shown) == sorted(codes)
    assert [code_order(code) for code in shown] == sorted(code_order(code) for code in codes)
    for first, last in ((0, 4), (3, 9), (5, 13), (2, 2)):
        between = [c for c in codes if code_order(shown[first]) <= code_order(c) <= code_order(shown[last])]
        assert sorted(numbers("--invoice", f"{shown[first]}..{shown[last]}")) == sorted(between)
