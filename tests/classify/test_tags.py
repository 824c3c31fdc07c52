"""Tagging: one account or many, by selection or from a file, within limits."""

from pathlib import Path

import pytest
from class_case import classes
from conftest import Run, fingerprint

from segcli.base.errors import GuardError, UsageError
from segcli.classify import reclassify


def test_one_many_by_selection_and_from_a_file(segcli: Run, classified: Path) -> None:
    assert segcli("tag", "1", "--set", "class1=north", "--set", "Value=a").status == 0
    assert segcli("tag", "--country", "BE", "--set", "class1=S", "--yes").status == 0
    Path("t.csv").write_text("account,name,Region,class3\n1,x,,B\n2,x,N,10\n3,x,none,\n")
    assert segcli("tag", "--from", "t.csv", "--yes").status == 0
    assert classes(segcli) == {"1": "N", "2": "N", "3": None, "4": "S", "5": "S"}
    assert classes(segcli, 3) == {"1": "B", "2": "10", "3": None, "4": None, "5": None}
    before = fingerprint(classified)
    assert segcli("tag", "--from", "t.csv", "--yes", "--exit-code").status == 0
    assert fingerprint(classified) == before
    assert segcli("tag", "4", "--clear", "Region", "--exit-code").status == 4


def test_a_dry_run_shows_from_and_to_and_changes_nothing(segcli: Run, classified: Path) -> None:
    segcli("tag", "1", "--set", "class1=N")
    before = fingerprint(classified)
    done = segcli("tag", "--all", "--set", "class1=S", "--dry-run", "-f", "json", "--exit-code")
    assert done.status == 4
    assert [(r["account"], r["from"], r["to"]) for r in done.rows] == [
        ("1", "N", "S"),
        ("2", None, "S"),
        ("3", None, "S"),
        ("4", None, "S"),
        ("5", None, "S"),
    ]
    assert fingerprint(classified) == before


REFUSED = {
    "nothing to do": (("1",), 2, "nothing to do"),
    "no accounts": (("--set", "class1=N"), 2, "no accounts named"),
    "nobody to ask": (("--all", "--set", "class1=N"), 2, "--yes"),
    "both": (("1", "--all", "--set", "class1=N"), 2, "contradict"),
    "an unknown account": (("99", "--set", "class1=N"), 2, "no account '99'"),
    "an unknown value": (("1", "--set", "class1=Nort"), 2, "N (North)"),
    "an unknown label": (("1", "--set", "Regio=N"), 2, "Region"),
    "a 9th class": (("1", "--set", "class9=N"), 2, "class1 to class8"),
    "an empty value": (("1", "--set", "class1="), 2, "has no value"),
    "an empty selection": (("--class1", "", "--set", "class1=N", "--yes"), 2, "empty"),
    "no sign": (("1", "--set", "class1"), 2, "--set: 'class1' is not LABEL=CODE"),
    "a file and an account": (("1", "--from", "t.csv"), 2, "--from brings its own accounts and values"),
    "a file and a selection": (("--country", "NL", "--from", "t.csv"), 2, "--from brings its own accounts and values"),
    "a file and a value": (("--from", "t.csv", "--clear", "class1"), 2, "--from brings its own accounts and values"),
    "two values": (("1", "--set", "class1=N", "--set", "Region=S"), 2, "two values"),
    "too many": (("--all", "--yes", "--set", "class1=N", "--max-changes", "4"), 6, "5 of 5 accounts"),
    "too large a share": (("--all", "--yes", "--set", "class1=N", "--max-changes", "99%"), 6, "--max-changes 99%"),
    "no guard": (("--all", "--yes", "--set", "class1=N", "--max-changes", "few"), 2, "neither a number"),
}


@pytest.mark.parametrize(("words", "status", "text"), REFUSED.values(), ids=REFUSED)
def test_tag_refuses(segcli: Run, classified: Path, words: tuple[str, ...], status: int, text: str) -> None:
    before = fingerprint(classified)
    done = segcli("tag", *words)
    assert (done.status, done.out) == (status, ""), done.err
    assert text in done.err
    assert fingerprint(classified) == before


FILES = {
    "an unknown value": ("account,Region\n1,Nort\n2,N\n", 1, "t.csv:2:Region: 'Nort'"),
    "an unknown account": ("account,Region\n1,N\n77,N\n", 1, "t.csv:3:account: '77'"),
    "a double account": ("account,Region\n1,N\n2,S\n1,S\n", 1, "duplicate of line 2"),
    "no class column": ("account,name\n1,A\n", 1, "there is no classification in it"),
    "no account column": ("code2,Region\n1,N\n", 1, "no column names the account"),
    "an unknown label": ("account,Regio\n1,N\n", 1, "t.csv: unknown classification 'Regio'"),
    "a ragged row": ("account,Region\n1,N,x\n", 1, "expected 2 fields, found 3"),
    "two columns for one class": ("account,Region,class1\n1,N,N\n", 1, "same classification"),
}


@pytest.mark.parametrize(("content", "status", "text"), FILES.values(), ids=FILES)
def test_tag_refuses_a_file_whole(segcli: Run, classified: Path, content: str, status: int, text: str) -> None:
    Path("t.csv").write_text(content)
    before = fingerprint(classified)
    done = segcli("tag", "--from", "t.csv", "--yes")
    assert (done.status, done.out) == (status, ""), done.err
    assert text in done.err
    assert fingerprint(classified) == before


@pytest.mark.parametrize(
    ("limit", "count", "whole", "refused"),
    [
        ("0.57%", 57, 10_000, False), ("0.57%", 58, 10_000, True), ("33.3%", 333, 1000, False), ("33.3%", 334, 1000, True), ("1.1%", 11, 1000, False),
        ("0%", 0, 10, False), ("0%", 1, 10, True), ("100%", 10, 10, False), ("5", 5, 10, False), ("5", 6, 10, True), ("0", 0, 0, False), ("5.%", 1, 20, False),
    ],
)  # fmt: skip
def test_limits_are_exact(limit: str, count: int, whole: int, refused: bool) -> None:
    if refused:
        with pytest.raises(
            GuardError,
            match=f"{count} of {whole} accounts would change, more than --max-changes {limit}: nothing was changed",
        ):
            reclassify.guard(count, whole, limit)
    else:
        reclassify.guard(count, whole, limit)


@pytest.mark.parametrize(("limit", "said"), [("", "neither"), ("%", "neither"), (".%", "neither"), ("5%%", "neither"), ("1.5", "neither"), ("nan%", "neither"),
                                             ("1e3%", "neither"), ("\u00b2%", "neither"), ("-1", "negative"), ("-5%", "negative")])  # fmt: skip
def test_limits_that_are_none(limit: str, said: str) -> None:
    with pytest.raises(UsageError, match=rf"^--max-changes: '{limit}' is {said}"):
        reclassify.guard(0, 10, limit)


def test_without_a_limit_all_may_change() -> None:
    reclassify.guard(10, 10, None)
