"""Rows one after another, one line per column; for narrow terminals and cards."""

from typing import IO

from segcli.domain.table import Table
from segcli.output.render.parts import blocks
from segcli.output.render.parts.people import shown
from segcli.output.render.parts.style import Style


def render(table: Table, file: IO[str], style: Style) -> int:
    """Write the table and return its number of rows."""
    return blocks.draw(shown(table, style.decimal, style.dates), file, style)
