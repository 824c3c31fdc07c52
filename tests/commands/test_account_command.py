"""`segcli account`: a code is one card, words are searched for, several matches are listed."""

import json
from pathlib import Path

import pytest
from conftest import Run, connected
from terminal import at_terminal


@pytest.fixture
def three(segcli: Run, empty: Path) -> Path:
    """Return a database whose codes and names contain each other."""
    Path("a.csv").write_text("account,name,city\nNL1,Jansen,Delft\nNL10,Jansen & Zn.,Delft\n7,About NL1,Gouda\n")
    assert segcli("import", "a.csv").status == 0
    return empty


def test_a_code_is_that_account_alone(segcli: Run, three: Path) -> None:
    assert three.exists()
    for text in ("NL1", "nl1"):
        shown = segcli("account", text, "-f", "table")
        assert (shown.status, shown.out.startswith("NL1  Jansen\n"), "NL10" in shown.out) == (0, True, False)
    assert [row["account"] for row in segcli("account", "NL1", "-f", "json").rows] == ["NL1"]


def test_several_codes_are_several_cards(segcli: Run, three: Path) -> None:
    assert three.exists()
    both = segcli("account", "NL1", "7", "-f", "table").out
    each = [segcli("account", code, "-f", "table").out for code in ("NL1", "7")]
    assert both == "\n".join(each)


def test_words_with_one_match_are_its_card(segcli: Run, example: Path) -> None:
    with connected(example) as db:
        found = db.execute("SELECT code FROM account WHERE name LIKE '%Gouden Hoen%'").fetchall()
    assert found == [("000001",)]
    assert segcli("account", "gouden", "hoen", "-f", "table") == segcli("account", "000001", "-f", "table")
    # An exact code is no word to search for: other accounts contain it in their search text.
    assert (
        segcli("account", "000001", "-f", "table").out
        == segcli("show", "account-overview", "000001", "-f", "table").out
    )


def test_several_matches_are_listed(segcli: Run, three: Path) -> None:
    listed = segcli("account", "jansen", "-f", "table").out
    assert ("NL1 " in listed, "NL10 " in listed, "About" in listed) == (True, True, False)
    status, shown = at_terminal("account", "jansen")
    assert (status, shown.startswith("several accounts match; a code shows one: segcli account NL1\n")) == (0, True)
    with connected(three) as db:
        wanted = {code for (code,) in db.execute("SELECT code FROM account WHERE name LIKE '%jansen%'")}
    assert {row["account"] for row in segcli("account", "jansen", "-f", "json").rows} == wanted


def test_a_blocked_account_is_found_too(segcli: Run, three: Path) -> None:
    with connected(three) as db:
        db.execute("UPDATE account SET is_blocked = 1, end_date = '2020-01-01' WHERE code LIKE 'NL%'")
        db.commit()
    assert segcli("account", "zn", "-f", "table").out.startswith("NL10  ")
    assert len(segcli("account", "jansen", "-f", "json").rows) == 2


def test_no_match_is_a_mistake(segcli: Run, three: Path) -> None:
    assert three.exists()
    wrong = segcli("account", "zzz")
    assert (wrong.status, wrong.out, "no account has 'zzz'" in wrong.err) == (2, "", True)
    near = segcli("account", "NL1X", "--errors", "json")
    assert "NL1" in json.loads(near.err)["hint"]
