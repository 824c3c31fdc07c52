"""Display width of text on a terminal: wide characters take two places, combining ones none. Pure."""

import re
import unicodedata

# From the first combining character on. Before it, each character takes one place.
_UNEVEN = re.compile("[\u0300-\U0010ffff]")


def is_even(text: str) -> bool:
    """Tell whether each character takes one place; False also if it is not known."""
    try:
        text.encode("latin-1")  # nearly every text, and fast
    except UnicodeEncodeError:
        return _UNEVEN.search(text) is None
    return True


def width(text: str) -> int:
    """Return the display width of a text: two for wide characters, zero for combining ones (Unicode, UAX 11)."""
    return len(text) if text.isascii() else sum(map(_places, text))


def _places(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in {"W", "F"} else 1


def pad(text: str, size: int, *, right: bool = False) -> str:
    """Pad the text with blanks to a display width."""
    blanks = " " * (size - width(text))
    return blanks + text if right else text + blanks


def cut(text: str, size: int, sign: str = "…") -> str:
    """Return a text of at most this display width; a shortened text ends with the sign."""
    if width(text) <= size:
        return text
    room, start = size - len(sign), ""
    for character in text:
        room -= _places(character)
        if room < 0:
            break
        start += character
    return f"{start.rstrip()}{sign}"
