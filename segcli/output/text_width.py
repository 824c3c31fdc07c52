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
