"""Twice is once: every command that writes, run again with the same words on the same data, changes nothing and says so."""

import csv
import json
import os
import pty
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

import pytest
import xlsxwriter
from bank_files import Paid, camt
from conftest import APPLY, Run, connected, fingerprint

from segcli.cli import main
from segcli.commands.init import EXAMPLE_FILES
from segcli.interface.command import Command, Group
from segcli.storage.places import resource

SEGCLI = [sys.executable, "-m", "segcli"]
ADDRESS = "inkoop@jansen.example"
PRICES = "subscription,line,item,new_price\nAB0001,1,,9.99\n"
REPORT = "title: R\nfiles:\n- {file: a.xlsx, parts: [show: debtor-ageing]}\n- {file: b.html, parts: [show: account-overview]}\n"
RULES = "version: 1\nfield: class8\nrules:\n- {id: r, set: GOLD, when: country = NL}\n"
FILES = {
    "eurofxref.csv": "Date,USD,\n2027-01-04,1.1,\n",
    "f.csv": "account,name\n000017,Renamed\nNEW,New\n",
    "tags.csv": "account,class8\n000017,GOLD\n000018,none\n",
    "values.csv": "class,label,code,description\n1,Region,XX,Xanadu\n",
    "r.yaml": REPORT,
    "rules.yaml": RULES,
    "bank.xml": camt(Paid("2026-06-01", 7000, "26000217")),  # 179.90 is open
    "letter.eml": "To: a@example.com\nSubject: S\nX-Unsent: 1\n\nText\n",
}


class Twice(NamedTuple):
    """Words that write, what comes before them, and what is said the second time."""

    words: str
    says: str = "nothing to change"
    before: tuple[str, ...] = ()
    is_cleaning: bool = False  # it leaves nothing in free pages each time, which writes the file anew
    status: int = 0  # of the second time: not 0 where the command makes something, and that is there


def prints(name: str, says: str) -> Twice:
    return Twice(f"run {name} --as-of 2026-06-30 --folder out --apply --all --yes", says)


