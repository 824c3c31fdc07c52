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
    done = bring(segcli, "Customer Name,Customer Type,Territory\nA,Company,NL\nB,Company,NL\n")
    assert done.status == 1
    assert "Customer Type=account" not in done.err
    assert "--as account --match name" in done.err
    done = bring(segcli, "Customer Name,Customer Type\nA,Company\nB,Company\n", "--as", "account", "--match", "name")
    assert done.status == 0
    with connected(empty) as db:
        assert db.execute("SELECT name FROM account ORDER BY name").fetchall() == [("A",), ("B",)]


def test_equal_names_are_not_told_to_match_by_name(segcli: Run, empty: Path) -> None:
    words = ("--as", "account", "--match", "name")
    done = load(segcli, *words, status=1, twice="name,city\nA,Delft\nA,Gouda\n")
    assert "--match" not in done.err
    load(segcli, *words, once="name,city\nA,Delft\n")
    done = load(segcli, *words, status=1, twice="name,city\nA,Delft\nA,Gouda\n")
    assert "--match" not in done.err
    assert "several rows have this name" in done.err
