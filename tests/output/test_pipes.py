"""What a pipeline reads: NUL records, plain csv, amounts of json, lists from standard input, colour where it is asked for."""

import csv
import io
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Run, connected

NAMES = ("two\nlines", "a\\b", "c d", "'t Hof", '"De Hoek"')


@pytest.fixture
def named(segcli: Run, empty: Path) -> Path:
    """Return a database with accounts of awkward names, in the order of their codes."""
    rows = "".join(json.dumps({"account": f"A{at}", "name": name}) + "\n" for at, name in enumerate(NAMES))
    Path("a.jsonl").write_text(rows)
    assert segcli("import", "a.jsonl").status == 0
    return empty


def real(database: Path, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
    line = [sys.executable, "-m", "segcli", "-d", str(database), *words]
    return subprocess.run(line, input=given, capture_output=True, text=True, check=False)


# ------------------------------------------------------------------------------------------------- records and csv
def test_records_end_with_nul(segcli: Run, named: Path) -> None:
    shown = ("show", "account-search", "--sort", "account", "--null")
    assert segcli(*shown, "--columns", "name", "--no-header").out.split("\0") == [*NAMES, ""]
    assert segcli(*shown, "--columns", "account,name").out.split("\0")[:3] == [
        "account\tname",
        "A0\ttwo\nlines",
        "A1\ta\\b",
    ]
    plain = segcli(*shown, "--columns", "account", "-f", "plain", "--no-header").out
    assert plain == "".join(f"A{at}\0" for at in range(len(NAMES)))
    done = segcli(*shown, "--columns", "account,name", "-f", "plain")
    assert (done.status, "--columns" in done.err) == (2, True)
    assert segcli("selection", "save", "all", "--where", "*").status == 0
    assert segcli("selection", "list", "--null", "--no-header").out.endswith("\0")


def test_xargs_gets_one_word_a_record(named: Path) -> None:
    done = real(named, "show", "account-search", "--columns", "name", "--no-header", "--null", "--sort", "account")
    program = "import sys; print(repr(sys.argv[1:]))"
    got = subprocess.run(
        ["xargs", "-0", sys.executable, "-c", program], input=done.stdout, capture_output=True, text=True, check=True
    )
    assert got.stdout == f"{list(NAMES)!r}\n"


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("--null", "-f", "csv"), 2), (("--null", "-f", "json"), 2), (("--delimiter", ";"), 2), (("--delimiter", "tab", "-f", "csv"), 2),
        (("--no-guard", "-f", "tsv"), 2), (("--amounts", "text"), 2), (("--amounts", "text", "-f", "csv"), 2),
        (("--amounts", "words", "-f", "json"), 2), (("--delimiter", ";", "--no-guard", "-f", "csv"), 0), (("--null", "-o", "a.tsv"), 0),
        (("--null", "-o", "a.json"), 2),
    ],
)  # fmt: skip
def test_a_flag_of_one_format_goes_with_that_format(
    segcli: Run, named: Path, words: tuple[str, ...], status: int
) -> None:
    done = segcli("show", "account-search", *words)
    assert (done.status, bool(done.out) and status == 2) == (status, False)


