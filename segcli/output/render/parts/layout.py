"""How a table fits a terminal: names are shortened, then headings, then the lines between columns go, then columns.

Numbers, codes and dates are never cut.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

from segcli.domain.table import Column
from segcli.output.render.parts.aligned import sizes_of
from segcli.output.render.parts.people import Line, Shown, SumLine, label_place
from segcli.output.render.parts.style import Style
from segcli.output.text_width import cut, width

LINED, GAP = 3, 2  # places between columns: a line with two blanks, and blanks alone
_CLOSE = 1
_MINIMUM = 8  # of a column of text, where nothing else is left to shorten
_NAME = 12  # of a name
_READABLE = 20  # of other text: narrower, its column goes first
_WORD = 44  # a longer word is broken
_HEAD = 6  # of a heading's word
_VOWELS = "aeiouy"


class Fit(NamedTuple):
    """The shown columns, their widths, and the places between them."""

    places: list[int]
    widths: list[int]
    frame: int


class _Stage(NamedTuple):
    """How far columns are shortened, and what stands between them."""

    frame: int
    name: int = _NAME
    text: int = _READABLE
    shortens_heads: bool = True


_WISH = (
    _Stage(LINED, _READABLE, shortens_heads=False),
    _Stage(LINED, shortens_heads=False),
    _Stage(LINED),
    _Stage(GAP),
)
_LAST = (_Stage(_CLOSE), _Stage(_CLOSE, _MINIMUM, _MINIMUM))  # where only the columns are left that never go


def is_fixed(column: Column) -> bool:
    """Tell whether a column's cells may be neither cut nor wrapped."""
    return column.kind != "text"


def is_name(column: Column) -> bool:
    """Tell whether a column's cells are shortened rather than wrapped."""
    return column.name == "name" or column.name.endswith("_name")


class _Need(NamedTuple):
    """What a column needs, in places: of its cells, their longest word, its whole heading and that one's longest word."""

    column: Column
    body: int
    word: int
    head: int
    head_word: int
    label: int = 0  # of the totals, which is not cut

    def least(self, stage: _Stage) -> int:
        """Return how narrow the column may become."""
        head = min(self.head_word, _HEAD) if stage.shortens_heads and self.head_word > _HEAD + 1 else self.head_word
        head = max(head, self.label)
        if is_fixed(self.column):
            return max(self.body, head)
        if is_name(self.column):
            return max(min(self.body, stage.name), head)
        words = min(self.word, _WORD) if stage.text == _READABLE else 0
        return max(min(self.body, max(stage.text, words)), head)


def fit(found: Shown, lines: Sequence[Line], style: Style, stages: Sequence[_Stage] = _WISH) -> Fit | None:
    """Return how the table with these rows and its totals fits its terminal; None if a number, code or date would be cut.

    Optional columns go from the last to the first, and no more of them than needed.
    """
    ends = list(found.ends)
    found.ends = ends
    label = max((width(text) for text, _ in ends), default=0)
    every = list(_needs(found, [*lines, *(cells for _, cells in ends)], style))
    for places in _fewer(found):
        needs = _with_label(found, every, places, label)
        stage = next((one for one in stages if _is_room(needs, places, one, style.width)), None)
        if stage:
            return Fit(places, _sized(needs, places, stage, style.width), stage.frame)
    for stage in _LAST:
        for places in _least(found):
            needs = _with_label(found, every, places, label)
            if _is_room(needs, places, stage, style.width):
                return Fit(places, _sized(needs, places, stage, style.width), stage.frame)
    return None


def streamed(found: Shown, lines: Sequence[Line], style: Style) -> Fit:
    """Return how a table that is written row by row fits: between its columns are blanks, and text is cut."""
    stages = [stage._replace(frame=GAP) for stage in _WISH[:3]]
    ends, found.ends = found.ends, ()  # known after the last row
    fitted = fit(found, lines, style, stages)
    found.ends = ends
    if fitted:
        return fitted
    needs, kept = list(_needs(found, lines, style)), next(iter(_least(found)))
    return Fit(kept, [needs[at].least(stages[-1]) for at in kept], GAP)


