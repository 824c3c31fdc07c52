"""Bad files and what is said of each: a file, what it is read as, the lines on stderr. This is where the errors are documented.

Each row is run through the real command: a status that is documented, nothing on stdout, the database as it was.
"""

import gzip
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest
from conftest import Once, Run, fingerprint, is_sound

SEGCLI = [sys.executable, "-m", "segcli"]
HEAD = "account,name,city\n"
ITEMS = "account,invoice_number,invoice_date,due_date,amount\n"
SEMI = ITEMS.replace(",", ";")
LINE = "1,7,2024-01-31,2024-02-28,"
NOTHING = "nothing was imported"
MEND = "fix the file, or import the rest: --on-error skip --rejects FILE"


class Bad(NamedTuple):
    """A file that is refused: its content, the words before its name, the lines on stderr, the status."""

    content: str | bytes
    err: str  # what follows 'segcli: '; FILE stands for the file's name
    words: tuple[str, ...] = ("import",)
    more: tuple[str, ...] = ()
    status: int = 1


def rows(*problems: str, count: int = 0) -> str:
    """Return what is said where rows are wrong."""
    number = count or len(problems)
    end = f"FILE: {number} row{'s' * (number != 1)} rejected, {NOTHING}"
    return "\n".join((*(f"FILE:{problem}" for problem in problems), end, MEND))


def item(amount: str, why: str, fix: str = "") -> Bad:
    """Return a receivable of which the amount is wrong, in a file that proves a decimal point."""
    said = f"3:amount: '{amount}': {why}{'; ' + fix if fix else ''}"
    return Bad(f'{ITEMS}1,1,2024-01-31,2024-02-28,1.25\n{LINE}"{amount}"\n', rows(said))


def day(text: str, why: str, fix: str = "") -> Bad:
    said = f"2:due_date: '{text}': {why}{'; ' + fix if fix else ''}"
    return Bad(f"{ITEMS}1,7,2024-01-31,{text},5\n", rows(said))


