"""One self-contained HTML page with one or more tables: sorts and filters offline; prints well."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import IO, TYPE_CHECKING

from segcli.base.text import visible
from segcli.domain.table import Table
from segcli.output.render.parts import with_chart
from segcli.output.render.parts.people import Line, Shown, shown
from segcli.output.render.parts.style import Style

if TYPE_CHECKING:
    from segcli.output.charts import Picture

MOST_SORTED = 20_000  # rows of a page; with more, sorting in a browser takes too long
_WIDE = 8  # number of columns from which a table is printed in landscape
_KINDS = {"date": "d", "integer": "n", "decimal": "n", "percent": "n", "money": "n"}


def render(table: Table, file: IO[str], style: Style) -> int:
    """Write the page and return the number of rows."""
    return book([table], file, style)[0]


def book(tables: Sequence[Table], file: IO[str], style: Style) -> list[int]:
    """Write one page with several tables and a table of contents; return the number of rows of each."""
    script = _resource("_page.js")
    file.write(_top(visible(style.title or tables[0].title), script, style.language))
    if len(tables) > 1:
        links = "".join(f'<li><a href="#t{n}">{escape(visible(t.title))}</a></li>' for n, t in enumerate(tables, 1))
        file.write(f"<nav><ol>{links}</ol></nav>\n")
    counts = [_section(table, file, style, number if len(tables) > 1 else 0) for number, table in enumerate(tables, 1)]
    if sum(counts) <= MOST_SORTED and style.with_header:
        file.write(f"<script>{script}</script>\n")
    file.write("</body></html>\n")
    return counts


def _resource(name: str) -> str:
    return (Path(__file__).parent / name).read_text(encoding="utf-8")


def _top(title: str, script: str, language: str) -> str:
    """Return the HTML above the tables. The content security policy allows our script only, and no network access."""
    import base64
    import hashlib

    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-{allowed}'; base-uri 'none'; form-action 'none'"
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title>\n'
        f'<meta name="viewport" content="width=device-width"><meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        f"<style>{_resource('_page.css')}</style></head><body>\n<h1>{escape(title)}</h1>\n"
    )


def _section(table: Table, file: IO[str], style: Style, number: int) -> int:
    """Write a table, with a heading if it is one of several (`number` > 0); return its number of rows."""
    charted = with_chart.Charted(table)
    found = shown(charted.table, style.decimal, style.dates)
    heading = f'<h2 id="t{number}">{escape(found.title)}</h2>\n' if number else ""
    wide = ' class="wide"' if len(found.heads) > _WIDE else ""
    caption = f"<caption>{escape(found.caption)}</caption>\n" if found.caption else ""
    file.write(f"<section{wide}>{heading}{_pictures(charted.above(), style)}")
    file.write(f'<div class="scroll"><table data-decimal="{style.decimal}" data-dates="{style.dates}">\n{caption}')
    if style.with_header:
        file.write(f"<thead>{_heads(found)}</thead>\n")
    count = _body(found, file)
    file.write(f"</table></div>\n{_pictures(charted.below(), style)}</section>\n")
    return count


def _body(found: Shown, file: IO[str]) -> int:
    file.write("<tbody>\n")
    count = 0
    for line in found.rows:
        file.write(_row(line, found.rights))
        count += 1
    file.write("</tbody>\n")
    if ends := found.totals():
        file.write(f"<tfoot>\n{''.join(_row(line, found.rights) for line in ends)}</tfoot>\n")
    return count


def _pictures(pictures: "Sequence[Picture]", style: Style) -> str:
    if not pictures:
        return ""
    from segcli.output.charts.svg import svg

    return "".join(f"<figure>\n{svg(picture, decimal=style.decimal)}\n</figure>\n" for picture in pictures)


def _heads(found: Shown) -> str:
    cells = (
        f'<th scope="col" data-kind="{_KINDS.get(column.kind, "t")}"{" class=n" if right else ""}>{escape(head)}</th>'
        for column, head, right in zip(found.columns, found.heads, found.rights, strict=True)
    )
    return f"<tr>{''.join(cells)}</tr>\n"


def _row(cells: Line, rights: Sequence[bool]) -> str:
    found = (
        f"{'<td class=n>' if right else '<td>'}{escape(cell)}</td>" for right, cell in zip(rights, cells, strict=True)
    )
    return f"<tr>{''.join(found)}</tr>\n"
