"""The page of a dashboard: a heading, tiles, and a section per table."""

from collections.abc import Mapping, Sequence
from html import escape
from pathlib import Path
from typing import IO

from segcli.base.text import visible
from segcli.domain.table import Table
from segcli.output.dashboard import sections
from segcli.output.dashboard.figures import Figure, Tile, figures
from segcli.output.render.parts import web
from segcli.output.render.parts.style import Style
from segcli.settings import translations

Words = Mapping[str, str]  # in the language of the page, by the English text
_ARROWS = {-1: "▼", 0: "", 1: "▲"}


def book(tiles: Sequence[Tile], tables: Sequence[Table], about: str, file: IO[str], style: Style) -> list[int]:
    """Write the page; return the number of rows of each table. `about` is the line under the heading."""
    title, words = visible(style.title), translations.words(style.language)
    css = (Path(__file__).parent / "dashboard.css").read_text(encoding="utf-8")
    told = escape(visible(translations.caption(about, words)))
    file.write(web.top(title, css, style.language))
    file.write(f"<header>\n<h1>{escape(title)}</h1>\n<p>{told}</p>\n{_contents(tables, words)}</header>\n")
    file.write("<main>\n")
    if tiles:
        cells = "".join(_tile(tile, style.decimal, words) for tile in tiles)
        file.write(f'<ul class="tiles" aria-label="{escape(_word("Key figures", words))}">\n{cells}</ul>\n')
    counts = [sections.section(table, file, style, number) for number, table in enumerate(tables, 1)]
    file.write(f"</main>\n{web.end(sum(counts), has_heads=bool(tables))}")
    return counts


def _word(text: str, words: Words) -> str:
    return words.get(text, text)


def _contents(tables: Sequence[Table], words: Words) -> str:
    if len(tables) < 2:  # noqa: PLR2004 - a list of one says nothing
        return ""
    links = "".join(f'<li><a href="#t{n}">{escape(visible(t.title))}</a></li>' for n, t in enumerate(tables, 1))
    return f'<nav aria-label="{escape(_word("Contents", words))}"><ul>{links}</ul></nav>\n'


def _tile(tile: Tile, decimal: str, words: Words) -> str:
    title = escape(visible(tile.title))
    heading = f'<a href="#t{tile.link}">{title}</a>' if tile.link else title
    lines = "".join(_figure(figure, words) for figure in figures(tile, decimal))
    notes = [tile.about, _word("compared with {}", words).format(tile.against) if tile.against else ""]
    about = "".join(f"<p>{escape(visible(note))}</p>\n" for note in notes if note)
    lacking = "".join(f'<p class="lacking">{escape(visible(note))}</p>\n' for note in tile.lacking)
    return f"<li><h2>{heading}</h2>\n<dl>\n{lines}</dl>\n{about}{lacking}</li>\n"


def _figure(figure: Figure, words: Words) -> str:
    total = f'<dt class="unseen">{escape(_word("Total", words))}</dt>'
    term = f"<dt>{escape(figure.unit)}</dt>" if figure.unit else total
    return f"<div>{term}<dd>{escape(figure.value)}</dd>{_change(figure, words)}</div>\n"


def _change(figure: Figure, words: Words) -> str:
    if not figure.change:
        return ""
    if not figure.direction:
        return f'<dd class="change">{escape(_word("no change", words))}</dd>'
    arrow = f'<span aria-hidden="true">{_ARROWS[figure.direction]}</span> '
    percent = f" <span>({escape(figure.percent)})</span>" if figure.percent else ""
    return f'<dd class="change">{arrow}{escape(figure.change)}{percent}</dd>'
