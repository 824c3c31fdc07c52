"""A Markdown table, drawn by tabulate; beyond a thousand rows it is streamed without alignment."""

import re
from itertools import chain, islice
from typing import IO

from segcli.domain.table import Table
from segcli.output.render.parts import tabulated, with_chart
from segcli.output.render.parts.people import MOST_ROWS, Line, Shown, SumLine, shown
from segcli.output.render.parts.style import Style

# Markup characters of GitHub Flavored Markdown: table cells, emphasis, code, links, strikethrough, HTML, entities.
_MARKS = re.compile(r"[\\|*_`\[\]~<]|&(?=#?\w+;)")


def safe(text: str) -> str:
    """Escape a text for Markdown."""
    return _MARKS.sub(lambda match: {"<": "&lt;", "&": "&amp;"}.get(match[0], f"\\{match[0]}"), text)


def render(table: Table, file: IO[str], style: Style) -> int:
    """Write the table and return its number of rows; a chart is written as a code block."""
    return with_chart.render(_render, table, file, style, indent=4)


def _render(table: Table, file: IO[str], style: Style) -> int:
    found = shown(table, style.decimal, style.dates)
    first = list(islice(found.rows, MOST_ROWS + 1))
    found.rows = chain(first, found.rows)
    if len(first) <= MOST_ROWS:
        return tabulated.render(found, file, style, "pipe", safe)  # tabulate's `github` format does not align columns
    return _stream(found, file, style)


def _stream(found: Shown, file: IO[str], style: Style) -> int:
    heads = found.heads if style.with_header else [""] * len(found.heads)
    file.write(_line([safe(head) for head in heads]))
    file.write(_line(["--:" if right else ":--" for right in found.rights]))
    count = 0
    for line in found.rows:
        file.write(_line([safe(cell) for cell in line]))
        count += not isinstance(line, SumLine)
    file.writelines(_line([safe(cell) for cell in line]) for line in found.totals())
    if found.caption:
        file.write(f"\n{safe(found.caption)}\n")
    return count


def _line(cells: Line) -> str:
    return f"| {' | '.join(cells)} |\n"
