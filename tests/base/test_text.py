"""Text that is easy to find: folding."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from segcli.base.text import fold


@given(st.text(st.characters(codec=None)))
def test_folding_is_case_and_accents_taken_off(text: str) -> None:
    """The short way that `fold` takes gives what the Unicode standard's folding and decomposition give."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    wanted = "".join(c for c in decomposed if not unicodedata.combining(c))
    assert fold(text) == (wanted if not text.isascii() else text.lower())


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Müller & Söhne", "muller & sohne"),
        ("STRASSE Straße", "strasse strasse"),
        ("ÇA İZMİR", "ca izmir"),
        ("ﬁne ½", "fine 1⁄2"),
    ],
)
def test_folded(text: str, folded: str) -> None:
    assert fold(text) == folded
