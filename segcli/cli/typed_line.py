r"""The half-typed command line of bash: its unquoted words, and the part that a completion replaces.

bash passes the words as typed: Customer\ value= or "Customer value=. A completion replaces the text after the open
quote of the last word or, without one, after its last unquoted break character.
"""

import re
from dataclasses import dataclass

_BREAKS = "=:><;|&("  # of COMP_WORDBREAKS, without blanks and quotes
_IN_DOUBLE = '"\\$`'  # characters that a backslash escapes in double quotes
_SPECIAL = re.compile(r"[^\w@%+=:,./\-]", re.ASCII)  # characters with a special meaning outside quotes


@dataclass(slots=True)
class Word:
    """A word as the shell reads it."""

    text: str = ""  # unquoted
    quote: str = ""  # the open quote
    kept: int = 0  # length of the text before the replaced part


def words(line: str) -> list[Word]:
    """Return the words of a line without the command; the last one is the word at the end of the line."""
    found: list[Word] = [Word()]
    is_open, at = False, 0
    while at < len(line):
        sign, word = line[at], found[-1]
        after = line[at + 1 : at + 2]
        if sign == "\\" and word.quote != "'" and (not word.quote or after in _IN_DOUBLE):
            word.text += after
            is_open, at = True, at + 1
        elif sign == word.quote:
            word.quote = ""
        elif word.quote:
            word.text += sign
        elif sign in "'\"":
            word.quote, word.kept, is_open = sign, len(word.text), True
        elif sign.isspace():
            if is_open:
                found.append(Word())
            is_open = False
        else:
            word.text += sign
            word.kept = len(word.text) if sign in _BREAKS else word.kept
            is_open = True
        at += 1
    return found[1:]


def typed(word: Word, offer: str) -> str | None:
    """Return the replacement for the end of a word; None if an offer does not continue it."""
    if offer[: word.kept].casefold() != word.text[: word.kept].casefold():
        return None
    rest = offer[word.kept :]
    if word.quote == '"':
        return re.sub(r'(["\\$`])', r"\\\1", rest)
    if word.quote == "'":
        return rest.replace("'", "'\\''")
    return _SPECIAL.sub(lambda match: f"\\{match[0]}" if match[0].isascii() else match[0], rest)
