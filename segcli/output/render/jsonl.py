"""JSON lines: one object per line; the same objects as in json."""

from typing import IO

from segcli.domain.table import Table
from segcli.output.render.parts.objects import objects
from segcli.output.render.parts.style import Style


def render(table: Table, file: IO[str], style: Style) -> int:
    """Write the table and return its number of rows."""
    count = 0
    for block in objects(table, style):
        file.write("\n".join(block) + "\n")
        count += len(block)
    return count
