"""Counts in messages: a number with its noun in the singular or plural."""

import pytest

from segcli.base.text import counted


@pytest.mark.parametrize(
    ("number", "noun", "shown"),
    [
        (0, "account", "0 accounts"),
        (1, "account", "1 account"),
        (2, "account", "2 accounts"),
        (1, "address", "1 address"),
        (2, "address", "2 addresses"),
        (2, "price list", "2 price lists"),
    ],
)
def test_a_count_has_its_noun_in_the_singular_or_plural(number: int, noun: str, shown: str) -> None:
    assert counted(number, noun) == shown
