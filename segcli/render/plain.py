"""A plain table for mails and notes, drawn by tabulate; beyond a thousand rows the same columns stream as text."""

from dataclasses import replace
from itertools import chain, islice
from typing import IO

from segcli.overview import Table
from segcli.render import _aligned, _tabulated
from segcli.render._style import Style
from segcli.text import visible

MOST_ROWS = 1000


def render(table: Table, file: IO[str], style: Style) -> int:
    """Write the table and return its number of rows."""
    rows = iter(table.rows)
    first = list(islice(rows, MOST_ROWS + 1))
    if len(first) > MOST_ROWS:
        return _aligned.render(replace(table, rows=chain(first, rows)), file, style)
    return _tabulated.render(replace(table, rows=first), file, style, "simple", visible)
