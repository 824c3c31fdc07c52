"""Typesetting: clean a text, break it into lines, reorder it for drawing, and choose a font for each run."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from typing import TypeVar

from segcli.base.text import escape_controls
from segcli.output.documents.direction import MARKS, is_mixed, is_rtl, visual
from segcli.output.documents.fonts import Face, Family, Fonts, families
from segcli.output.documents.joining import joined

_REPLACEMENTS = "\ufffd\u25a1?"  # stands for a character that no font has: the first of these that a font has
_SPACES = str.maketrans({"\t": " ", "\n": " ", "\r": " ", "\u2028": " ", "\u2029": " "})
# Cache limits, as letters repeat the same texts: number of words, number of paragraphs, length of a cached paragraph.
_MOST_WORDS, _MOST_LINES, _LONGEST_CACHED = 5_000, 1_000, 500
_ELLIPSIS = "…"

Key = TypeVar("Key")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Run:
    """Text in one font, in visual order from left to right; its width is at font size 1."""

    font: str
    text: str
    width: float


@dataclass(frozen=True, slots=True)
class Line:
    """One line: its text in reading order, its runs in visual order, and its width in points."""

    text: str
    runs: tuple[Run, ...]
    width: float
    is_rtl: bool = False


def clean(text: str) -> str:
    """Return the text on one line: normalised (NFC), with control characters escaped and Arabic letters joined."""
    if text.isascii() and text.isprintable():
        return text
    text = escape_controls(unicodedata.normalize("NFC", text.translate(_SPACES)), MARKS)
    return joined(text) if is_mixed(text) else text


class Typesetter:
    """Sets text in the available fonts, and records the characters that none of them has."""

    def __init__(self, fonts: Fonts | None) -> None:
        self._families: list[Family] = []
        self._more = families(fonts)
        self._found: dict[str, int] = {}
        self._words: dict[tuple[str, bool], float] = {}
        self._lines: dict[tuple[str, float, float, bool], list[Line]] = {}
        self.missing: dict[str, str] = {}  # character -> where it was first used, such as the recipient of the letter
        self.place = ""
        self._replacement = next((c for c in _REPLACEMENTS if self._search(c) is not None), " ")

    def wrap(self, text: str, width: float, size: float, *, bold: bool = False) -> list[Line]:
        """Return the lines of a paragraph: at least one, and none wider than `width` points."""
        key = (text, width, size, bold)
        lines = self._lines.get(key)
        if lines is None:
            lines = self._wrap(clean(text), width, size, bold)
            if len(text) <= _LONGEST_CACHED:
                _keep(self._lines, key, lines, _MOST_LINES)
        return lines

    def _wrap(self, text: str, width: float, size: float, bold: bool) -> list[Line]:  # noqa: FBT001
        rtl = is_mixed(text) and is_rtl(text)
        return [self._line(part, size, bold, rtl) for part in self._break(text, width / size, bold)]

    def fit(self, text: str, width: float, size: float, *, bold: bool = False) -> Line:
        """Return one line, cut with an ellipsis if it is wider than `width` points."""
        lines = self.wrap(text, width, size, bold=bold)
        if len(lines) == 1:
            return lines[0]
        shorter = next(self._break(clean(text), width / size - self._width(_ELLIPSIS, bold), bold))
        return self._line(shorter + _ELLIPSIS, size, bold, lines[0].is_rtl)

    def _line(self, text: str, size: float, bold: bool, rtl: bool) -> Line:  # noqa: FBT001
        shown = visual(text, int(rtl)) if is_mixed(text) else text
        runs = tuple(self._runs("".join(c for c in shown if c not in MARKS) if not shown.isascii() else shown, bold))
        return Line(text, runs, sum(run.width for run in runs) * size, rtl)

    def _runs(self, text: str, bold: bool) -> Iterator[Run]:  # noqa: FBT001
        for number, part in self._by_family(text):
            family = self._families[number]
            face = family.bold if bold else family.regular
            yield from _cut_runs(part, face, family.regular)

    def _by_family(self, text: str) -> Iterator[tuple[int, str]]:
        numbers = [self._number(c) for c in text]
        if len(set(numbers)) < 2 and not self.missing:  # noqa: PLR2004
            return iter([(numbers[0], text)] if text else [])
        shown = "".join(self._replacement if c in self.missing else c for c in text)
        groups = groupby(zip(numbers, shown, strict=True), key=lambda pair: pair[0])
        return ((number, "".join(c for _, c in pairs)) for number, pairs in groups)

    def _number(self, character: str) -> int:
        """Return the index of the first family that has the character, else that of the replacement character."""
        number = self._found.get(character)
        if number is None:
            number = self._search(character)
            if number is None:
                self.missing[character] = self.place
                number = self._search(self._replacement) or 0
            self._found[character] = number
        return number

    def _search(self, character: str) -> int | None:
        for number, family in enumerate(self._families):
            if family.regular.has(character):
                return number
        for family in self._more:
            self._families.append(family)
            if family.regular.has(character):
                return len(self._families) - 1
        return None

    def _width(self, text: str, bold: bool) -> float:  # noqa: FBT001
        """Return the width of a text at font size 1, cached."""
        width = self._words.get((text, bold))
        if width is None:
            width = sum(run.width for run in self._runs(text, bold))
            _keep(self._words, (text, bold), width, _MOST_WORDS)
        return width

    def _break(self, text: str, width: float, bold: bool) -> Iterator[str]:  # noqa: FBT001
        """Yield the text of each line; lines break at blanks, and within words that are wider than a line."""
        blank = self._width(" ", bold)
        line: list[str] = []
        used = 0.0
        for word in self._words_of(text, width, bold):
            needed = self._width(word, bold)
            if line and used + blank + needed > width:
                yield " ".join(line)
                line, used = [], 0.0
            used += needed + (blank if line else 0)
            line.append(word)
        yield " ".join(line)

    def _words_of(self, text: str, width: float, bold: bool) -> Iterator[str]:  # noqa: FBT001
        for word in text.split(" "):
            if self._width(word, bold) <= width:
                yield word
            else:
                yield from self._pieces(word, width, bold)

    def _pieces(self, word: str, width: float, bold: bool) -> Iterator[str]:  # noqa: FBT001
        """Yield a word in parts that fit on a line, each of at least one character."""
        start, used = 0, 0.0
        for i, character in enumerate(word):
            needed = self._width(character, bold)
            if used + needed > width and i > start:
                yield word[start:i]
                start, used = i, 0.0
            used += needed
        yield word[start:]


def _keep(cache: dict[Key, Value], key: Key, value: Value, most: int) -> None:
    """Store a value in a cache; a full cache is emptied first."""
    if len(cache) >= most:
        cache.clear()
    cache[key] = value


def _cut_runs(text: str, face: Face, regular: Face) -> Iterator[Run]:
    """Yield the text as runs in `face`; characters that the bold face lacks are set in the regular one."""
    if face is regular or all(map(face.has, text)):
        yield Run(face.name, text, face.width(text))
        return
    for has, group in groupby(text, key=face.has):
        part, one = "".join(group), face if has else regular
        yield Run(one.name, part, one.width(part))
