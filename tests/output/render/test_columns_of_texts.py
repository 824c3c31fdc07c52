"""Texts of a whole column at once: the same as cell by cell."""

import random

import pytest

from segcli.base import escaping, money, text
from segcli.output import text_width

AMOUNTS = [0, 1, -1, 99, 100, -99, -100, 999, 1000, 99_999, 100_000, -100_000, 123_456_789, money.MOST, -money.MOST]


@pytest.mark.parametrize("currency", ["JPY", "EUR", "KWD", "CLF"])
def test_amounts(currency: str) -> None:
    amounts = [*AMOUNTS, *random.Random(1).sample(range(-(10**9), 10**12), 200)]
    assert money.to_texts([None, *amounts], currency) == ["", *(money.to_text(one, currency) for one in amounts)]
    for sign in ".,":
        human = [money.to_human(one, currency, sign) for one in amounts]
        assert money.to_human_texts([None, *amounts], currency, sign) == ["", *human]
        assert money.to_human_texts([], currency, sign) == []


@pytest.mark.repeats
def test_printable_and_even_for_each_character() -> None:
    for code in range(0x110000):
        character = chr(code)
        assert text.is_printable(character) == character.isprintable(), hex(code)
        assert not text_width.is_even(character) or text_width.width(character) == 1, hex(code)
    assert text_width.is_even("Köln Łódź")


@pytest.mark.parametrize("cell", ["=1", "+1", "-1", "@1", "\t", "\r", "'=1", "'0612", "''+3", "''@", "|=1", "'"])
@pytest.mark.parametrize("at", [0, 1, 2])
def test_a_cell_that_needs_a_guard_is_found_among_others(cell: str, at: int) -> None:
    cells = ["'s-Hertogenbosch", "a@b=c", "12-3+4"]
    assert not escaping.may_need_guard(escaping.MARK + escaping.MARK.join(cells))
    cells[at] = cell
    found = escaping.may_need_guard(escaping.MARK + escaping.MARK.join(cells))
    assert found or escaping.guarded(cell) == cell
