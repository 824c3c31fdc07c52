"""The page of a dashboard: a heading, tiles, and a section per table."""

from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import IO

from segcli.base.text import visible
from segcli.domain.table import Table
from segcli.output.dashboard import sections
from segcli.output.dashboard.figures import Figure, Tile, figures
from segcli.output.render.parts import web
from segcli.output.render.parts.style import Style

_ARROWS = {-1: "▼", 0: "", 1: "▲"}


def book(tiles: Sequence[Tile], tables: Sequence[Table], about: str, file: IO[str], style: Style) -> list[int]:
    """Write the page; return the number of rows of each table. `about` is the line under the heading."""
    title = visible(style.title)
    file.write(web.top(title, (Path(__file__).parent / "dashboard.css").read_text(encoding="utf-8")))
    file.write(f"<header>\n<h1>{escape(title)}</h1>\n<p>{escape(visible(about))}</p>\n{_contents(tables)}</header>\n")
    file.write("<main>\n")
    if tiles:
        cells = "".join(_tile(tile, style.decimal) for tile in tiles)
        file.write(f'<ul class="tiles" aria-label="Key figures">\n{cells}</ul>\n')
    counts = [sections.section(table, file, style, number) for number, table in enumerate(tables, 1)]
    file.write(f"</main>\n{web.end(sum(counts), has_heads=bool(tables))}")
    return counts


def _contents(tables: Sequence[Table]) -> str:
    if len(tables) < 2:  # noqa: PLR2004 - one link is not a list
        return ""
    links = "".join(f'<li><a href="#t{n}">{escape(visible(t.title))}</a></li>' for n, t in enumerate(tables, 1))
    return f'<nav aria-label="Contents"><ul>{links}</ul></nav>\n'


def _tile(tile: Tile, decimal: str) -> str:
    title = escape(visible(tile.title))
    heading = f'<a href="#t{tile.link}">{title}</a>' if tile.link else title
    lines = "".join(_figure(figure) for figure in figures(tile, decimal))
    notes = [tile.about, f"compared with {tile.against}" if tile.against else ""]
    about = "".join(f"<p>{escape(visible(note))}</p>\n" for note in notes if note)
    lacking = "".join(f'<p class="lacking">{escape(visible(note))}</p>\n' for note in tile.lacking)
    return f"<li><h2>{heading}</h2>\n<dl>\n{lines}</dl>\n{about}{lacking}</li>\n"


def _figure(figure: Figure) -> str:
    term = f"<dt>{escape(figure.unit)}</dt>" if figure.unit else '<dt class="unseen">Total</dt>'
    return f"<div>{term}<dd>{escape(figure.value)}</dd>{_change(figure)}</div>\n"


def _change(figure: Figure) -> str:
    if not figure.change:
        return ""
    if not figure.direction:
        return '<dd class="change">no change</dd>'
    arrow = f'<span aria-hidden="true">{_ARROWS[figure.direction]}</span> '
    percent = f" <span>({escape(figure.percent)})</span>" if figure.percent else ""
    return f'<dd class="change">{arrow}{escape(figure.change)}{percent}</dd>'
