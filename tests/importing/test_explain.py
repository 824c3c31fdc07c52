"""`import --explain`: what it says of a file is what an import of it does, and it writes nothing."""

import csv
import io
import sqlite3
from pathlib import Path

import pytest
from conftest import Run, fingerprint
from hypothesis import given
from hypothesis import strategies as st
from ubl_files import SIMPLE, SOLD, document

from segcli.importing import explanation
from segcli.importing.kinds.machinery import kind_definition
from segcli.importing.readers import open_source
from segcli.importing.understanding import Understanding
from segcli.importing.wishes import Wishes

LIST = """Overzicht klanten

Klntnr;Naam;Kredietlimiet;Klant sinds;Segment;ctiy;Geblokkeerd
0001;Bakker;1.500,50;31-12-2020;A;Delft;nee
0002;Smit;;01-02-2021;B;;ja
"""
MAPPED = ("--map", "Klntnr=account")


def explained(segcli: Run, content: str | bytes, *words: str, name: str = "list.csv") -> tuple[int, list[str], str]:
    Path(name).write_bytes(content.encode() if isinstance(content, str) else content)
    done = segcli("import", name, "--explain", *words)
    return done.status, [" ".join(line.split()) for line in done.out.splitlines()], done.err


def test_a_list_is_explained_without_a_database(segcli: Run) -> None:
    status, lines, err = explained(segcli, LIST, *MAPPED)
    assert (status, err) == (0, "")
    for line in (
        "list.csv",
        "format CSV and TSV: UTF-8, fields separated by semicolons, headings on line 3",
        "database none, so labels of classifications are not known",
        "records accounts (5 of 7 columns named)",
        "numbers decimal comma (shown by '1.500,50' in Kredietlimiet, line 4)",
        "dates day-month-year (shown by '31-12-2020' in Klant sinds, line 4)",
        "rows 2",
        "Klntnr account code 0001 | 0002",
        "Kredietlimiet credit_limit amount 1500.50 |",
        "Klant sinds start_date date 2020-12-31 | 2021-02-01",
        "Segment not read A | B",
        "ctiy not read; nearest: city Delft |",
        "Geblokkeerd is_blocked yes or no no | yes",
    ):
        assert line in lines, line
    assert sorted(path.name for path in Path().iterdir() if path.is_file()) == ["list.csv"]


def test_the_labels_of_a_database_are_used_and_nothing_is_written(segcli: Run, database: Path) -> None:
    assert segcli("init").status == 0
    assert segcli("classification", "label", "3", "Segment").status == 0
    before = fingerprint(database)
    status, lines, err = explained(segcli, LIST, *MAPPED)
    assert (status, err) == (0, "")
    assert f"database labels of {database}" in lines
    assert "Segment class3 classification Segment A | B" in lines
    assert fingerprint(database) == before
    assert "import" not in segcli("log", "-f", "tsv").out


def test_what_no_kind_fits_is_an_error_with_the_nearest(segcli: Run) -> None:
    status, lines, err = explained(segcli, LIST)
    imported = segcli("init") and segcli("import", "list.csv")
    assert (status, err) == (1, imported.err)
    assert "nearest accounts: 4 of 7 columns named, lacks account" in lines
    assert "Naam name of accounts" in lines
    assert "Klntnr not read; nearest: account" in lines


def test_the_next_kinds_stand_with_what_they_lack(segcli: Run) -> None:
    status, lines, _ = explained(segcli, "account,invoice_number,invoice_date,open\n1,F1,2026-01-02,5.00\n")
    assert status == 0
    assert "records outstanding items (4 of 4 columns named)" in lines
    assert next(line for line in lines if line.startswith("next ")).startswith("next invoices: ")
    status, lines, _ = explained(segcli, "account,name\n1,One\n", "--as", "account")
    assert "records accounts (by --as or the profile)" in lines
    assert not any(line.startswith("next ") for line in lines)


