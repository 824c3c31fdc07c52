"""Imports: lines above and below a table, sheets and files beside it, and what the messages about them tell to do."""

import zipfile
from pathlib import Path

import pytest
import xlsxwriter
from conftest import Run, connected
from import_case import accounts, bring, load

HEAD = "account,name,city,phone,e-mail,postcode\n"
ROWS = "1,A,Delft,015 2123456,a@a.nl,2611AA\n2,B,Gouda,0182 512345,b@b.nl,2801AB\n"
BOTH = [["1", "A", "Delft"], ["2", "B", "Gouda"]]
TITLES = {
    "a date": "Open Invoices\nAs of March 31, 2026\n\n",
    "a label and a value": "Company,A\nPeriod,2026,Q1\n",
    "the same as long as the table": "Company,A,,,,\n,,,,,\n",
}


@pytest.mark.parametrize("title", TITLES.values(), ids=TITLES)
def test_titles_with_commas_stand_above_a_table(segcli: Run, empty: Path, title: str) -> None:
    done = bring(segcli, title + HEAD + ROWS)
    assert (done.status, done.err) == (0, "")
    assert accounts(segcli) == BOTH


def test_headings_with_digits_stand_below_a_title(segcli: Run, empty: Path) -> None:
    done = bring(segcli, "As of March 31, 2026\naccount,name,city,class1,Address line 1\n1,A,Delft,,x\n2,B,Gouda,,y\n")
    assert (done.status, done.err) == (0, "")
    assert accounts(segcli) == BOTH


def test_a_title_with_a_comma_does_not_decide_the_delimiter(segcli: Run, empty: Path) -> None:
    done = bring(segcli, "As of March 31, 2026\n" + (HEAD + ROWS).replace(",", ";"))
    assert (done.status, done.err) == (0, "")
    assert accounts(segcli) == BOTH


def test_titles_of_two_cells_stand_above_the_table_of_a_sheet(segcli: Run, empty: Path) -> None:
    with xlsxwriter.Workbook("t.xlsx") as book:
        sheet = book.add_worksheet()
        for at, line in enumerate(["Company,A", "Printed by,B", *(HEAD + ROWS).splitlines()]):
            sheet.write_row(at, 0, line.split(","))
    assert segcli("import", "t.xlsx").status == 0
    assert accounts(segcli) == BOTH


def test_rows_with_too_many_fields_do_not_make_their_header_a_title(segcli: Run, empty: Path) -> None:
    done = bring(segcli, "account,name\nD1,A, B, C\nD2,A, B, C\n")
    assert done.status == 1
    assert "f.csv:2" in done.err
    assert "expected 2 fields, found 4" in done.err


def test_a_sheet_without_records_is_named_with_what_to_do(segcli: Run, empty: Path) -> None:
    with xlsxwriter.Workbook("n.xlsx") as book:
        for at, line in enumerate((HEAD + ROWS).splitlines()):
            (book.get_worksheet_by_name("List") or book.add_worksheet("List")).write_row(at, 0, line.split(","))
        notes = book.add_worksheet("Notes")
        for at in range(3):
            notes.write_row(at, 0, ["Remember", "this"])
        book.add_worksheet("Nothing")
    done = segcli("import", "n.xlsx")
    assert done.status == 1
    assert "n.xlsx:Notes" in done.err
    assert "remove the sheet Notes" in done.err
    assert "Nothing" not in done.err


def test_an_empty_file_in_an_archive_is_passed_over(segcli: Run, empty: Path) -> None:
    with zipfile.ZipFile("a.zip", "w") as archive:
        archive.writestr("a.csv", HEAD + ROWS)
        archive.writestr("empty.csv", "\n")
    done = segcli("import", "a.zip")
    assert done.status == 0
    assert "empty files in the archive are passed over: empty.csv" in done.err
    assert accounts(segcli) == BOTH
    with zipfile.ZipFile("e.zip", "w") as archive:
        archive.writestr("empty.csv", "")
    assert "e.zip has only empty files: empty.csv" in segcli("import", "e.zip").err


def test_a_file_without_records_in_an_archive_can_be_removed(segcli: Run, empty: Path) -> None:
    with zipfile.ZipFile("a.zip", "w") as archive:
        archive.writestr("a.csv", HEAD + ROWS)
        archive.writestr("notes.csv", "Remember,this\nx,y\n")
    done = segcli("import", "a.zip")
    assert done.status == 1
    assert "a.zip:notes.csv" in done.err
    assert "remove it from the archive" in done.err


