"""Tab-separated values: what a pipe gets. A cell with a tab, a quote or a line end is quoted, as csv does it."""

from typing import IO

from segcli.overview import Table
from segcli.render import _separated
from segcli.render._cells import cleaned
from segcli.render._style import Style


def render(table: Table, file: IO[str], style: Style) -> int:
    """Write the table and return its number of rows."""
    return _separated.render(table, file, style, "\t", cleaned)
