"""Marketing lists: who is written to and who never is, whatever flag is given; lists that follow their selection; test groups."""

import csv
import hashlib
import io
from pathlib import Path

import pytest
from conftest import Run, connected, fingerprint

ACCOUNTS = """account,name,class1,is_blocked,is_mailing_excluded,end_date
A,Ann,X,0,0,
B,Bob,X,0,0,
C,Cut off,X,1,0,
D,Done,X,0,0,2026-01-31
E,Excluded,Y,0,1,
"""
CONTACTS = """account,contact,name,email,is_main_contact,is_mailing_excluded,end_date,consent_basis,consent_source,consent_date
A,1,Anna,anna@a.example,0,0,,consent,web form,2026-01-05
A,2,Arie,Shared@a.example,0,0,,,,
A,3,None,,0,0,,,,
A,4,Bad,not an address,0,0,,,,
B,1,Boss,shared@A.example ,1,0,,,,
B,2,Gone,gone@b.example,0,0,2026-05-01,consent,,
B,3,No,no@b.example,0,1,,consent,,
C,1,Cor,c@c.example,0,0,,consent,,
D,1,Dirk,d@d.example,0,0,,consent,,
E,1,Eva,e@e.example,0,0,,consent,,
B,5,Bea,bea@b.example,0,0,,published,site,
"""


@pytest.fixture
def contacts(segcli: Run, empty: Path) -> Path:
    Path("a.csv").write_text(ACCOUNTS)
    Path("c.csv").write_text(CONTACTS)
    Path("i.csv").write_text("invoice_number,account,invoice_date,net_amount\n1,B,2024-02-01,10\n2,A,2020-02-01,10\n")
    for name in "aci":
        done = segcli("import", f"{name}.csv", "--create-missing")
        assert done.status == 0, done.err
    return empty


def written(segcli: Run, *words: str) -> list[str]:
    return [
        str(row["email"]) for row in segcli("show", "marketing-list", "-f", "json", "--columns", "email", *words).rows
    ]


def test_who_is_written_to(segcli: Run, contacts: Path) -> None:
    rows = segcli(
        "show", "marketing-list", "-f", "json", "--columns", "email,contact_name,basis,basis_source,basis_date,sharing"
    ).rows
    assert [tuple(row.values()) for row in rows] == [
        ("anna@a.example", "Anna", "consent", "web form", "2026-01-05", 1),
        ("bea@b.example", "Bea", "published", "site", None, 1),
        (
            "shared@A.example",
            "Boss",
            "customer",
            None,
            None,
            2,
        ),  # the main contact; Bob was invoiced within three years, Ann was not
    ]
    cases = {
        ("--basis", "consent"): ["anna@a.example"], ("--basis", "customer,published"): ["bea@b.example", "shared@A.example"],
        ("--class1", "Y"): [], ("--account", "A"): ["anna@a.example", "Shared@a.example"], ("--basis", "none"): ["Shared@a.example"],
        ("--as-of", "2027-03-01", "--basis", "customer"): [], ("--as-of", "2026-04-30", "--account", "B", "--basis", "consent"): ["gone@b.example"],
    }  # fmt: skip
    assert {words: written(segcli, *words) for words in cases} == cases
    reasons = {
        row["name"]: row["why_not"] for row in segcli("show", "contact-overview", "--inactive", "-f", "json").rows
    }
    assert reasons == {
        "Anna": None, "Arie": None, "None": "no e-mail address", "Bad": "malformed e-mail address", "Boss": None, "Gone": "contact ended",
        "No": "contact excluded", "Cor": "account blocked", "Dirk": "account ended", "Eva": "account excluded", "Bea": None,
    }  # fmt: skip


def test_an_opt_out_stays_whatever_comes_in(segcli: Run, contacts: Path) -> None:
    assert segcli("list", "opt-out", " ANNA@A.example", "--source", "reply").status == 0
    assert written(segcli) == ["bea@b.example", "shared@A.example"]
    with connected(contacts) as db:
        salt = db.execute("SELECT mailing_salt FROM administration").fetchone()[0]
        assert (
            db.execute("SELECT address_hash FROM opt_out").fetchone()[0]
            == hashlib.sha256(f"{salt}|anna@a.example".encode()).hexdigest()
        )
        db.execute("UPDATE contact SET email = NULL WHERE name = 'Anna'")
        db.commit()
    Path("c.csv").write_text(CONTACTS.replace("A,1,Anna,anna@a", "A,9,Other,Anna@A"))
    assert segcli("import", "c.csv").status == 0
    for words in ((), ("--inactive",) * 0, ("--basis", "consent"), ("--account", "A"), ("--where", "class1 = 'X'")):
        assert not [address for address in written(segcli, *words) if address.lower().startswith("anna")]
    before = fingerprint(contacts)
    assert segcli("list", "opt-out", "anna@a.example").status == 0  # twice is once
    assert fingerprint(contacts) == before
    assert segcli("list", "opt-in", "anna@a.example").status == 0
    assert "Anna@A.example" in written(segcli)
    assert segcli("list", "opt-out", "-", stdin="bea@b.example\n\nshared@a.example\n").status == 0
    assert written(segcli) == ["Anna@A.example"]
    run = segcli("log", "-f", "json").rows[0]["run"]
    assert segcli("undo", run, "--yes").status == 0
    assert len(written(segcli)) == 3
    for wrong in ("anna", "@x", "a b@c.example", ""):
        assert segcli("list", "opt-out", wrong).status == 2
    refused = segcli("list", "opt-out", "-", stdin="anna@a.example\nmüller@a.example\n".encode("cp1252"))
    assert (refused.status, "<stdin>:2: this line is not UTF-8" in refused.err) == (1, True)
    assert len(written(segcli)) == 3


