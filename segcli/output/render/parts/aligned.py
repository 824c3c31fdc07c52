"""Aligned text tables, streamed; column widths come from the first rows."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import chain, groupby, islice, repeat
from typing import IO

from segcli.output.render.parts.cell_text import CACHED, blocks
from segcli.output.render.parts.people import Line, Shown, SumLine
from segcli.output.render.parts.style import Style
from segcli.output.text_width import is_even, pad, width

SAMPLE = 1000
_CODE, _STRONG, _FAINT, _PLAIN = "\x1b[36m", "\x1b[1m", "\x1b[2m", "\x1b[0m"


def sizes_of(*lines: Line) -> list[int]:
    """Return the display width of each column."""
    return [max(map(width, cells)) for cells in zip(*lines, strict=True)]


def render(
    shown: Shown, file: IO[str], style: Style, *, is_colored: bool = False, heads: Sequence[Line] | None = None
) -> int:
    """Write the table, its totals and its caption; return the number of rows.

    Each line is written as it is read. After the first thousand rows, a cell can be wider than its column: it is not cut
    and pushes the rest of its line to the right. `heads` are the lines of the headings; default: one line.
    """
    sample = list(islice(shown.rows, SAMPLE + 1))
    ends = shown.totals() if len(sample) <= SAMPLE else []
    heads = (heads or [shown.heads]) if style.with_header else []
    sizes = sizes_of(["" for _ in shown.heads], *heads, *sample[:SAMPLE], *ends)
    codes = [_CODE if is_colored and column.kind == "code" else "" for column in shown.columns]
    strong, faint = (_STRONG, _FAINT) if is_colored else ("", "")
    write = _writer(file, sizes, shown.rights, codes, strong)
    write_heading = _writer(file, sizes, shown.rights, [strong] * len(sizes))
    write_rule = _writer(file, sizes, shown.rights, [""] * len(sizes))
    rule = ["-" * size for size in sizes]
    if heads:
        write_heading(heads)
        write_rule([rule])
    count = write(chain(sample, shown.rows))
    ends = ends or shown.totals()
    if ends:
        write_rule([rule])
        write_heading(ends)
    if shown.caption:
        file.write(f"{_marked(shown.caption, faint)}\n")
    return count


def _writer(
    file: IO[str], sizes: Sequence[int], rights: Sequence[bool], marks: Sequence[str], strong: str = ""
) -> Callable[[Iterable[Line]], int]:
    """Return a function that writes lines and returns the number of rows; `strong` marks subtotals."""
    strongly = [strong] * len(sizes)

    def write(lines: Iterable[Line]) -> int:
        count = 0
        for is_sum, run in _runs(lines):
            parts = zip(zip(*run, strict=True), sizes, rights, strongly if is_sum else marks, strict=True)
            texts = map("  ".join, zip(*(_padded(*part) for part in parts), strict=True))
            file.write("\n".join([*map(str.rstrip, texts), ""]))
            count += 0 if is_sum else len(run)
        return count

    return write


def _runs(lines: Iterable[Line]) -> Iterator[tuple[bool, Sequence[Line]]]:
    """Yield lines in runs of rows and of subtotals, and whether they are subtotals."""
    for block in blocks(lines, CACHED):
        if SumLine in set(map(type, block)):
            yield from ((kind is SumLine, list(run)) for kind, run in groupby(block, type))
        else:
            yield False, block


def _padded(cells: Sequence[str], size: int, right: bool, mark: str) -> Iterable[str]:  # noqa: FBT001 - of zip
    """Return the cells of a column in its width and with its mark."""
    if is_even("".join(cells)):
        found: Iterable[str] = map(str.rjust if right else str.ljust, cells, repeat(size))
    else:
        found = (pad(cell, size, right=right) for cell in cells)
    return (_marked(text, mark) for text in found) if mark else found


def _marked(text: str, mark: str) -> str:
    """Wrap a text in an escape sequence for colour or weight; `mark` is '' for none."""
    return f"{mark}{text}{_PLAIN}" if mark and text.strip() else text
