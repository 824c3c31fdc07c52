"""The table that a person looks at: Rich on a terminal, as far as a person looks; aligned text beyond and elsewhere."""

from itertools import chain, islice
from typing import IO, Any

from segcli.overview import Table
from segcli.render import _aligned, _charted, _layout
from segcli.render._people import MOST_ROWS, Line, Shown, shown
from segcli.render._style import Style


def render(table: Table, file: IO[str], style: Style) -> int:
    """Write the table and return its number of rows."""
    return _charted.render(_render, table, file, style)


def _render(table: Table, file: IO[str], style: Style) -> int:
    found = shown(table, style.decimal, style.dates)
    if not style.is_terminal:
        return _aligned.render(found, file, style)
    first = list(islice(found.rows, MOST_ROWS + 1))  # Rich takes half a millisecond for each
    found.rows = chain(first, found.rows)
    if len(first) > MOST_ROWS:
        return _aligned.render(found, file, style)
    return _fitted(found, first, file, style)


def _fitted(found: Shown, rows: list[Line], file: IO[str], style: Style) -> int:
    """Draw the table as wide as the terminal; as cards where a number, code or date would have to be cut."""
    found.rows = iter(rows)
    ends = list(found.ends)
    found.ends = ends
    widths = _layout.widths(found, [*rows, *found.totals()], style)
    if widths is None:
        from segcli.render import vertical

        return vertical.draw(found, file, style)
    _print(_drawn(found, rows, widths, style), found, file, style)
    return len(rows)


def _drawn(found: Shown, rows: list[Line], widths: list[int], style: Style) -> Any:  # noqa: ANN401 - a Rich table
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    drawn = RichTable(box=box.ROUNDED, show_header=style.with_header, header_style="bold")
    for column, head, right, size in zip(found.columns, found.heads, found.rights, widths, strict=True):
        is_fixed = _layout.is_fixed(column)
        heading = Text("\n".join(_layout.wrapped(head, size)))
        color = "cyan" if column.kind == "code" else ""
        justify: Any = "right" if right else "left"
        drawn.add_column(heading, justify=justify, width=size, no_wrap=is_fixed, overflow="fold", style=color)
    ends = found.totals()
    for at, line in enumerate(rows, 1):
        drawn.add_row(*map(Text, line), end_section=bool(ends) and at == len(rows))
    for line in ends:
        drawn.add_row(*(Text(cell, style="bold") for cell in line))
    return drawn


def _print(drawn: Any, found: Shown, file: IO[str], style: Style) -> None:  # noqa: ANN401 - a Rich table
    from rich.console import Console
    from rich.text import Text

    console = Console(
        file=file,
        width=style.width,
        height=25,  # both, or Rich takes what it finds in the environment
        markup=False,
        emoji=False,
        highlight=False,
        force_terminal=style.has_color,
        no_color=not style.has_color,
        color_system="standard" if style.has_color else None,
        legacy_windows=False,
    )
    console.print(drawn)
    if found.caption:
        console.print(Text(found.caption, style="dim"))
