"""Several texts are searched as one: what stands in one of them is found, and nothing is found across two."""

import pytest

from segcli.privacy import scrubbing

PERSON = scrubbing.Person("Piet Zw\u00e4rtjes", "Piet", "Zw\u00e4rtjes", ["p.z@x.example"], ["06-1234 5678", "1234"])


@pytest.mark.parametrize(
    "text", ["PIET ZWARTJES", "P. Zw\u00e4rtjes", "P.Z@X.example", "+31 (0)6-12345678", "1234", r"Zw\u00e4rtjes, Piet"]
)
def test_a_word_is_found_wherever_its_text_stands(text: str) -> None:
    finder = scrubbing.everywhere([PERSON])
    for texts in ([text, "x"], ["x", text], [None, "x", text, 5], [text], ["x\u00e9", text, "\u0301x"]):
        assert finder.stands_in(*texts), texts


@pytest.mark.parametrize(
    "texts",
    [
        ("Piet", "Zwartjes"),
        ("Piet\0", "\0Zwartjes"),
        ("06-1234", "5678"),
        ("p.z@", "x.example"),
        ("Piet", None, "Zwartjes"),
        ("123", "4"),
        (),
    ],
)
def test_nothing_is_found_across_two_texts(texts: tuple[str | None, ...]) -> None:
    assert not scrubbing.everywhere([PERSON._replace(numbers=PERSON.numbers[:1])]).stands_in(*texts)
