"""Tables that tabulate draws, from texts that are formatted already: it must not read numbers into them."""

from collections.abc import Callable, Sequence
from typing import IO

from segcli.overview import Table
from segcli.render._cells import Totals, human, is_right, lines
from segcli.render._style import Style


def render(table: Table, file: IO[str], style: Style, form: str, safe: Callable[[str], str]) -> int:
    """Write the table in a form of tabulate's; `safe` is what the form does to a text."""
    from tabulate import tabulate

    totals = Totals(table)
    watched = Table(table.title, table.columns, totals.watch(iter(table.rows)), "", table.currency_at, table.currency)
    rows = [[safe(cell) for cell in row] for row in lines(watched, [human(c, style.decimal) for c in table.columns])]
    count = len(rows)
    rows += [[safe(cell) for cell in row] for row in totals.rows(style.decimal)]
    heads: Sequence[str] = [safe(column.title) for column in table.columns] if style.with_header else ()
    aligns = ["right" if is_right(column) else "left" for column in table.columns]
    text = tabulate(rows, headers=heads, tablefmt=form, disable_numparse=True, colalign=aligns if rows else None,
                    preserve_whitespace=True)  # fmt: skip
    file.write("\n".join(line.rstrip() for line in text.split("\n")) + "\n")
    if table.caption and style.with_header:
        file.write(f"\n{safe(table.caption)}\n")
    return count
