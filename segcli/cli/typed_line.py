r"""The half-typed command line of bash: its words without quotes, and what the shell replaces when a word is completed.

bash gives a completion the words as they were typed: Customer\ value= or "Customer value=. It replaces what stands behind
the open quote of the last word or, without one, behind the last of its break characters that is not quoted.
"""

import re
from dataclasses import dataclass

_BREAKS = "=:><;|&("  # of COMP_WORDBREAKS, without blanks and quotes
_IN_DOUBLE = '"\\$`'  # what a backslash escapes between double quotes
_SPECIAL = re.compile(r"[^\w@%+=:,./\-]", re.ASCII)  # what bash reads as more than itself outside quotes


@dataclass(slots=True)
class Word:
    """A word as the shell reads it."""

    text: str = ""  # without its quotes
    quote: str = ""  # the one that is open
    kept: int = 0  # characters of the text in front of what is replaced


def words(line: str) -> list[Word]:
    """Return the words of a line, the command left out; the last one is the word in which the line ends."""
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
    """Return what the shell puts in the place of the end of a word, None for an offer that does not go on from it."""
    if offer[: word.kept].casefold() != word.text[: word.kept].casefold():
        return None
    rest = offer[word.kept :]
    if word.quote == '"':
        return re.sub(r'(["\\$`])', r"\\\1", rest)
    if word.quote == "'":
        return rest.replace("'", "'\\''")
    return _SPECIAL.sub(lambda match: f"\\{match[0]}" if match[0].isascii() else match[0], rest)
