"""JSON: a list of objects, keyed by column name."""

from typing import IO

from segcli.overview import Table
from segcli.render._objects import objects
from segcli.render._style import Style


def render(table: Table, file: IO[str], style: Style) -> int:  # noqa: ARG001 - all renderers are called alike
    """Write the table and return its number of rows."""
    count = 0
    for count, text in enumerate(objects(table), 1):
        file.write(("[\n " if count == 1 else ",\n ") + text)
    file.write("\n]\n" if count else "[]\n")
    return count