@pytest.mark.parametrize(
    ("content", "words", "said"),
    [
        ("account,name,credit_limit\n1,A,1.234\n", (), "this can be read in two ways\n  say which: --decimal , or --decimal ."),
        ("account,name\n1,A\n2\n", (), "list.csv:3: expected 2 fields, found 1"),
        ("account,name,credit_limit\n1,A,12\n2,B,x\n", (), "list.csv:3:credit_limit: 'x'"),
        ("account,name\n1,\xe9\n".encode("latin-1"), (), "list.csv:2:name: the byte 0xe9 is not UTF-8"),
        ("account,name,name\n1,A,B\n", (), "columns 2 and 3 are both called 'name'"),
        ("a,b\n1,A\n", ("--as", "account"), "accounts need more than these columns: a, b"),
    ],
)  # fmt: skip
def test_what_an_import_refuses_is_refused_with_the_same_words(
    segcli: Run, content: str | bytes, words: tuple[str, ...], said: str
) -> None:
    status, lines, err = explained(segcli, content, *words)
    assert lines[0] == "list.csv"
    assert status == 1
    assert said in err
    assert segcli("init").status == 0
    imported = segcli("import", "list.csv", *words)
    assert imported.status == 1
    assert err.replace("would be rejected, nothing would be", "rejected, nothing was") == imported.err


def test_wrong_rows_are_counted_and_the_right_ones_shown(segcli: Run) -> None:
    rows = "".join(f"{n},Name {n},{'x' if n % 3 == 0 else n}.00\n" for n in range(1, 11))
    status, lines, err = explained(segcli, f"account,name,credit_limit\n{rows}")
    assert status == 1
    assert "rows 10; 3 cannot be read" in lines
    assert "credit_limit credit_limit amount 1.00 | 2.00 | 4.00" in lines
    assert "list.csv: 3 rows would be rejected, nothing would be imported" in err


def test_a_workbook_is_explained_sheet_by_sheet(segcli: Run) -> None:
    import xlsxwriter

    with xlsxwriter.Workbook("book.xlsx") as book:
        for title, rows in (
            ("Klanten", [["Klantcode", "Naam"], ["007", "Bond"]]),
            ("Rates", [["Date", "Currency", "Rate"], ["2026-01-02", "USD", 1.25], ["2026-01-03", "USD", 1.5]]),
        ):
            sheet = book.add_worksheet(title)
            for at, row in enumerate(rows):
                sheet.write_row(at, 0, row)
    done = segcli("import", "book.xlsx", "--explain")
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert (done.status, done.err) == (0, "")
    assert lines.index("table Klanten") < lines.index("Klantcode account code 007") < lines.index("table Rates")
    assert "format Workbooks" in lines
    assert "records exchange rates (3 of 3 columns named)" in lines
    assert "rows 2" in lines
    assert "Rate rate number 1.25 | 1.5" in lines


def test_blocks_of_an_invoice_are_explained(segcli: Run) -> None:
    Path("one.xml").write_text(document(SOLD + SIMPLE), encoding="utf-8")
    done = segcli("import", "one.xml", "--explain", "--as", "invoice")
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert (done.status, done.err) == (0, "")
    assert "format UBL 2 invoices and credit notes" in lines
    assert [line for line in lines if line.startswith("records ")] == [
        f"records {title} (the format says so)" for title in ("accounts", "invoices", "invoice lines")
    ]
    assert "total_amount total_amount amount 121.00" in lines  # 4 x 25 and 21 % VAT
    unknown = segcli("import", "one.xml", "--explain")
    assert unknown.status == 1
    assert "neither company is this administration" in unknown.err


def test_a_file_in_another_currency_is_no_problem_without_a_database(segcli: Run) -> None:
    text = (
        '<?xml version="1.0"?><auditfile xmlns="http://www.auditfiles.nl/XAF/3.2"><header><fiscalYear>2025</fiscalYear>'
    )
    text += "<startDate>2025-01-01</startDate><endDate>2025-12-31</endDate><curCode>USD</curCode></header><company>"
    text += "<companyName>X</companyName><generalLedger><ledgerAccount><accID>1300</accID><accDesc>Debtors</accDesc>"
    text += "<accTp>B</accTp></ledgerAccount></generalLedger><transactions><linesCount>2</linesCount><totalDebit>9.00</totalDebit>"
    text += "<totalCredit>9.00</totalCredit><journal><jrnID>70</jrnID><desc>Sales</desc><jrnTp>S</jrnTp><transaction><nr>1</nr>"
    text += "<desc>a</desc><periodNumber>1</periodNumber><trDt>2025-01-05</trDt>"
    for line, side in ((1, "D"), (2, "C")):
        text += (
            f"<trLine><nr>{line}</nr><accID>1300</accID><docRef>1</docRef><effDate>2025-01-05</effDate><desc>a</desc>"
        )
        text += f"<amnt>9.00</amnt><amntTp>{side}</amntTp></trLine>"
    text += "</transaction></journal></transactions></company></auditfile>"
    Path("x.xaf").write_text(text, encoding="utf-8")
    done = segcli("import", "x.xaf", "--explain")
    assert done.err == ""
    assert "amount amount amount 9.00 | -9.00" in " ".join(done.out.split())
    assert segcli("init").status == 0
    refused = segcli("import", "x.xaf", "--explain")
    assert (refused.status, "x.xaf is kept in USD, this administration in EUR" in refused.err) == (1, True)


