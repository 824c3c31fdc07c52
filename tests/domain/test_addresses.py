"""E-mail addresses: one key for all spellings of a mailbox, and nobody is offered an address that another must not be written to at."""

import hashlib
import random
import re
from pathlib import Path

import pytest
from conftest import Run, connected
from hypothesis import given
from hypothesis import strategies as st
from import_case import load

from segcli.domain import email_addresses

# The A-labels are those of RFC 5891 and UTS 46 without transitional mapping, as the idna package gives them.
SPELLINGS = {
    "pat@mail.example": (
        "PAT@Mail.Example", " pat@mail.example\t", "mailto:pat@mail.example", "MAILTO:Pat%40mail.example", '"pat"@mail.example',
        '"p\\at"@mail.example', "p\u200bat@mail\u00ad.example", "\ufeffpat@mail.example", "pat@mail\u3002example", "ｐａｔ＠mail.example",
    ),
    "x@xn--mller-kva.example": ("x@müller.example", "X@MÜLLER.example", "x@mu\u0308ller.example", "x@XN--MLLER-KVA.example"),
    "x@xn--strae-oqa.de": ("x@straße.de", "x@STRAẞE.de", "x@xn--strae-oqa.de"),
    "x@strasse.de": ("x@STRASSE.de",),
    "jörg@xn--e1afmkfd.xn--p1ai": ("JÖRG@пример.рф", "jo\u0308rg@ПРИМЕР.РФ"),
}  # fmt: skip
MALFORMED = (
    "", "pat", "@mail.example", "pat@", "pat@mail", "pat@@mail.example", "a..b@x.nl", ".a@x.nl", "a.@x.nl", "tel:+31201234567", "tel:1@x.nl",
    "pat@x.nl?subject=hi", "mailto:pat@x.nl?subject=hi", "a@b.nl, c@d.nl", "Pat <pat@x.nl>", "p at@x.nl", "pat@x.nl.", "pat@-x.nl",
    "pat@x-.nl", "pat@x..nl", "pat@1.2.3.4", "pat@x.nl\nBcc: y@z.nl", '"a..b"@x.nl', '""@x.nl', f"{'a' * 65}@x.nl", f"a@{'b' * 64}.nl",
    f"a@{'bcd.' * 80}nl", "mailto:pat@x.nl%0ABcc:y@z.nl", "pat@x.nl/y",
)  # fmt: skip


@pytest.mark.parametrize("key", SPELLINGS)
def test_spellings_of_a_mailbox_are_one(key: str) -> None:
    for text in (key, *SPELLINGS[key]):
        assert email_addresses.key(text) == key, text
        written = email_addresses.address(text)
        assert written is not None
        assert email_addresses.address(written) == written
        assert email_addresses.keys(text)[0] == key


@pytest.mark.parametrize("text", MALFORMED)
def test_what_is_no_address(text: str) -> None:
    assert (email_addresses.address(text), email_addresses.key(text)) == (None, None)
    assert email_addresses.same(text) == text.strip().casefold()


@pytest.mark.repeats
@given(st.text(max_size=30), st.text(alphabet='aZü.@"\\-ß\u200b:?x\u0308n', max_size=20))
def test_what_is_written_has_the_same_key(one: str, other: str) -> None:
    for text in (one, other, f"{one}@{other}.nl", f"mailto:{other}@xn--{one}.nl"):
        written, key = email_addresses.address(text), email_addresses.key(text)
        assert (written is None) == (key is None)
        if written and key:
            assert email_addresses.key(written) == key == email_addresses.key(key)
            assert written.count("@") == 1
            assert not any(c.isspace() for c in written)


def imported(segcli: Run, accounts: str, contacts: str) -> None:
    load(segcli, a=accounts, c=contacts)


def offered(segcli: Run, *words: str) -> list[str]:
    return [row["email"] for row in segcli("show", "marketing-list", "-f", "json", "--columns", "email", *words).rows]


