"""A table for people: drawn by Rich on a terminal; aligned text beyond a thousand rows and elsewhere."""

from collections.abc import Sequence
from itertools import chain, islice
from typing import IO, TYPE_CHECKING, Literal

from segcli.domain.table import Table
from segcli.output.render.parts import aligned, layout, with_chart
from segcli.output.render.parts.console import console
from segcli.output.render.parts.people import MOST_ROWS, Line, Shown, SumLine, count_rows, shown
from segcli.output.render.parts.style import Style

if TYPE_CHECKING:
    from rich.table import Table as RichTable

_GAP = 2  # blanks between columns of aligned text
_NAMED = 5  # dropped columns that are named


def render(table: Table, file: IO[str], style: Style) -> int:
    """Write the table and return its number of rows."""
    return with_chart.render(_render, table, file, style)


def _render(table: Table, file: IO[str], style: Style) -> int:
    found = shown(table, style.decimal, style.dates)
    if not style.is_terminal:
        return aligned.render(found, file, style, is_colored=style.has_color)
    first = list(islice(found.rows, MOST_ROWS + 1))  # Rich takes half a millisecond per row
    found.rows = chain(first, found.rows)
    if len(first) > MOST_ROWS:
        return _streamed(found, first, file, style)
    return _fitted(found, first, file, style)


def _streamed(found: Shown, first: list[Line], file: IO[str], style: Style) -> int:
    """Draw aligned text; the first rows decide which columns fit the terminal."""
    places = layout.places(found, first, style, frame=_GAP, wraps=False)
    count = aligned.render(found.of(places), file, style, is_colored=style.has_color)
    file.write(_left_out(found, places))
    return count


def _fitted(found: Shown, rows: list[Line], file: IO[str], style: Style) -> int:
    """Draw the table to fit the terminal, or as blocks if a number, code or date would have to be cut."""
    found.rows = iter(rows)
    ends = list(found.ends)
    found.ends = ends
    places = layout.places(found, [*rows, *found.totals()], style)
    narrow = found.of(places)
    lines, narrow.ends = list(narrow.rows), list(narrow.ends)
    widths = layout.widths(narrow, [*lines, *narrow.totals()], style)
    if widths is None:
        from segcli.output.render.parts import blocks

        found.rows = iter(rows)
        return blocks.draw(found, file, style)
    narrow.caption = "\n".join(filter(None, [found.caption, _left_out(found, places).rstrip()]))
    _print(_drawn(narrow, lines, widths, style), narrow, file, style)
    return count_rows(rows)


def _left_out(found: Shown, places: Sequence[int]) -> str:
    """Return a line that names the columns that do not fit, '' if all fit."""
    names = [column.name for at, column in enumerate(found.columns) if at not in places]
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED + 1 else ""
    some = ", ".join(names[:_NAMED] if more else names)
    return f"no room for {some}{more}: -f vertical shows all\n" if names else ""


def _drawn(found: Shown, rows: list[Line], widths: list[int], style: Style) -> "RichTable":
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    drawn = RichTable(box=box.ROUNDED, show_header=style.with_header, header_style="bold")
    for column, head, right, size in zip(found.columns, found.heads, found.rights, widths, strict=True):
        is_fixed = layout.is_fixed(column)
        heading = Text("\n".join(layout.wrapped(head, size)))
        color = "cyan" if column.kind == "code" else ""
        justify: Literal["right", "left"] = "right" if right else "left"
        drawn.add_column(heading, justify=justify, width=size, no_wrap=is_fixed, overflow="fold", style=color)
    ends = found.totals()
    for at, line in enumerate(rows, 1):
        is_sum = isinstance(line, SumLine)
        cells = (Text(cell, style="bold" if is_sum else "") for cell in line)
        drawn.add_row(*cells, end_section=is_sum or (bool(ends) and at == len(rows)))
    for line in ends:
        drawn.add_row(*(Text(cell, style="bold") for cell in line))
    return drawn


def _print(drawn: "RichTable", found: Shown, file: IO[str], style: Style) -> None:
    from rich.text import Text

    screen = console(file, style)
    screen.print(drawn)
    if found.caption:
        screen.print(Text(found.caption, style="dim"))
