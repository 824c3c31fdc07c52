"""Entry templates: what they make of an amount, and linking, unlinking and the main one, twice and back."""

from pathlib import Path

import pytest
from conftest import APPLY, APPLY_SELECTED, Once, Run, connected, fingerprint
from hypothesis import given
from hypothesis import strategies as st

from segcli.actions.link_entry_template import spread

LINES = "entry_template,description,journal,is_blocked,line_number,gl_account,vat_code,line_description,amount,weight\n"


def _templates(segcli: Run) -> None:
    Path("t.csv").write_text(
        f"{LINES}RENT,Rent,60,0,1,4100,5,Rent,,100\nRENT,Rent,60,0,2,1520,,VAT,,10\nTEL,Phone,60,0,1,4200,,,25.00,\n"
        "TEL,Phone,60,0,2,4210,,,,1\nOLD,Old,60,1,1,4300,,,,1\n"
    )
    Path("l.csv").write_text("entry_template,account,is_main\nRENT,A,1\nTEL,A,0\nOLD,B,0\n")
    Path("a.csv").write_text("account,name,country\nA,A,NL\nB,B,NL\nC,C,BE\n")
    for _ in range(2):
        assert segcli("import", "t.csv", "l.csv", "a.csv").status == 0


@pytest.fixture
def templates(once: Once, empty: Path) -> Path:
    once(_templates)
    return empty


def links(segcli: Run) -> dict[str, tuple[str | None, str | None]]:
    rows = segcli("run", "link-entry-template", "-f", "json").rows
    return {row["account"]: (row["main"], row["templates"]) for row in rows}


def link(segcli: Run, *words: str) -> None:
    done = segcli("run", "link-entry-template", *words, *APPLY_SELECTED)
    assert done.status == 0, done.err


def test_lnk_02_an_entry_of_an_amount(segcli: Run, templates: Path) -> None:
    # LNK-02: 12.24 of which 10 parts in 110 are tax.
    rows = segcli("run", "link-entry-template", "RENT", "--spread", "12.24", "-f", "json").rows
    assert [(row["gl_account"], row["debit"], row["credit"]) for row in rows] == [
        ("4100", 11.13, None),
        ("1520", 1.11, None),
        (None, None, 12.24),
    ]
    rows = segcli("run", "link-entry-template", "TEL", "--spread", "30", "-f", "json").rows
    assert [(row["debit"], row["credit"]) for row in rows] == [(25, None), (5, None), (None, 30)]


@given(st.integers(-(10**9), 10**9), st.lists(st.integers(1, 10**6), min_size=1, max_size=9))
def test_shares_by_weight_add_up(amount: int, weights: list[int]) -> None:
    shares = spread(amount, [(None, weight) for weight in weights])
    assert sum(shares) == amount
    for share, weight in zip(shares, weights, strict=True):
        assert abs(share - amount * weight / sum(weights)) <= 1


def test_lnk_01_linking_again_changes_nothing(segcli: Run, templates: Path) -> None:
    # LNK-01: ERPNext refuses a link that is there; here it is unchanged, and the run is not kept.
    before = fingerprint(templates)
    link(segcli, "RENT", "--account", "A")
    assert fingerprint(templates) == before
    link(segcli, "TEL", "--account", "A", "--main")
    assert links(segcli)["A"] == ("TEL", "RENT, TEL")


def test_link_main_unlink_and_back(segcli: Run, templates: Path) -> None:
    before = links(segcli)
    assert before == {"A": ("RENT", "RENT, TEL"), "B": (None, "OLD")}
    preview = segcli("run", "link-entry-template", "TEL", "--main", "--country", "NL", "-f", "json").rows
    assert [(row["account"], row["change"]) for row in preview] == [("A", "main"), ("B", "main")]
    assert links(segcli) == before
    link(segcli, "TEL", "--main", "--country", "NL")
    assert links(segcli) == {"A": ("TEL", "RENT, TEL"), "B": ("TEL", "OLD, TEL")}
    link(segcli, "OLD", "--unlink", "--all")
    assert links(segcli)["B"] == ("TEL", "TEL")
    run = segcli("log", "-f", "json").rows[1]["run"]
    assert segcli("undo", run, "--yes").status == 0
    assert links(segcli) == {"A": ("RENT", "RENT, TEL")}
    assert segcli("undo", segcli("log", "-f", "json").rows[0]["run"], "--yes").status == 0  # and back again
    assert links(segcli) == {"A": ("TEL", "RENT, TEL"), "B": ("TEL", "TEL")}
    assert segcli("check").status == 0


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (("NOPE",), 2),
        (("OLD", "--account", "A"), 1),  # blocked
        (("RENT", "--apply"), 2),  # whom?
        (("RENT", "--main", "--unlink", *APPLY), 2),
        (APPLY, 2),
        (("RENT", "--spread", "x"), 2),
        (("RENT", *APPLY, "--max-changes", "1"), 6),
    ],
)
def test_what_is_refused(segcli: Run, templates: Path, words: tuple[str, ...], status: int) -> None:
    before = fingerprint(templates)
    done = segcli("run", "link-entry-template", *words)
    assert (done.status, done.out) == (status, "")
    assert fingerprint(templates) == before


@pytest.mark.parametrize(
    "line",
    ["X,,60,0,1,4100,,,5,5", "X,,60,0,0,4100,,,5,", "X,,60,0,1,4100,,,,0", "X,,60,0,1,4100,,,5,\nX,,60,0,1,4200,,,5,"],
)
def test_lines_that_cannot_be(segcli: Run, empty: Path, line: str) -> None:
    Path("t.csv").write_text(f"{LINES}{line}\n")
    before = fingerprint(empty)
    assert segcli("import", "t.csv").status == 1
    assert fingerprint(empty) == before


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("R,1,8000,1.00,2,70", "an amount or a weight, not both"),
        ("R,1,8000,,0,70", "a weight is 1 or more"),
        ("R,0,8000,,1,70", "lines count from 1"),
        ("R,2,8000,,1,70\nr,2,8000,,1,70", "duplicate of line 2"),
    ],
)
def test_lines_of_templates_that_cannot_be(segcli: Run, empty: Path, line: str, words: str) -> None:
    Path("t.csv").write_text(f"entry_template,line_number,gl_account,amount,weight,journal\n{line}\n")
    before = fingerprint(empty)
    done = segcli("import", "--as", "entry_template", "t.csv")
    assert (done.status, words in done.err) == (1, True), done.err
    assert fingerprint(empty) == before


def test_a_template_that_changed_has_its_new_lines_only(segcli: Run, empty: Path) -> None:
    for lines, found in (("R,8000,,1,70\nR,8100,,2,70\n", [(1, 1), (2, 2)]), ("R,8000,,3,70\n", [(1, 3)])):
        Path("t.csv").write_text(f"entry_template,gl_account,amount,weight,journal\n{lines}")
        for _ in range(2):
            assert segcli("import", "--as", "entry_template", "t.csv").status == 0
            with connected(empty) as db:
                assert db.execute("SELECT line_number, weight FROM entry_template_line ORDER BY 1").fetchall() == found
