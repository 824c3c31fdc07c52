"""Imports: what is taken, what is refused and in which words, and that nothing is lost or half-written."""

import json
import os
import random
import threading
import zipfile
from datetime import datetime
from pathlib import Path

import pytest
import xlsxwriter
from conftest import Result, Run, connected, fingerprint, is_sound

from segcli.base.errors import SegcliError
from segcli.importing import readers
from segcli.importing.readers import xlsx
from segcli.importing.readers.parts import xml

HEAD = "account,name,city\n"


def bring(segcli: Run, content: str | bytes, *words: str, name: str = "f.csv") -> Result:
    Path(name).write_bytes(content if isinstance(content, bytes) else content.encode())
    return segcli("import", name, *words)


def accounts(segcli: Run, columns: str = "account,name,city") -> list[list[object]]:
    return [
        list(r.values())
        for r in segcli("show", "account-search", "--columns", columns, "--inactive", "-f", "json").rows
    ]


# ------------------------------------------------------------------------------------------- what is taken
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


def test_mapping_and_profile(segcli: Run, empty: object, tmp_path: Path) -> None:
    content = "Nr;Omschr;Plts\n1;A;Delft\n"
    assert bring(segcli, content).status == 1
    assert bring(segcli, content, "--map", "Nr=account", "--map", "Omschr=name", "--map", "Plts=city").status == 0
    (tmp_path / "c.yaml").write_text(
        "profiles:\n  mine:\n    as: accounts\n    map: {Nr: account, Omschr: name, Plts: city}\n"
    )
    done = bring(segcli, content.replace("Delft", "Gouda"), "--config", "c.yaml", "--profile", "mine")
    assert done.status == 0, done.err
    assert accounts(segcli) == [["1", "A", "Gouda"]]
    assert (
        "did you mean" in (err := segcli("import", "f.csv", "--config", "c.yaml", "--profile", "mien").err)
        or "there is: mine" in err
    )


@pytest.mark.parametrize(
    ("words", "status", "said"),
    [
        (("--map", "Nr"), 2, "--map: 'Nr' is not COLUMN=FIELD"),
        (("--map", "=account"), 2, "--map: '=account' is not COLUMN=FIELD"),
        (("--as", "account", "--map", "Nr=due_date"), 2, "--map: accounts have no field 'due_date'"),
        (("--map", "Nr=acount"), 2, "no kind of record has a field 'acount'\n  did you mean account"),
        (("--map", "Nr=account", "--map", "nm=name"), 2, "--map: there is no column 'nm'\n  there is: Nr, Nm, Omschr"),
        (("--as", "account", "--map", "Nr=account"), 1, "accounts need more than these columns: Nr, Nm, Omschr"),
        (
            ("--as", "account", "--map", "Nr=account", "--map", "Nm=name", "--map", "Omschr=name"),
            1,
            "'Nm' and 'Omschr' both name the name",
        ),
    ],
)
def test_mappings_that_cannot_be(segcli: Run, empty: Path, words: tuple[str, ...], status: int, said: str) -> None:
    before = fingerprint(empty)
    done = bring(segcli, "Nr,Nm,Omschr\n1,A,B\n", *words)
    assert (done.status, done.out, said in done.err) == (status, "", True), done.err
    assert fingerprint(empty) == before


def test_a_mapped_column_comes_before_one_that_is_called_so(segcli: Run, empty: object) -> None:
    assert bring(segcli, "Nr,account,name\n1,x,A\n", "--map", "Nr=account").status == 0
    assert (
        bring(segcli, "account,Nr,name,Memo\nx,2,B,C\n", "--map", "Nr=account", "--map", "name=", name="g.csv").status
        == 1
    )
    assert bring(segcli, "account,Nr,name,Nm\nx,2,B,C\n", "--map", "Nr=account", "--map", "name=ignore", "--map", "Nm=name",
                 name="g.csv").status == 0  # fmt: skip
    assert accounts(segcli, "account,name") == [["1", "A"], ["2", "C"]]


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


