"""Joining of Arabic letters, by replacing them with Unicode's presentation forms. Pure."""

import unicodedata
from functools import cache

_LAM = "\u0644"


@cache
def _forms() -> dict[str, dict[str, str]]:
    """Return the presentation forms by letter (or lam-alef pair): isolated, initial, medial and final."""
    forms: dict[str, dict[str, str]] = {}
    for code in (*range(0xFB50, 0xFDF2), *range(0xFE70, 0xFEFD)):
        kind, *parts = unicodedata.decomposition(chr(code)).split() or [""]
        letters = "".join(chr(int(part, 16)) for part in parts)
        if kind in {"<isolated>", "<initial>", "<medial>", "<final>"} and _is_joinable(letters):
            forms.setdefault(letters, {}).setdefault(kind[1:-1], chr(code))
    return forms


def _is_joinable(letters: str) -> bool:
    return len(letters) == 1 or (len(letters) == 2 and letters[0] == _LAM and letters[1] in "\u0622\u0623\u0625\u0627")  # noqa: PLR2004


def _joins(letter: str, side: str) -> bool:
    """Tell whether a letter joins on a side: `final` to the letter before it, `initial` to the letter after it."""
    return letter in "\u0640\u200d" if letter in "\u0640\u200d\u200c" else side in _forms().get(letter, ())


def joined(text: str) -> str:
    """Return a text in reading order with its Arabic letters in the forms that their neighbours require."""
    units = _units(text)
    shown = list(units)
    bases = [i for i, unit in enumerate(units) if not unicodedata.combining(unit[0])]
    for before, i, after in zip([None, *bases], bases, [*bases[1:], None], strict=False):
        to_last = before is not None and _joins(units[before], "initial") and _joins(units[i], "final")
        to_next = after is not None and _joins(units[i], "initial") and _joins(units[after], "final")
        kind = ("isolated", "initial", "final", "medial")[to_next + 2 * to_last]
        shown[i] = _forms().get(units[i], {}).get(kind, units[i])
    return "".join(shown)


def _units(text: str) -> list[str]:
    """Return the letters one by one; lam and alef, which are written as one ligature, together."""
    units: list[str] = []
    for letter in text:
        if units and units[-1] == _LAM and _is_joinable(_LAM + letter):
            units[-1] += letter
        else:
            units.append(letter)
    return units
