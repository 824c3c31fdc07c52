"""Selection flags: what they find, what is not there, and selections that are saved."""

from pathlib import Path

import pytest
from conftest import Run

SELECT = {
    ("--class1", "N"): "1 2", ("--class1", "north"): "1 2", ("--class1", "N,S"): "1 2 3", ("--class1", "N", "--class1", "S"): "1 2 3",
    ("--class1", "none"): "4 5", ("--class1", "any"): "1 2 3", ("--class1", "not:N"): "3 4 5", ("--class1", "not:N,none"): "3",
    ("--class1", "any", "--class1", "not:S"): "1 2", ("--class1", "prefix:no"): "1 2", ("--class1", "'N'".strip("'")): "1 2",
    ("--class1", "no*"): "1 2", ("--class1", "?"): "1 2 3", ("--class", "Region=S"): "3", ("--class", "class3=10"): "2",
    ("--class3", "2..10"): "2 3", ("--class3", "A..B"): "1", ("--class1", "N", "--class3", "A"): "1", ("--class1", "not:any"): "4 5",
    ("--country", "be"): "4 5", ("--country", "not:NL"): "4 5", ("--status", "customer"): "1 2 3 4 5", ("--status", "P"): "",
    ("--account", "1", "--account", "4"): "1 4", ("--search", "name 3"): "3", ("--manager", "none"): "1 2 3 4 5",
    ("--where", "class1 = N and not class3 = A"): "2", ("--where", "Region != N"): "3 4 5", ("--where", "country in (BE, DE)"): "4 5",
    ("--where", "not (Region is empty or name contains '1')"): "2 3", ("--where", "account between 2 and 3"): "2 3",
    ("--where", "name = 'NÁME 3'"): "3", ("--where", "name starts with 'name' and name ends with '5'"): "5", ("--where", "blocked = false and status = C"): "1 2 3 4 5",
}  # fmt: skip


@pytest.fixture
def tagged(segcli: Run, classified: Path) -> Path:
    """Return the classified database with some classes given."""
    Path("t.csv").write_text("account,Region,Value\n1,N,A\n2,N,10\n3,S,2\n")
    assert segcli("tag", "--from", "t.csv", "--yes").status == 0
    return classified


@pytest.mark.parametrize(("flags", "wanted"), SELECT.items(), ids=[" ".join(flags) for flags in SELECT])
def test_selection(segcli: Run, tagged: Path, flags: tuple[str, ...], wanted: str) -> None:
    done = segcli("show", "account-search", *flags, "-f", "json")
    assert done.status == 0, done.err
    assert " ".join(row["account"] for row in done.rows) == wanted


WRONG = {
    ("--class1", "Nort"): "N (North)", ("--class1", "N,"): "empty", ("--class1", "not:"): "empty", ("--class1", "S..N"): "backwards",
    ("--class1", "X..Y"): "unknown value", ("--class1", "zz*"): "unknown value", ("--class2", "A"): "no values yet",
    ("--class", "Regio=N"): "Region", ("--class", "Region"): "LABEL=VALUES", ("--account", "%"): "no account '%'", ("--country", "FR"): "no account has 'FR'",
    ("--status", "X"): "is no status", ("--selection", "nope"): "no selection 'nope'", ("--where", "1=1"): "there is no such field",
    ("--where", "name = "): "a value is missing", ("--where", "name = x y"): "does not belong here", ("--where", "(name = x"): "closing bracket",
    ("--where", "class1 = Nort"): "unknown value", ("--where", "name = 'x"): "cannot be read", ("--class9", "N"): "--class1 to --class8",
    ("--search", ""): "empty",
}  # fmt: skip


@pytest.mark.parametrize(("flags", "text"), WRONG.items(), ids=[" ".join(flags) for flags in WRONG])
def test_what_is_not_there_is_an_error_and_never_an_empty_result(
    segcli: Run, tagged: Path, flags: tuple[str, ...], text: str
) -> None:
    done = segcli("show", "account-search", *flags)
    assert (done.status, done.out) == (2, "")
    assert text in done.err


def test_saved_selections(segcli: Run, tagged: Path) -> None:
    assert segcli("selection", "save", "north", "--class1", "N").status == 0
    assert segcli("selection", "save", "north-a", "--selection", "north", "--class3", "A").status == 0
    rows = segcli("show", "account-search", "--selection", "North-A", "-f", "json").rows
    assert [row["account"] for row in rows] == ["1"]
    assert [(r["name"], r["accounts"]) for r in segcli("selection", "list", "-f", "json").rows] == [
        ("north", 2),
        ("north-a", 1),
    ]
    assert segcli("selection", "save", "north", "--selection", "north-a").status == 2  # it would refer to itself
    assert segcli("selection", "delete", "north").status == 2  # north-a uses it
    assert segcli("selection", "delete", "north-a").status == 0
    assert segcli("classification", "value", "rename", "1", "N", "--code", "NN").status == 0
    rows = segcli("selection", "list", "-f", "json").rows  # what it names is gone: how many it has, nobody knows
    assert [(r["name"], r["accounts"], r["flags"]) for r in rows] == [("north", None, "--class1 N")]
    assert segcli("selection", "save", "x", "--class1", "Nort").status == 2
    assert segcli("selection", "save", "x").status == 2


def test_complement_law_of_where(segcli: Run, tagged: Path) -> None:
    for test in (
        "city = Delft",
        "city contains 'x'",
        "class1 = N",
        "start_date > 2020-01-01",
        "manager is empty",
        "name >= 'Name 3'",
    ):
        counts = [
            len(segcli("show", "account-search", "--where", text, "-f", "json").rows)
            for text in (test, f"not ({test})")
        ]
        assert sum(counts) == 5, test