# ------------------------------------------------------------------------------------------ what is refused
ITEMS = "account,invoice_number,invoice_date,due_date,amount\n"
REFUSED = {
    "a NUL byte": (b"account,name\n1,A\n2,B\0C\n", 1, ["f.csv:3", "NUL"]),
    "too many fields": (HEAD + "1,A,Delft,x\n", 1, ["f.csv:2", "expected 3 fields, found 4"]),
    "a NUL in UTF-16": ("account,name\n1,A\n2,B\0C\n".encode("utf-16"), 1, ["f.csv:3: there is a NUL byte"]),
    "a row of fields without end": (
        "account,name\n1,A\n" + "x," * 600_000,
        1,
        ["f.csv:3: a row has more than 100,000 fields", "is this a table? is a quote missing?"],
    ),
    "the same below a title": (
        "Accounts\n\naccount,name\n1,A\n2,B\n" + "x," * 600_000,
        1,
        ["f.csv:6: a row has more than 100,000 fields"],
    ),
    "text behind a quote": (
        'account,name\n1,A\n2,"B"b\n',
        1,
        ["f.csv:3: text follows a closing quote", 'double a quote that is meant: ""'],
    ),
    "too few fields": (HEAD + "1,A\n", 1, ["f.csv:2", "expected 3 fields, found 2"]),
    "a double header": ("account,name,account\n1,A,2\n", 1, ["columns 1 and 3", "'account'"]),
    "a missing column": ("Acount code,name\n1,A\n", 1, ["Acount code", "--map"]),
    "an unterminated quote": ('account,name\n1,"A\n' + "2,B\n" * 100, 1, ["line 2 is never closed"]),
    "a bad row after line ends in quotes": ('account,name\n1,"A\nB\nC"\n2\n', 1, ["f.csv:5", "expected 2 fields"]),
    "an ambiguous delimiter": ("a;b,c;d,e\n1;2,3;4,5\n", 1, ["--delimiter"]),
    "a double code": ("account,name\n1,A\n2,B\n1,C\n", 1, ["f.csv:4:account: '1'", "line 2"]),
    "an empty code": ("account,name\n ,A\n", 1, ["f.csv:2:account", "empty"]),
    "a class 9": ("account,name,class9\n1,A,x\n", 1, ["there is no class 9", "class1 to class8"]),
    "an unknown value": ("account,name,class1\n1,A,Nort\n", 1, ["f.csv:2:class1: 'Nort'", "N (North)"]),
    "an unknown status": ("account,name,status\n1,A,Z\n", 1, ["f.csv:2:status: 'Z'", "C customer"]),
    "an unknown account": (ITEMS + "9,1,2024-01-31,2024-02-28,5\n", 1, ["f.csv:2:account: '9'", "--create-missing"]),
    "a day that is not": (ITEMS + "9,1,2024-02-30,2024-02-28,5\n", 1, ["'2024-02-30'", "2024-02-29"]),
    "a month that is not": (ITEMS + "9,1,2024-13-01,2024-02-28,5\n", 1, ["'2024-13-01'", "01 to 12"]),
    "a short year": (ITEMS + "9,1,1-1-24,2024-02-28,5\n", 1, ["'1-1-24'", "four digits"]),
    "an ancient year": (ITEMS + "9,1,0024-01-01,2024-02-28,5\n", 1, ["'0024-01-01'"]),
    "mixed dates": (ITEMS + "9,1,2024-01-31,31-01-2024,5\n", 1, ["due_date: '31-01-2024'"]),
    "an ambiguous amount": (
        ITEMS + "9,1,2024-01-31,2024-02-28,12.345\n",
        1,
        ["'12.345'", "12345 or 12.345?", "--decimal"],
    ),
    "mixed amounts": (
        ITEMS + '9,1,2024-01-31,2024-02-28,5.25\n9,2,2024-01-31,2024-02-28,"1.234,56"\n',
        1,
        ["f.csv:3:amount"],
    ),
    "an underscore": (ITEMS + "9,1,2024-01-31,2024-02-28,1_000\n", 1, ["amount: '1_000'"]),
    "not a number": (ITEMS + "9,1,2024-01-31,2024-02-28,NaN\n", 1, ["amount: 'NaN'"]),
    "infinity": (ITEMS + "9,1,2024-01-31,2024-02-28,Infinity\n", 1, ["amount: 'Infinity'"]),
    "an exponent": (ITEMS + "9,1,2024-01-31,2024-02-28,1e3\n", 1, ["amount: '1e3'"]),
    "arabic digits": (ITEMS + "9,1,2024-01-31,2024-02-28,١٢\n", 1, ["amount: '١٢'"]),
    "a fraction of a cent": (ITEMS + "9,1,2024-01-31,2024-02-28,0.0050\n", 1, ["EUR has 2 decimals"]),
    "too large": (ITEMS + "9,1,2024-01-31,2024-02-28,99999999999999999999\n", 1, ["larger than can be kept"]),
    "no bytes": (b"", 1, ["f.csv is empty"]),
    "only blank lines": (b"\n\n \n", 1, ["f.csv is empty"]),
    "json with a comma too many": ('[{"account": "1",}]', 1, ["f.csv:1:", "not JSON"]),
    "json that is no list of objects": ("[1, 2]", 1, ["$[0]", "not an object"]),
    "json with a record that is none": (
        '[{"account": "1", "name": "A"}, 5]',
        1,
        ["f.csv:$[1]: '5': this is not an object", 'write {"account": …}'],
    ),
    "json with more than a list": (
        '{"results": [{"account": "1", "name": "A"}], "next": "x", "more": [{"account": "2"}]}',
        1,
        ["f.csv: there is more in it than one list of records", "split it"],
    ),
    "json with a key twice": ('[{"account": "1", "account": "2"}]', 1, ["'account' stands twice"]),
    "json without numbers": ('[{"account": "1", "name": NaN}]', 1, ["NaN is not a number"]),
    "json without end": ("[" * 100_000, 1, ["f.csv"]),
    "xml cut off": ("<auditfile><company>", 1, ["f.csv:1:", "well-formed"]),
    "xml with entities": ('<!DOCTYPE x [<!ENTITY a "b">]><eExact>&a;</eExact>', 1, ["document type"]),
    "xml without end": ("<eExact>" + "<a>" * 100_000, 1, ["nested deeper"]),
    "not a zip": (b"PK\x03\x04 not a zip", 1, ["damaged"]),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, 1, ["old or a protected workbook"]),
    "a database": (b"SQLite format 3\0" + b"\xf9\0" * 500, 1, ["f.csv:1", "NUL"]),
    "noise": (bytes(range(1, 256)) * 20, 1, ["f.csv:", "is not UTF-8"]),
    "two kinds at once": (
        "code\n70\n",
        1,
        ["these may be ledger accounts or journals", "--as gl_account or --as journal"],
    ),
    "two columns for one field": (
        "account_code,Account code,name\n1,2,A\n",
        1,
        ["'account_code' and 'Account code' both name the account"],
    ),
    "a kind that is not taken": (
        '{"d":[{"__metadata":{"type":"Exact.Web.Api.Models.Warehouse"},"Code":"1"}]}',
        1,
        ["these are warehouse records, which segcli does not take"],
    ),
    "a text": ("hello world\nthis is text\n", 1, ["no kind of record has these columns"]),
    "invoice lines": (
        "invoice_number,line,item,description,quantity\n1,1,X,Y,2\n",
        1,
        ["no kind of record has these columns"],
    ),
    "gzip cut off": (b"\x1f\x8b\x08\0\0\0\0\0\0\x03abc", 1, ["gzip"]),
}


