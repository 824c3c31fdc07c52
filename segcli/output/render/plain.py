"""A plain table for e-mails and notes, drawn by tabulate; beyond a thousand rows it is streamed as aligned text."""

from itertools import chain, islice
from typing import IO

from segcli.base.errors import UsageError
from segcli.domain.table import Table
from segcli.output import text_width
from segcli.output.render.parts import aligned, tabulated, with_chart
from segcli.output.render.parts.people import MOST_ROWS, Shown, SumLine, shown
from segcli.output.render.parts.style import Style


def render(table: Table, file: IO[str], style: Style) -> int:
    """Write the table and return its number of rows."""
    return with_chart.render(_render, table, file, style)


def _render(table: Table, file: IO[str], style: Style) -> int:
    found = shown(table, style.decimal, style.dates)
    if style.ends_with_null:
        return _records(found, file, style)
    first = list(islice(found.rows, MOST_ROWS + 1))
    found.rows = chain(first, found.rows)
    # tabulate counts characters instead of display columns, unless the optional package wcwidth is installed.
    is_even = all(text_width.width(cell) == len(cell) for line in (found.heads, *first) for cell in line)
    if is_even and len(first) <= MOST_ROWS:
        return tabulated.render(found, file, style, "simple", str)
    return aligned.render(found, file, style)


def _records(found: Shown, file: IO[str], style: Style) -> int:
    """Write a single column, each value ended with NUL, without rules, totals, subtotals and caption."""
    if len(found.columns) != 1:
        raise UsageError("--null: plain takes one column", "name it with --columns, or use -f tsv")
    if style.with_header:
        file.write(f"{found.heads[0]}\0")
    count = 0
    for line in found.rows:
        if not isinstance(line, SumLine):
            file.write(f"{line[0]}\0")
            count += 1
    return count
