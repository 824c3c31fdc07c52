"""How help is laid out: paragraphs, options with their texts, examples. Nothing is broken at a hyphen. Pure."""

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from segcli.interface.parameters import SAME

Row = tuple[str, str]  # an option or a command, and what it is

_INDENT = "  "
_GAP = 2
_WIDEST = 34  # of the left column
_GOES_ON = " \\"
_MINIMUM = 10  # places for a text, however narrow the terminal
_WORD = re.compile(r"""(?:[^\s"']|"[^"]*"|'[^']*')+""")
_FLAG = re.compile(r"--\w.*|-\w")
_CHOICE = re.compile(r"(?<=[^\s|]\|)(?=[^\s|])")


def wrapped(text: str, width: int, indent: str = "", deeper: str | None = None) -> list[str]:
    """Return a text as lines: broken at blanks, and a list of choices a|b|c behind its bars."""
    room = max(width, len(indent) + _MINIMUM)
    rest = indent if deeper is None else deeper  # of the lines after the first
    lines, line, is_empty = [], indent, True
    for word in text.split():
        for at, part in enumerate(_parts(word, room - len(rest))):
            blank = "" if is_empty or at else " "
            if not is_empty and len(line) + len(blank) + len(part) > room:
                lines.append(line)
                line, blank = rest, ""
            line += blank + part
            is_empty = False
    return [*lines, line] if not is_empty else lines


def _parts(word: str, room: int) -> Sequence[str]:
    """Return a word in the parts in which it may be broken: as a whole where it fits."""
    return [word] if len(word) <= room else _CHOICE.split(word)


def paragraphs(text: str, width: int, indent: str = _INDENT) -> str:
    """Return the paragraphs of a help text, with a blank line between them."""
    blocks = re.split(r"\n\s*\n", textwrap.dedent(text).strip("\n"))
    return "\n\n".join("\n".join(wrapped(block, width, indent)) for block in blocks)


def column(sections: Iterable[Sequence[Row]], width: int) -> int:
    """Return the place at which the texts of these sections begin, the same for all."""
    most = min(_WIDEST, max(width * 2 // 5, _MINIMUM))
    names = (len(name) for rows in sections for name, _ in rows)
    return len(_INDENT) + max((size for size in names if size <= most), default=most) + _GAP


def rows(found: Sequence[Row], width: int, place: int) -> str:
    """Return options or commands, the texts beside them; below an option that reaches beyond the column."""
    return "".join(f"{line}\n" for row in together(found) for line in _row(*row, width, place))


def _row(name: str, text: str, width: int, place: int) -> Iterator[str]:
    top = f"{_INDENT}{name}"
    lines = wrapped(text, width, " " * place)
    if lines and len(top) + _GAP <= place:
        yield f"{top:{place}}{lines.pop(0)[place:]}"
    else:
        yield top
    yield from lines


def together(found: Sequence[Row]) -> list[Row]:
    """Return the rows, those that say the same as the one before joined with it: `--class1 … --class8 VALUES`."""
    joined: list[Row] = []
    for name, text in found:
        if text == SAME and joined:
            first, said = joined[-1]
            joined[-1] = f"{first.split()[0]} … {name}", said
        else:
            joined.append((name, text))
    return joined


def examples(lines: Iterable[str], width: int) -> str:
    r"""Return examples to copy: a line that is too long goes on behind a backslash, never inside quotes."""
    return "".join(f"{line}\n" for example in lines for line in _example(example, width))


def _example(text: str, width: int) -> Iterator[str]:
    line = ""
    for word in _whole(_WORD.findall(text)):
        longer = f"{line} {word}" if line else f"{_INDENT}{word}"
        if line and len(longer) + len(_GOES_ON) > width:
            yield f"{line}{_GOES_ON}"
            longer = f"{_INDENT * 2}{word}"
        line = longer
    yield line


def _whole(words: Iterable[str]) -> Iterator[str]:
    """Yield the words of a command line, what follows a flag together with it."""
    held: list[str] = []
    for word in words:
        if held and (not held[0].startswith("-") or _FLAG.fullmatch(word)):
            yield " ".join(held)
            held = []
        held.append(word)
    yield from [" ".join(held)] if held else ()
