"""Imports of workbooks: sheets, cells, errors of Excel's, and archives that are no workbook."""

import random
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter
from conftest import Run, fingerprint
from import_case import HEAD, accounts, bring
from workbook_files import with_cell, workbook

from segcli.importing.readers.parts import spans, xlsx


def test_xlsx_with_two_sheets(segcli: Run, empty: object) -> None:
    book = xlsxwriter.Workbook("a.xlsx")
    for name, rows in (
        ("One", [["account", "name", "start_date"], ["007", "A", 45000]]),
        ("Two", [["account", "name"], ["2", "B"]]),
    ):
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            sheet.write_row(number, 0, row)
    book.close()
    done = segcli("import", "a.xlsx")
    assert done.status == 1  # 45000 is a number, not a date
    assert "One!2" in done.err
    book = xlsxwriter.Workbook("b.xlsx")
    day = book.add_format({"num_format": "yyyy-mm-dd"})
    sheet = book.add_worksheet("One")
    sheet.write_row(0, 0, ["account", "name", "start_date"])
    sheet.write_row(1, 0, ["007", "A"])
    sheet.write_number(1, 2, 45000, day)
    book.close()
    assert segcli("import", "b.xlsx").status == 0
    assert accounts(segcli, "account,name") == [["007", "A"]]


def item_of_texts(segcli: Run, **sheets: list[list[str]]) -> tuple[object, ...]:
    """Import a workbook in which all is text; return the dates of its item and what is open."""
    book = xlsxwriter.Workbook("r.xlsx")
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for number, row in enumerate(rows):
            for at, cell in enumerate(row):
                sheet.write_string(number, at, cell)
    book.close()
    done = segcli("import", "r.xlsx")
    assert done.status == 0, done.err
    row = segcli("show", "outstanding-items", "-f", "json").rows[0]
    return row["invoice_date"], row["due_date"], row["open"]


def test_a_workbook_whose_dates_and_amounts_are_text(segcli: Run, empty: object) -> None:
    bring(segcli, "account,name\n7,A\n", name="a.csv")
    head = ["Debiteur", "Factuur", "Factuurdatum", "Vervaldatum", "Bedrag"]
    item = ["7", "1", "31-1-2024", "29-2-2024", "1.234,50"]
    assert item_of_texts(segcli, Blad1=[head, item]) == ("2024-01-31", "2024-02-29", 1234.5)


def test_each_sheet_writes_numbers_and_dates_in_its_own_way(segcli: Run, empty: object) -> None:
    people = [["account", "name"], ["7", "A"]]
    head = ["account", "invoice_number", "invoice_date", "due_date", "amount"]
    item = ["7", "1", "1-2-2024", "29-2-2024", "1.234,50"]
    assert item_of_texts(segcli, People=people, Items=[head, item]) == ("2024-02-01", "2024-02-29", 1234.5)


def test_codes_that_are_numbers_in_a_sheet_are_doubted(segcli: Run, empty: object) -> None:
    for name, write in (("text", "write_string"), ("number", "write")):
        book = xlsxwriter.Workbook(f"{name}.xlsx")
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["account", "name"])
        getattr(sheet, write)(1, 0, "17" if name == "text" else 17)
        sheet.write_string(1, 1, "A")
        book.close()
    assert segcli("import", "text.xlsx").err == ""
    done = segcli("import", "number.xlsx")
    assert (done.status, done.err) == (
        0,
        "number.xlsx: account codes are numbers in this sheet: did Excel drop leading zeros?\n",
    )
    assert accounts(segcli, "account,name") == [["17", "A"]]


def test_all_sheets_of_a_workbook_come_in(segcli: Run, empty: object) -> None:
    book = xlsxwriter.Workbook("two.xlsx")
    for name, code in (("One", "A1"), ("Two", "B2")):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, ["account", "name"])
        sheet.write_row(1, 0, [code, name])
    book.add_worksheet("Empty")
    book.close()
    assert segcli("import", "two.xlsx").status == 0
    assert accounts(segcli, "account,name") == [["A1", "One"], ["B2", "Two"]]


@pytest.mark.repeats
@pytest.mark.parametrize("cell", [(1_048_575, 16_383), (0, 16_383), (1_048_575, 40)])
def test_a_cell_far_away_is_refused_before_it_takes_memory(segcli: Run, empty: object, cell: tuple[int, int]) -> None:
    book = xlsxwriter.Workbook("far.xlsx")
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["account", "name"])
    sheet.write_row(1, 0, ["1", "A"])
    sheet.write(*cell, "x")
    book.close()
    done = segcli("import", "far.xlsx")
    assert done.status == 1
    assert "stray cell" in done.err


