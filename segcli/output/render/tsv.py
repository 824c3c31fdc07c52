r"""Tab-separated values: the default for a pipe. No quotes: a tab, line end or backslash in a cell is \t, \n, \r or \\."""

from collections.abc import Sequence
from typing import IO

from segcli.base.escaping import tabbed, written
from segcli.base.text import is_printable
from segcli.domain.table import Table
from segcli.output.render.parts.cell_text import CACHED, Cells, blocks, encoded_columns, machine, texts
from segcli.output.render.parts.style import Style


def escaped(cells: Cells, _codes: Sequence[str]) -> Cells:
    """Return texts with tabs, line ends, backslashes and control characters escaped."""
    found, joined = texts(cells)
    is_plain = is_printable(joined) and "\\" not in joined and '"' not in joined
    return found if is_plain else list(map(tabbed, found))


def _verbatim(cells: Cells, _codes: Sequence[str]) -> Cells:
    """Return texts for records that end with NUL: newlines and backslashes are not escaped."""
    return [written(text).replace("\t", "\\t") for text in texts(cells)[0]]


def render(table: Table, file: IO[str], style: Style) -> int:
    """Write the table, one row per line, and return its number of rows."""
    text, end = (_verbatim, "\0") if style.ends_with_null else (escaped, "\n")
    encoders = [text if column.kind == "date" else machine(column, text) for column in table.columns]
    if style.with_header:
        file.write("\t".join(text([column.name for column in table.columns], ())) + end)
    count = 0
    for block in blocks(table.rows, CACHED):
        columns = encoded_columns(table, block, encoders)
        file.write(end.join(map("\t".join, zip(*columns, strict=True))) + end)
        count += len(block)
    return count
