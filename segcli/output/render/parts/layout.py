"""Column widths on a terminal: text columns shrink; numbers, codes and dates do not."""

from collections.abc import Sequence

from segcli.domain.table import Column
from segcli.output.render.parts.aligned import sizes_of
from segcli.output.render.parts.people import Line, Shown
from segcli.output.render.parts.style import Style
from segcli.output.text_width import width

_MINIMUM = 8  # minimum width of a text column
_READABLE = 20  # width below which another column is dropped first
_FRAME = 3  # a line and two blanks per column; plus one line at the end


def is_fixed(column: Column) -> bool:
    """Tell whether a column's cells may be neither cut nor wrapped."""
    return column.kind != "text"


def places(found: Shown, lines: Sequence[Line], style: Style, *, frame: int = _FRAME, wraps: bool = True) -> list[int]:
    """Return the indexes of the shown columns; on a narrow terminal optional columns are dropped, last ones first.

    A text column counts with at most _READABLE places here; `widths` can shrink it further.
    """
    body = sizes_of(["" for _ in found.heads], *lines)
    heads = found.heads if style.with_header else [""] * len(found.heads)
    least = [
        max(min(size, _READABLE) if wraps and not is_fixed(column) else size, *map(width, head.split() or [""]))
        for column, size, head in zip(found.columns, body, heads, strict=True)
    ]
    shown = list(range(len(least)))
    for at in reversed(range(1, len(least)) if found.keeps else ()):
        if sum(least[place] + frame for place in shown) < style.width:
            break
        if found.columns[at].name not in found.keeps:
            shown.remove(at)
    return shown


def widths(found: Shown, lines: Sequence[Line], style: Style, *, frame: int = _FRAME) -> list[int] | None:
    """Return column widths that fit the terminal; None if even the narrowest columns do not fit.

    Headings wrap between words first, then text shrinks, the widest column first.
    """
    body = sizes_of(["" for _ in found.heads], *lines)
    heads = found.heads if style.with_header else [""] * len(found.heads)
    room = style.width - frame * len(body) - 1
    sizes = [max(size, width(head)) for size, head in zip(body, heads, strict=True)]
    if sum(sizes) <= room:
        return sizes
    words = [max(map(width, head.split()), default=0) for head in heads]
    sizes = [max(size, word) for size, word in zip(body, words, strict=True)]
    least = [
        size if is_fixed(column) else min(size, max(_MINIMUM, word))
        for column, size, word in zip(found.columns, sizes, words, strict=True)
    ]
    return _shrunk(sizes, least, room) if sum(least) <= room else None


def _shrunk(sizes: list[int], least: list[int], room: int) -> list[int]:
    """Shrink the widest shrinkable column by one place until all fit."""
    sizes = list(sizes)
    while sum(sizes) > room:
        widest = max((at for at, size in enumerate(sizes) if size > least[at]), key=lambda at: sizes[at])
        sizes[widest] -= 1
    return sizes


def wrapped(head: str, size: int) -> list[str]:
    """Wrap a heading between words to the width of its column."""
    lines = [""]
    for word in head.split():
        longer = f"{lines[-1]} {word}".strip()
        if width(longer) <= size:
            lines[-1] = longer
        else:
            lines.append(word)
    return [line for line in lines if line]