def why(segcli: Run) -> dict[str, str | None]:
    rows = segcli("show", "contact-overview", "-f", "json", "--inactive", "--columns", "account,contact,why_not").rows
    return {f"{row['account']}:{row['contact']}": row["why_not"] for row in rows}


@pytest.mark.usefixtures("empty")
def test_a_suppressed_address_is_offered_through_nobody(segcli: Run) -> None:
    """PAT is on the list that is excluded; Ray of A3 is excluded from mailing."""
    for words in (("label", "1", "Group"), ("value", "add", "1", "COMP")):
        assert segcli("classification", *words).status == 0
    imported(
        segcli,
        "account,name,class1\nA1,Alpha,\nA2,Beta,COMP\nA3,Gamma,\n",
        "account,contact,last_name,email,is_mailing_excluded,consent_basis\nA1,1,Lee,pat@mail.example,0,consent\n"
        "A2,1,Lee,PAT@mail.example,0,consent\nA1,2,Ray,sam@mail.example,0,consent\nA3,1,Ray,sam@mail.example,1,consent\n",
    )
    assert segcli("list", "create", "comp", "--class1", "COMP").status == 0
    assert offered(segcli, "--exclude", "comp") == []
    assert offered(segcli) == ["pat@mail.example"]
    assert offered(segcli, "--account", "A1", "--exclude", "comp") == []
    assert why(segcli)["A1:2"] == "same address: contact excluded"


ACCOUNTS = """account,name,email,is_blocked,is_mailing_excluded,end_date
A,Alpha,,0,0,
B,Blocked,office@b.example,1,0,
E,Ended,,0,0,2026-06-01
X,Excluded,,0,1,
"""
CONTACTS = """account,contact,last_name,email,is_mailing_excluded,end_date,consent_basis,consent_date
A,1,a,OFFICE@B.example,0,,consent,
A,2,b,mailto:b@b.example,0,,consent,
A,3,c,c@xn--mller-kva.example,0,,consent,
A,4,d,d@x.example,0,,consent,
A,5,e,gone@a.example,0,,consent,
A,6,f,mailto:Fine@a.example,0,,consent,2026-05-01
A,7,g,out@STRASSE.example,0,,consent,
A,8,h,tel:+31201234567,0,,consent,
B,1,b,"""
CONTACTS += '"""b""@b.example",0,,consent,\n'
CONTACTS += """E,1,c,C@MÜLLER.example,0,,consent,
X,1,d,d@x.example,0,,consent,
A,9,i,Gone@A.example,0,2026-06-01,consent,
"""


def test_each_reason_goes_by_address(segcli: Run, empty: Path) -> None:
    imported(segcli, ACCOUNTS, CONTACTS)
    with connected(empty) as db:  # as an earlier segcli kept out@straße.example: by IDNA 2003
        salt = db.execute("SELECT mailing_salt FROM administration").fetchone()[0]
        db.execute(
            "INSERT INTO run (command, source, user_name, started_at) VALUES ('list opt-out', 'manual', 'x', '2026-01-01T12:00:00Z')"
        )
        db.execute("INSERT INTO opt_out SELECT ?, '2026-01-01', NULL, max(id) FROM run",
                   (hashlib.sha256(f"{salt}|out@strasse.example".encode()).hexdigest(),))  # fmt: skip
        db.commit()
    found = why(segcli)
    assert {key: found[f"A:{key}"] for key in range(1, 9)} == {
        1: "same address: account blocked", 2: "same address: account blocked", 3: "same address: account ended",
        4: "same address: account excluded", 5: "same address: contact ended", 6: None, 7: "opted out", 8: "malformed e-mail address",
    }  # fmt: skip
    assert offered(segcli) == ["Fine@a.example"]
    assert offered(segcli, "--as-of", "2026-04-30", "--basis", "consent") == [
        "c@xn--mller-kva.example",
        "gone@a.example",
    ]
    Path("c.csv").write_text(CONTACTS.replace("out@STRASSE.example", "out@xn--strae-oqa.example"), encoding="utf-8")
    assert segcli("import", "c.csv").status == 0
    assert why(segcli)["A:7"] == "opted out"
    assert segcli("list", "opt-in", "out@straße.example").status == 0
    assert why(segcli)["A:7"] is None
    assert segcli("list", "opt-out", "MAILTO:FINE@A.EXAMPLE", "out@straße.example").status == 0
    assert offered(segcli) == []
    for wrong in ("tel:+31201234567", "a..b@x.nl", "mailto:fine@a.example?subject=stop"):
        assert segcli("list", "opt-out", wrong).status == 2