# The words by which a command is found -> the cases. Every command is here or among those that only read.
WRITING: dict[str, tuple[Twice, ...]] = {
    "import": (
        Twice("import f.csv", "the same file as in run 24"),
        Twice("import f.csv --again", "0 added, 0 changed, 2 unchanged"),
        Twice("import f.csv --as account --map account=account --on-error skip --rejects mend.csv", "the same file as in run 24"),
    ),
    "account merge": (Twice("account merge 000018 000017", "there is no account '000018'", status=2),),
    "payments review": (
        Twice("payments review --accept 1", before=("import bank.xml",)),
        Twice("payments review --reject 1", before=("import bank.xml",)),
    ),
    "rates import": (
        Twice("rates import eurofxref.csv", "the same file as in run 24"),
        Twice("rates import eurofxref.csv --again", "0 added, 0 changed, 1 unchanged"),
    ),
    "administration set": (
        Twice("administration set --iban NL91ABNA0417164300 --city Delft --clear website"),
    ),
    "tag": (
        Twice("tag 000017 000018 --set class8=GOLD --clear class1 --yes"),
        Twice("tag --country BE --set class8=GOLD --yes --reason fair"),
        Twice("tag --from tags.csv --yes"),
    ),
    "rules apply": (
        Twice("rules apply rules.yaml --yes"),
        Twice("rules apply plan.json", "was already applied, by run 24", ("rules plan rules.yaml -o plan.json",), status=6),
    ),
    "undo": (
        Twice("undo 24 --yes", "run 24 was undone by run 25", ("tag 000017 --set class8=GOLD",), status=1),
        Twice("undo 24 --yes", "run 24 was undone by run 25", ("request add Call",), status=1),
    ),
    "classification label": (Twice("classification label 1 Area"),),
    "classification value add": (Twice("classification value add 1 XX Xanadu"),),
    "classification value rename": (
        Twice("classification value rename 1 N Up --position 9"),
        Twice("classification value rename 1 N --code UP", "unknown value 'N'", (), status=2),
    ),
    "classification value retire": (Twice("classification value retire 7 AUTUMN"),),
    "classification value merge": (Twice("classification value merge 1 N E"),),
    "classification import": (Twice("classification import values.csv"),),
    "contact anonymise": (Twice("contact anonymise 000001:1 --yes", is_cleaning=True),),
    "list create": (Twice("list create l --class1 N", "there is a list 'l' already", (), status=2),),
    "list sync": (Twice("list sync", before=("list create l --class8 GOLD", "tag --country BE --set class8=GOLD --yes")),),
    "list delete": (Twice("list delete l", "there is no list 'l'", ("list create l --class1 N",), status=2),),
    "list opt-out": (Twice("list opt-out x@example.com y@example.com"),),
    "list opt-in": (Twice("list opt-in x@example.com", before=("list opt-out x@example.com",)),),
    "selection save": (
        Twice("selection save s --class1 N --description North"),
        Twice("selection save s --class1 N --description South", before=("selection save s --class1 N --description North",)),
    ),
    "selection delete": (Twice("selection delete s", "there is no selection 's'", ("selection save s --class1 N",), status=2),),
    "request assign": (Twice("request assign R-1 --to Somebody"),),
    "request close": (Twice("request close R-1 --on 2026-06-29"),),
    "request reopen": (Twice("request reopen R-2"),),
    "subscription add": (Twice("subscription add 000017 --number A1 --description Help --price 5", "there is a subscription 'A1' already", (), status=2),),
    "subscription change": (
        Twice("subscription change A1 --quantity 3 --end 2027-12-31", before=("subscription add 000017 --number A1 --description Help --price 5",)),
    ),
    "subscription cancel": (Twice("subscription cancel AB0001 --on 2026-12-31"),),
    "run generate-subscription-invoices": (
        Twice("run generate-subscription-invoices --as-of 2026-06-30 --apply --all --yes", "nothing is due up to 2026-06-30: run 24"),
    ),
    "run print-invoices": (prints("print-invoices", "no invoices can be processed"),),
    "run print-reminders": (prints("print-reminders", "no reminders are due"),),
    "run print-statements": (prints("print-statements", "the same statements are in out/statements-2026-06-30"),),
    "run print-subscriptions": (prints("print-subscriptions --unprinted", "nothing to print"),),
    "run link-entry-template": (Twice("run link-entry-template RENT --account 000017 --main --apply --yes"),),
    "run link-price-list": (Twice("run link-price-list RETAIL --account 000017 --apply --yes"),),
    "run update-subscription-prices": (
        Twice("run update-subscription-prices --percent 10 --from 2027-01-01 --apply --all --yes", "no price"),
        Twice("run update-subscription-prices --amount 1 --from 2027-01-01 --subscription AB0001 --apply --yes", "no price"),
    ),
    "send": (Twice("send letter.eml --yes", "nothing to send; 1 message already sent"),),
    "init": (Twice("init --database new.db", "new.db is there already", (), status=1),),
    "backup": (Twice("backup copy.db", "copy.db is a segcli database", (), status=2),),
    "report": (Twice("report r.yaml --folder out --if-changed", "0 files written"),),
    "rules plan": (Twice("rules plan rules.yaml -o plan.json", "would change"),),
    "lake sync": (Twice("lake sync lake", "nothing to write"),),
    "lake drop": (Twice("lake drop lake --yes", "there is no lake", ("lake sync lake",), status=1),),
    "classification export": (Twice("classification export -o values.yaml", ""),),
}  # fmt: skip
# What says each time that there is something new.
EACH_TIME_ANOTHER = {"request add"}
READING = {
    "account", "administration show", "basket", "rates list", "check", "classification list", "completion", "config show", "config path", "contact show", "export classifications", "help", "history", "lake status", "list list", "list power", "list results", "list show", "log",
    "cohort", "matrix", "overlap", "payments list", "price", "profile", "rules check", "rules drift", "rules explain", "rules stats", "score *", "selection list", "selection show",
    "cluster",
    "rules suggest",
    "show *", "where explain", "where fields",
}  # fmt: skip
CASES = [case for cases in WRITING.values() for case in cases]


def commands(node: Group, path: str = "") -> Iterator[str]:
    """Yield the words of every command that there is."""
    for name in node.names():
        found = node.find(name)
        if isinstance(found, Group):
            yield from commands(found, f"{path}{name} ")
        elif isinstance(found, Command):
            yield path + name
            yield from (f"{path}{name} {word}" for word in found.under)


def test_every_command_is_in_the_table() -> None:
    """One that is new says here what it does the second time, or that it only reads."""
    there = set(commands(main.root()))
    reading = {name for name in there if name in READING or f"{name.partition(' ')[0]} *" in READING}
    assert there - reading == set(WRITING) | EACH_TIME_ANOTHER


