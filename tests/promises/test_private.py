"""Nobody else reads what a command makes; errors and the log tell no more of people than they must."""

import json
import os
import re
import stat
import subprocess
import sys
from pathlib import Path

import older
import people
import pytest
from conftest import APPLY, Run, connected

EXAMPLES = Path(__file__).parents[2] / "examples"
# ------------------------------------------------------------------------------------------------ who may read
# In one process, as `main` is called, under a umask that lets everybody in: whenever a file or folder is made, it must be in force
# that nobody else may.
OPEN = """import json, os, sys
sys.dont_write_bytecode = True
from segcli.cli import main as cli
wide = []
def look(event, given):
    makes = event in {"os.mkdir", "sqlite3.connect"} or event == "open" and (set(str(given[1])) & set("wxa+") or int(given[2]) & os.O_CREAT)
    if makes and not str(given[0]).startswith("/dev/"):
        now = os.umask(0o077)
        os.umask(now)
        if now != 0o077:
            wide.append((event, str(given[0]), oct(now)))
sys.addaudithook(look)
for words in json.load(open(sys.argv[1])):
    os.umask(0)
    sys.argv = ["segcli", *words]
    try:
        cli.main()
    except SystemExit as end:
        print("status", end.code, *words, file=sys.stderr)
os.umask(0)
json.dump(wide, sys.stdout)"""


@pytest.mark.repeats
def test_nobody_else_reads_what_any_command_makes(tmp_path: Path, example: Path) -> None:
    older.downgraded(example, tmp_path / "old.db", 4)
    (tmp_path / "old.db").chmod(0o600)
    (tmp_path / "bad.csv").write_text("account,name,status\n000017,X,?\n900001,Y,C\n")
    (tmp_path / "wide.csv").write_text("old")
    (tmp_path / "wide.csv").chmod(0o666)
    db = ["--database", "new/folder/t.db"]
    formats = ("table", "csv", "json", "html", "xlsx", "pdf", "parquet", "sqlite")
    (tmp_path / "c.yaml").write_text("letters: {iban: NL91ABNA0417164300}\n")
    commands: list[list[str]] = [
        [*db, "init", "--example"],
        [*db, "import", "bad.csv", "--on-error", "skip", "--rejects", "rejects.csv"],
        *([*db, "show", "marketing-list", "-f", form, "-o", f"out.{form}", "--manifest"] for form in formats),
        [*db, "show", "request-search", "-f", "ics", "-o", "out.ics"],
        [*db, "show", "marketing-list", "-o", "wide.csv"],
        [*db, "report", str(EXAMPLES / "report.yaml"), "--folder", "reports/sub"],
        [*db, "run", "print-reminders", "--folder", "letters/a", *APPLY],
        [*db, "--config", "c.yaml", "run", "print-invoices", "--folder", "letters/b", *APPLY],
        [*db, "run", "print-subscriptions", "--folder", "letters/c", *APPLY],
        [*db, "run", "print-statements", "--folder", "letters/d", *APPLY],
        [*db, "rules", "plan", str(EXAMPLES / "customer-value.yaml"), "-o", "plan.json"],
        [*db, "classification", "export", "-o", "values.yaml"],
        [*db, "backup", "copy.db"],
        ["--database", "old.db", "log"],
        ["help", "--man", "man"],
    ]  # fmt: skip
    (tmp_path / "commands.json").write_text(json.dumps(commands))
    made_before = set(tmp_path.rglob("*"))
    done = subprocess.run(
        [sys.executable, "-c", OPEN, "commands.json"], capture_output=True, text=True, check=True, cwd=tmp_path
    )
    statuses = re.findall(r"^status (\d+)", done.stderr, re.MULTILINE)
    assert [status for status in statuses if status != "0"] == ["5"], done.stderr  # the rejected row
    assert json.loads(done.stdout[done.stdout.rindex("[") :]) == []
    made = set(tmp_path.rglob("*")) - made_before | {tmp_path / "old.db", tmp_path / "wide.csv"}
    modes = {str(path.relative_to(tmp_path)): stat.S_IMODE(path.stat().st_mode) for path in made}
    assert {
        name: oct(mode)
        for name, mode in modes.items()
        if mode not in {0o600, 0o700} or (mode == 0o700) != (tmp_path / name).is_dir()
    } == {}
    kinds = {re.sub(r".*?([.-]\w+)$", r"\1", name) for name in modes}
    assert kinds >= {
        ".db",
        "-wal",
        "-shm",
        ".lock",
        ".backup",
        ".json",
        ".pdf",
        ".eml",
        ".xml",
        ".csv",
        ".xlsx",
        ".yaml",
        ".ics",
        ".html",
        ".1",
    }


def test_a_log_while_it_is_written_is_as_private_as_the_database(segcli: Run, empty: Path) -> None:
    with connected(empty) as db:
        db.execute("UPDATE administration SET name = 'X'")
        db.commit()
        for end in ("", "-wal", "-shm"):
            assert stat.S_IMODE(Path(f"{empty}{end}").stat().st_mode) == 0o600


@pytest.mark.parametrize(
    ("mode", "result"), [(0o600, "ok"), (0o400, "ok"), (0o640, "warning"), (0o604, "warning"), (0o602, "warning")]
)
def test_check_warns_where_others_may(segcli: Run, empty: Path, mode: int, result: str) -> None:
    empty.chmod(mode)
    done = segcli("check", "-f", "json")
    (row,) = (row for row in done.rows if row["check"] == "rights")
    assert (done.status, row["result"], "chmod 600" in row["detail"]) == (0, result, result == "warning")


