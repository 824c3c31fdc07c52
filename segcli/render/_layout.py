"""How wide the columns of a table are on a terminal: text gives way, numbers, codes and dates never do."""

from collections.abc import Sequence

from segcli.overview import Column
from segcli.render._aligned import sizes_of, width
from segcli.render._people import Line, Shown
from segcli.render._style import Style

_MINIMUM = 8  # places that a column of text shrinks to before the table gives up
_FRAME = 3  # a line and two blanks per column; one more line at the end


def is_fixed(column: Column) -> bool:
    """Tell whether a column's cells may be neither cut nor wrapped."""
    return column.kind != "text"


def widths(found: Shown, lines: Sequence[Line], style: Style) -> list[int] | None:
    """Return the width of each column so that all fit the terminal; None where they cannot.

    Headings wrap between words first, then text shrinks, the widest column first.
    """
    body = sizes_of(["" for _ in found.heads], *lines)
    heads = found.heads if style.with_header else [""] * len(found.heads)
    room = style.width - _FRAME * len(body) - 1
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
    """Return the sizes, the widest that still may give a place giving one until all fit."""
    sizes = list(sizes)
    while sum(sizes) > room:
        widest = max((at for at, size in enumerate(sizes) if size > least[at]), key=lambda at: sizes[at])
        sizes[widest] -= 1
    return sizes


def wrapped(head: str, size: int) -> list[str]:
    """Return a heading as lines of whole words, none wider than its column."""
    lines = [""]
    for word in head.split():
        longer = f"{lines[-1]} {word}".strip()
        if width(longer) <= size:
            lines[-1] = longer
        else:
            lines.append(word)
    return [line for line in lines if line]
