"""Text for display, comparison and search: escaping control characters, comparison keys and folding."""

import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from segcli.base.deferred import regex

# Unsafe general categories (Unicode): controls, surrogates, line and paragraph separators, and format characters, which can
# reorder or hide text (zero width, bidirectional overrides, tags). A few format characters are visible: the soft hyphen and
# the signs before Arabic and Syriac numbers.
_UNSAFE = frozenset({"Cc", "Cs", "Zl", "Zp", "Cf"})
_SEEN = frozenset("\u00ad\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
_UNPRINTABLE = bytes(code for code in range(256) if not chr(code).isprintable())
_MOST_BYTE, _MOST_SHORT = 0xFF, 0xFFFF
MOST_DIGITS = 15  # exact in a float and in a workbook
_SPACES = str.maketrans({"\t": " ", "\n": " ", "\r": " "})


def escaped(character: str) -> str:
    r"""Return a character as \x1b, \u202e or \U000e0041."""
    code = ord(character)
    if code <= _MOST_BYTE:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= _MOST_SHORT else f"\\U{code:08x}"


def _is_unsafe(character: str) -> bool:
    return unicodedata.category(character) in _UNSAFE and character not in _SEEN


def is_printable(text: str) -> bool:
    """Return text.isprintable(): four times as fast where all characters are in Latin-1, for texts of many cells."""
    try:
        found = text.encode("latin-1")
    except UnicodeEncodeError:
        return text.isprintable()
    return len(found.translate(None, _UNPRINTABLE)) == len(found)


def escape_controls(text: str, keep: str = "") -> str:
    r"""Escape each control, surrogate or hidden character (\x1b, \u202e), except those in `keep`."""
    if text.isprintable():  # true for nearly every cell, and fast
        return text
    return "".join(escaped(c) if c not in keep and _is_unsafe(c) else c for c in text)


def visible(text: str) -> str:
    """Return the text as one line that is safe for a terminal: line ends and tabs as spaces, controls escaped."""
    return text if text.isprintable() else escape_controls(text.translate(_SPACES))


def harmless(text: str) -> str:
    """Escape non-ASCII characters that reorder or hide text; keep line ends, tabs and our own colour codes."""
    if text.isascii() or text.isprintable():
        return text
    return "".join(escaped(c) if c > "\x9f" and _is_unsafe(c) else c for c in text)


def counted(number: int, noun: str) -> str:
    """Return a number with its noun in the singular or plural: 1 account, 2 accounts, 3 addresses."""
    ending = "" if number == 1 else "es" if noun.endswith("s") else "s"
    return f"{number} {noun}{ending}"


def is_whole(text: str) -> bool:
    """Tell whether a text is a non-negative whole number of at most MOST_DIGITS digits."""
    return text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS


# Invisible characters outside the format category: joiners, fillers and variation selectors (Unicode,
# Default_Ignorable_Code_Point). _HAS_SIGN: visible format characters, the signs before Arabic and Syriac numbers.
_UNSEEN = regex("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\ufe00-\ufe0f\uffa0\U000e0000-\U000e0fff]")
_HAS_SIGN = _SEEN - {"\u00ad"}


def key(text: str) -> str:
    """Return the comparison key of a label or value code: composed, case-folded, without hidden characters.

    Two texts with the same key are the same label or code (Unicode 3.13, canonical caseless matching). Accents count.
    """
    if text.isascii():
        return text.strip().lower()
    shown = "".join(c for c in text if unicodedata.category(c) != "Cf" or c in _HAS_SIGN)
    decomposed = unicodedata.normalize("NFD", _UNSEEN.sub("", shown)).casefold()
    return unicodedata.normalize("NFC", unicodedata.normalize("NFD", decomposed).casefold()).strip()


def fold(text: str) -> str:
    """Return the text folded for search: no case, no accents, compatibility forms unified."""
    if text.isascii():
        return text.lower()
    # Lower ASCII as bytes, then fold each non-ASCII run. The runs are cached, because a million names share few of them.
    lowered = text.encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")
    return _BEYOND_ASCII.sub(lambda found: _folded(found[0]), lowered)


def folded(values: Iterable[object]) -> str:
    """Return the folded text of several values, one a line; empty ones are left out."""
    return fold("\n".join(str(value) for value in values if value))


_BEYOND_ASCII = regex("[^\x00-\x7f]+")


def plain(text: str | None) -> str:
    """Return a number or name as it is compared with others: folded, letters and digits only."""
    return "".join(c for c in fold(text or "") if c.isalnum())


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
