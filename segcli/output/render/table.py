"""A table for people: drawn by Rich on a terminal; aligned text beyond a thousand rows and elsewhere."""

from collections.abc import Sequence
from itertools import chain, islice, zip_longest
from typing import IO, TYPE_CHECKING, Any

from segcli.domain.table import Table
from segcli.output.render.parts import aligned, layout, with_chart
from segcli.output.render.parts.console import cells, console
from segcli.output.render.parts.people import MOST_ROWS, Line, Shown, SumLine, count_rows, shown
from segcli.output.render.parts.style import Style

if TYPE_CHECKING:
    from rich.table import Table as RichTable

_BLANK = "    \n    \n ─  \n    \n ─  \n    \n    \n    \n"  # a box without lines between columns
_NO_BREAK = "\N{NO-BREAK SPACE}"
_NAMED = 6  # columns that are named where there is no room for them


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
    """Draw aligned text, its columns as the first rows let them fit the terminal."""
    fit = layout.streamed(found, first, style)
    narrow = found.of(fit.places)
    narrow.rows = map(layout.shortener(narrow, fit.widths), narrow.rows)
    narrow.caption = _caption(found, fit.places, style.width)
    lines = list(
        zip_longest(*(layout.heading(*pair) for pair in zip(narrow.heads, fit.widths, strict=True)), fillvalue="")
    )
    return aligned.render(narrow, file, style, is_colored=style.has_color, heads=lines)


def _fitted(found: Shown, rows: list[Line], file: IO[str], style: Style) -> int:
    """Draw the table to fit the terminal, or as blocks if a number, code or date would have to be cut."""
    found.rows = iter(rows)
    fit = layout.fit(found, rows, style)
    if fit is None:
        from segcli.output.render.parts import blocks

        found.rows = iter(rows)
        return blocks.draw(found, file, style)
    narrow = found.of(fit.places)
    lines, narrow.ends = list(narrow.rows), list(narrow.ends)
    narrow.caption = _caption(found, fit.places, style.width)
    _print(_drawn(narrow, lines, fit, style), narrow, file, style)
    return count_rows(rows)


def _caption(found: Shown, places: Sequence[int], room: int) -> str:
    """Return the caption as wide as the terminal, with a line that names the columns for which there is no room."""
    heads = [head for at, head in enumerate(found.heads) if at not in places]
    more = len(heads) - _NAMED if len(heads) > _NAMED + 1 else 0
    named = ", ".join([*heads[: len(heads) - more], *([f"{more} more"] if more else [])])
    how = f"--columns{_NO_BREAK}NAMES or " * found.is_choosable + f"-f{_NO_BREAK}vertical"
    left_out = f"left out for lack of room: {named}; {how} shows {'them' if len(heads) > 1 else 'it'}" if heads else ""
    return "\n".join(_wrapped(text, room) for text in (found.caption, left_out) if text)


def _wrapped(text: str, room: int) -> str:
    import textwrap

    lines = textwrap.wrap(text, room, break_on_hyphens=False, break_long_words=False)
    return "\n".join(lines).replace(_NO_BREAK, " ")


def _drawn(found: Shown, rows: list[Line], fit: layout.Fit, style: Style) -> "RichTable":
    from rich import box
    from rich.table import Table as RichTable
    from rich.text import Text

    looks: dict[str, Any] = {"box": box.ROUNDED}
    if fit.frame != layout.LINED:
        looks = {"box": box.Box(_BLANK), "show_edge": False, "pad_edge": False, "padding": (0, fit.frame - 1, 0, 0)}
    drawn = RichTable(show_header=style.with_header, header_style="bold", **looks)
    for column, head, right, size in zip(found.columns, found.heads, found.rights, fit.widths, strict=True):
        heading = Text("\n".join(layout.heading(head, size)))
        drawn.add_column(heading, justify="right" if right else "left", style="cyan" if column.kind == "code" else "",
                         width=size, **cells(column))  # fmt: skip
    ends = found.totals()
    for at, line in enumerate(rows, 1):
        is_sum = isinstance(line, SumLine)
        texts = (Text(cell, style="bold" if is_sum else "") for cell in line)
        drawn.add_row(*texts, end_section=is_sum or (bool(ends) and at == len(rows)))
    for line in ends:
        drawn.add_row(*(Text(cell, style="bold") for cell in line))
    return drawn


def _print(drawn: "RichTable", found: Shown, file: IO[str], style: Style) -> None:
    from rich.text import Text

    screen = console(file, style)
    screen.print(drawn)
    if found.caption:
        screen.print(Text(found.caption, style="dim"))
