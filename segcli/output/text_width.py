"""Display width of text on a terminal: wide characters take two places, combining ones none. Pure."""

import unicodedata


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