def test_delimiter_and_guard_of_csv(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text("account,name,city\n1,'=1+1,a;b\n")
    assert segcli("import", "a.csv").status == 0
    shown = ("show", "account-search", "--columns", "account,name,city", "-f", "csv")
    assert segcli(*shown).out == "account,name,city\n1,'=1+1,a;b\n"
    assert segcli(*shown, "--delimiter", ";").out == 'account;name;city\n1;\'=1+1;"a;b"\n'
    assert segcli(*shown, "--delimiter", "|", "--no-guard").out == "account|name|city\n1|=1+1|a;b\n"
    Path("b.csv").write_text(segcli(*shown, "--delimiter", ";").out)
    done = segcli("import", "b.csv", "--exit-code")
    assert (done.status, done.err) == (0, "")  # it is what is there


def test_the_help_of_no_guard_names_the_risk(segcli: Run, empty: Path) -> None:
    text = " ".join(segcli("show", "account-search", "--help").out.split())
    assert "A spreadsheet then runs such a text as a formula." in re.sub(r"[│|] *", "", text)


# ---------------------------------------------------------------------------------------------------------- json
def test_json_amounts_have_the_decimals_of_their_currency(segcli: Run, example: Path) -> None:
    shown = ("show", "debtor-ageing", "--columns", "account,currency,outstanding")
    for form in ("json", "jsonl"):
        plain, quoted = segcli(*shown, "-f", form).out, segcli(*shown, "-f", form, "--amounts", "text").out
        found = re.findall(r'"currency": "(\w+)", "outstanding": (-?[0-9.]+)}', plain)
        assert {code for code, _ in found} >= {"EUR", "JPY"}
        assert len(found) == plain.count("outstanding")
        for code, number in found:
            assert len(number.partition(".")[2]) == (0 if code == "JPY" else 2), number
        assert re.sub(r'"outstanding": (-?[0-9.]+)}', r'"outstanding": "\1"}', plain) == quoted
        json.loads(quoted if form == "json" else f"[{','.join(quoted.splitlines())}]")


# ------------------------------------------------------------------------------------------------------ selection
def test_in_reads_standard_input(named: Path) -> None:
    done = real(
        named,
        "show",
        "account-search",
        "--where",
        "account in @-",
        "--columns",
        "account",
        "--no-header",
        "--sort",
        "account",
        given="A1\n\nA3\n",
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "A1\nA3\n", "")
    done = real(
        named,
        "show",
        "account-search",
        "--where",
        "account not in @-",
        "--where",
        "account in @-",
        "--columns",
        "account",
        given="A1\n",
    )
    assert (done.returncode, done.stdout) == (0, "account\n")  # both read the same list
    done = real(named, "show", "account-search", "--where", "account in @-", given="")
    assert (done.returncode, "<stdin> has 0 values" in done.stderr) == (2, True)
    done = real(named, "show", "account-search", "--where", "account in @-", given="x" * 2_000_001)
    assert (done.returncode, "<stdin> is larger than 2,000,000 bytes" in done.stderr) == (2, True)


def test_what_is_saved_reads_no_standard_input(named: Path) -> None:
    for words in (("selection", "save", "s"), ("list", "create", "l")):
        done = real(named, *words, "--where", "account in @-", given="A1\n")
        assert (done.returncode, "@- is for the command line" in done.stderr) == (2, True)
    assert real(named, "list", "create", "l", "--static", "--where", "account in @-", given="A1\n").returncode == 0
    with connected(named) as db:
        assert db.execute("SELECT count(*) FROM selection").fetchone() == (0,)


def test_account_takes_a_list(segcli: Run, named: Path) -> None:
    shown = ("show", "account-search", "--columns", "account", "--no-header", "--sort", "account")
    assert segcli(*shown, "--account", "A1, A3", "--account", "A0").out == "A0\nA1\nA3\n"
    done = segcli(*shown, "--account", "A1,A9")
    assert (done.status, "there is no account 'A9'" in done.err) == (2, True)
    for text in ("A1,", ",", "A1,,A2"):
        done = segcli(*shown, "--account", text)
        assert (done.status, "holds an empty code" in done.err) == (2, True)
    assert segcli("tag", "A1,A2", "--set", "class1=X").status == 2  # an argument is one code
    Path("c.csv").write_text('account,name\n"A1,A3",Comma\n')
    assert segcli("import", "c.csv").status == 0
    assert segcli(*shown, "--account", "A1,A3").out == "A1,A3\n"  # an account of this code
    assert segcli("selection", "save", "two", "--account", "A2,A0").status == 0
    assert segcli(*shown, "--selection", "two").out == "A0\nA2\n"


# --------------------------------------------------------------------------------------------------------- colour
def test_always_colours_a_pipe(segcli: Run, example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = ("show", "debtor-ageing", "--limit", "5")
    plain = segcli(*shown, "-f", "table").out
    monkeypatch.setenv("NO_COLOR", "1")
    colored = segcli(*shown, "-f", "table", "--color", "always").out
    assert "\x1b[1m" in colored
    assert "\x1b[36m" in colored
    bare = re.sub(r"\x1b\[[0-9;]*m", "", colored)
    assert [line.rstrip() for line in bare.splitlines()] == plain.splitlines()
    for form in ("plain", "tsv", "csv", "json", "md", "vertical"):
        assert "\x1b" not in segcli(*shown, "-f", form, "--color", "always").out
    assert "\x1b" not in segcli(*shown, "--color", "always").out  # a pipe gets tsv
    assert segcli(*shown, "-o", "a.txt", "--color", "always").status == 0
    assert "\x1b" not in Path("a.txt").read_text()
    assert "\x1b" not in plain


def test_any_reader_of_csv_gets_the_text_without_guard(segcli: Run, named: Path) -> None:
    shown = ("show", "account-search", "--columns", "account,name", "--sort", "account")
    by_csv = [
        row["name"] for row in csv.DictReader(io.StringIO(segcli(*shown, "-f", "csv", "--no-guard").out, newline=""))
    ]
    assert by_csv == list(NAMES)
