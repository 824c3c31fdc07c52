"""Tables drawn by tabulate from formatted texts; its parsing of numbers is off."""

from collections.abc import Callable, Sequence
from typing import IO

from segcli.output.render.parts.people import Line, Shown, count_rows
from segcli.output.render.parts.style import Style


def render(shown: Shown, file: IO[str], style: Style, form: str, safe: Callable[[str], str]) -> int:
    """Write the table in one of tabulate's formats and return its number of rows; `safe` escapes text for the format."""
    from tabulate import tabulate

    lines = list(shown.rows)
    rows = [[safe(cell) for cell in line] for line in lines]
    ends = [[safe(cell) for cell in line] for line in shown.totals()]
    heads: Line = [safe(head) for head in shown.heads] if style.with_header else ()
    text = tabulate(
        rows + ends,
        headers=heads,
        tablefmt=form,
        disable_numparse=True,
        colalign=_aligns(shown.rights) if rows else None,
    )
    file.writelines(f"{line.rstrip()}\n" for line in text.split("\n"))
    if shown.caption:
        file.write(f"\n{safe(shown.caption)}\n")
    return count_rows(lines)


def _aligns(rights: Sequence[bool]) -> list[str]:
    return ["right" if right else "left" for right in rights]