def test_a_column_of_types_is_not_proposed_as_the_account(segcli: Run, empty: Path) -> None:
    done = bring(segcli, "Customer Name,Customer Type,City\nA,Company,Delft\nB,Company,Gouda\n")
    assert done.status == 1
    assert "Customer Type=account" not in done.err
    assert "--as account --match name" in done.err
    done = bring(
        segcli,
        "Customer Name,Customer Type,City\nA,Company,Delft\nB,Company,Gouda\n",
        "--as",
        "account",
        "--match",
        "name",
    )
    assert done.status == 0
    with connected(empty) as db:
        assert db.execute("SELECT name FROM account ORDER BY name").fetchall() == [("A",), ("B",)]


def test_a_list_of_names_alone_needs_numbers(segcli: Run, empty: Path) -> None:
    done = bring(segcli, "Customer Name,Customer Type\nA,Company\nB,Company\n")
    assert done.status == 1
    assert "=account'" not in done.err
    assert "--match name" not in done.err  # this file lacks what shows that the names are of accounts
    assert "number" in done.err


def test_equal_names_are_not_told_to_match_by_name(segcli: Run, empty: Path) -> None:
    words = ("--as", "account", "--match", "name")
    done = load(segcli, *words, status=1, twice="name,city\nA,Delft\nA,Gouda\n")
    assert "--match" not in done.err
    load(segcli, *words, once="name,city\nA,Delft\n")
    done = load(segcli, *words, status=1, twice="name,city\nA,Delft\nA,Gouda\n")
    assert "--match" not in done.err
    assert "several rows have this name" in done.err


FOOTERS = (
    "Printed on 31-03-2026",
    "Afgedrukt op 31-03-2026 door Jan",
    "Tuesday, March 31, 2026 08:12 AM GMT+01:00 - Accrual Basis",
    "Pagina 1 van 2",
    "Printed: 31-03-2026 10:00",
    "Gedruckt am 31.03.2026",
    "Report date: 2026-03-31",
)


@pytest.mark.parametrize("end", ["\n", ";;;;;\n"], ids=["one field", "padded"])
@pytest.mark.parametrize("footer", FOOTERS)
def test_a_footer_is_named_and_left_out(segcli: Run, empty: Path, footer: str, end: str) -> None:
    table = (HEAD + ROWS).replace(",", ";")
    done = bring(segcli, f"{table}\n{footer}{end}", "-f", "json")
    assert done.status == 0
    assert done.rows[0]["notes"] == f"1 line below the table left out: line 5: {footer}"
    assert accounts(segcli) == BOTH


def test_a_footer_among_records_is_refused(segcli: Run, empty: Path) -> None:
    done = bring(segcli, f"{HEAD}Printed on 31-03-2026\n{ROWS}")
    assert done.status == 1
    assert "f.csv:2" in done.err
    assert "records follow" in done.err


def test_a_code_alone_is_no_footer(segcli: Run, empty: Path) -> None:
    done = bring(segcli, f"{HEAD}{ROWS}Printed,,,,,\n")
    assert done.status == 1
    assert "f.csv:4" in done.err


def test_a_footer_far_below_follows_a_total(segcli: Run, empty: Path) -> None:
    rows = "".join(f"D{n},A{n},F{n},2026-01-31,1.00\n" for n in range(512))
    content = f"account,name,invoice number,invoice date,amount\n{rows}Total,,,,512.00\nPrinted on 31-03-2026\nPage 1\n"
    done = bring(segcli, content, "--create-missing", "-f", "json")
    assert (done.status, done.err) == (0, "")
    assert done.rows[0]["added"] == 512
    assert (
        "2 lines below the table left out: line 515: Printed on 31-03-2026, line 516: Page 1" in done.rows[0]["notes"]
    )


def test_a_dash_is_no_amount(segcli: Run, empty: Path) -> None:
    head = "account;name;invoice number;invoice date;amount;paid\n"
    done = bring(segcli, head + "D1;A;F1;2026-01-31;100,00;-\nD2;B;F2;2026-01-31;21,00;\u2013\n", "--create-missing")
    assert (done.status, done.err) == (0, "")
    with connected(empty) as db:
        assert db.execute("SELECT sum(amount), sum(open_amount) FROM outstanding_item").fetchone() == (12100, 12100)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_without_a_byte_order_mark(segcli: Run, empty: Path, encoding: str) -> None:
    done = bring(segcli, (HEAD + ROWS.replace("Delft", "Delft\u00e9")).encode(encoding))
    assert (done.status, done.err) == (0, "")
    assert accounts(segcli) == [["1", "A", "Delft\u00e9"], ["2", "B", "Gouda"]]


def test_a_zero_byte_is_no_utf_16(segcli: Run, empty: Path) -> None:
    done = bring(segcli, (HEAD + ROWS).encode() + b"\0")
    assert done.status == 1
    assert "NUL" in done.err