@pytest.mark.parametrize(("content", "status", "words"), REFUSED.values(), ids=REFUSED)
def test_refused(segcli: Run, empty: Path, content: str | bytes, status: int, words: list[str]) -> None:
    segcli("classification", "label", "1", "Region")
    segcli("classification", "value", "add", "1", "N", "North")
    before = fingerprint(empty)
    done = bring(segcli, content)
    assert done.status == status, done.err
    assert done.out == ""
    for word in words:
        assert word in done.err
    assert "Traceback" not in done.err
    assert fingerprint(empty) == before
    assert is_sound(empty)


def test_files_that_cannot_be_read(segcli: Run, empty: object, tmp_path: Path) -> None:
    assert "there is no file nowhere.csv" in segcli("import", "nowhere.csv").err
    assert "is a folder" in segcli("import", tmp_path).err
    assert f"{'x' * 300}.csv cannot be read: File name too long" in segcli("import", f"{'x' * 300}.csv").err
    assert segcli("import", "-", stdin=HEAD + "1,A,Delft\n").status == 0
    assert "<stdin>:2:account" in segcli("import", "-", stdin=HEAD + ",A,Delft\n").err


def test_a_named_pipe_is_read_once(segcli: Run, empty: object) -> None:
    os.mkfifo("f.csv")
    writer = threading.Thread(target=Path("f.csv").write_text, args=(HEAD + "1,A,Delft\n",))
    writer.start()
    done = segcli("import", "f.csv")
    writer.join()
    assert (done.status, done.err) == (0, "")
    assert accounts(segcli) == [["1", "A", "Delft"]]


