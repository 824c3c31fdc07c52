"""Tab-separated values: what a pipe gets."""

import csv
from typing import IO

from segcli.overview import Table
from segcli.render._cells import lines, machine
from segcli.render._style import Style
from segcli.render.csv import plain


def render(table: Table, file: IO[str], style: Style) -> int:
    """Write the table and return its number of rows; a cell with a tab or a line end is quoted."""
    writer = csv.writer(file, delimiter="\t", lineterminator="\n")
    if style.with_header:
        writer.writerow([column.name for column in table.columns])
    count = 0
    for count, line in enumerate(lines(table, [machine(column, plain) for column in table.columns]), 1):  # noqa: B007
        writer.writerow(line)
    return count