def test_several_files_are_all_explained_and_the_first_problem_is_told(segcli: Run) -> None:
    Path("a.csv").write_text("a,b\n1,2\n", encoding="utf-8")
    Path("b.csv").write_text("account,name\n1,One\n", encoding="utf-8")
    done = segcli("import", "a.csv", "b.csv", "--explain")
    assert done.status == 1
    assert done.err.startswith("segcli: a.csv: no kind of record has these columns: a, b")
    assert "\n\nb.csv\n" in done.out


def test_it_is_a_table_too(segcli: Run) -> None:
    Path("list.csv").write_text(LIST, encoding="utf-8")
    rows = list(csv.DictReader(io.StringIO(segcli("import", "list.csv", "--explain", *MAPPED, "-f", "csv").out)))
    assert [row["column"] for row in rows] == LIST.splitlines()[2].split(";")
    assert {row["kind"] for row in rows} == {"account"}
    assert (rows[2]["field"], rows[2]["row_1"]) == ("credit_limit", "1500.50")
    assert rows[5]["note"] == "not read; nearest: city"
    found = segcli("import", "list.csv", "--explain", *MAPPED, "-f", "json").rows
    assert [row["field"] for row in found] == [
        "account",
        "name",
        "credit_limit",
        "start_date",
        None,
        None,
        "is_blocked",
    ]


def test_a_column_that_is_ignored_is_said(segcli: Run) -> None:
    _, lines, _ = explained(segcli, LIST, *MAPPED, "--map", "ctiy=")
    assert "ctiy ignored: --map or the profile Delft |" in lines
    done = segcli("import", "list.csv", "--explain", *MAPPED, "--map", "city=")
    assert (done.status, "--map: there is no column 'city'" in done.err) == (2, True)


@pytest.mark.parametrize("flag", ["--dry-run", "--again", "--exit-code"])
def test_what_has_no_effect_is_refused(segcli: Run, flag: str) -> None:
    Path("list.csv").write_text(LIST, encoding="utf-8")
    done = segcli("import", "list.csv", "--explain", flag)
    assert (done.status, f"--explain goes without {flag}" in done.err) == (2, True)


def test_a_database_of_an_older_segcli_is_not_upgraded(segcli: Run, database: Path) -> None:
    assert segcli("init").status == 0
    with sqlite3.connect(database) as db:
        db.execute("PRAGMA user_version = 7")
    db.close()
    before = database.read_bytes()
    status, _, err = explained(segcli, LIST, *MAPPED)
    assert (status, "is of an older segcli" in err) == (1, True)
    assert database.read_bytes() == before


@pytest.mark.parametrize("name", kind_definition.names())
def test_every_template_is_explained(segcli: Run, name: str) -> None:
    """All of its columns are read, and its two rows."""
    assert segcli("import", "--template", name, "-o", "t.csv").status == 0
    done = segcli("import", "t.csv", "--explain", "--as", name, "-f", "json")
    assert (done.status, done.err) == (0, "")
    assert [row["field"] for row in done.rows] == [field.name for field in kind_definition.find(name).fields]
    assert {row["row_3"] for row in done.rows} == {None}


@pytest.mark.repeats
@given(st.data())
def test_a_broken_file_is_an_error_and_no_more(data: st.DataObject) -> None:
    content = bytearray(LIST.encode())
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    Path("broken.csv").write_bytes(content)
    with explanation.nothing() as db:
        known = Understanding(db, Wishes(renamed={"Klntnr": "account"}), "2026-06-30")
        found = explanation.explain(known, open_source("broken.csv"), is_stored=False)
    assert found.problem or found.blocks[0].count <= 10


def test_what_a_layout_does_not_read_is_listed(segcli: Run) -> None:
    Path("c.csv").write_text(
        "Customer ID,First Name,Last Name,Email,Accepts Email Marketing,Tags\n1,Ann,Lee,a@example.org,yes,vip\n",
        encoding="utf-8",
    )
    done = segcli("import", "c.csv", "--explain")
    assert done.status == 0
    lines = [" ".join(line.split()) for line in done.out.splitlines()]
    assert "records accounts (Shopify customers, by their headings)" in lines
    assert "Tags not read" in lines
