"""Right-to-left text: reorder a line from reading order to visual order. Pure.

This is the Unicode bidirectional algorithm (UAX #9) for one paragraph without explicit embeddings, overrides and
isolates; typeset.clean has escaped those characters.
"""

import unicodedata
from itertools import groupby

MARKS = "\u200c\u200d\u200e\u200f"  # joiners and direction marks: they have an effect, but no glyph
_STRONG = {"L": 0, "R": 1, "AL": 1}
_NEUTRAL = frozenset(("B", "S", "WS", "ON", "BN"))
_PAIRS = "()[]{}<>«»\u2039\u203a≤≥⟨⟩"
_MIRROR = {**dict(zip(_PAIRS[::2], _PAIRS[1::2], strict=True)), **dict(zip(_PAIRS[1::2], _PAIRS[::2], strict=True))}
_BRACKETS = dict(zip("([{⟨", ")]}⟩", strict=True))


def is_mixed(text: str) -> bool:
    """Tell whether any character is right-to-left."""
    return not text.isascii() and any(unicodedata.bidirectional(c) in {"R", "AL", "AN"} for c in text)


def is_rtl(text: str) -> bool:
    """Tell whether the paragraph is right-to-left, by its first strong character (rules P2 and P3)."""
    return next((_STRONG[kind] for kind in map(unicodedata.bidirectional, text) if kind in _STRONG), 0) == 1


def visual(text: str, base: int) -> str:
    """Return a line in visual order, left to right, with brackets mirrored. `base` is 1 for a right-to-left paragraph."""
    kinds = _weak([unicodedata.bidirectional(c) for c in text], base)
    _pair_brackets(text, kinds, base)
    _settle_neutrals(kinds, base)
    levels = _levels(text, kinds, base)
    order = _reorder(text, levels)
    return "".join(_MIRROR.get(text[i], text[i]) if levels[i] % 2 else text[i] for i in order if text[i] not in MARKS)


def _weak(kinds: list[str], base: int) -> list[str]:
    """Return the bidirectional types after rules W1 to W7; neutrals are unchanged."""
    strong = "R" if base else "L"
    start = strong
    for i, kind in enumerate(kinds):  # W1, W2, W3
        if kind == "NSM":
            kinds[i] = kinds[i - 1] if i else start
        if kinds[i] in _STRONG:
            strong = kinds[i]
        if kinds[i] == "EN" and strong == "AL":
            kinds[i] = "AN"
    kinds = ["R" if kind == "AL" else kind for kind in kinds]
    _separators(kinds)
    strong = start
    for i, kind in enumerate(kinds):  # W7
        strong = kind if kind in _STRONG else strong
        kinds[i] = "L" if kind == "EN" and strong == "L" else kind
    return kinds


def _separators(kinds: list[str]) -> None:
    """Apply rules W4 to W6: separators between digits, and signs next to digits, become part of the number."""
    for i in range(1, len(kinds) - 1):
        side = kinds[i - 1]
        if side == kinds[i + 1] and (
            (kinds[i] == "CS" and side in {"EN", "AN"}) or (kinds[i] == "ES" and side == "EN")
        ):
            kinds[i] = side
    at = 0
    for kind, run in [(kind, len(list(group))) for kind, group in groupby(kinds)]:
        if kind == "ET" and "EN" in (kinds[at - 1] if at else "", kinds[at + run] if at + run < len(kinds) else ""):
            kinds[at : at + run] = ["EN"] * run
        at += run
    kinds[:] = ["ON" if kind in {"ES", "ET", "CS"} else kind for kind in kinds]


def _side(kind: str) -> str:
    """Return the direction of a type as a neighbour of neutrals: numbers count as R (rule N1)."""
    return "R" if kind in {"R", "EN", "AN"} else kind if kind == "L" else ""


def _pair_brackets(text: str, kinds: list[str], base: int) -> None:
    """Apply rule N0: both brackets of a pair take the direction of their contents."""
    own = "R" if base else "L"
    for first, last in sorted(_bracket_pairs(text, kinds)):
        inside = {_side(kind) for kind in kinds[first + 1 : last]} - {""}
        before = next((side for kind in reversed(kinds[:first]) if (side := _side(kind))), own)
        if inside:
            kinds[first] = kinds[last] = own if own in inside else before if before in inside else own


def _bracket_pairs(text: str, kinds: list[str]) -> list[tuple[int, int]]:
    waiting: list[tuple[str, int]] = []
    pairs = []
    for i, character in enumerate(text):
        if character in _BRACKETS and kinds[i] == "ON":
            waiting.append((_BRACKETS[character], i))
        elif kinds[i] == "ON" and any(closing == character for closing, _ in waiting):
            while waiting[-1][0] != character:
                waiting.pop()
            pairs.append((waiting.pop()[1], i))
    return pairs


def _settle_neutrals(kinds: list[str], base: int) -> None:
    """Apply rules N1 and N2: neutrals between two equal directions take that direction, others the paragraph's."""
    own = "R" if base else "L"
    at, before = 0, own
    runs = [(neutral, list(group)) for neutral, group in groupby(kinds, key=lambda kind: kind in _NEUTRAL)]
    for number, (neutral, group) in enumerate(runs):
        after = _side(runs[number + 1][1][0]) if number + 1 < len(runs) else own
        if neutral:
            kinds[at : at + len(group)] = [before if before == after else own] * len(group)
        else:
            before = _side(group[-1])
        at += len(group)


def _levels(text: str, kinds: list[str], base: int) -> list[int]:
    """Return the embedding levels (rules I1, I2 and L1: trailing blanks take the level of the paragraph)."""
    numbers = {"EN", "AN"}
    rise = ({"R": 1} | dict.fromkeys(numbers, 2)) if base == 0 else ({"L": 1} | dict.fromkeys(numbers, 1))
    end = len(text.rstrip(" "))
    return [base + rise.get(kind, 0) if i < end else base for i, kind in enumerate(kinds)]


def _reorder(text: str, levels: list[int]) -> list[int]:
    """Return the character indexes in visual order (rules L2 and L3: a combining mark follows its letter)."""
    order = list(range(len(levels)))
    for level in range(max(levels, default=0), 0, -1):
        done: list[int] = []
        for turn, group in groupby(order, key=lambda i, level=level: levels[i] >= level):  # type: ignore[misc]
            run = list(group)
            done += run[::-1] if turn else run
        order = done
    return _marks_behind(text, levels, order)


def _marks_behind(text: str, levels: list[int], order: list[int]) -> list[int]:
    done: list[int] = []
    marks: list[int] = []
    for i in order:
        if levels[i] % 2 and unicodedata.combining(text[i]):
            marks.append(i)
        else:
            done += [i, *reversed(marks)]
            marks = []
    return done + marks