# ----------------------------------------------------------------------------------------- errors and logs
SECRET = ("Geheim Naam", "geheim@x.example", "06-8888 7777")
WRONG = {  # a row with one thing wrong, and what of it may be said
    "status": ("account,name,email,phone,is_blocked\nK1,{0},{1},{2},Q\n", "Q"),
    "date": ("account,name,email,phone,end_date\nK1,{0},{1},{2},2026-02-30\n", "2026-02-30"),
    "too many": ("account,name,email,phone\nK1,{0},{1},{2},x\n", ""),
    "too few": ("account,name,email,phone\nK1,{0}\n", ""),
    "twice": ("account,name,email,phone\nK1,{0},{1},{2}\nK1,{0},{1},{2}\n", "K1"),
    "a quote": ('account,name,email,phone\nK1,{0},{1},"{2}\nK2,{0},{1},{2}\n', ""),
    "NUL": ("account,name,email,phone\nK1,{0},{1},{2}\0\n", ""),
    "class": ("account,name,email,phone,class1\nK1,{0},{1},{2},NONE?\n", ""),
    "contact": ("account,contact,name,email,mobile,consent_basis\nNOBODY,1,{0},{1},{2},consent\n", "NOBODY"),
    "basis": ("account,contact,name,email,mobile,consent_basis\nNOBODY,1,{0},{1},{2},hope\n", "hope"),
    "amount": ("account,name,invoice_number,invoice_date,amount,description\nK1,{0},1,2026-01-05,ten,{1} {2}\n", "ten"),
    "json": ('[{{"account": "K1", "name": "{0}", "email": "{1}", "phone": "{2}", "is_blocked": "Q"}}]', "Q"),
    "cut json": ('[{{"account": "K1", "name": "{0}", "email": "{1}", "phone": "{2}"', ""),
    "xml": ('<?xml version="1.0"?><eExact><Accounts><Account code="K1"><Name>{0}</Name><Email>{1}</Email><Phone>{2}</Phone></Accounts>', ""),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
@pytest.mark.parametrize("form", ["text", "json"])
def test_an_error_tells_the_value_at_fault_and_no_more(segcli: Run, empty: Path, case: str, form: str) -> None:
    text, value = WRONG[case]
    Path("f.csv").write_text(text.format(*SECRET))
    done = segcli("import", "f.csv", "--errors", form)
    assert done.status in {1, 2}, done.err
    assert value in done.err
    assert [word for word in SECRET if word in done.err + done.out] == []
    assert b"".join(path.read_bytes() for path in empty.parent.glob("*.lock")) == b""
    assert segcli("log", "-f", "json").rows == []


def test_hints_name_no_people(segcli: Run, empty: Path) -> None:
    people.write(Path())
    assert segcli("import", "a.csv", "c.csv").status == 0
    for words in (("request", "add", "K1", "x", "--contact", "Piet Zwartjess"), ("contact", "show", "K1:9"), ("contact", "show", "piet@bakker.example"),
                  ("history", "K"), ("show", "marketing-list", "--account", "K")):  # fmt: skip
        done = segcli(*words)
        assert done.status == 2
        assert not re.search("Piet Zwärtjes|Joan|Anna|Bakker|Slager|zwartjes@", done.err), done.err


def test_the_log_keeps_no_paths_and_no_addresses(segcli: Run, empty: Path) -> None:
    folder = Path("of-geheim")
    folder.mkdir()
    (folder / "f.csv").write_text("account,name,email\nK1,{},{}\n".format(*SECRET[:2]))
    for words in (("import", folder / "f.csv"), ("list", "opt-out", SECRET[1]), ("list", "opt-in", SECRET[1]), ("list", "opt-out", SECRET[1]),
                  ("tag", "--search", "Geheim", "--set", "class1=N", "--yes"), ("show", "account-search", "Geheim"),
                  ("contact", "show", SECRET[1]), ("classification", "label", "1", "R"), ("classification", "value", "add", "1", "N", "n"),
                  ("tag", "--search", "Geheim", "--set", "class1=N", "--yes")):  # fmt: skip
        segcli(*words)
    said = segcli("log", "-f", "json").out
    assert len(json.loads(said)) >= 6
    assert "eheim" not in said
    with connected(empty) as db:  # no folder anywhere, and the address is that of its account only
        assert [line for line in db.iterdump() if "of-geheim" in line] == []
        assert [
            line.split("(")[0] for line in db.iterdump() if "geheim@x.example" in line and "_search" not in line
        ] == ['INSERT INTO "account" VALUES']


def test_a_bug_tells_where_it_is_and_not_whom_it_met(example: Path) -> None:
    code = "import sys; from segcli.cli import main as cli; from segcli.query import compose\ndef broken(*given, **named):\n    name = 'Geheim' + ' Naam'; raise KeyError(7)\ncompose.compose = broken\nsys.argv[1:] = ['show', 'account-search']; cli.main()"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "SEGCLI_DATABASE": str(example)},
    )
    assert done.returncode == 1
    assert done.stderr.endswith("KeyError: 7\n")
    assert "Geheim Naam" not in done.stderr
    assert re.search(r"\d{6}", done.stderr) is None  # no account either
