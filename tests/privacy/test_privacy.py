"""People: what is held of one, and that nothing is left of who was anonymised; and manifests beside exports."""

import hashlib
import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from conftest import Once, Run, connected

from segcli.privacy import erasure, scrubbing
from segcli.storage import database

WHO = "piet.zwartjes@bakker.example"
TRACES = (
    "piet.zwartjes",
    "Piet Zwärtjes",
    "Piet ZW\u00c4RTJES",
    "zwartjes",
    "Zw\u00e4rtjes",
    "06-1234 5678",
    "0612345678",
    "Chef inkoop",
    "G-77-33",
)


def _held(segcli: Run) -> None:
    Path("a.csv").write_text(f"account,name,email\nK1,Bakker,{WHO}\nK2,Slager,info@slager.example\n")
    Path("c.csv").write_text(
        "account,contact,name,first_name,last_name,email,mobile,job_title,notes,consent_basis,consent_date,external_id\n"
        f"K1,1,Piet Zwärtjes,Piet,Zwärtjes,{WHO},06-1234 5678,Chef inkoop,likes rye,consent,2026-01-05,G-77-33\n"
        f"K2,7,Piet Zwärtjes,Piet,Zwärtjes,{WHO.upper()},06-1234 5678,,,,,\n"
        "K1,2,Anna de Vries,Anna,de Vries,anna@bakker.example,06-9999 9999,,Piet Zwärtjes is her boss,consent,2026-01-05,\n"
    )
    Path("r.csv").write_text(
        f"request,type,account,contact,description,notes,request_date\nR1,task,K1,1,Call piet zwärtjes,write to {WHO},2026-06-01\n"
        "R2,task,K1,2,Call Anna,,2026-06-01\n"
    )
    for words in (("import", "a.csv"), ("import", "c.csv"), ("import", "r.csv"), ("list", "create", "all", "--all"),
                  ("list", "opt-out", WHO, "--source", "Piet Zwärtjes rang", "--reason", f"mail of {WHO}")):  # fmt: skip
        done = segcli(*words)
        assert done.status == 0, done.err


@pytest.fixture
def held(once: Once, empty: Path) -> Path:
    """Two accounts; Piet is a contact of both, named in a request, on a list, opted out; others share nothing with him."""
    once(_held)
    return empty


def traces(path: Path) -> dict[str, int]:
    """Count the traces in the bytes of the database, its log and its index of the log, whatever their case."""
    found: dict[str, int] = {}
    for file in path.parent.glob(f"{path.name}*"):
        data = file.read_bytes()
        for word in TRACES:
            for form in {word, word.lower(), word.upper(), word.casefold()}:
                if count := data.count(form.encode()):
                    found[f"{file.name}: {form}"] = count
    return found


def test_what_is_held_of_a_person(segcli: Run, held: Path) -> None:
    rows = segcli("contact", "show", WHO.title(), "-f", "json").rows
    said = {(row["contact"], row["part"], row["field"]): row["value"] for row in rows}
    assert said["K1:1", "contact", "email"] == WHO
    assert said["K1:1", "contact", "job_title"] == "Chef inkoop"
    assert said["K2:7", "contact", "mobile"] == "06-1234 5678"
    assert said["K1:1", "request", "description"] == "Call piet zwärtjes"
    assert said["K1:1", "opt-out", "date"] == "2026-06-30"
    assert said["K1:1", "list", "is"] == "member"
    assert said["K1:1", "list history", "what"] == "came"
    assert said["K1:1", "account", "name"] == "Bakker"
    assert not any("Anna" in str(row["value"]) for row in rows)
    (only,) = {row["contact"] for row in segcli("contact", "show", "K2:7", "-f", "json").rows}
    assert only == "K2:7"
    for who, hint in (
        ("nobody@x.example", "contact-search"),
        ("K1:9", "there is: 1, 2"),
        ("K1", "ACCOUNT:CODE"),
        ("Q:1", ""),
    ):
        done = segcli("contact", "show", who)
        assert (done.status, done.out) == (2, "")
        assert hint in done.err