def test_an_archive_that_is_no_workbook_and_one_that_is_a_bomb(segcli: Run, empty: object) -> None:
    with zipfile.ZipFile("other.xlsx", "w") as archive:
        archive.writestr("a.csv", HEAD)
    assert segcli("import", "other.xlsx").err == ""  # an archive of data files, whatever its name
    with zipfile.ZipFile("bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"A" * 50_000_000)
    assert "too much for a workbook" in segcli("import", "bomb.xlsx").err


def test_titles_above_the_table_of_a_sheet(segcli: Run, empty: object) -> None:
    """As reports of Exact have them; a sheet of one column, with a word beside it, has none."""
    rows = [
        ["Ours B.V."],
        [],
        ["Klanten per 30-06-2026"],
        [],
        ["Code", "Naam"],
        ["1", "A"],
        ["2", "B"],
        ["3"],
        ["", "D"],
    ]
    workbook(*rows, sheet="Klanten")
    done = segcli("import", "b.xlsx", "--as", "account", "--on-error", "skip")
    assert done.status == 5
    assert "b.xlsx:Klanten!9:Code: this is empty\n  b.xlsx:Klanten!8:" in done.err
    assert accounts(segcli, "account,name") == [["1", "A"], ["2", "B"]]
    workbook(["journal"], ["70"], ["71", "sales"], ["72"], ["73"])
    done = segcli("import", "b.xlsx", "--as", "journal", "-f", "json")
    assert (done.status, done.rows[0]["added"]) == (0, 4)


@pytest.mark.parametrize(
    ("cell", "city"),
    [
        (datetime.fromisoformat("2024-01-31"), "2024-01-31"),
        (datetime.fromisoformat("2024-01-31 10:30"), "2024-01-31 10:30:00"),
        (1e-7, "0.0000001"),
        (-2.5e-7, "-0.00000025"),
        (1e16, "1.00000000000000E+16"),  # Excel keeps 15 digits: more would be invented
        (0.1 + 0.2 - 0.3, "0"),  # 5.55e-17: no more than the dust of a sum
        (True, "TRUE"),
        (False, "FALSE"),
        (12.0, "12"),
    ],
)
def test_a_cell_of_a_workbook_is_exact_text(segcli: Run, empty: object, cell: object, city: str) -> None:
    workbook(["account", "name", "city"], ["1", "A", cell])
    done = segcli("import", "b.xlsx")
    assert done.status == 0, done.err
    assert accounts(segcli) == [["1", "A", city]]


@pytest.mark.repeats
@pytest.mark.parametrize("start", [0, 2])
@pytest.mark.parametrize("error", ["#N/A", "#DIV/0!", "#REF!", "#NAME?", "#VALUE!", "#NUM!", "#NULL!"])
def test_an_error_of_excels_is_no_empty_cell(segcli: Run, empty: Path, error: str, start: int) -> None:
    workbook(
        ["account", "name", "city"], ["1", "A", "Delft"], ["2", "B", error], [error, error, error], name="e.xlsx",
        sheet="R&D", start=start,
    )  # fmt: skip
    before = fingerprint(empty)
    done = segcli("import", "e.xlsx")
    assert done.status == 1
    assert f"e.xlsx:R&D!{start + 3}:city: the cell contains an Excel error; fix the formula" in done.err
    assert f"e.xlsx:R&D!{start + 4}:" in done.err
    assert "2 rows rejected, nothing was imported" in done.err
    assert fingerprint(empty) == before
    assert segcli("import", "e.xlsx", "--on-error", "skip", "--rejects", "bad.csv").status == 5
    assert accounts(segcli) == [["1", "A", "Delft"]]
    lines = Path("bad.csv").read_text().splitlines(keepends=True)
    assert [line.partition(",")[0] for line in lines[1:]] == [f"R&D!{start + 3}", f"R&D!{start + 4}"]
    Path("bad.csv").write_text("".join(lines[:2]))
    assert segcli("import", "bad.csv").status == 0
    assert accounts(segcli)[1] == ["2", "B", None]


def test_errors_are_those_of_their_own_sheet(segcli: Run, empty: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """However the file is cut into pieces while it is looked through."""
    monkeypatch.setattr(xlsx, "_CHUNK", 40)
    book = xlsxwriter.Workbook("two.xlsx")
    for name, code in (("One", "A1"), ("Two", "B2")):
        sheet = book.add_worksheet(name)
        sheet.write_row(0, 0, ["account", "name", "city"])
        sheet.write_row(1, 0, [code, name, "x"])
    sheet.write_formula(1, 2, "=1/0", None, "#DIV/0!")
    book.define_name("One", "=Two!$C$2")
    book.close()
    done = segcli("import", "two.xlsx", "--on-error", "skip")
    assert done.status == 5
    assert "two.xlsx:Two!2:city: the cell contains an Excel error" in done.err
    assert accounts(segcli) == [["A1", "One", "x"]]


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        ('<c r="C2"><v>1E400</v></c>', "'#NUM!': "),  # beyond all numbers
        ('<c r="C2"><v>NaN</v></c>', "'#NUM!': "),
        ('<c r="C2" t="str"><v>#N/A</v></c>', "'#N/A': "),  # a formula whose value was pasted
        ('<c r="C2" t="e"><v>#N/A</v></c><c r="D2" t="e"/>', ""),
        ("<c t='e' s = '1'\n r = 'C2' ><v>#N/A</v></c>", ""),
    ],
)
def test_errors_of_excels_in_whatever_way_they_are_written(segcli: Run, empty: Path, cell: str, shown: str) -> None:
    with_cell(cell)
    before = fingerprint(empty)
    done = segcli("import", "b.xlsx")
    assert done.status == 1
    assert f"b.xlsx:One!2:city: {shown}the cell contains an Excel error; fix the formula" in done.err
    assert fingerprint(empty) == before


