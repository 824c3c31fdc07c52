"""Privacy: files are for their owner from the first byte, errors and logs tell on nobody, who is anonymised is gone, an opt-out holds."""

import csv
import io
import json
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import older
import people
import pytest
from conftest import APPLY, Run, connected
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from segcli.cli import main
from segcli.privacy import erasure, scrubbing

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


def test_nobody_else_reads_what_any_command_makes(tmp_path: Path, example: Path) -> None:
    older.downgraded(example, tmp_path / "old.db", 4)
    (tmp_path / "old.db").chmod(0o600)
    (tmp_path / "bad.csv").write_text("account,name,status\n000017,X,?\n900001,Y,C\n")
    (tmp_path / "wide.csv").write_text("old")
    (tmp_path / "wide.csv").chmod(0o666)
    db = ["--database", "new/folder/t.db"]
    formats = ("table", "csv", "json", "html", "xlsx", "pdf", "parquet")
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
    "status": ("account,name,email,phone,status\nK1,{0},{1},{2},Q\n", "Q"),
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
    "json": ('[{{"account": "K1", "name": "{0}", "email": "{1}", "phone": "{2}", "status": "Q"}}]', "Q"),
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


# ------------------------------------------------------------------------------------------ who is anonymised
@pytest.fixture
def held(segcli: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a database in a folder of its own, with a person in every corner of it."""
    path = tmp_path / "room" / "t.db"
    monkeypatch.setenv("SEGCLI_DATABASE", str(path))
    assert segcli("init").status == 0
    people.fill(segcli, tmp_path)
    return path


def written(segcli: Run) -> list[str]:
    return [row["email"].lower() for row in segcli("show", "marketing-list", "-f", "json").rows]


def test_no_byte_is_left_wherever_a_person_stood(segcli: Run, held: Path) -> None:
    assert len(people.traces(held.parent)) > 8
    others = people.everyone_else(held)
    done = segcli("contact", "anonymise", people.MAIL, "--yes", "--reason", "Piet Zwärtjes asked")
    assert done.status == 0
    assert (
        done.err
        == "account K1 had that address or number as its own: taken away there, too; change it where accounts come from\n"
    )
    assert people.traces(held.parent) == set()
    assert people.everyone_else(held) == others
    assert segcli("check").status == 0
    assert [row["name"] for row in segcli("show", "contact-search", "zwartjes", "--inactive", "-f", "json").rows] == [
        "Joan Piet"
    ]


def test_no_undo_brings_a_person_back(segcli: Run, held: Path) -> None:
    assert segcli("contact", "anonymise", people.MAIL, "--yes").status == 0
    for run in sorted((row["run"] for row in segcli("log", "-f", "json").rows), reverse=True):
        assert segcli("undo", run, "--yes").status in {0, 1, 2}
        assert people.traces(held.parent) == set(), f"undo {run}"
    with connected(held) as db:
        assert db.execute("SELECT count(*) FROM marketing_list_member WHERE contact_id = 1").fetchone() == (0,)
        assert db.execute("SELECT count(*) FROM opt_out").fetchone() == (1,)
    Path("new.csv").write_text(f"account,name,email,consent_basis\nK2,Somebody,{people.MAIL},consent\n")
    segcli("import", "new.csv")
    assert people.MAIL not in written(segcli)


def test_no_file_and_no_sync_brings_a_person_back(segcli: Run, held: Path, tmp_path: Path) -> None:
    assert segcli("contact", "anonymise", people.MAIL, "--yes").status == 0
    people.write(tmp_path)  # what others' own texts say of them is theirs to mend, and is told
    (tmp_path / "a.csv").write_text(people.ACCOUNTS.format(mail=people.MAIL, mobile="", remarks=""))
    (tmp_path / "c.csv").write_text(people.WHO + people.OTHERS.format(notes=""))
    requests = (tmp_path / "r.csv").read_text().splitlines()[:2]  # the one that is about them
    (tmp_path / "r.csv").write_text("\n".join(requests).replace("task", "service") + "\n")
    new = "account,name,email,mobile\nK1,PIET  ZWARTJES,,\nK2,P. Zwart,{0},\nK2,Other,{0} ,\n".format(
        people.MAIL.title()
    )
    (tmp_path / "new.csv").write_text(new)
    (tmp_path / "exact.csv").write_text("account,contact,name,external_id\nK2,55,Zwart-Smit,G-77-33\n")
    (tmp_path / "later.csv").write_text(
        'type,account,contact,description,notes,request_date\ntask,K1,1,"Zwärtjes again",x,2026-06-02\ntask,K1,PIET ZWÄRTJES,Zwärtjes too,x,2026-06-02\n'
    )
    for name in ("a.csv", "c.csv", "r.csv", "new.csv", "exact.csv", "later.csv"):
        done = segcli("import", name, "--again", "-f", "json", *(("--as", "contact") if name == "new.csv" else ()))
        assert done.status == 0, done.err
        assert (name == "r.csv") != ("anonymised here" in json.dumps(done.rows)), (name, done.out)
    assert people.traces(held.parent) == set()
    with connected(held) as db:
        assert db.execute("SELECT type FROM request WHERE request_number = 'R1'").fetchone() == (
            "service",
        )  # the rest comes in
        assert db.execute("SELECT count(*) FROM contact").fetchone() == (4,)
    assert segcli("list", "sync").status == 0
    with connected(held) as db:
        assert db.execute("SELECT count(*) FROM marketing_list_member WHERE contact_id = 1").fetchone() == (0,)
    assert people.MAIL not in written(segcli)
    # the address asked for it itself: from then on its owner comes in again, under another name
    assert segcli("list", "opt-in", people.MAIL).status == 0
    assert segcli("import", "new.csv", "--as", "contact", "--again").status in {0, 1}


def test_what_stays_is_told(segcli: Run, held: Path) -> None:
    with connected(held) as db:
        db.execute("UPDATE account SET name = 'Piet Zwärtjes' WHERE code = 'K1'")
        db.execute("INSERT INTO invoice (account_id, ordered_by_id, deliver_to_id, invoice_number, invoice_date, currency, net_amount, vat_amount,"
                   f" total_amount, description) VALUES (1, 1, 1, '9', '2026-01-05', 'EUR', 1, 0, 1, 'for {people.MAIL}')")  # fmt: skip
        db.commit()
    copy = held.with_name("before the fair")
    assert segcli("backup", copy).status == 0
    shutil.copy(held, held.with_name("plain.copy"))
    assert segcli("--database", held.with_name("other.db"), "init").status == 0
    done = segcli("contact", "anonymise", people.MAIL, "--yes")
    assert "1 lines of invoices and the ledger still name them: bookkeeping is kept" in done.err
    assert "these still have theirs: account (1)" in done.err
    assert [line.split(" still")[0] for line in done.err.splitlines() if "delete that backup" in line] == [
        str(copy),
        str(held.with_name("plain.copy")),
    ]


def test_an_address_that_others_have_stays_theirs(segcli: Run, empty: Path) -> None:
    Path("a.csv").write_text("account,name,email,phone\nK1,One,office@one.example,020-5554433\n")
    Path("c.csv").write_text(
        "account,contact,name,email,phone,consent_basis\nK1,1,Jan Smit,office@one.example,020-5554433,consent\nK1,2,An Bos,office@one.example,020-5554433,consent\n"
    )
    assert segcli("import", "a.csv", "c.csv").status == 0
    assert segcli("request", "add", "K1", "mail office@one.example for An Bos, 020-5554433, not Jan Smit").status == 0
    done = segcli("contact", "anonymise", "K1:1", "--yes")
    assert (done.status, done.err) == (0, "")
    with connected(empty) as db:
        assert db.execute("SELECT email, phone FROM account").fetchone() == ("office@one.example", "020-5554433")
        assert db.execute("SELECT description FROM request").fetchone() == (
            "mail office@one.example for An Bos, 020-5554433, not anonymised",
        )
    assert segcli("import", "c.csv", "--again").status == 0
    rows = segcli("show", "contact-overview", "-f", "json").rows
    assert [row["name"] for row in rows if row["email"] == "office@one.example"] == ["An Bos"]
    assert segcli("show", "marketing-list", "-f", "json").rows == []  # nor is he written to there


_PERSON = scrubbing.Person("Jörg Groß-Łukasz", "Jörg", "Groß-Łukasz", ["j.g@x.example"], ["+49 (0)30 123-4567"])


@given(
    st.text(alphabet="Jörg Gß\u0308sŁuLkazx.@-+(0)1234567\n", max_size=30),
    st.sampled_from(["Jörg Groß-Łukasz", "J. GROSS ŁUKASZ", "j.g@x.example", "0301234567", "030 123 45 67"]),
    st.text(max_size=10),
)
@settings(max_examples=300, deadline=None)
def test_what_is_found_is_gone_and_nothing_else(before: str, word: str, after: str) -> None:
    finder = scrubbing.everywhere([_PERSON])
    text = f"{before} {word}. {after}"
    assert finder.stands_in(text)
    cleaned = finder.without(text)
    assert not finder.stands_in(cleaned)
    assert scrubbing.GONE in cleaned
    plain = f"xJörg {before} Großx"
    assert finder.stands_in(plain) == (finder.without(plain) != plain)


def test_every_text_of_the_database_is_cleaned_or_told(empty: Path) -> None:
    """A column that a later schema brings is at least looked through."""
    with connected(empty) as db:
        tables = {
            name
            for (name,) in db.execute(
                "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT GLOB '*_search*' AND name NOT LIKE 'sqlite%'"
            )
        }
        for table in tables:
            texts = [row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[2] in {"TEXT", "ANY"}]
            assert set(erasure._FREE.get(table, ())) <= set(texts)
        db.create_function("names_them", -1, lambda *_: 1)
        db.create_function("fold", 1, str.lower)
        filled = {table for table in tables if db.execute(f"SELECT count(*) FROM {table}").fetchone()[0]}
        assert set(erasure._left(db)) == filled


# ----------------------------------------------------------------------------------------------- opt-outs
OUT = ("optout", "excluded", "ended", "blocked", "noaccount", "gone", "malformed")
_VALUES: dict[str, Any] = {
    "--class1": ["N", "none", "any", "not:N", "prefix:n", "A..Z"], "--account": ["A", "B"], "--search": ["example", "optout", "a"], "--status": ["C", "any"],
    "--where": ["class1 = 'N'", "has email", "not blocked = yes", "contacts > 0"], "--selection": ["every"], "--list": ["all", "fixed"],
    "--exclude": ["some"], "--basis": ["consent", "none,consent,customer,published", "any"], "--split": ["1:1"], "--holdout": ["10"], "--seed": ["s"],
    "--columns": ["email", "email,contact_id,contact", "email,why_not"], "--sort": ["email", "-account"], "--limit": ["1000"], "--group-by": ["email", "account"],
    "--as-of": ["2020-01-01", "2026-06-30", "2030-01-01"], "-f": ["csv", "json", "vertical", "md", "html", "plain", "table"], "--inactive": [None], "--manifest": [None],
    "--no-totals": [None], "--no-header": [None], "-o": ["m.csv"],
}  # fmt: skip
_FLAGS = st.dictionaries(st.sampled_from(sorted(_VALUES)), st.integers(0, 5), max_size=6)


@pytest.fixture
def listed(segcli: Run, empty: Path) -> Path:
    Path("a.csv").write_text(
        "account,name,class1,is_blocked,is_mailing_excluded,end_date\nA,Ann,N,0,0,\nB,Bob,N,0,0,\nC,Cut,N,1,0,\nD,Done,N,0,1,\n"
    )
    rows = ["A,1,Fine,fine@a.example,0,,consent", "A,2,Out,OptOut@a.example,0,,consent", "B,1,Too,optout@A.example,0,,published", "A,3,Ex,excluded@a.example,1,,consent",
            "A,4,End,ended@a.example,0,2019-01-31,consent", "C,1,Cor,blocked@c.example,0,,consent", "D,1,Dan,noaccount@d.example,0,,consent",
            "B,2,Guus Weg,gone@b.example,0,,consent", "B,3,Bad,malformed@,0,,consent"]  # fmt: skip
    Path("c.csv").write_text(
        "account,contact,name,email,is_mailing_excluded,end_date,consent_basis\n" + "\n".join(rows) + "\n"
    )
    for words in (("import", "a.csv", "c.csv", "--create-missing"), ("list", "create", "all", "--all"), ("list", "create", "fixed", "--all", "--static"),
                  ("list", "create", "some", "--account", "B"), ("selection", "save", "every", "--class1", "any"), ("list", "opt-out", "optout@a.example"),
                  ("contact", "anonymise", "gone@b.example", "--yes"), ("list", "sync"), ("import", "c.csv", "--again")):  # fmt: skip
        done = segcli(*words)
        assert done.status == 0, (words, done.err)
    return empty


@given(_FLAGS)
@settings(
    max_examples=120, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_no_combination_of_flags_lets_an_opt_out_through(segcli: Run, listed: Path, flags: dict[str, int]) -> None:
    words = [
        word
        for name, at in flags.items()
        for word in (name, _VALUES[name][at % len(_VALUES[name])])
        if word is not None
    ]
    Path("m.csv").unlink(missing_ok=True)
    done = segcli("show", "marketing-list", *words)
    assert done.status in {0, 2}, done.err
    file = Path("m.csv").read_text() if Path("m.csv").exists() else ""
    said = (done.out + file).lower()
    assert [word for word in OUT if f"{word}@" in said] == []


@pytest.mark.parametrize(
    "said",
    [
        "jörg@müller.example",
        "JÖRG@MÜLLER.EXAMPLE",
        "jo\u0308rg@mu\u0308ller.example",
        "jörg@xn--mller-kva.example",
        " jörg@\u200bmüller.example ",
    ],
)
@pytest.mark.parametrize(
    "kept",
    [
        "jörg@müller.example",
        "jo\u0308rg@mu\u0308ller.example",
        "Jörg@XN--MLLER-KVA.example",
        "jörg@müller.example\u200b",
    ],
)
def test_an_address_is_the_same_however_it_is_written(segcli: Run, empty: Path, said: str, kept: str) -> None:
    Path("c.csv").write_text(
        f"account,contact,name,email,consent_basis\nK1,1,Jörg,{kept},consent\nK1,2,Other,jorg@muller.example,consent\n"
    )
    assert segcli("import", "c.csv", "--create-missing").status == 0
    assert segcli("list", "opt-out", said).status == 0
    assert written(segcli) == ["jorg@muller.example"]
    assert segcli("list", "opt-in", said).status == 0
    assert len(written(segcli)) == 2


def test_the_flags_do_find_somebody_and_the_overview_says_why_not(segcli: Run, listed: Path) -> None:
    rows = csv.DictReader(io.StringIO(segcli("show", "marketing-list", "-f", "csv").out))
    assert [row["email"] for row in rows] == ["fine@a.example"]
    told = {
        row["email"]: row["why_not"]
        for row in segcli("show", "contact-overview", "--inactive", "-f", "json").rows
        if row["email"]
    }
    assert told == {"fine@a.example": None, "OptOut@a.example": "opted out", "optout@A.example": "opted out", "excluded@a.example": "contact excluded",
                    "ended@a.example": "contact ended", "blocked@c.example": "account blocked", "noaccount@d.example": "account excluded",
                    "malformed@": "malformed e-mail address"}  # fmt: skip
    for words in (("list", "list"), ("log",), ("show", "contact-overview", "--group-by", "why_not")):
        done = segcli(*words, "-f", "json")
        assert (done.status, "@" in done.out) == (0, False)
    names = main.root().find("list").names()  # type: ignore[union-attr]
    assert set(names) == {"list", "create", "sync", "delete", "opt-out", "opt-in"}  # none of them gives addresses out
