"""A terminal: bulk changes ask there, anything but yes changes nothing, and what takes a moment shows how far it is."""

import signal
from pathlib import Path

import pytest
from conftest import Once, Run, connected, fingerprint
from terminal import AT_ONCE, CTRL_D, at_terminal


def _tagged(segcli: Run) -> None:
    Path("a.csv").write_text("account,name\n1,Ann\n2,Bob\n3,Cor\n")
    Path("p.csv").write_text("account,contact,name,email\n1,1,Piet,piet@a.example\n")
    Path("c.csv").write_text("field,label,code\n1,Region,N\n1,Region,S\n")
    Path("r.yaml").write_text(
        "version: 1\nfield: class1\nrules:\n  - id: all\n    when: country is empty\n    set: S\n"
    )
    assert segcli("import", "a.csv", "p.csv").status == 0
    assert segcli("classification", "import", "c.csv").status == 0
    assert segcli("tag", "1", "2", "--set", "Region=N", "--yes").status == 0


@pytest.fixture
def tagged(once: Once, empty: Path) -> Path:
    """Return a database with three accounts and a contact, where run 4 gave two of the accounts a region."""
    once(_tagged)
    return empty


def regions(database: Path) -> list[str | None]:
    with connected(database) as db:
        sql = "SELECT v.code FROM account AS a LEFT JOIN classification_value AS v ON v.id = a.class1 ORDER BY a.code"
        return [code for (code,) in db.execute(sql)]


TAG = ("tag", "--all", "--set", "Region=S")
ASKED = {
    TAG: "Region: N -> S: 2\nRegion: (none) -> S: 1\nChange 3 of 3 accounts?",
    ("rules", "apply", "r.yaml"): "Region: (none) -> S: 1\nChange 1 of 3 accounts?",  # what was given by hand stays
    ("undo", "4"): "Region: N -> (none): 2\nUndo run 4 (tag) on 2 accounts?",
    ("contact", "anonymise", "1:1"): "1:1 Piet\nRemove the data of 1 contact? This cannot be undone.",
}


@pytest.mark.parametrize(("words", "question"), ASKED.items(), ids=[" ".join(words) for words in ASKED])
def test_a_bulk_change_shows_what_it_does_and_asks(tagged: Path, words: tuple[str, ...], question: str) -> None:
    before = fingerprint(tagged)
    assert at_terminal(*words, answer=b"n\n") == (2, f"{question} [y/N] n\nsegcli: nothing was changed\n")
    assert fingerprint(tagged) == before
    status, shown = at_terminal(*words, answer=b"y\n")
    assert (status, shown.startswith(f"{question} [y/N] y\n")) == (0, True)
    assert fingerprint(tagged) != before


def test_taking_back_what_an_action_did_asks(segcli: Run, tagged: Path) -> None:
    assert segcli("request", "add", "Call", "--account", "1").status == 0
    before = fingerprint(tagged)
    question = "Undo run 5 (request add)? [y/N] "
    assert at_terminal("undo", "5", answer=b"n\n") == (2, f"{question}n\nsegcli: nothing was changed\n")
    assert fingerprint(tagged) == before
    status, shown = at_terminal("undo", "5", answer=b"y\n")
    assert (status, shown.startswith(f"{question}y\n")) == (0, True)
    assert segcli("show", "request-search", "-f", "json").rows == []


@pytest.mark.parametrize(
    "answer", [b"\n", b"yess\n", b"\xff\n", CTRL_D], ids=["nothing", "yess", "no letter", "Ctrl-D"]
)
def test_anything_but_yes_is_no(tagged: Path, answer: bytes) -> None:
    before = fingerprint(tagged)
    status, shown = at_terminal(*TAG, answer=answer, PYTHONIOENCODING="utf-8:strict")
    assert (status, shown.endswith("\nsegcli: nothing was changed\n")) == (2, True)
    assert fingerprint(tagged) == before


def test_an_interrupted_question_changes_nothing(tagged: Path) -> None:
    before = fingerprint(tagged)
    assert at_terminal(*TAG, answer=signal.SIGINT)[0] == 130
    assert fingerprint(tagged) == before


@pytest.mark.parametrize("answer", [b"y\n", b"YES\n", b" j\n", b"Ja \n"])
def test_yes_is_said_in_english_or_dutch(tagged: Path, answer: bytes) -> None:
    status, shown = at_terminal(*TAG, answer=answer)
    assert (status, regions(tagged)) == (0, ["S", "S", "S"])
    assert shown.endswith("\n3 accounts changed (3 classifications), run 5; undo with: segcli undo 5\n")


@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        ((*TAG, "--yes"), ["S", "S", "S"]),
        (("undo", "4", "--yes"), [None, None, None]),
        (("rules", "apply", "r.yaml", "-y"), ["N", "N", "S"]),
        (("tag", "1", "--set", "Region=S"), ["S", "N", None]),  # one account, named by its code
        (("tag", "1", "2", "--set", "Region=N"), ["N", "N", None]),  # there is nothing to change
        ((*TAG, "--dry-run"), ["N", "N", None]),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_needs_no_answer_does_not_ask(tagged: Path, words: tuple[str, ...], wanted: list[str | None]) -> None:
    status, shown = at_terminal(*words)
    assert (status, "[y/N]" in shown, regions(tagged)) == (0, False, wanted)


def test_a_moment_of_work_shows_its_rows_and_leaves_nothing(tagged: Path) -> None:
    told = "a.csv: accounts: 0 added, 0 changed, 3 unchanged\n"
    status, shown = at_terminal("import", "a.csv", "--again", command=AT_ONCE)
    assert (status, "a.csv 3 rows" in shown) == (0, True)
    assert shown.endswith(f"\x1b[2K{told}")  # the line of the bar is cleared
    assert at_terminal("import", "a.csv", "--again") == (0, told)
    assert at_terminal("import", "a.csv", "--again", "--quiet", command=AT_ONCE) == (0, "")


def test_a_bar_goes_before_an_error(tagged: Path) -> None:
    Path("bad.csv").write_text("account,name\n4,Dik\n5\n")
    before = fingerprint(tagged)
    status, shown = at_terminal("import", "bad.csv", command=AT_ONCE)
    assert (status, fingerprint(tagged)) == (1, before)
    assert "\x1b[2Ksegcli: bad.csv:3: " in shown