def test_who_was_anonymised_is_known_by_any_spelling(segcli: Run, empty: Path) -> None:
    head = "account,contact,last_name,email,consent_basis\n"
    imported(segcli, "account,name\nA,Alpha\n", f"{head}A,1,Zwart,z@müller.example,consent\n")
    assert segcli("contact", "anonymise", "Z@xn--mller-kva.example", "--yes").status == 0
    Path("c.csv").write_text(f"{head}A,2,Other,mailto:z@MÜLLER.example,consent\n", encoding="utf-8")
    assert segcli("import", "c.csv").status == 0
    assert offered(segcli) == []
    with connected(empty) as db:
        assert db.execute("SELECT count(*) FROM contact WHERE email IS NOT NULL").fetchone() == (0,)


@pytest.mark.usefixtures("empty")
def test_a_draft_goes_to_the_address_alone(segcli: Run) -> None:
    Path("c.yaml").write_text(
        "letters: {name: Us, iban: NL91ABNA0417164300}\nreminders: {levels: [{action: email, start: due date, days: 1}]}\n"
    )
    imported(
        segcli,
        "account,name,email\nA,Alpha,MailTo:pat@a.example\nB,Beta,a..b@b.example\n",
        "account,contact,last_name\nA,1,x\n",
    )
    Path("r.csv").write_text(
        "account,invoice_number,invoice_date,due_date,currency,amount\nA,1,2026-01-01,2026-02-01,EUR,50\nB,2,2026-01-01,2026-02-01,EUR,50\n"
    )
    assert segcli("import", "r.csv").status == 0
    done = segcli("--config", "c.yaml", "run", "print-reminders", "--all", "--yes", "--apply", "--folder", "out")
    assert done.status == 0, done.err
    (draft,) = Path("out").rglob("*.eml")
    assert draft.read_bytes().startswith(b"To: pat@a.example\r\n")


@pytest.mark.parametrize("number", [500, pytest.param(20_000, marks=pytest.mark.repeats)])
def test_the_usual_address_gets_what_every_other_one_gets(monkeypatch: pytest.MonkeyPatch, number: int) -> None:
    """Most addresses are recognised by one pattern and not looked into further: that must make no difference."""
    parts = ("a", "A.b", "xn--", "XN--strae-oqa", "é", "@", "@", "@x.nl", ".", "..", "-", "b-c", "12", "com", " ", "\n", "a" * 63,
             "a" * 64, "b" * 62, "_", "é.nl", '"', "\u200b", "ß")  # fmt: skip
    draw = random.Random(7)
    texts = ["".join(draw.choices(parts, k=draw.randint(1, 7))) for _ in range(number)]
    usual = [text for text in texts if email_addresses._USUAL.fullmatch(text.strip())]
    assert len(usual) > number / 200

    def forms() -> list[tuple[object, ...]]:
        return [
            tuple(form(text) for form in (email_addresses.address, email_addresses.key, email_addresses.keys))
            for text in texts
        ]

    fast = forms()
    monkeypatch.setattr(email_addresses, "_USUAL", re.compile("(?!)"))
    assert forms() == fast