TWO_WAYS = "FILE: this can be read in two ways"
NO_KIND = "FILE: no kind of record has these columns: "
# Python 3.13 reads UTF-16 without a mark, as far as it goes.
NO_MARK = (
    ": this is not utf-16: UTF-16 stream does not start with BOM"
    if sys.version_info < (3, 13)
    else ":1:account: the byte 0x61 is not utf-16"
)
BAD = {
    # ---------------------------------------------------------------------------------------------- bytes
    "cp1252": Bad(HEAD.encode() + b"1,Caf\xe9,x\n", "FILE:2:name: the byte 0xe9 is not UTF-8\nif it comes from Excel or Windows: --encoding cp1252"),
    "a byte that cp1252 lacks": Bad(HEAD.encode() + b"1,\x81,x\n", "FILE:2:name: the byte 0x81 is not cp1252\nis the encoding right?", more=("--encoding", "cp1252")),
    "NUL": Bad(HEAD + "1,A,x\n2,\0,x\n", "FILE:3: there is a NUL byte\nthe file is damaged, or not text: export it again"),
    "cut within a character": Bad(HEAD.encode() + b"1,A,\xc3", "FILE: the file ends in the middle of a character\nwas it cut off?"),
    "UTF-16 that is none": Bad(HEAD, f"FILE{NO_MARK}\nis the encoding right?", more=("--encoding", "utf-16")),
    "an encoding that is not": Bad(HEAD, "--encoding: 'x' is not known\nutf-8, cp1252 or utf-16", more=("--encoding", "x")),
    "an encoding of no text": Bad(HEAD, "--encoding: 'hex' is not known\nutf-8, cp1252 or utf-16", more=("--encoding", "hex")),
    "an encoding of no files": Bad(HEAD, "--encoding: 'unicode_escape' is no encoding of files\nutf-8, cp1252 or utf-16", more=("--encoding", "unicode_escape")),
    "no bytes": Bad("", "FILE is empty\nwas the export cut off?"),
    "blanks": Bad("\n \r\n\t\n", "FILE is empty\nwas the export cut off?"),
    "gzip cut off": Bad(gzip.compress(HEAD.encode())[:-9], "FILE is packed with gzip, but damaged\nwas the download cut off?"),
    # ---------------------------------------------------------------------------------------- rows and headers
    "too many fields": Bad(HEAD + "1,A,x,y\n", rows("2: expected 3 fields, found 4; is a delimiter or a quote in a field not quoted?")),
    "too few fields": Bad(HEAD + "1,A\n", rows("2: expected 3 fields, found 2; was the row cut off?")),
    "after line ends in quotes": Bad(HEAD + '1,"A\nB\nC",x\n2,B\n', rows("5: expected 3 fields, found 2; was the row cut off?")),
    "a double header": Bad("account,name,Account\n1,A,2\n", "FILE:1: columns 1 and 3 are both called 'Account'\nrename one of them"),
    "1,001 columns": Bad("account,name" + "".join(f",c{n}" for n in range(999)) + "\n", "FILE:1: there are 1,001 columns\n1,000 at most are read"),
    "a quote without end": Bad(HEAD + '1,"A,x\n' + "2,B,y\n" * 100, "FILE:2: the quote opened on line 2 is never closed\nclose it, or double a quote that is meant"),
    "text after a quote": Bad(HEAD + '1,"A"b,x\n', 'FILE:2: text follows a closing quote\ndouble a quote that is meant: ""'),
    "a field that is too long": Bad(HEAD + f"1,{'a' * 16_000_001},x\n", "FILE:2: a field is larger than 16,000,000 characters\nis a quote missing?"),
    "a row that is too long": Bad(HEAD + '1,"' + '\n","' * 6_000_000, "FILE:2: a row is longer than 20,000,000 characters\nis this a table? is a quote missing?"),
    "two delimiters": Bad("a;b,c;d,e\n", "FILE:1: the fields may be separated by comma or semicolon\nsay which: --delimiter ';' (or , | tab)"),
    "a class 9": Bad("account,name,class9\n1,A,x\n", "'class9': there is no class 9\nclasses are class1 to class8"),
    "the same code twice": Bad(HEAD + "1,A,x\n2,B,y\n1,C,z\n", rows("4:account: '1': duplicate of line 2")),
    "500 bad rows": Bad(HEAD + ",A,x\n" * 500, rows(*(f"{n}:account: this is empty" for n in range(2, 22)), count=500).replace("\nFILE: 500", "\nand 480 more\nFILE: 500")),
    # ------------------------------------------------------------------------------------------------ amounts
    "12.345": Bad(ITEMS + LINE + "12.345\n", f"FILE:2:amount: '12.345': 12345 or 12.345?\n{TWO_WAYS}\nsay which: --decimal , or --decimal ."),
    "the other sign": item("1.234,56", "this is not an amount with a decimal point, as the file has them"),
    "1_000": item("1_000", "this is not an amount"),
    "NaN": item("NaN", "this is not an amount"),
    "Infinity": item("Infinity", "this is not an amount"),
    "1e3": item("1e3", "this is not an amount"),
    "Arabic digits": item("١٢", "this is not an amount"),
    "half a cent": item("0.005", "EUR has 2 decimals, this has 3"),
    "2^63 cents": item("92233720368547758.08", "this is larger than can be kept"),
    "twenty nines": item("9" * 20, "this is larger than can be kept"),
    "two signs": item("-5.00-", "this is not an amount"),
    "dollars": item("$ 5.00", "this is $, not EUR"),
    # -------------------------------------------------------------------------------------------------- dates
    "30 February": day("2024-02-30", "this day does not exist", "the last day of that month is 2024-02-29"),
    "29 February 2023": day("2023-02-29", "this day does not exist", "the last day of that month is 2023-02-28"),
    "month 13": day("2024-13-01", "this day does not exist", "months run from 01 to 12"),
    "two digits of a year": day("1-1-24", "this year has two digits", "write the year with four digits"),
    "the other order": day("31-01-2024", "this is not a date like 2024-01-31, as the file has them"),
    "01-02-2024": Bad(ITEMS + "1,7,01-02-2024,01-02-2024,5\n", "FILE:2:invoice_date: '01-02-2024': is it day 01 or month 01?\n"
                      f"FILE:2:due_date: '01-02-2024': is it day 01 or month 01?\n{TWO_WAYS}\nsay which: --dates dmy or --dates mdy"),
    # --------------------------------------------------------------------------------------------------- JSON
    "a comma too many": Bad('[{"account": "1"},]', "FILE:1:19: this is not JSON: Expecting value\nis there a comma too many, or was it cut off?"),
    "no comma": Bad('[{"account": "1"}\n{"account": "2"}]', "FILE:2:1: this is not JSON: Expecting ',' delimiter\nis there a comma too many, or was it cut off?"),
    "a list cut off": Bad('[{"account": "1"', "FILE:1:17: this is not JSON: Expecting ',' delimiter\nis there a comma too many, or was it cut off?"),
    "more after a list": Bad('[{"account": "1"}]\nx', "FILE:2:1: this is not JSON: Extra data\nis there a comma too many, or was it cut off?"),
    "two on a line": Bad('{"account": "1"} {"account": "2"}', "FILE:1:18: this is not JSON: Extra data\nis there a comma too many, or was it cut off?"),
    "NaN in JSON": Bad('[{"account": NaN}]', "FILE:$[0]: NaN is not a number"),
    "a key twice": Bad('[{"account": "1"},\n{"account": "2", "account": "3"}]', "FILE:$[1]: the key 'account' stands twice in one object"),
    "a key twice in a line": Bad('{"account": "1"}\n{"name": "2", "name": "3"}\n', "FILE:2: the key 'name' stands twice in one object"),
    "no object": Bad("[1]", 'FILE:$[0]: \'1\': this is not an object; write {"account": …}\nFILE: there are no records in it'),
    "half a character": Bad('[{"account": "1", "name": "\\ud800"}]', rows("$[0]:name: '\\ud800': there is a NUL or half a character in it; take it out")),
    "NUL in JSON": Bad('[{"account": "1", "name": "a\\u0000"}]', rows("$[0]:name: 'a\\x00': there is a NUL or half a character in it; take it out")),
    "100,000 deep": Bad("[" * 100_000, "FILE:$[0]: nested too deeply"),
    "100,000 deep in a line": Bad('{"a":' * 100_000, "FILE: nested too deeply"),
    "no UTF-8": Bad(b'[{"account": "1",\n"name": "\xe9"}]', "FILE:2: the byte 0xe9 is not UTF-8\nJSON is UTF-8: export it again"),
    "1e999": Bad('[{"account": "1", "invoice_number": "7", "invoice_date": "2024-01-31", "due_date": null, "amount": 1e999}]', rows("$[0]:amount: '1e999': this is not an amount")),
    "a record that is too long": Bad('[{"account": "' + "1" * 16_000_001, "FILE:$[0]: a record is larger than 16,000,000 characters\nsplit it"),
    # ----------------------------------------------------------------------------------------- of other things
    "no label": Bad("labels: {9: x}\n", "FILE:1:13: '9' is no classification\nclasses are 1 to 8", ("classification", "import")),
    "a label that is a list": Bad("labels: {1: {label: [x]}}\n", "FILE:1:21: a text is expected here", ("classification", "import")),
    "a code that is a list": Bad("labels: {1: {values: [{code: [a]}]}}\n", "FILE:1:30: a text is expected here", ("classification", "import")),
    "rules with an alias": Bad("rules: &a [x]\nfield: *a\n", "FILE:2: an alias (*) is not taken here", ("rules", "check")),
    "rules with a tag": Bad("field: !!python/object/apply:os.system [id]\n", "FILE:1: a tag (!) is not taken here", ("rules", "check")),
    "rules with a key twice": Bad("field: 1\nfield: 2\n", "FILE:2: 'field' stands twice", ("rules", "check")),
    "a report too deep": Bad("[" * 500_000, "FILE:1: this is not YAML: exceeded maximum nesting depth", ("report",)),
    "rules over 1 MB": Bad("#" * 1_000_001, "FILE is larger than 1 MB", ("rules", "check")),
}  # fmt: skip


