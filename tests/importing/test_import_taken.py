"""Imports: encodings, numbers and dates as they are written, and what a file may leave out."""

import json
from pathlib import Path

import pytest
from conftest import Run, connected, fingerprint
from import_case import HEAD, accounts, bring, load

TAKEN = {
    "plain": HEAD + "1,A,Delft\n",
    "what Excel says of the delimiter": "sep=;\r\n" + HEAD.replace(",", ";") + "1;A;Delft\r\n",
    "the same in quotes, after a mark": '\ufeff"sep=|"\n' + HEAD.replace(",", "|") + "1|A|Delft\n",
    "the same of tabs": "SEP=\t\n" + HEAD.replace(",", "\t") + "1\tA\tDelft\n",
    "a title above it": "Klanten per 30-06-2026\n\n" + HEAD.replace(",", ";") + "1;A;Delft\n",
    "titles in cells of their own": 'Ours B.V.;;\n"Klanten\nvan 2026";;\n;;\n' + HEAD.replace(",", ";") + "1;A;Delft\n",
    "byte order mark": "\ufeff" + HEAD + "1,A,Delft\n",
    "crlf": (HEAD + "1,A,Delft\n").replace("\n", "\r\n"),
    "semicolons": "account;name;city\n1;A;Delft\n",
    "tabs": "account\tname\tcity\n1\tA\tDelft\n",
    "bars": "account|name|city\n1|A|Delft\n",
    "one sign above all others": "account;name;city;remarks, if any\n1;A;Delft;\n",
    "utf-16": (HEAD + "1,A,Delft\n").encode("utf-16"),
    "utf-16 big endian": b"\xfe\xff" + (HEAD + "1,A,Delft\n").encode("utf-16-be"),
    "dutch headers": "Relatienummer;Naam;Woonplaats\n1;A;Delft\n",
    "exact padding": HEAD + "                 1,A,Delft\n",
    "blank lines": "\n" + HEAD + "\n1,A,Delft\n\n",
    "rows of delimiters": HEAD + ",,\n1,A,Delft\n, ,\n,,\n",
    "no last line end": HEAD + "1,A,Delft",
    "quoted": '"account","name","city"\n"1","A","Delft"\n',
    "json": '[{"account": "1", "name": "A", "city": "Delft"}]',
    "json lines": '{"account": "1", "name": "A"}\n{"account": "2", "name": "B"}\n'[:31]
    + '{"account": "1", "name": "A", "city": "Delft"}\n'[:0],
    "a rest answer": '\ufeff{"d": {"results": [{"Code": "  1", "Name": "A", "City": "Delft", "ID": "x"}]}}',
}
TAKEN["json lines"] = '{"account": "1", "name": "A", "city": "Delft"}\n'


@pytest.mark.parametrize("content", TAKEN.values(), ids=TAKEN)
def test_taken(segcli: Run, empty: Path, content: str | bytes) -> None:
    done = bring(segcli, content)
    assert (done.status, done.out, done.err) == (0, "", "")
    assert accounts(segcli) == [["1", "A", "Delft"]]
    before = fingerprint(empty)
    other = content if isinstance(content, bytes) else content.encode()
    again = bring(segcli, other, "-f", "json", name="other.csv")
    assert (again.rows[0]["added"], again.rows[0]["changed"], again.rows[0]["unchanged"]) == (0, 0, 1)
    assert fingerprint(empty) == before


def test_leading_zeros_and_long_codes_stay(segcli: Run, empty: object) -> None:
    bring(segcli, "account,name\n000123,A\n123,B\n353359132963905731,C\n")
    assert sorted(str(row[0]) for row in accounts(segcli)) == ["000123", "123", "353359132963905731"]


def test_cp1252_is_asked_for(segcli: Run, empty: Path) -> None:
    content = HEAD.encode() + b"1,Caf\xe9,Delft\n"
    done = bring(segcli, content)
    assert done.status == 1
    assert "f.csv:2:name" in done.err
    assert "0xe9" in done.err
    assert "--encoding cp1252" in done.err
    assert bring(segcli, content, "--encoding", "cp1252").status == 0
    assert accounts(segcli)[0][1] == "Café"


@pytest.mark.parametrize("encoding", ["cp500", "hz"])
def test_encodings_in_which_ascii_is_something_else(segcli: Run, empty: object, encoding: str) -> None:
    """A mainframe's, and one that shifts to Chinese with ~."""
    assert bring(segcli, (HEAD + "1,A~B,Delft\n").encode(encoding), "--encoding", encoding).status == 0
    assert accounts(segcli) == [["1", "A~B", "Delft"]]


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1.234,56", 1234.56),
        ("12,5", 12.5),
        ("1.234.567", 1234567),
        ("-5,00", -5),
        ("5,00-", -5),
        ("(5,00)", -5),
        ("€ 5,00", 5),
        ("0,05", 0.05),
    ],
)
def test_a_decimal_comma_is_seen(segcli: Run, empty: object, text: str, amount: float) -> None:
    done = bring(
        segcli,
        f"account;invoice_number;invoice_date;due_date;amount\nC;1;2024-01-31;2024-02-28;{text}\n",
        "--create-missing",
    )
    assert done.status == 0, done.err
    assert segcli("show", "outstanding-items", "-f", "json").rows[0]["open"] == amount


