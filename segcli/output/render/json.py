"""JSON: a list of objects, keyed by column name; amounts are exact numbers."""

from typing import IO

from segcli.domain.table import Table
from segcli.output.render.parts.objects import objects
from segcli.output.render.parts.style import Style


def render(table: Table, file: IO[str], style: Style) -> int:
    """Write the table, one row per line, and return its number of rows."""
    count = 0
    for block in objects(table, style):
        file.write(",\n " if count else "[\n ")
        file.write(",\n ".join(block))
        count += len(block)
    file.write("\n]\n" if count else "[]\n")
    return count