def test_a_file_that_goes_while_it_is_read_has_changed() -> None:
    Path("f.csv").write_text(HEAD)
    source = readers.open_source("f.csv")
    source.refuse_changed()
    Path("f.csv").unlink()
    with pytest.raises(SegcliError, match=r"f\.csv was changed while it was read"):
        source.refuse_changed()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_rights(segcli: Run, empty: object) -> None:
    Path("f.csv").write_text(HEAD)
    Path("f.csv").chmod(0)
    assert "Permission denied" in segcli("import", "f.csv").err


def test_a_header_only_is_no_row_and_no_error(segcli: Run, empty: Path) -> None:
    before = fingerprint(empty)
    assert bring(segcli, HEAD).status == 0
    assert fingerprint(empty) == before


def test_of_many_bad_rows_twenty_are_shown(segcli: Run, empty: object) -> None:
    done = bring(segcli, HEAD + "".join(f",A{n},Delft\n" for n in range(500)))
    assert "and 480 more" in done.err
    assert "500 rows rejected, nothing was imported" in done.err


# ---------------------------------------------------------------------------------- rejects, changes, classes
def test_rejects_can_be_mended_and_imported_again(segcli: Run, empty: Path) -> None:
    done = bring(segcli, HEAD + "1,A,Delft\n,B,Gouda\n3,C\n4,D,Assen\n", "--on-error", "skip", "--rejects", "bad.csv")
    assert done.status == 5
    assert "2 rows rejected, the rest was imported" in done.err
    assert len(accounts(segcli)) == 2
    text = Path("bad.csv").read_text()
    assert text.splitlines() == [
        "rejected_line,rejected_because,account,name,city",
        "3,account: this is empty,,B,Gouda",
        '4,"expected 3 fields, found 2",3,C',
    ]
    mended = text.replace(",,B,", ",2,B,").replace("3,C", "3,C,Almelo")
    assert bring(segcli, mended, name="bad.csv").status == 0
    assert [row[0] for row in accounts(segcli)] == ["1", "2", "3", "4"]


def test_rejects_that_cannot_be_written_are_told_with_what_to_do(segcli: Run, empty: object) -> None:
    words = (HEAD + "1,A,Delft\n2\n", "--on-error", "skip", "--rejects")
    done = bring(segcli, *words, "missing/bad.csv")
    assert done.status == 1
    assert "missing/bad.csv cannot be written: its folder does not exist" in done.err
    assert "the rest was imported; the same command again writes the rows that were not" in done.err
    assert accounts(segcli) == [["1", "A", "Delft"]]
    assert bring(segcli, *words, "bad.csv").status == 5
    assert [line.rpartition(",")[2] for line in Path("bad.csv").read_text().splitlines()] == ["city", "2"]


def test_the_marks_of_our_files_go_beside_a_row_that_is_rejected(segcli: Run, empty: object) -> None:
    done = bring(segcli, "account,name\n1,'=1+1\n2\n3,'-x\n", "--on-error", "skip")
    assert done.status == 5
    assert sorted(accounts(segcli, "account,name"), key=str) == [["1", "=1+1"], ["3", "-x"]]


def test_changes_are_counted_by_field_and_a_dry_run_changes_nothing(segcli: Run, empty: Path) -> None:
    bring(segcli, HEAD + "1,A,Delft\n2,B,Gouda\n3,C,Assen\n")
    before = fingerprint(empty)
    done = bring(
        segcli, HEAD + "1,A,Leiden\n2,Bb,Leiden\n3,C,Assen\n4,D,Ede\n", "--dry-run", "-f", "json", name="g.csv"
    )
    row = done.rows[0]
    assert (row["added"], row["changed"], row["unchanged"], row["changed_fields"]) == (1, 2, 1, {"name": 1, "city": 2})
    assert fingerprint(empty) == before
    assert (
        bring(segcli, HEAD + "1,A,Leiden\n2,Bb,Leiden\n3,C,Assen\n4,D,Ede\n", "--exit-code", name="g.csv").status == 4
    )
    assert segcli("show", "account-search", "leiden", "-f", "json").rows[0]["account"] == "1"
    assert segcli("show", "account-search", "delft", "-f", "json").rows == []


