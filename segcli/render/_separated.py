"""Values with a sign between them, as csv writes them: the column names, then the rows, block by block."""

import csv
from typing import IO

from segcli.overview import Table
from segcli.render._cells import Encoder, encoded_blocks, machine
from segcli.render._style import Style


def render(table: Table, file: IO[str], style: Style, delimiter: str, text: Encoder) -> int:
    """Write the table and return its number of rows; `text` is what the format does to text and codes."""
    writer = csv.writer(file, delimiter=delimiter, lineterminator="\n")
    if style.with_header:
        writer.writerow([column.name for column in table.columns])
    count = 0
    for block in encoded_blocks(table, [machine(column, text) for column in table.columns]):
        writer.writerows(block)
        count += len(block)
    return count