@pytest.fixture
def folder(example: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a folder with the example and the files that the words name. What is sent goes nowhere."""
    monkeypatch.setenv("SEGCLI_SENDMAIL", "true")
    for name, text in FILES.items():
        (tmp_path / name).write_text(text)
    return tmp_path


def files(folder: Path, ignored: str = "test.db") -> dict[str, tuple[bytes, int, int]]:
    """Return of each file what it holds, which one it is and when it was written."""
    return {
        str(path.relative_to(folder)): (path.read_bytes(), path.stat().st_ino, path.stat().st_mtime_ns)
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not path.name.startswith(ignored) and not path.name.endswith(".lock")
    }


def told(words: list[str]) -> tuple[int, str]:
    """Run segcli with a terminal for its messages, and return its status and what stands there."""
    master, terminal = pty.openpty()
    try:
        process = subprocess.Popen(
            [*SEGCLI, *words], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=terminal
        )
        os.close(terminal)
        said = b""
        while part := _read(master):
            said += part
        return process.wait(), said.decode()
    finally:
        os.close(master)


def _read(master: int) -> bytes:
    try:
        return os.read(master, 65536)
    except OSError:  # nobody is at the other end any more
        return b""


@pytest.fixture
def watch(folder: Path) -> Iterator[Callable[[], int]]:
    """Return what gives a number that differs once anybody has committed a change to the database: cheaper than a dump, and stricter."""
    with closing(sqlite3.connect(folder / "test.db")) as db:
        db.execute("SELECT count(*) FROM sqlite_schema").fetchone()
        yield lambda: int(db.execute("PRAGMA data_version").fetchone()[0])


@pytest.mark.repeats
@pytest.mark.parametrize("case", CASES, ids=lambda case: case.words)
def test_the_second_time_changes_nothing_and_says_so(
    segcli: Run, folder: Path, watch: Callable[[], int], case: Twice
) -> None:
    for words in case.before:
        assert segcli(*words.split()).status == 0, words
    fresh = watch(), contents(folder, case)
    first = segcli(*case.words.split())
    assert first.status == 0, first.err
    once = watch(), contents(folder, case)
    assert once != fresh, "it does nothing the first time either"
    dump = fingerprint(folder / "test.db") if case.is_cleaning else ""
    status, said = told(case.words.split())
    assert (status, case.says in said) == (case.status, True), said
    assert (once[0] if case.is_cleaning else watch(), contents(folder, case)) == once
    assert not dump or fingerprint(folder / "test.db") == dump
    silent = segcli(*case.words.split())
    assert (silent.status, bool(silent.err)) == (
        case.status,
        bool(case.status),
    )  # a success is silent where nobody looks
    assert (once[0] if case.is_cleaning else watch(), contents(folder, case)) == once


def contents(folder: Path, case: Twice) -> dict[str, tuple[object, ...]]:
    """Return what the files hold and, where they are not to be written anew, which ones they are."""
    is_anew = case.words.startswith(("classification export", "rules plan"))
    return {name: one[:1] if is_anew else one for name, one in files(folder).items()}


# ------------------------------------------------------------------------------------- the same rows otherwise
def as_text(rows: list[dict[str, str]], path: Path, encoding: str = "utf-8-sig", end: str = "\r\n") -> Path:
    """Write rows with their columns the other way round."""
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.DictWriter(file, list(rows[0])[::-1], delimiter=";", lineterminator=end)
        writer.writeheader()
        writer.writerows(rows)
    return path


def as_workbook(rows: list[dict[str, str]], path: Path) -> Path:
    book = xlsxwriter.Workbook(str(path))
    sheet = book.add_worksheet()
    for at, cells in enumerate([list(rows[0]), *(list(row.values()) for row in rows)]):
        for column, text in enumerate(cells):
            sheet.write_string(at, column, text)
    book.close()
    return path


def as_json(rows: list[dict[str, str]], path: Path) -> Path:
    path.write_text(json.dumps([{name: text or None for name, text in row.items()} for row in rows]))
    return path


SHAPES: dict[str, Callable[[list[dict[str, str]], Path], Path]] = {
    "columns reversed, BOM, CRLF, semicolons": lambda rows, path: as_text(rows, path.with_suffix(".csv")),
    "UTF-16": lambda rows, path: as_text(rows, path.with_suffix(".txt"), "utf-16", "\n"),
    "workbook": lambda rows, path: as_workbook(rows, path.with_suffix(".xlsx")),
    "JSON": lambda rows, path: as_json(rows, path.with_suffix(".json")),
}


@pytest.mark.repeats
@pytest.mark.parametrize("shape", SHAPES)
def test_the_same_rows_in_another_shape_are_no_change(
    segcli: Run, folder: Path, watch: Callable[[], int], shape: str
) -> None:
    names = [name for name in EXAMPLE_FILES if name.endswith(".csv")]
    before = watch()
    paths = []
    for name in names:
        with (resource("example") / name).open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        paths.append(SHAPES[shape](rows, folder / f"other-{name}"))
    encoding = ("--encoding", "utf-16") if shape == "UTF-16" else ()
    done = segcli("import", *paths, *encoding, "-f", "json")
    assert done.status == 0, done.err
    assert [row for row in done.rows if row["added"] or row["changed"] or row["rejected"] or not row["unchanged"]] == []
    assert len(done.rows) == len(names)
    assert watch() == before


def test_the_example_again_is_known_file_by_file(segcli: Run, folder: Path, watch: Callable[[], int]) -> None:
    before = watch()
    paths = [resource("example") / name for name in EXAMPLE_FILES if name.endswith(".csv")]
    done = segcli("import", *paths, "-f", "json")
    assert [" rows not read: the same file as in run " in row["notes"] for row in done.rows] == [True] * len(paths)
    assert watch() == before


# ----------------------------------------------------------------------------------------------- invoices
GENERATE = ("run", "generate-subscription-invoices", *APPLY, "--as-of")


def periods(path: Path) -> list[tuple[object, ...]]:
    with connected(path) as db:
        return db.execute(
            "SELECT p.subscription_line_id, p.start_date, p.end_date, i.invoice_date, i.net_amount FROM subscription_period AS p"
            " LEFT JOIN invoice AS i ON i.id = p.invoice_id ORDER BY 1, 2"
        ).fetchall()


@pytest.mark.repeats
def test_an_earlier_day_makes_nothing_and_uses_no_number(segcli: Run, folder: Path, watch: Callable[[], int]) -> None:
    assert segcli(*GENERATE, "2026-07-31").status == 0
    assert segcli("run", "print-invoices", "--as-of", "2026-07-31", "--folder", "out", *APPLY).status == 0
    before = watch(), files(folder)
    for day in ("2026-07-31", "2026-07-30", "2026-06-01"):
        assert segcli(*GENERATE, day).status == 0
    assert segcli("run", "print-invoices", "--as-of", "2026-07-31", "--folder", "out", *APPLY).status == 0
    assert (watch(), files(folder)) == before
    assert segcli(*GENERATE, "2026-08-28").status == 0
    assert segcli("run", "print-invoices", "--as-of", "2026-08-28", "--folder", "out", *APPLY).status == 0
    with connected(folder / "test.db") as db:
        numbers = [int(row[0]) for row in db.execute(
            "SELECT invoice_number FROM invoice WHERE kind = 'sales' AND invoice_number GLOB '26*' ORDER BY 1")]  # fmt: skip
        run_ids = [row[0] for row in db.execute("SELECT id FROM run ORDER BY id")]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    assert run_ids == list(range(1, 28))  # 23 of the example, and the four that did something


def test_months_that_were_missed_are_caught_up_once_each(segcli: Run, folder: Path) -> None:
    path = folder / "test.db"
    assert segcli(*GENERATE, "2026-06-30").status == 0
    before = periods(path)
    assert segcli(*GENERATE, "2026-10-31").status == 0
    after = periods(path)
    assert [one for one in after if one in before] == before  # what was invoiced stays as it was
    keys = [(line, start) for line, start, *_ in after]
    assert len(keys) == len(set(keys)) > len(before)
    monthly = [start for line, start, *_ in after if line == _monthly(path)]
    assert [month[:7] for month in monthly] == [f"2026-{number:02d}" for number in range(int(monthly[0][5:7]), 11)]


def _monthly(path: Path) -> int:
    """Return a line that is invoiced each month, in advance and on the first."""
    with connected(path) as db:
        sql = """SELECT p.subscription_line_id FROM subscription_period AS p WHERE p.start_date = '2026-10-01' AND p.end_date = '2026-10-31'
                  AND EXISTS (SELECT 1 FROM subscription_period AS q WHERE q.subscription_line_id = p.subscription_line_id
                              AND q.start_date = '2026-06-01') ORDER BY 1 LIMIT 1"""
        return int(db.execute(sql).fetchone()[0])


# ------------------------------------------------------------------------------------------------- files
@pytest.mark.parametrize("form", ["csv", "json", "html", "xlsx", "pdf", "md"])
def test_a_file_that_would_be_the_same_is_not_touched(segcli: Run, folder: Path, form: str) -> None:
    words = ("show", "debtor-ageing", "-o", f"a.{form}")
    assert segcli(*words, "--manifest").status == 0
    first = files(folder)
    assert segcli(*words, "--manifest", "--if-changed").status == 0
    assert files(folder) == first
    assert segcli(*words).status == 0
    again = files(folder)
    assert again[f"a.{form}"][0] == first[f"a.{form}"][0]
    assert again[f"a.{form}"][1:] != first[f"a.{form}"][1:]