def test_workbooks_that_are_none_within_are_told(segcli: Run, empty: Path) -> None:
    before = fingerprint(empty)
    with_cell('<c r="C2" t="e"><v>Err:502</v></c>')  # no error that Excel knows
    done = segcli("import", "b.xlsx")
    assert (done.status, "b.xlsx: the sheet One cannot be read: " in done.err) == (1, True)
    with zipfile.ZipFile("n.xlsx", "w") as archive:
        archive.writestr("xl/workbook.xml", "no workbook")
    done = segcli("import", "n.xlsx")
    assert (done.status, "n.xlsx: the workbook cannot be read: " in done.err) == (1, True)
    assert fingerprint(empty) == before


def test_an_error_without_a_value_beside_the_table_is_nothing(segcli: Run, empty: object) -> None:
    with_cell('<c r="C2"><v>7</v></c><c r="D2" t="e"/>')
    assert segcli("import", "b.xlsx").status == 0
    assert accounts(segcli) == [["1", "A", "7"]]


@pytest.mark.parametrize("day", ["2024-01-31", "2024-01-31T00:00:00"])
def test_a_day_of_a_workbook_that_is_written_as_such(segcli: Run, empty: object, day: str) -> None:
    with_cell(f'<c r="C2" t="d"><v>{day}</v></c>')
    assert segcli("import", "b.xlsx").status == 0
    assert accounts(segcli) == [["1", "A", "2024-01-31"]]


def test_a_protected_workbook_and_one_with_a_text_beyond_all_cells(segcli: Run, empty: Path) -> None:
    before = fingerprint(empty)
    workbook(["account", "name"], ["1", "A"])
    data = Path("b.xlsx").read_bytes()
    # The flags of an entry, where it begins and in the list at the end: the first bit says that it is encrypted.
    for mark, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        place = data.index(mark) + at
        data = data[:place] + bytes([data[place] | 1]) + data[place + 1 :]
    Path("p.xlsx").write_bytes(data)
    done = segcli("import", "p.xlsx")
    assert (done.status, done.err) == (1, "segcli: p.xlsx is a protected workbook\n  save it without a password\n")
    text = random.Random(1).randbytes(1_200_000).hex()
    with_cell(f'<c r="C2" t="str"><v>{text}</v></c>')
    done = segcli("import", "b.xlsx")
    assert (done.status, done.err) == (
        1,
        "segcli: b.xlsx: a text in it is longer than a cell can hold\n  write CSV instead\n",
    )
    assert fingerprint(empty) == before