def test_a_file_that_comes_back_is_imported_again(segcli: Run, empty: object) -> None:
    for city in ("Delft", "Gouda", "Delft"):
        bring(segcli, HEAD + f"1,A,{city}\n")
    assert accounts(segcli) == [["1", "A", "Delft"]]


def test_a_classification_set_by_hand_is_kept(segcli: Run, empty: object) -> None:
    for code in ("N", "S"):
        segcli("classification", "value", "add", "1", code)
    bring(segcli, "account,name,class1\n1,A,N\n2,B,N\n")
    segcli("tag", "1", "--set", "class1=S")
    bring(segcli, "account,name,class1\n1,A,N\n2,B,S\n", name="g.csv")
    assert accounts(segcli, "account,class1") == [["1", "S"], ["2", "S"]]
    bring(segcli, "account,name,class1\n1,A,N\n2,B,S\n", "--overwrite-classes", name="g.csv")
    assert accounts(segcli, "account,class1") == [["1", "N"], ["2", "S"]]
    history = segcli("history", "1", "-f", "json").rows
    assert [(row["from"], row["to"], row["source"]) for row in history] == [
        (None, "N", "import"),
        ("N", "S", "manual"),
        ("S", "N", "import"),
    ]


NAME_ID, VALUE_ID, ACCOUNT_ID = (f"00000000-0000-0000-0000-00000000000{n}" for n in range(3))
REST = {
    "names": [{"__metadata": {"type": "Exact.Web.Api.Models.AccountClassificationName"}, "ID": NAME_ID, "SequenceNumber": 3, "Description": "Tier"}],
    "values": [{"__metadata": {"type": "Exact.Web.Api.Models.AccountClassification"}, "ID": VALUE_ID, "AccountClassificationName": NAME_ID, "Code": "A", "Description": "Top"}],
    "accounts": [{"__metadata": {"type": "Exact.Web.Api.Models.Account"}, "ID": ACCOUNT_ID, "Code": "                 7", "Name": "X", "Status": "C", "Classification3": VALUE_ID}],
    "contacts": [{"__metadata": {"type": "Exact.Web.Api.Models.Contact"}, "ID": NAME_ID, "Account": ACCOUNT_ID, "FullName": "Eva Smit", "Email": "eva@x.example"}],
}  # fmt: skip


@pytest.mark.parametrize(
    "order",
    [
        ("names", "values", "accounts", "contacts"),
        ("accounts", "contacts", "names", "values"),
        ("accounts", "names", "values", "contacts"),
    ],
)
def test_guids_are_resolved_in_whatever_order_the_files_come(
    segcli: Run, empty: object, order: tuple[str, ...]
) -> None:
    for name in order:
        Path(f"{name}.json").write_text(json.dumps({"d": {"results": REST[name]}}))
        done = segcli("import", f"{name}.json")
        assert done.status == 0, done.err
    assert accounts(segcli, "account,class3,class3_name") == [["7", "A", "Top"]]
    assert segcli("show", "contact-search", "eva", "-f", "json").rows[0]["account"] == "7"
    listed = segcli("classification", "list", "-f", "json").rows
    assert [(row["class"], row["label"], row["code"], row["accounts"]) for row in listed] == [
        ("class3", "Tier", "A", 1)
    ]


EEXACT = """<?xml version="1.0"?><eExact><Accounts><Account code="                12" status="C" ID="{{AB-1}}">
<Name>Kaas &amp; Co</Name><Phone>010</Phone><IsSupplier>0</IsSupplier>
<Contact default="1" number="5"><LastName>Jansen</LastName><FirstName>An</FirstName><Email>an@x.example</Email>
<IsMailingExcluded>1</IsMailingExcluded></Contact>
<Address type="VIS" default="1"><Contact number="5"/><AddressLine1>Dam 1</AddressLine1><PostalCode>1011</PostalCode><City>Amsterdam</City><Country code="NL"/></Address>
<AccountClassifications><AccountClassification SequenceNumber="2"><Description>Tier</Description><Property code="G">
<Description>Gold</Description></Property></AccountClassification></AccountClassifications></Account></Accounts>
<ARs><AR><Account code="12"/><OutstandingItems><OutstandingItem number="77"><InvoiceDate>2024-01-31</InvoiceDate>
<DueDate>2024-02-28</DueDate><Currency code="EUR"/><InvoiceAmtFC>20</InvoiceAmtFC><OutstandingAmtFC>12.5</OutstandingAmtFC>
<InvoiceAmtDC>20</InvoiceAmtDC><OutstandingAmtDC>12.5</OutstandingAmtDC></OutstandingItem></OutstandingItems></AR></ARs>
<Invoices><Invoice><OrderedBy><Account code="99"/></OrderedBy></Invoice></Invoices></eExact>"""


