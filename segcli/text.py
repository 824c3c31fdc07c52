"""Text that is safe to show and easy to find: control characters made visible, letters folded for search."""

import re
import unicodedata
from functools import lru_cache

# Format characters that reorder or hide text: zero width, bidirectional marks and overrides, byte order mark.
_HIDDEN = frozenset("\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff")
_MOST_BYTE = 0xFF
_SPACES = str.maketrans({"\t": " ", "\n": " ", "\r": " "})


def _escape(character: str) -> str:
    code = ord(character)
    return f"\\x{code:02x}" if code <= _MOST_BYTE else f"\\u{code:04x}"


def _is_unsafe(character: str) -> bool:
    return character in _HIDDEN or unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}


def escape_controls(text: str, keep: str = "") -> str:
    r"""Return the text with each control, surrogate or hidden character as \x1b or \u202e, but for those in `keep`."""
    if text.isprintable():  # true of nearly every cell, and decided in C
        return text
    return "".join(_escape(c) if c not in keep and _is_unsafe(c) else c for c in text)


def visible(text: str) -> str:
    """Return one line that a terminal shows as it is: line ends and tabs as spaces, controls escaped."""
    return text if text.isprintable() else escape_controls(text.translate(_SPACES))


def fold(text: str) -> str:
    """Return the text as search compares it: no case, no accents, compatibility forms unified."""
    if text.isascii():
        return text.lower()
    # Bytes are lowered as ASCII; the few letters beyond it are folded run by run, and remembered: a million names are made of few.
    lowered = text.encode("utf-8", "surrogatepass").lower().decode("utf-8", "surrogatepass")
    return _BEYOND_ASCII.sub(lambda found: _folded(found[0]), lowered)


_BEYOND_ASCII = re.compile("[^\x00-\x7f]+")


@lru_cache(maxsize=4096)
def _folded(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))
