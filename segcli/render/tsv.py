r"""Tab-separated values: what a pipe gets. No quotes: a tab, line end or backslash in a cell is \t, \n, \r or \\."""

from collections.abc import Sequence
from typing import IO

from segcli.marks import tabbed
from segcli.overview import Table
from segcli.render._cells import Cells, blocks, encoded_columns, machine, texts
from segcli.render._style import Style


def escaped(cells: Cells, _codes: Sequence[str]) -> Cells:
    """Return texts as cells of tsv."""
    found, joined = texts(cells)
    is_plain = joined.isprintable() and "\\" not in joined and '"' not in joined
    return found if is_plain else list(map(tabbed, found))


def render(table: Table, file: IO[str], style: Style) -> int:
    """Write the table, a row a line, and return its number of rows."""
    encoders = [escaped if column.kind == "date" else machine(column, escaped) for column in table.columns]
    if style.with_header:
        file.write("\t".join(tabbed(column.name) for column in table.columns) + "\n")
    count = 0
    for block in blocks(table.rows):
        columns = encoded_columns(table, block, encoders)
        file.write("\n".join(map("\t".join, zip(*columns, strict=True))) + "\n")
        count += len(block)
    return count