def members(segcli: Run) -> dict[str, int]:
    return {str(row["name"]): int(row["contacts"]) for row in segcli("list", "list", "-f", "json").rows}


def test_lists_follow_their_selection(segcli: Run, contacts: Path) -> None:
    assert segcli("list", "create", "all", "--class1", "X").status == 0
    assert segcli("list", "create", "more", "--class1", "X", "--sync", "add").status == 0
    assert segcli("list", "create", "now", "--class1", "X", "--static").status == 0
    assert members(segcli) == {"all": 10, "more": 10, "now": 10}
    assert segcli("tag", "B", "--set", "class1=Y").status == 0
    assert segcli("tag", "E", "--set", "class1=X").status == 0
    assert segcli("list", "sync", "--dry-run").status == 0
    assert members(segcli) == {"all": 10, "more": 10, "now": 10}
    assert segcli("list", "sync").status == 0
    assert members(segcli) == {"all": 7, "more": 11, "now": 10}  # less the four of Bob, and the one of E
    before = fingerprint(contacts)
    assert segcli("list", "sync").status == 0  # twice is once
    assert fingerprint(contacts) == before
    assert written(segcli, "--list", "all") == ["anna@a.example", "Shared@a.example"]
    assert written(segcli, "--list", "now", "--exclude", "all") == ["bea@b.example"]  # Arie has the other address
    assert written(segcli, "--list", "now", "--account", "B") == ["bea@b.example", "shared@A.example"]
    run = segcli("log", "-f", "json").rows[0]["run"]
    assert segcli("undo", run, "--yes").status == 0
    assert members(segcli) == {"all": 10, "more": 10, "now": 10}
    refused = segcli("list", "sync", "all", "now")  # neither: what is static stays as it was made
    assert (refused.status, "list 'now' is static" in refused.err) == (2, True)
    assert members(segcli) == {"all": 10, "more": 10, "now": 10}
    assert segcli("list", "delete", "now").status == 0
    assert "now" not in members(segcli)
    cases = (("create", "all", "--class1", "X"), ("create", "x"), ("create", "x", "--class1", "X", "--all"), ("sync", "nope"),
             ("create", "x", "--class1", "Q"), ("delete", "nope"), ("create", "x", "--all", "--static", "--sync", "add"))  # fmt: skip
    assert [segcli("list", *words).status for words in cases] == [2] * len(cases)
    assert segcli("show", "marketing-list", "--list", "nope").status == 2


def test_groups_stay_as_they_are(segcli: Run, example: Path) -> None:
    split = ("--split", "90:10", "--seed", "spring", "--columns", "email,account,test_group")

    def groups(*words: str) -> dict[str, str]:
        rows = csv.DictReader(io.StringIO(segcli("show", "marketing-list", *split, "-f", "csv", *words).out))
        return {row["email"]: row["test_group"] for row in rows}

    whole = groups()
    expected = {}
    for row in segcli("show", "marketing-list", "-f", "json", "--columns", "email,account").rows:
        number = int(hashlib.sha256(f"spring|{row['account']}".encode()).hexdigest()[:8], 16) % 10_000
        expected[str(row["email"])] = "A" if number < 9_000 else "B"
    assert whole == expected
    assert set(whole.values()) == {"A", "B"}
    assert groups("--class1", "N").items() <= whole.items()
    assert groups("--sort", "-email") == whole
    held = set(written(segcli, "--holdout", "20%", "--seed", "spring"))
    assert 0 < len(held) < len(whole)
    assert held | set(written(segcli, "--holdout", "20%", "--seed", "spring", "--class1", "any")) == held
    three = csv.DictReader(
        io.StringIO(segcli("show", "marketing-list", "--split", "1:1:1", "--seed", "s", "-f", "csv").out)
    )
    assert {row["test_group"] for row in three} == {"A", "B", "C"}
    for words in (("--split", "90:10"), ("--split", "90", "--seed", "x"), ("--split", "a:b", "--seed", "x"), ("--split", "0:1", "--seed", "x"),
                  ("--holdout", "0", "--seed", "x"), ("--holdout", "100", "--seed", "x"), ("--holdout", "5"), ("--basis", "x")):  # fmt: skip
        assert segcli("show", "marketing-list", *words).status == 2, words


def test_one_line_per_address_in_the_example(segcli: Run, example: Path) -> None:
    """By another route: plain SQL and Python over the contacts."""
    with connected(example) as db:
        rows = db.execute(
            "SELECT c.email, c.is_main_contact, c.id, a.is_blocked + a.is_mailing_excluded + c.is_mailing_excluded, a.end_date, c.end_date"
            " FROM contact AS c JOIN account AS a ON a.id = c.account_id WHERE c.email LIKE '%_@_%._%'"
        ).fetchall()
        accounts = db.execute(
            "SELECT email FROM account WHERE email IS NOT NULL AND (is_blocked OR is_mailing_excluded OR end_date < '2026-06-30')"
        ).fetchall()
    fine = [
        r
        for r in rows
        if not r[3] and all(day is None or day >= "2026-06-30" for day in r[4:]) and " " not in r[0].strip()
    ]
    suppressed = {row[0].strip().casefold() for row in (*accounts, *(r for r in rows if r not in fine))}
    fine = [r for r in fine if r[0].strip().casefold() not in suppressed]
    fine = [r for r in fine if r[0].count("@") == 1 and not set(",;<>") & set(r[0]) and not r[0].endswith(".")]
    assert sorted({r[0].strip().casefold() for r in fine}) == sorted(address.casefold() for address in written(segcli))
