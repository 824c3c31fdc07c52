"""Opt-outs: no flag and no spelling of an address lets one through."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from conftest import Run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from people import written

from segcli.cli import main

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
    assert set(names) == {
        "list",
        "show",
        "results",
        "power",
        "create",
        "sync",
        "delete",
        "opt-out",
        "opt-in",
    }  # none of them gives addresses out