def test_nothing_is_left_of_who_was_anonymised(segcli: Run, held: Path) -> None:
    assert traces(held)
    before = segcli("show", "account-search", "-f", "json").rows
    done = segcli("contact", "anonymise", WHO)
    assert (done.status, "add --yes" in done.err) == (2, True)
    assert segcli("contact", "anonymise", WHO, "--dry-run").status == 0
    assert traces(held)
    done = segcli("contact", "anonymise", WHO, "--yes", "--reason", "asked for it")
    assert done.status == 0, done.err
    assert "account K1 had that address or number as its own" in done.err
    assert traces(held) == {}
    assert segcli("check").status == 0
    after = segcli("show", "account-search", "-f", "json").rows
    assert [{**row, "email": None} for row in before if row["account"] == "K1"] == [
        row for row in after if row["account"] == "K1"
    ]
    assert [row for row in after if row["account"] == "K2"] == [row for row in before if row["account"] == "K2"]
    # what others are and have stays; the request stays, and says whom it was about no more
    anna = {
        row["field"]: row["value"]
        for row in segcli("contact", "show", "K1:2", "-f", "json").rows
        if row["part"] == "contact"
    }
    assert (anna["name"], anna["notes"]) == ("Anna de Vries", "anonymised is her boss")
    requests = {row["request"]: row for row in segcli("show", "request-search", "-f", "json").rows}
    assert requests["R1"]["description"] == "Call anonymised"
    assert segcli("show", "request-search", "--text", "piet", "-f", "json").rows == []
    for text in ("piet zw", "zwartjes", "chef"):
        found = segcli("show", "contact-search", text, "--inactive", "-f", "json")
        assert [row for row in found.rows if row["email"] or "Piet" in row["name"]] == [], text
    assert WHO not in segcli("log", "-f", "json").out


@pytest.mark.parametrize(
    ("text", "cleaned"),
    [
        ("with Zoe\u0301 Smite\u0301, and more", "with anonymised, and more"),  # the accents are letters of their own
        ('["Zoe Smite", {"by": ["x", "ZOÉ SMITÉ"]}, 7]', '["anonymised", {"by": ["x", "anonymised"]}, 7]'),
        ("{Zoe Smite} is no JSON", "{anonymised} is no JSON"),
        ("[Zoe Smite", "[anonymised"),
        ("Zoe Smites and joezoe smite", "Zoe Smites and joezoe smite"),  # somebody else
    ],
)
def test_a_name_is_taken_out_however_it_is_written(text: str, cleaned: str) -> None:
    assert scrubbing.everywhere([scrubbing.Person("Zoé Smité")]).cleaned(text) == cleaned


def test_who_was_anonymised_does_not_come_back(segcli: Run, held: Path) -> None:
    assert segcli("contact", "anonymise", WHO, "--yes").status == 0
    text = (
        Path("c.csv").read_text().replace("Piet Zwärtjes is her boss", "")
    )  # what others' files say of him cannot be known
    Path("c.csv").write_text(text)
    done = segcli("import", "c.csv", "r.csv", "a.csv", "--again")
    assert done.status == 0, done.err
    with connected(held) as db:
        assert db.execute("SELECT count(*), sum(name = 'anonymised') FROM contact").fetchone() == (3, 2)
    assert traces(held) == {}
    # by name alone, by GUID alone, or by his address
    Path("n.csv").write_text(f"account,name,email\nK1,PIET ZWÄRTJES,new@x.example\nK2,P. Zwärtjes,{WHO}\n")
    assert segcli("import", "n.csv", "--as", "contact").status == 0
    with connected(held) as db:
        assert [row[0] for row in db.execute("SELECT name FROM contact WHERE email IS NOT NULL ORDER BY id")] == [
            "Anna de Vries",
        ]
    rows = segcli("show", "marketing-list", "-f", "json").rows
    assert [row["email"] for row in rows] == ["anna@bakker.example"]
    # again: nothing to do but to clean; and there is no way back
    assert segcli("contact", "anonymise", "K2:anonymised-2", "--yes").status == 0
    run = next(row["run"] for row in segcli("log", "-f", "json").rows if row["command"] == "contact anonymise")
    assert segcli("undo", str(run), "--yes").status == 1


def test_an_address_that_others_share_is_not_written_to(segcli: Run, empty: Path) -> None:
    Path("c.csv").write_text(
        "account,contact,name,email,consent_basis\nK1,1,Piet Zwärtjes,office@k1.example,consent\nK1,2,Anna,office@k1.example,consent\n"
    )
    assert segcli("import", "c.csv", "--create-missing").status == 0
    assert segcli("contact", "anonymise", "K1:1", "--yes").status == 0
    assert segcli("show", "marketing-list", "-f", "json").rows == []
    rows = segcli("show", "contact-overview", "-f", "json").rows
    assert [(row["name"], row["email"], row["why_not"]) for row in rows if row["email"]] == [
        ("Anna", "office@k1.example", "opted out")
    ]
    assert segcli("list", "opt-in", "office@k1.example").status == 0
    assert [row["contact_name"] for row in segcli("show", "marketing-list", "-f", "json").rows] == ["Anna"]


def test_bookkeeping_and_backups_are_told(segcli: Run, held: Path) -> None:
    Path("i.csv").write_text(
        "invoice_number,invoice_date,account,status,currency,net_amount,vat_amount,total_amount,description\n"
        "1,2026-01-05,K1,processed,EUR,10,0,10,for Piet Zwärtjes\n"
    )
    assert segcli("import", "i.csv").status == 0
    assert segcli("backup", f"{held}.1.backup").status == 0
    done = segcli("contact", "anonymise", WHO, "--yes")
    assert "1 line of invoices and the ledger still names them" in done.err
    assert f"{held}.1.backup still contains the data" in done.err
    with connected(held) as db:
        assert db.execute("SELECT description FROM invoice").fetchone() == ("for Piet Zwärtjes",)