def test_eexact_xml(segcli: Run, empty: object) -> None:
    done = bring(segcli, EEXACT, name="e.xml")
    assert done.status == 0, done.err
    assert accounts(segcli, "account,name,city,country,class2,class2_name") == [
        ["12", "Kaas & Co", "Amsterdam", "NL", "G", "Gold"]
    ]
    contact = segcli("show", "contact-overview", "-f", "json").rows[0]
    assert (contact["name"], contact["why_not"]) == ("An Jansen", "contact excluded")
    assert segcli("classification", "list", "-f", "json").rows[0]["label"] == "Tier"
    item = segcli("show", "outstanding-items", "-f", "json").rows[0]
    assert (item["invoice_number"], item["amount"], item["open"], item["due_date"]) == ("77", 20, 12.5, "2024-02-28")


def test_contacts_of_eexact_xml_wherever_they_stand(segcli: Run, empty: object) -> None:
    """In an account, in a list of its own there, or as a topic, with their account."""
    inside = '<Contacts><Contact number="5"><LastName>Jansen</LastName></Contact></Contacts>'
    apart = '<Contact number="6"><Account code="   12"/><LastName>Smit</LastName></Contact>'
    text = f'<?xml version="1.0"?><eExact><Accounts><Account code="12"><Name>A</Name>{inside}</Account></Accounts><Contacts>{apart}</Contacts></eExact>'
    done = bring(segcli, text, name="e.xml")
    assert done.status == 0, done.err
    rows = segcli("show", "contact-overview", "--sort", "name", "-f", "json").rows
    assert [(row["account"], row["name"]) for row in rows] == [("12", "Jansen"), ("12", "Smit")]


def test_xml_in_an_encoding_that_is_said(segcli: Run, empty: object) -> None:
    text = EEXACT.replace("Kaas", "Łódź").encode("cp1250")
    assert bring(segcli, text, "--encoding", "cp1250", name="e.xml").status == 0
    assert accounts(segcli, "name") == [["Łódź & Co"]]


def test_a_record_of_xml_with_elements_without_end(segcli: Run, empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xml, "MOST_PARTS", 10)
    before = fingerprint(empty)
    done = bring(segcli, EEXACT, name="e.xml")
    assert (done.status, done.err) == (
        1,
        "segcli: e.xml:5: one record has more than 10 elements\n  is this file damaged?\n",
    )
    assert fingerprint(empty) == before


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


def test_a_label_names_a_column_but_not_one_that_is_a_field(segcli: Run, empty: object) -> None:
    for field, label in ((1, "Region"), (2, "Sector")):
        segcli("classification", "label", field, label)
        segcli("classification", "value", "add", field, "X")
    bring(segcli, "account,name,Region,Sector\n1,A,X,Retail\n")
    assert accounts(segcli, "account,class1,class2,sector") == [["1", "X", None, "Retail"]]
    bring(segcli, "account,name,Sector\n1,A,X\n", "--map", "Sector=class2", name="g.csv")
    assert accounts(segcli, "account,class2,sector") == [["1", "X", "Retail"]]
    Path("r.json").write_text(
        json.dumps([{"__metadata": {"type": "x.Account"}, "Code": "2", "Name": "B", "Language": "NL-BE"}])
    )
    segcli("classification", "label", 3, "Language")
    assert segcli("import", "r.json").status == 0


def test_receivables_of_exacts_rest_answers(segcli: Run, empty: object) -> None:
    bring(segcli, "account,name\n7,A\n", name="a.csv")
    listed = [
        {"__metadata": {"type": "Exact.Web.Api.Models.ReceivablesList"}, "HID": n, "AccountCode": "                 7", "AccountId": NAME_ID,
         "AccountName": "A", "Account": ACCOUNT_ID, "Amount": amount, "CurrencyCode": "EUR", "Description": "x", "DueDate": due,
         "InvoiceDate": "/Date(1706659200000)/", "InvoiceNumber": number, "EntryNumber": 24000000 + n, "YourRef": None}
        for n, (amount, due, number) in enumerate([(121.0, "/Date(1709164800000)/", 2401), (-50, None, 0)])
    ]  # fmt: skip
    Path("r.json").write_text(json.dumps({"d": listed}))
    done = segcli("import", "r.json")
    assert done.status == 0, done.err
    rows = segcli("show", "outstanding-items", "-f", "json").rows
    assert [(r["invoice_number"], r["invoice_date"], r["due_date"], r["open"]) for r in rows] == [
        (None, "2024-01-31", None, -50),
        ("2401", "2024-01-31", "2024-02-29", 121),
    ]