def _books(segcli: Run) -> None:
    Path("accounts.csv").write_text(HEAD + "1,One,Delft\n")
    assert segcli("import", "accounts.csv").status == 0


@pytest.fixture
def books(once: Once, empty: Path) -> Path:
    """Return a database with one account, 1."""
    once(_books)
    return empty


@pytest.mark.repeats
@pytest.mark.parametrize("case", BAD)
def test_bad_file(segcli: Run, books: Path, case: str) -> None:
    bad = BAD[case]
    name = "f.yaml" if bad.words != ("import",) else "f.csv"
    Path(name).write_bytes(bad.content if isinstance(bad.content, bytes) else bad.content.encode())
    before = fingerprint(books)
    done = segcli(*bad.words, name, *bad.more)
    said = "\n".join(line.removeprefix("segcli: ").removeprefix("  ") for line in done.err.splitlines())
    assert said == bad.err.replace("FILE", name).replace(f"--rejects {name}", "--rejects FILE")
    assert (done.status, done.out) == (bad.status, "")
    assert fingerprint(books) == before
    assert is_sound(books)


@pytest.mark.parametrize(
    ("name", "err"),
    [("none.csv", "there is no file none.csv\n"), ("folder", "folder is a folder\n  name the files in it\n")],
)
def test_no_file_in_a_process_of_its_own(books: Path, name: str, err: str) -> None:
    Path("folder").mkdir()
    done = subprocess.run([*SEGCLI, "import", name], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"segcli: {err}")


def test_the_mark_of_a_workbook_that_is_open(segcli: Run, books: Path) -> None:
    """A shell's *.xlsx names it, too."""
    Path("~$a.xlsx").write_bytes(b"\x05Cl\xe9a " + b" " * 158)
    done = segcli("import", "~$a.xlsx")
    assert (done.status, done.out) == (1, "")
    assert done.err == "segcli: ~$a.xlsx is Excel's mark that a workbook is open, not the workbook\n  leave it out\n"


def test_the_name_of_standard_input(segcli: Run, books: Path) -> None:
    done = segcli("import", "-", stdin=HEAD + "2,A,x\n,B,y\n")
    assert done.err.startswith("segcli: <stdin>:3:account: this is empty\n")


def test_mojibake_is_warned_of(segcli: Run, books: Path) -> None:
    Path("f.csv").write_text(HEAD + "991,Café,x\n")
    done = segcli("import", "f.csv", "--encoding", "cp1252")
    assert (done.status, done.err) == (
        0,
        "f.csv: some text looks like UTF-8 that was read as cp1252, such as Ã© for é\n",
    )