def test_while_others_read_it_is_said(segcli: Run, held: Path) -> None:
    reader = sqlite3.connect(held)
    reader.execute("BEGIN")
    reader.execute("SELECT count(*) FROM contact").fetchone()
    done = segcli("contact", "anonymise", WHO, "--yes")
    assert (done.status, "run this command again" in done.err) == (0, True)
    reader.close()
    assert segcli("contact", "anonymise", WHO, "--yes").status == 0
    assert traces(held) == {}


def test_what_keeps_the_file_from_being_cleaned_is_said(held: Path) -> None:
    with closing(sqlite3.connect(held)) as other, closing(database.connect(held, write=True)) as db:
        other.execute("BEGIN IMMEDIATE")
        assert erasure.clean(db) == "others are using the database"
        other.rollback()
        db.execute("PRAGMA query_only=ON")
        assert erasure.clean(db) == "the database could not be written anew (attempt to write a readonly database)"
        db.execute("PRAGMA query_only=OFF")
        assert erasure.clean(db) == ""


def test_cleaning_that_is_interrupted_is_no_hindrance_but_an_end(held: Path) -> None:
    with closing(database.connect(held, write=True)) as db:
        db.set_progress_handler(lambda: 1, 100)
        with pytest.raises(sqlite3.OperationalError, match="interrupted"):
            erasure.clean(db)


def test_files_beside_it_that_are_of_something_else_are_not_told(segcli: Run, held: Path) -> None:
    assert segcli("backup", "ours.copy").status == 0
    for name, text in (("other.db", "CREATE TABLE x (y)"), ("named.db", "CREATE TABLE administration (mailing_salt)")):
        with connected(held.with_name(name)) as db:
            db.execute(text)
    done = segcli("contact", "anonymise", WHO, "--yes")
    assert done.status == 0
    assert [
        line.split(" still contains the data")[0] for line in done.err.splitlines() if "still contains" in line
    ] == [str(held.with_name("ours.copy"))]


# ------------------------------------------------------------------------------------------------ manifests
def manifest(name: str) -> dict[str, object]:
    found: dict[str, object] = json.loads(Path(f"{name}.manifest.json").read_text())
    return found


def test_a_manifest_fits_its_file(segcli: Run, example: Path) -> None:
    words = ("show", "marketing-list", "--class1", "N", "--where", "turnover(12m) > 100", "-o", "m.csv", "--manifest")
    assert segcli(*words).status == 0
    said = manifest("m.csv")
    text = Path("m.csv").read_bytes()
    assert said["sha256"] == hashlib.sha256(text).hexdigest()
    assert said["rows"] == len(text.splitlines()) - 1
    assert said["columns"] == text.decode().splitlines()[0].split(",")
    assert said["flags"] == {"class1": ["N"], "where": ["turnover(12m) > 100"]}
    assert said["as_of"] == "2026-06-30"
    steps = said["steps"]
    assert isinstance(steps, list)
    assert steps[-1]["number"] == said["rows"]
    assert Path("m.csv.manifest.json").stat().st_mode & 0o777 == 0o600
    # the same once more: both stay; something else: both are new
    made = Path("m.csv.manifest.json").stat().st_mtime_ns
    assert segcli(*words, "--if-changed").status == 0
    assert Path("m.csv.manifest.json").stat().st_mtime_ns == made
    assert segcli(*words[:2], "-o", "m.csv", "--manifest", "--if-changed").status == 0
    assert manifest("m.csv")["sha256"] == hashlib.sha256(Path("m.csv").read_bytes()).hexdigest() != said["sha256"]
    assert segcli("show", "debtor-ageing", "-o", "a.xlsx", "--manifest", "--as-of", "2026-01-31").status == 0
    assert manifest("a.xlsx")["as_of"] == "2026-01-31"
    for bad in (("--manifest",), ("--manifest", "-o", "/dev/null", "-f", "csv")):
        assert segcli("show", "marketing-list", *bad).status == 2


def test_a_file_that_cannot_be_written_has_no_manifest(segcli: Run, example: Path) -> None:
    assert segcli("show", "marketing-list", "-o", "missing/m.csv", "--manifest").status == 1
    assert not list(Path().glob("**/*.manifest.json"))
    assert segcli("show", "marketing-list", "-o", "m.csv", "--manifest").status == 0
    old = Path("m.csv.manifest.json").read_bytes()
    assert segcli("show", "marketing-list", "-o", "m.csv", "--manifest", "--class1", "Q").status == 2
    assert Path("m.csv.manifest.json").read_bytes() == old