def test_an_export_with_a_class_added_can_be_tagged_from(segcli: Run, empty: object) -> None:
    bring(segcli, HEAD + "1,A,Delft\n", name="a.csv")
    segcli("classification", "label", 1, "Region")
    segcli("classification", "value", "add", 1, "N")
    lines = segcli("show", "account-search", "-f", "csv").out.splitlines()
    Path("t.csv").write_text(f"{lines[0]},Region\n{lines[1]},N\n")
    assert segcli("tag", "--from", "t.csv", "--yes").status == 0
    assert accounts(segcli, "account,class1") == [["1", "N"]]


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


def test_a_column_alone_comes_in_but_for_what_is_wrong(segcli: Run, empty: Path) -> None:
    done = bring(segcli, "journal\n70\n71,x\n72\n", "--as", "journal", "--on-error", "skip")
    assert (done.status, "1 row rejected" in done.err) == (5, True)
    with connected(empty) as db:
        assert db.execute("SELECT code FROM journal ORDER BY code").fetchall() == [("70",), ("72",)]


def test_days_of_json_that_are_milliseconds(segcli: Run, empty: Path) -> None:
    rows = [{"account": "1", "name": "A", "start_date": "/Date(1767225600000)/"}, {"account": "2", "name": "B", "start_date": "2026-01-02"},
            {"account": "3", "name": "C", "start_date": "/Date(soon)/"}]  # fmt: skip
    Path("a.json").write_text(json.dumps(rows[:2]))
    assert segcli("import", "a.json").status == 0
    with connected(empty) as db:
        assert db.execute("SELECT start_date FROM account ORDER BY code").fetchall() == [
            ("2026-01-01",),
            ("2026-01-02",),
        ]
    Path("a.json").write_text(json.dumps(rows))
    done = segcli("import", "a.json")
    assert (done.status, "start_date: '/Date(soon)/': this is not a date" in done.err) == (1, True)


def test_all_accounts_of_a_file_that_names_their_type(segcli: Run, empty: object) -> None:
    done = bring(segcli, "account,name,type\n1,A,A\n", "-f", "json")
    assert [(row["added"], row["notes"]) for row in done.rows] == [(1, "")]


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
    assert "not a workbook" in segcli("import", "other.xlsx").err
    with zipfile.ZipFile("bomb.xlsx", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"A" * 50_000_000)
    assert "too much for a workbook" in segcli("import", "bomb.xlsx").err


def workbook(*rows: list[object], name: str = "b.xlsx", sheet: str = "One", start: int = 0) -> None:
    """Write a workbook of one sheet; an error of Excel's is the result of a formula."""
    book = xlsxwriter.Workbook(name, {"default_date_format": "yyyy-mm-dd hh:mm", "strings_to_formulas": False})
    page = book.add_worksheet(sheet)
    for number, row in enumerate(rows, start):
        for at, cell in enumerate(row, start):
            if isinstance(cell, str) and cell.startswith("#"):
                page.write_formula(number, at, "=NA()", None, cell)
            else:
                page.write(number, at, cell)
    book.close()


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


def with_cell(cell: str) -> None:
    """Write a workbook of an account, its city as a cell that stands so in the file."""
    workbook(["account", "name", "city"], ["1", "A", 77777])
    with zipfile.ZipFile("b.xlsx") as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    with zipfile.ZipFile("b.xlsx", "w") as archive:
        for name, text in parts.items():
            archive.writestr(name, text.replace('<c r="C2"><v>77777</v></c>', cell))