def _needs(found: Shown, lines: Sequence[Line], style: Style) -> Iterator[_Need]:
    heads = found.heads if style.with_header else [""] * len(found.heads)
    bodies = sizes_of(["" for _ in heads], *lines)
    for at, (column, body, head) in enumerate(zip(found.columns, bodies, heads, strict=True)):
        longest = body > _READABLE and not is_fixed(column)
        word = max((width(word) for line in lines for word in line[at].split()), default=0) if longest else body
        yield _Need(column, body, word, width(head), max(map(width, head.split()), default=0))


def _with_label(found: Shown, needs: Sequence[_Need], places: Sequence[int], label: int) -> list[_Need]:
    """Return the needs, with room for the labels of totals in the column of those shown that has them."""
    at = places[label_place([found.columns[place] for place in places])]
    need = needs[at]
    return [*needs[:at], need._replace(body=max(need.body, label), label=label), *needs[at + 1 :]]


def _fewer(found: Shown) -> Iterator[list[int]]:
    """Yield the places of the columns: of all, then each time without the last one that may go."""
    shown = list(range(len(found.columns)))
    yield list(shown)
    for at in reversed(range(1, len(shown)) if found.keeps else ()):
        if found.columns[at].name not in {*found.keeps, "name"}:
            shown.remove(at)
            yield list(shown)


def _least(found: Shown) -> list[list[int]]:
    """Return the places of the columns that are left at last: with the account's code and its name, then without one of them."""
    *_, kept = _fewer(found)
    names = [at for at in kept if found.columns[at].name == "name"]
    may_go = [at for at in (0, *names) if names and found.columns[at].name not in found.keeps] if found.keeps else []
    return [kept, *([place for place in kept if place != at] for at in may_go)]


def _room(count: int, frame: int, whole: int) -> int:
    """Return the places that the cells of so many columns have."""
    return whole - (frame * count + 1 if frame == LINED else frame * (count - 1))


def _is_room(needs: Sequence[_Need], places: Sequence[int], stage: _Stage, whole: int) -> bool:
    return sum(needs[at].least(stage) for at in places) <= _room(len(places), stage.frame, whole)


def _sized(needs: Sequence[_Need], places: Sequence[int], stage: _Stage, whole: int) -> list[int]:
    """Return the widths: as wished if there is room, else headings wrap, then text shrinks, then headings do."""
    shown = [needs[at] for at in places]
    room = _room(len(places), stage.frame, whole)
    wish = [max(need.body, need.head) for need in shown]
    if sum(wish) <= room:
        return wish
    least = [need.least(stage) for need in shown]
    sizes = [max(need.body, need.head_word, low) for need, low in zip(shown, least, strict=True)]
    sizes = _shrunk(sizes, [low if not is_fixed(need.column) else size for need, low, size in zip(shown, least, sizes, strict=True)],
                    room)  # fmt: skip
    return _shrunk(sizes, least, room)


def _shrunk(sizes: Sequence[int], least: Sequence[int], room: int) -> list[int]:
    """Shrink the widest shrinkable column by one place until all fit, or none can shrink."""
    sizes = list(sizes)
    while sum(sizes) > room:
        able = [at for at, size in enumerate(sizes) if size > least[at]]
        if not able:
            break
        sizes[max(able, key=lambda at: sizes[at])] -= 1
    return sizes


def heading(head: str, size: int) -> list[str]:
    """Return the lines of a heading: wrapped between words to the width of its column, longer words shortened."""
    lines = [""]
    for whole in head.split():
        word = shortened(whole, size)
        longer = f"{lines[-1]} {word}".strip()
        if width(longer) <= size:
            lines[-1] = longer
        else:
            lines.append(word)
    return [line for line in lines if line]


def shortened(word: str, size: int) -> str:
    """Return a word as an abbreviation that ends with a consonant: Outstanding is Outst. in 6 places."""
    if width(word) <= size:
        return word
    start = cut(word, size, "")[: max(size - 1, 1)]
    while len(start) > 3 and start[-1].lower() in _VOWELS:  # noqa: PLR2004 - as short as an abbreviation gets
        start = start[:-1]
    return f"{start}."


def shortener(found: Shown, widths: Sequence[int]) -> Callable[[Line], Line]:
    """Return a function that cuts the texts of a row to these widths."""
    ends = [None if is_fixed(column) else size for column, size in zip(found.columns, widths, strict=True)]

    def short(line: Line) -> Line:
        texts = [cell if end is None else cut(cell, end) for cell, end in zip(line, ends, strict=True)]
        if isinstance(line, SumLine):
            line[:] = texts
            return line
        return texts

    return short
