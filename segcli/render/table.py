"""The table that a person looks at: Rich on a terminal, as far as a person looks; aligned text beyond and elsewhere."""

from dataclasses import replace
from itertools import chain, islice
from typing import IO, Any

from segcli.overview import Column, Row, Table
from segcli.render import _aligned
from segcli.render._cells import Totals, human, is_right, lines
from segcli.render._style import Style

MOST_ROWS = 1000  # Rich takes half a millisecond for each
_FIXED = frozenset({"code", "date", "integer", "decimal", "percent", "money", "flag"})
MINIMUM_TEXT = 8  # places that a text column shrinks to before the table gives up


def render(table: Table, file: IO[str], style: Style) -> int:
    """Write the table and return its number of rows."""
    rows = iter(table.rows)
    if not style.is_terminal:
        return _aligned.render(table, file, style)
    first = list(islice(rows, MOST_ROWS + 1))
    whole = replace(table, rows=chain(first, rows))
    if len(first) > MOST_ROWS:
        return _aligned.render(whole, file, style)
    return _drawn(replace(table, rows=first), first, file, style)


def _drawn(table: Table, rows: list[Row], file: IO[str], style: Style) -> int:
    totals = Totals(table)
    for row in rows:
        totals.add(row)
    cells = list(lines(table, [human(column, style.decimal) for column in table.columns]))
    ends = totals.rows(style.decimal)
    if _needed(table, cells, ends) > style.width:
        from segcli.render import vertical

        return vertical.render(table, file, style)
    _print(_rich(table, cells, ends, style), table, file, style)
    return len(rows)


def _needed(table: Table, cells: list[list[str]], ends: list[list[str]]) -> int:
    """Return the least width at which no number, code or date is cut."""
    least = 1
    for at, column in enumerate(table.columns):
        widest = max([_aligned.width(row[at]) for row in (*cells, *ends)], default=0)
        head = max(_aligned.width(word) for word in column.title.split() or [""])
        least += 3 + max(head, widest if column.kind in _FIXED else min(widest, MINIMUM_TEXT))
    return least


def _rich(table: Table, cells: list[list[str]], ends: list[list[str]], style: Style) -> Any:  # noqa: ANN401 - a Rich table
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    drawn = RichTable(box=box.ROUNDED if _is_utf8() else box.ASCII, show_header=style.with_header, header_style="bold",
                      show_footer=False, title_justify="left")  # fmt: skip
    for column in table.columns:
        _add_column(drawn, column, Text(column.title))
    for at, row in enumerate(cells):
        drawn.add_row(*map(Text, row), end_section=bool(ends) and at == len(cells) - 1)
    for row in ends:
        drawn.add_row(*(Text(cell, style="bold") for cell in row))
    return drawn


def _add_column(drawn: Any, column: Column, heading: Any) -> None:  # noqa: ANN401 - a Rich table and text
    is_fixed = column.kind in _FIXED
    drawn.add_column(
        heading,
        justify="right" if is_right(column) else "left",
        no_wrap=is_fixed,
        overflow="fold",
        style="cyan" if column.kind == "code" else "",
    )


def _is_utf8() -> bool:
    import locale

    return locale.getpreferredencoding(do_setlocale=False).lower().replace("-", "") == "utf8"


def _print(drawn: Any, table: Table, file: IO[str], style: Style) -> None:  # noqa: ANN401 - a Rich table
    from rich.console import Console
    from rich.text import Text

    from segcli.text import visible

    console = Console(
        file=file, width=style.width, markup=False, emoji=False, highlight=False, force_terminal=style.has_color,
        no_color=not style.has_color, color_system="standard" if style.has_color else None, legacy_windows=False,
    )  # fmt: skip
    console.print(drawn)
    if table.caption:
        console.print(Text(visible(table.caption), style="dim"))
