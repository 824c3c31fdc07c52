"""Hints of wrong command lines: each names words that work instead."""

from pathlib import Path

import pytest
from conftest import Run


@pytest.mark.parametrize(
    ("words", "message", "hint"),
    [
        ("show outstanding-items --region S", "has no option --region", "--class LABEL=VALUES"),
        ("tag --account not:000154 --clear class1", "no account 'not:000154'", "--where \"account != '000154'\""),
        ("show sales-analysis --from 2026-07-01 --to 2026-06-30", "lies after", "exchange the two days"),
        ("run print-statements --account 000081 --apply --yes", "where do the statements go?", "-o is for the list"),
    ],
)
def test_the_hint_names_what_works(segcli: Run, example: Path, words: str, message: str, hint: str) -> None:
    done = segcli(*words.split())
    assert done.status == 2
    assert message in done.err.splitlines()[0]
    assert hint in done.err.splitlines()[1]


def test_an_option_of_a_command_without_selection_has_no_such_hint(segcli: Run, example: Path) -> None:
    done = segcli("log", "--region", "S")
    assert done.status == 2
    assert "--class" not in done.err


def test_the_expression_of_the_hint_leaves_the_account_out(segcli: Run, example: Path) -> None:
    shown = segcli("show", "account-search", "--country", "BE", "--where", "account != '000154'", "-f", "json").rows
    every = segcli("show", "account-search", "--country", "BE", "-f", "json").rows
    assert {row["account"] for row in every} - {row["account"] for row in shown} == {"000154"}
