"""Removal of a person's name, addresses and numbers from free text, whatever their case, accents and punctuation.

Only whole words match: anna@b.example does not match in joanna@b.example. A name of one word (Anna, Administration)
could be anybody's, so it is only searched for in texts known to be about the person.
"""

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple

from segcli.base.text import fold

GONE = "anonymised"
_FEWEST = 4  # fewest letters of a word searched for everywhere
_FEWEST_OWN = 3  # the same in texts about the person
_FEWEST_DIGITS = 6
_LAST_DIGITS = 8  # of a telephone number: what is before them is written in many ways
_BETWEEN = r"[\W_]{1,3}"  # between the words of a name
_SIGNS = r"[\s./()-]*"  # between the digits of a number
_SIGN = re.compile(r"[\s./()-]+")
_ASCII_SIGNS = "".join(filter(_SIGN.fullmatch, map(chr, range(128)))).encode()
_BORDER = "\0" * 4  # between two texts: longer than what _BETWEEN matches, so no pattern matches across it
_ESCAPED = re.compile(r"\\u([0-9a-f]{4})")


class Person(NamedTuple):
    """The texts to search for."""

    name: str
    first_name: str | None = None
    last_name: str | None = None
    addresses: Sequence[str] = ()
    numbers: Sequence[str] = ()


class Sought(NamedTuple):
    """A pattern, and a text that every match contains; of a number: a pattern of its last digits."""

    pattern: str
    part: str
    is_number: bool = False


class Finder:
    """Finds the words of people in texts."""

    def __init__(self, sought: Iterable[Sought]) -> None:
        every = {one for one in sought if one.pattern}
        longest_first = sorted({one.pattern for one in every}, key=len, reverse=True)
        self._pattern = re.compile("|".join(longest_first) or "(?!)")
        self._words = sorted({one.part for one in every if not one.is_number})
        self._numbers = re.compile("|".join(sorted({one.part for one in every if one.is_number})) or "(?!)")
        self._digits = sorted({one.part.replace(_SIGNS, "") for one in every if one.is_number})

    def stands_in(self, *texts: object) -> bool:
        """Tell whether any of the texts contains a word; other values are ignored.

        The texts are searched as one. Most contain no part of a pattern, and looking for those is much faster.
        """
        joined = _BORDER.join([text for text in texts if isinstance(text, str)])
        folded = fold(_plain(joined))
        return self._may_stand_in(folded) and self._pattern.search(folded) is not None

    def may_stand_in(self, texts: str) -> bool:
        """Tell whether a word may be in one of many texts, joined by a NUL: false only if none contains a word.

        It reads some hundred megabytes a second. Signs between digits are left out, instead of being searched for at each digit.
        """
        folded = fold(_plain(texts))
        if any(word in folded for word in self._words):
            return True
        if not self._digits:
            return False
        digits = _without_signs(folded)
        return any(number in digits for number in self._digits)

    def _may_stand_in(self, folded: str) -> bool:
        for word in self._words:
            if word in folded:
                return True
        return self._numbers.search(folded) is not None

    def without(self, text: str) -> str:
        """Return a text with each word replaced."""
        folded, places = _folded(text)
        parts, at = [], 0
        for found in self._pattern.finditer(folded):
            start, end = places[found.start()], places[found.end() - 1] + 1
            while end < len(text) and unicodedata.combining(text[end]):  # an accent goes with its letter
                end += 1
            parts += [text[at:start], GONE]
            at = end
        return "".join((*parts, text[at:]))

    def without_in(self, document: Any) -> Any:  # noqa: ANN401 - what JSON holds
        """Return a JSON document with the words replaced in all its texts."""
        if isinstance(document, str):
            return self.without(document)
        if isinstance(document, list):
            return [self.without_in(part) for part in document]
        if isinstance(document, dict):
            return {key: self.without_in(value) for key, value in document.items()}
        return document

    def cleaned(self, text: str) -> str:
        """Return a text, or JSON, with each word replaced."""
        if text.startswith(("{", "[")):
            try:
                return json.dumps(self.without_in(json.loads(text)), ensure_ascii=False, sort_keys=True)
            except ValueError:
                pass
        return self.without(text)


def everywhere(people: Iterable[Person]) -> Finder:
    """Return the finder for any text: full names, addresses and numbers."""
    return Finder(pattern for person in people for pattern in (*_names(person), *_ways(person)))


def in_their_own(people: Iterable[Person]) -> Finder:
    """Return the finder for texts about these people, which also matches parts of their names."""
    return Finder(pattern for p in people for pattern in (*_names(p), *_ways(p), *_parts(p)))


def _names(person: Person) -> Iterator[Sought]:
    """Yield the patterns of a name of two words or more: as it is, last name first, and with an initial."""
    words = _words(person.name)
    first, last = _words(person.first_name), _words(person.last_name)
    if not first or not last:
        first, last = words[:1], words[1:]
    if len(words) > 1:
        yield _whole(words)
    if first and last:
        yield _whole([*first, *last])
        yield _whole([*last, *first])
        yield _whole([first[0][0], *last])


def _parts(person: Person) -> Iterable[Sought]:
    names = [person.name, person.first_name, person.last_name]
    return (_whole(w) for w in map(_words, names) if len("".join(w)) >= _FEWEST_OWN)


def _ways(person: Person) -> Iterator[Sought]:
    """Yield the patterns of addresses and telephone numbers."""
    for address in person.addresses:
        text = fold(address.strip())
        yield Sought(rf"(?<![\w.+-]){re.escape(text)}(?![\w-]|\.\w)", text)
    for number in person.numbers:
        digits = re.sub(r"\D", "", number)
        if len(digits) >= _FEWEST_DIGITS:
            last = _SIGNS.join(digits[-_LAST_DIGITS:])
            yield Sought(rf"(?<![^\W_])\+?(?:\d{_SIGNS}){{0,7}}{last}(?!\d)", last, is_number=True)
        elif len(number.strip()) >= _FEWEST:
            yield _whole(_words(number))


def _without_signs(folded: str) -> str:
    if folded.isascii():
        return folded.encode().translate(None, _ASCII_SIGNS).decode()
    return _SIGN.sub("", folded)


def _words(text: str | None) -> list[str]:
    return re.findall(r"[^\W_]+", fold(text or ""))


def _whole(words: Sequence[str]) -> Sought:
    if not words:
        return Sought("", "")
    return Sought(rf"(?<![^\W_]){_BETWEEN.join(map(re.escape, words))}(?![^\W_])", max(words, key=len))


def _plain(text: str) -> str:
    r"""Return a text with JSON's \u escapes decoded."""
    return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "\\u" in text else text


def _folded(text: str) -> tuple[str, list[int]]:
    """Return the folded text, and for each of its letters the index in the original."""
    letters = [(letter, place) for place, character in enumerate(text) for letter in fold(character)]
    return "".join(letter for letter, _ in letters), [place for _, place in letters]