@pytest.mark.parametrize(
    ("cell", "city"),
    [
        (datetime.fromisoformat("2024-01-31"), "2024-01-31"),
        (datetime.fromisoformat("2024-01-31 10:30"), "2024-01-31 10:30:00"),
        (1e-7, "0.0000001"),
        (-2.5e-7, "-0.00000025"),
        (1e16, "10000000000000000"),
        (0.1 + 0.2 - 0.3, "0"),  # 5.55e-17: no more than the dust of a sum
        (True, "1"),
        (False, "0"),
        (12.0, "12"),
    ],
)
def test_a_cell_of_a_workbook_is_exact_text(segcli: Run, empty: object, cell: object, city: str) -> None:
    workbook(["account", "name", "city"], ["1", "A", cell])
    done = segcli("import", "b.xlsx")
    assert done.status == 0, done.err
    assert accounts(segcli) == [["1", "A", city]]


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
    assert (done.status, "n.xlsx is not a workbook that can be read: " in done.err) == (1, True)
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


def test_contacts_of_which_only_some_have_a_guid(segcli: Run, empty: Path) -> None:
    """By GUID, else by code; two without one are no double of each other; codes that are given never clash with those that are not."""
    Path("c.csv").write_text("account,contact,name,external_id\nK1,3,Piet,g-1\nK1,7,Anna,\nK1,8,Jan,\n")
    assert segcli("import", "c.csv", "--create-missing").status == 0
    before = contacts(empty)
    for _ in range(2):
        assert segcli("import", "c.csv", "--again").status == 0
        assert contacts(empty) == before == [("3", "Piet", "g-1"), ("7", "Anna", None), ("8", "Jan", None)]
    Path("g.csv").write_text("account,contact,name,external_id\nK1,7,Anna,g-7\nK1,3,Pieter,g-1\n")
    assert segcli("import", "g.csv").status == 0
    assert contacts(empty) == [("3", "Pieter", "g-1"), ("7", "Anna", "g-7"), ("8", "Jan", None)]
    Path("n.csv").write_text("account,name\nK1,Eva\nK1,Jan\nK1,Kees\n")
    assert segcli("import", "n.csv", "--as", "contact").status == 0
    assert [code for code, *_ in contacts(empty)] == ["3", "7", "8", "9", "10"]


def contacts(database: Path) -> list[tuple[str, str, str | None]]:
    with connected(database) as db:
        return db.execute("SELECT code, name, external_id FROM contact ORDER BY id").fetchall()


def test_names_and_words_that_are_no_utf_8(segcli: Run, empty: Path) -> None:
    name = os.fsdecode(b"caf\xe9.csv")
    Path(name).write_text("account,name,class1\nA1,x,N\n")
    for words in (("import", name, "--create-missing"), ("tag", "--from", name, "--yes"), ("import", name)):
        assert segcli(*words).status == 0, words
    assert next(row["command"] for row in segcli("log", "-f", "json").rows).startswith("import caf\\udce9.csv")
    for words in (("show", "account-search", "--search", name), ("show", "marketing-list", "--seed", name), ("show", "account-search", name),
                  ("tag", "A1", "--set", f"class1={name}"), ("tag", "A1", "--set", "class1=N", "--reason", name)):  # fmt: skip
        done = segcli(*words)
        assert (done.status, "is not UTF-8" in done.err) == (2, True), words


def test_a_dry_run_speaks_in_the_conditional(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text("account,name\nA,Ann\nB,Bob\n")
    before = fingerprint(empty)
    done = segcli("import", "a.csv", "--dry-run", "-f", "md")
    assert done.status == 0
    assert "2 rows would be imported; nothing was changed" in done.out
    assert "Would be added" in done.out
    assert segcli("import", "a.csv", "--dry-run", "-f", "json").rows[0]["added"] == 2
    Path("w.csv").write_text("account,name,is_blocked\nA,Ann,1\nB,Bob,perhaps\n")
    refused = segcli("import", "w.csv", "--dry-run")
    assert "1 row would be rejected, nothing would be imported" in refused.err
    skipped = segcli("import", "w.csv", "--dry-run", "--on-error", "skip")
    assert (skipped.status, "1 row would be rejected, the rest would be imported" in skipped.err) == (5, True)
    Path("i.csv").write_text(
        "account,invoice_number,invoice_date,due_date,amount,open\nA,1,2026-01-01,2026-01-31,100,60\n"
    )
    assert segcli("import", "i.csv", "--create-missing", "--dry-run").status in {0, 1}
    assert fingerprint(empty) == before
    assert segcli("import", "a.csv").status == 0
    notes = segcli("import", "i.csv", "--dry-run", "-f", "json").rows[0]["notes"]
    assert notes == "1 would be allocated"
    assert [row["notes"] for row in segcli("import", "i.csv", "-f", "json").rows] == ["1 payment matched"]
