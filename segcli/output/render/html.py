"""One self-contained HTML page with one or more tables: sorts and filters offline; prints well."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import IO

from segcli.base.text import visible
from segcli.domain.table import Table
from segcli.output.render.parts import web, with_chart
from segcli.output.render.parts.people import Line, Shown, SumLine, shown
from segcli.output.render.parts.style import Style


def render(table: Table, file: IO[str], style: Style) -> int:
    """Write the page and return the number of rows."""
    return book([table], file, style)[0]


def book(tables: Sequence[Table], file: IO[str], style: Style) -> list[int]:
    """Write one page with several tables and a table of contents; return the number of rows of each."""
    title = visible(style.title or tables[0].title)
    css = (Path(__file__).parent / "_page.css").read_text(encoding="utf-8")
    file.write(f"{web.top(title, css, style.language)}<h1>{escape(title)}</h1>\n")
    if len(tables) > 1:
        links = "".join(f'<li><a href="#t{n}">{escape(visible(t.title))}</a></li>' for n, t in enumerate(tables, 1))
        file.write(f"<nav><ol>{links}</ol></nav>\n")
    counts = [_section(table, file, style, number if len(tables) > 1 else 0) for number, table in enumerate(tables, 1)]
    file.write(web.end(sum(counts), has_heads=style.with_header))
    return counts


def _section(table: Table, file: IO[str], style: Style, number: int) -> int:
    """Write a table, with a heading if it is one of several (`number` > 0); return its number of rows."""
    charted = with_chart.Charted(table)
    found = shown(charted.table, style.decimal, style.dates)
    heading = f'<h2 id="t{number}">{escape(found.title)}</h2>\n' if number else ""
    wide = ' class="wide"' if len(found.heads) > web.WIDE else ""
    caption = f"<caption>{escape(found.caption)}</caption>\n" if found.caption else ""
    file.write(f"<section{wide}>{heading}{web.pictures(charted.above(), style)}")
    file.write(f'<div class="scroll"><table data-decimal="{style.decimal}" data-dates="{style.dates}">\n{caption}')
    if style.with_header:
        file.write(f"<thead>{web.heads(found)}</thead>\n")
    count = _body(found, file)
    file.write(f"</table></div>\n{web.pictures(charted.below(), style)}</section>\n")
    return count


def _body(found: Shown, file: IO[str]) -> int:
    file.write("<tbody>\n")
    count = 0
    for line in found.rows:
        file.write(_row(line, found.rights))
        count += not isinstance(line, SumLine)
    file.write("</tbody>\n")
    if ends := found.totals():
        file.write(f"<tfoot>\n{''.join(_row(line, found.rights) for line in ends)}</tfoot>\n")
    return count


def _row(cells: Line, rights: Sequence[bool]) -> str:
    found = (
        f"{'<td class=n>' if right else '<td>'}{escape(cell)}</td>" for right, cell in zip(rights, cells, strict=True)
    )
    return f"<tr{' class=sum' if isinstance(cells, SumLine) else ''}>{''.join(found)}</tr>\n"
