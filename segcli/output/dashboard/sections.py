"""The sections of a dashboard: a heading, charts, and their table, with the exact value of each cell."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from html import escape
from typing import IO

from segcli.base.text import visible
from segcli.domain.table import Table
from segcli.output.render.parts import web, with_chart
from segcli.output.render.parts.cell_text import BLOCK, Cells, currencies, encoded, machine
from segcli.output.render.parts.people import Line, Shown, SumLine, shown
from segcli.output.render.parts.style import Style

_FIXED = frozenset({"code", "date"})  # kinds that are not wrapped
_CHART_WIDTH = 440.0  # narrow, so that its text is readable on a phone


def section(table: Table, file: IO[str], style: Style, number: int) -> int:
    """Write a table under its title; return its number of rows."""
    charted = with_chart.Charted(table)
    held = replace(charted.table, rows=list(charted.table.rows))
    found = shown(held, style.decimal, style.dates)
    heading = escape(found.title)
    wide = ' class="wide"' if len(found.heads) > web.WIDE else ""
    charts = web.pictures([*charted.above(), *charted.below()], style, _CHART_WIDTH)
    file.write(f'<section id="t{number}" aria-labelledby="h{number}"{wide}>\n<h2 id="h{number}">{heading}</h2>\n')
    file.write(f'<div class="charts">\n{charts}</div>\n' if charts else "")
    file.write(f'<div class="scroll" role="region" aria-labelledby="h{number}" tabindex="0">\n')
    file.write(f'<table data-decimal="{style.decimal}" data-dates="{style.dates}">\n')
    file.write(f"<caption>{escape(found.caption) or heading}</caption>\n<thead>{web.heads(found)}</thead>\n<tbody>\n")
    count = 0
    facts = zip(_exact(held), _codes(held), strict=True)
    for line in found.rows:
        if isinstance(line, SumLine):
            file.write(_total(found, line, " class=sum"))
        else:
            file.write(_row(found, line, *next(facts)))
            count += 1
    file.write("</tbody>\n")
    if ends := found.totals():
        file.write(f"<tfoot>\n{''.join(_total(found, line) for line in ends)}</tfoot>\n")
    none = "" if count else f"<p>{escape(table.word('No rows.'))}</p>\n"
    file.write(f"</table></div>\n{none}</section>\n")
    return count


def _blocks(table: Table) -> Iterator[Sequence[Sequence[object]]]:
    rows = list(table.rows)
    return (rows[at : at + BLOCK] for at in range(0, len(rows), BLOCK))


def _exact(table: Table) -> Iterator[Line]:
    """Yield each row as machine values: amounts with all their digits, ISO dates."""
    encoders = [machine(column, _nothing) for column in table.columns]
    return (line for block in _blocks(table) for line in encoded(table, block, encoders))  # type: ignore[arg-type]


def _nothing(cells: Cells, _codes: Cells) -> Cells:
    """Return no exact values: texts are shown as they are."""
    return [""] * len(cells)


def _codes(table: Table) -> Iterator[str]:
    """Yield the currency of each row; '' if all rows have the same currency."""
    found = [code for block in _blocks(table) for code in currencies(table, block)]  # type: ignore[arg-type]
    return iter(found if len(set(found)) > 1 else [""] * len(found))


def _row(found: Shown, line: Line, exact: Line, code: str) -> str:
    """Return a row. Its first cell is its heading. A value that differs from the displayed text is in data-v."""
    cells = []
    for at, (text, value, right) in enumerate(zip(line, exact, found.rights, strict=True)):
        data = f' data-v="{escape(visible(value))}"' if value and value != text else ""
        name, scope = ("th", ' scope="row"') if at == 0 and not right else ("td", "")
        kind = ' class="n"' if right else ' class="k"' if found.columns[at].kind in _FIXED else ""
        cells.append(f"<{name}{scope}{kind}{data}>{escape(text)}</{name}>")
    currency = f' data-currency="{escape(visible(code))}"' if code else ""
    return f"<tr{currency}>{''.join(cells)}</tr>\n"


def _total(found: Shown, line: Line, mark: str = "") -> str:
    cells = []
    for text, right, column in zip(line, found.rights, found.columns, strict=True):
        is_label = text and not column.total
        name, scope = ("th", ' scope="row"') if is_label else ("td", "")
        kind = ' class="n"' if right else ""
        cells.append(f"<{name}{scope}{kind}>{escape(text)}</{name}>")
    return f"<tr{mark}>{''.join(cells)}</tr>\n"
