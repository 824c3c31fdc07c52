"""Headings, titles and fixed words of captions in Dutch, German and French: headings.tsv, keyed by the English text."""

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

ENGLISH = "en"
# What stands for {} in a key: a number, an amount, an ISO date, a window (12m) or a currency.
_NUMBER = re.compile(r"\b\d{1,4}[dwmqy]\b|-?\d[\d.,-]*\d|\d|\b[A-Z]{3}\b", re.ASCII)
_SIGN = " · "  # between the parts of a caption


@cache
def languages() -> Mapping[str, Mapping[str, str]]:
    """Return the texts by language, keyed by the English text."""
    lines = (Path(__file__).parent / "headings.tsv").read_text(encoding="utf-8").splitlines()
    (_, *codes), *rows = (line.split("\t") for line in lines)
    return {code: {row[0]: row[at] for row in rows} for at, code in enumerate(codes, 1)}


def words(language: str) -> Mapping[str, str]:
    """Return the texts of a language; none for English, which reads no file."""
    return {} if language == ENGLISH else languages()[language]


def phrase(text: str, known: Mapping[str, str]) -> str:
    """Translate a text; an unknown one stays. Its numbers, dates and currencies stay in their order."""
    if text in known:
        return known[text]
    pattern = known.get(_NUMBER.sub("{}", text))
    return pattern.format(*_NUMBER.findall(text)) if pattern else text


def caption(text: str, known: Mapping[str, str]) -> str:
    """Translate the parts of a caption. Conditions stay as the user wrote them."""
    return _SIGN.join(phrase(part, known) for part in text.split(_SIGN))
