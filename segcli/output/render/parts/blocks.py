"""Rows as blocks of text: one line per column."""

from collections.abc import Iterable
from typing import IO

from segcli.output.render.parts.people import Shown, SumLine
from segcli.output.render.parts.style import Style
from segcli.output.text_width import pad, width

_RULE = 5  # minimum number of dashes after the name of a block


def draw(found: Shown, file: IO[str], style: Style) -> int:
    """Write one block per row and per line of totals, then the caption; return the number of rows."""
    size = max(map(width, found.heads), default=0)
    heads = [pad(head, size) for head in found.heads]
    count = 0

    def write_sums(label: str, cells: list[str]) -> None:
        pairs = zip(found.columns, heads, cells, strict=True)
        file.write(_block(label, ((head, cell) for column, head, cell in pairs if column.total), size, style))

    for line in found.rows:
        if isinstance(line, SumLine):
            write_sums(line.label, line.cells)
        else:
            count += 1
            file.write(_block(str(count), zip(heads, line, strict=True), size, style))
    for label, cells in found.ends if count > 1 or found.is_part else ():  # a single row is its own total
        write_sums(label, cells)
    if found.caption:
        file.write(f"{found.caption}\n")
    return count


def _block(name: str, pairs: Iterable[tuple[str, str]], size: int, style: Style) -> str:
    """Return the lines of a block below its name, or below a blank line if headers are off."""
    top = f"-[ {name} ]".ljust(size + 1, "-") + "-" * _RULE if style.with_header else ""
    return "\n".join([top, *(f"{head} | {cell}".rstrip() for head, cell in pairs)]) + "\n"
