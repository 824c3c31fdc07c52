"""One row after the other, a line per column: for narrow terminals and for cards."""

from typing import IO

from segcli.overview import Table
from segcli.render._aligned import pad, width
from segcli.render._cells import human, lines
from segcli.render._style import Style
from segcli.text import visible


def render(table: Table, file: IO[str], style: Style) -> int:
    """Write the table and return its number of rows."""
    size = max((width(column.title) for column in table.columns), default=0)
    heads = [pad(column.title, size, right=False) for column in table.columns]
    count = 0
    for count, cells in enumerate(lines(table, [human(column, style.decimal) for column in table.columns]), 1):
        if style.with_header:
            file.write(f"-[ {count} ]".ljust(size + 1, "-") + "-\n")
        file.writelines(f"{head} | {cell}".rstrip() + "\n" for head, cell in zip(heads, cells, strict=True))
    if table.caption and style.with_header:
        file.write(visible(table.caption) + "\n")
    return count
