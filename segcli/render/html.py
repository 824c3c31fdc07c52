"""One self-contained HTML page: no script, no network, prints well."""

from collections.abc import Iterable, Sequence
from html import escape
from typing import IO

from segcli.overview import Table
from segcli.render._cells import Totals, human, is_right, lines
from segcli.render._style import Style
from segcli.text import visible

_CSS = """body{font:14px/1.4 system-ui,sans-serif;margin:2em;color:#111}table{border-collapse:collapse}
th,td{padding:.25em .7em;border-bottom:1px solid #ccc;text-align:left;vertical-align:top}
th{border-bottom:2px solid #333}.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
tfoot td{font-weight:bold;border-top:2px solid #333}caption{caption-side:bottom;text-align:left;padding-top:.7em;color:#555}
@media print{body{margin:0}thead{display:table-header-group}}"""


def _row(cells: Iterable[str], rights: Sequence[bool], tag: str) -> str:
    marks = [f'<{tag} class="n">' if right else f"<{tag}>" for right in rights]
    return "<tr>" + "".join(f"{m}{escape(visible(c))}</{tag}>" for m, c in zip(marks, cells, strict=True)) + "</tr>\n"


def render(table: Table, file: IO[str], style: Style) -> int:
    """Write the page and return the number of rows."""
    totals = Totals(table)
    watched = Table(table.title, table.columns, totals.watch(iter(table.rows)), "", table.currency_at, table.currency)
    rights = [is_right(column) for column in table.columns]
    title = escape(visible(table.title))
    file.write(f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>\n'
               f"<style>{_CSS}</style></head><body>\n<h1>{title}</h1>\n<table>\n")  # fmt: skip
    if table.caption:
        file.write(f"<caption>{escape(visible(table.caption))}</caption>\n")
    if style.with_header:
        file.write(f"<thead>{_row([column.title for column in table.columns], rights, 'th')}</thead>\n")
    file.write("<tbody>\n")
    count = 0
    for count, cells in enumerate(lines(watched, [human(c, style.decimal) for c in table.columns]), 1):  # noqa: B007
        file.write(_row(cells, rights, "td"))
    file.write("</tbody>\n")
    ends = totals.rows(style.decimal)
    if ends:
        file.write(f"<tfoot>\n{''.join(_row(row, rights, 'td') for row in ends)}</tfoot>\n")
    file.write("</table>\n</body></html>\n")
    return count