def test_day_first_dates_are_seen_and_ambiguous_ones_asked_about(segcli: Run, empty: object) -> None:
    head = "account,invoice_number,invoice_date,due_date,amount\n"
    done = bring(segcli, head + "C,1,01-02-2024,03-04-2024,5\n", "--create-missing")
    assert done.status == 1
    assert "f.csv:2:invoice_date: '01-02-2024'" in done.err
    assert "--dates dmy" in done.err
    assert bring(segcli, head + "C,1,01-02-2024,03-04-2024,5\n", "--create-missing", "--dates", "dmy").status == 0
    assert bring(segcli, head + "C,1,01-02-2024,13-04-2024,5\n", "--create-missing").status == 0
    row = segcli("show", "outstanding-items", "-f", "json").rows[0]
    assert (row["invoice_date"], row["due_date"]) == ("2024-02-01", "2024-04-13")


def test_a_row_below_a_title_is_named_by_its_own_line(segcli: Run, empty: object) -> None:
    done = bring(segcli, "sep=;\nKlanten\n\ncode;naam\n1;A\n\n;B\n")
    assert done.status == 1
    assert done.err.startswith("segcli: f.csv:7:code: this is empty\n")
    done = bring(segcli, "Klanten\ncode;naam\n1;A\n2;B;C\n")
    assert done.err.startswith("segcli: f.csv:4: expected 2 fields, found 3")


def test_months_may_be_words(segcli: Run, empty: object) -> None:
    """In English and Dutch, whole and short; they leave no doubt about the order. Years have four digits."""
    head = "account,invoice_number,invoice_date,due_date,amount\n"
    rows = "C,1,31-jan-2024,29 februari 2024,5\nC,2,1 Mrt 2024,5. May 2024,5\nC,3,01-02-2024,13-04-2024,5\n"
    assert bring(segcli, head + rows, "--create-missing").status == 0
    found = segcli("show", "outstanding-items", "-f", "json").rows
    assert sorted((row["invoice_number"], row["invoice_date"], row["due_date"]) for row in found) == [
        ("1", "2024-01-31", "2024-02-29"), ("2", "2024-03-01", "2024-05-05"), ("3", "2024-02-01", "2024-04-13"),
    ]  # fmt: skip
    done = bring(segcli, head + "C,4,31-jan-24,,5\nC,5,30 feb 2024,,5\nC,6,1 foo 2024,,5\nC,7,soon,,5\n")
    said = ("this year has two digits", "this day does not exist", *("this is not a date like 2024-01-31",) * 2)
    assert [words in line for words, line in zip(said, done.err.splitlines(), strict=False)] == [True] * 4


def test_csv_of_ours_comes_back_as_it_was(segcli: Run, empty: object) -> None:
    names = ["=1+1", "+31", "-5", "@x", "'=x", "'s-Hertogenbosch", 'a "b", c', "x\ty"]
    Path("f.json").write_text(json.dumps([{"account": str(n), "name": name} for n, name in enumerate(names)]))
    segcli("import", "f.json")
    out = segcli("show", "account-search", "--columns", "account,name", "--sort", "account", "-f", "csv").out
    assert "'=1+1" in out
    done = bring(segcli, out, "-f", "json", name="back.csv")
    assert done.rows[0]["unchanged"] == len(names)


def test_items_open_amount_alone_and_paid_in_part(segcli: Run, empty: object) -> None:
    bring(segcli, "account,name\nC,C\n", name="a.csv")
    head = "account,invoice_number,invoice_date,due_date,amount,open\n"
    assert bring(segcli, head + "C,1,2024-01-31,2024-02-28,100,60\n").status == 0
    row = segcli("show", "outstanding-items", "--as-of", "2024-03-31", "-f", "json").rows[0]
    assert (row["amount"], row["allocated"], row["open"]) == (100, 40, 60)
    assert bring(segcli, head + "C,1,2024-01-31,2024-02-28,100,25\n").status == 0
    rows = [
        segcli("show", "outstanding-items", "--as-of", day, "-f", "json").rows[0]["open"]
        for day in ("2024-03-31", "2026-06-30")
    ]
    assert rows == [60, 25]  # the second payment became known on 2026-06-30
    assert segcli("check").status == 0


def test_the_files_may_come_in_any_order(segcli: Run, empty: object) -> None:
    Path("b_contacts.csv").write_text("account,first_name,last_name\n1,An,Jansen\n")
    Path("c_accounts.csv").write_text("account,name\n1,A\n")
    assert segcli("import", "b_contacts.csv", "c_accounts.csv").status == 0
    assert segcli("show", "contact-search", "-f", "json").rows[0]["name"] == "An Jansen"


def test_a_column_alone_comes_in_but_for_what_is_wrong(segcli: Run, empty: Path) -> None:
    done = bring(segcli, "journal\n70\n71,x\n72\n", "--as", "journal", "--on-error", "skip")
    assert (done.status, "1 row rejected" in done.err) == (5, True)
    with connected(empty) as db:
        assert db.execute("SELECT code FROM journal ORDER BY code").fetchall() == [("70",), ("72",)]


def test_a_row_with_a_retired_value_makes_no_values_of_other_classes(segcli: Run, empty: Path) -> None:
    load(segcli, "--create-missing", accounts="account,name,class1,class2\nC1,One,red,big\nC2,Two,blue,small\n")
    assert segcli("classification", "value", "retire", "1", "red").status == 0
    later = "account,name,class1,class2\nC2,Two,red,fresh\nC1,One,red,other\n"
    refused = load(segcli, "--create-missing", "--on-error", "skip", status=5, later=later)
    assert "later.csv:2:class1: 'red': red is retired" in refused.err
    rows = segcli("classification", "list", "-f", "json").rows
    assert [(row["code"], row["accounts"]) for row in rows if row["class"] == "class2"] == [
        ("big", 0), ("other", 1), ("small", 1)]  # fmt: skip
