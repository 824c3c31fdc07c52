"""Suggestions name only words that are close to the one that was written."""

import difflib

import pytest
from conftest import Run

from segcli.base.spelling import close
from segcli.query.columns import OF_ACCOUNT

FLAGS = ("--status", "--country", "--sort", "--search", "--sector", "--manager", "--class1", "--limit")


@pytest.mark.parametrize(
    ("word", "names", "wanted"),
    [
        ("plaats", ("status", "state", "city"), []),
        ("--plaats", FLAGS, []),
        ("--statu", FLAGS, ["--status"]),
        ("--Sort", FLAGS, ["--sort"]),
        ("contry", tuple(OF_ACCOUNT), ["country"]),
        ("vat-number", tuple(OF_ACCOUNT), ["vat_number"]),
        ("out", ("outstanding", "overdue"), ["outstanding"]),
        ("ou", ("outstanding", "overdue"), []),
        ("", ("account", "name"), []),
        ("tga", ("tag", "log"), ["tag"]),
    ],
)
def test_close(word: str, names: tuple[str, ...], wanted: list[str]) -> None:
    assert close(word, names) == wanted


@pytest.mark.parametrize("word", ["naam", "acount", "manger", "turnovr", "debtorageing", "q"])
def test_what_is_close_shares_most_of_its_letters(word: str) -> None:
    for name in close(word, (*OF_ACCOUNT, "turnover", "debtor-ageing"), limit=99):
        bare = name.replace("-", "").replace("_", "")
        assert difflib.SequenceMatcher(None, bare, word).ratio() >= 0.6 or bare.startswith(word)


def test_no_close_word_is_no_suggestion(segcli: Run, example: object) -> None:
    assert example
    for words, other in {
        ("show", "account-search", "--plaats", "X"): "see: segcli show account-search --help",
        ("show", "account-search", "--columns", "plaats"): "there are ",
        ("plaats",): "there are ",
    }.items():
        wrong = segcli(*words)
        assert (wrong.status, "did you mean" in wrong.err, other in wrong.err) == (2, False, True), wrong.err
