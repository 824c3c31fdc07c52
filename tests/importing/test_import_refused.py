"""Imports: what is refused, in which words, and what cannot be read."""

import os
import threading
from pathlib import Path

import pytest
from conftest import Run, fingerprint, is_sound
from import_case import HEAD, accounts, bring

from segcli.base.errors import SegcliError
from segcli.importing import readers

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
    "an unknown flag": ("account,name,is_blocked\n1,A,Z\n", 1, ["f.csv:2:is_blocked: 'Z'", "write 1 or 0"]),
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
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, 1, ["is damaged"]),
    "a database": (b"SQLite format 3\0" + b"\xf9\0" * 500, 1, ["f.csv is an SQLite database"]),
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
