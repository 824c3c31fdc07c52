"""One self-contained HTML page: no script, no network, prints well."""

from collections.abc import Sequence
from html import escape
from typing import IO, TYPE_CHECKING

from segcli.overview import Table
from segcli.render import _charted
from segcli.render._people import Line, Shown, shown
from segcli.render._style import Style

if TYPE_CHECKING:
    from segcli.charting import Picture

_CSS = """body{font:14px/1.4 system-ui,sans-serif;margin:2em;color:#111}table{border-collapse:collapse}
th,td{padding:.25em .7em;border-bottom:1px solid #ccc;text-align:left;vertical-align:top}
th{border-bottom:2px solid #333}.n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}
tfoot td{font-weight:bold;border-top:2px solid #333}
figure{margin:0 0 1.5em;break-inside:avoid}svg{max-width:100%;height:auto}
caption{caption-side:bottom;text-align:left;padding-top:.7em;color:#555}
@media print{body{margin:0}thead{display:table-header-group}}"""


def render(table: Table, file: IO[str], style: Style) -> int:
    """Write the page and return the number of rows."""
    charted = _charted.Charted(table)
    found = shown(charted.table, style.decimal, style.dates)
    file.write(_top(found, _pictures(charted.above(), style)))
    if style.with_header:
        file.write(f"<thead>{_row(found.heads, found.rights, 'th')}</thead>\n")
    file.write("<tbody>\n")
    count = 0
    for line in found.rows:
        file.write(_row(line, found.rights, "td"))
        count += 1
    file.write("</tbody>\n")
    if ends := found.totals():
        file.write(f"<tfoot>\n{''.join(_row(line, found.rights, 'td') for line in ends)}</tfoot>\n")
    file.write(f"</table>\n{_pictures(charted.below(), style)}</body></html>\n")
    return count


def _pictures(pictures: "Sequence[Picture]", style: Style) -> str:
    if not pictures:
        return ""
    from segcli.charting.svg import svg

    return "".join(f"<figure>\n{svg(picture, decimal=style.decimal)}\n</figure>\n" for picture in pictures)


def _top(found: Shown, pictures: str) -> str:
    title = escape(found.title)
    caption = f"<caption>{escape(found.caption)}</caption>\n" if found.caption else ""
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title>\n'
        f"<style>{_CSS}</style></head><body>\n<h1>{title}</h1>\n{pictures}<table>\n{caption}"
    )


def _row(cells: Line, rights: Sequence[bool], tag: str) -> str:
    marks = [f'<{tag} class="n">' if right else f"<{tag}>" for right in rights]
    found = (f"{mark}{escape(cell)}</{tag}>" for mark, cell in zip(marks, cells, strict=True))
    return f"<tr>{''.join(found)}</tr>\n"