def test_rows_of_nothing_in_a_workbook_are_passed_over(segcli: Run, empty: object) -> None:
    workbook([], ["account", "name", "city"], [], ["1", "A", "Delft"], ["", "", ""], ["2", "B", "Ede"], [])
    assert segcli("import", "b.xlsx").status == 0
    assert accounts(segcli) == [["1", "A", "Delft"], ["2", "B", "Ede"]]


# ------------------------------------------------------------------------ formatted cells, and numbers that are no numbers
@pytest.mark.repeats
@pytest.mark.parametrize("cells", [[(3, n) for n in range(1024)], [(1, n) for n in range(16_384)], [(1_048_575, 2)]])
def test_cells_that_are_formatted_but_empty_are_nothing(
    segcli: Run, empty: object, cells: list[tuple[int, int]]
) -> None:
    book = xlsxwriter.Workbook("f.xlsx")
    bold = book.add_format({"bold": True})
    sheet = book.add_worksheet()
    for row, column in cells:
        sheet.write_blank(row, column, None, bold)
    for number, row in enumerate((["account", "name", "city"], ["1", "A", "Ede"], ["2", "B", "Delft"])):
        sheet.write_row(number, 0, row)
    book.close()
    assert segcli("import", "f.xlsx").err == ""
    assert accounts(segcli) == [["1", "A", "Ede"], ["2", "B", "Delft"]]


@pytest.mark.parametrize(
    ("cell", "is_taken"),
    [
        ('<c r="XFD2" s="1"/>', True),
        ('<c r="XFD2" s="1" t="n"></c>', True),
        ('<c r="XFD2" t="s"/>', True),
        ('<c r="XFD2"><v/></c>', True),
        ('<x:c xmlns:x="urn:x" r="XFD2"/>', True),
        ('<c r="XFD2" a="/>"><v>1</v></c>', False),
        ('<c r="XFD2" t="str"><v></v></c>', False),
        ('<c r="XFD2"/><c><v>1</v></c>', False),  # without a reference it is the next one
        ('</row><row r="1048576"/><c><v>1</v></c><row r="3">', False),
    ],
)
def test_only_what_calamine_takes_for_empty_is_empty(segcli: Run, empty: object, cell: str, is_taken: bool) -> None:
    with_cell(f'<c r="C2"><v>7</v></c>{cell}')
    done = segcli("import", "b.xlsx")
    assert (done.status, "stray cell" in done.err) == ((0, False) if is_taken else (1, True)), done.err


def test_texts_that_many_cells_share_are_counted_before_they_take_memory(
    segcli: Run, empty: object, monkeypatch: pytest.MonkeyPatch
) -> None:
    workbook(["account", "name"], *([str(n), "N" * 1000] for n in range(100)))
    monkeypatch.setattr(xlsx, "MOST_TEXT", 1000)  # counted exactly: 100 x 1000 for the name, and the codes
    assert segcli("import", "b.xlsx").status == 0
    monkeypatch.setattr(spans, "MOST_TEXT", 100_000)
    assert "the texts of a sheet have 100,201 bytes" in segcli("import", "b.xlsx", "--again").err


def test_true_is_not_an_amount(segcli: Run, empty: object) -> None:
    workbook(["account", "name", "credit_limit", "is_blocked"], ["1", "A", True, True], ["2", "B", 12.5, False])
    done = segcli("import", "b.xlsx", "--on-error", "skip")
    assert done.status == 5
    assert "b.xlsx:One!2:credit_limit: 'TRUE': this is not an amount" in done.err
    workbook(["account", "name", "is_blocked"], ["1", "A", True], ["2", "B", False])
    assert segcli("import", "b.xlsx").status == 0
    assert accounts(segcli, "account,is_blocked") == [["1", 1], ["2", 0]]


@pytest.mark.parametrize("number", [1234567890123456, 8712345678901234567, 1e15])
def test_a_code_of_more_than_15_digits_is_refused(segcli: Run, empty: object, number: float) -> None:
    workbook(["account", "name"], ["1", "A"], [number, "B"], ["999999999999999", "C"], [123456789012345, "D"])
    done = segcli("import", "b.xlsx", "--on-error", "skip")
    assert done.status == 5
    assert "b.xlsx:One!3:account: '" in done.err
    assert "Excel keeps 15 digits of a number and shows fewer: format the column as text" in done.err
    assert sorted(row[0] for row in accounts(segcli)) == ["1", "123456789012345", "999999999999999"]
