"""CSV for machines: ISO dates, decimal points, no totals; text that a spreadsheet would run gets a leading '."""

from collections.abc import Sequence
from typing import IO

from segcli.base import escaping
from segcli.domain.table import Table
from segcli.output.render.parts import separated
from segcli.output.render.parts.cell_text import Cells, cleaned, is_harmless, texts
from segcli.output.render.parts.style import Style


def guarded(cells: Cells, codes: Sequence[str]) -> Cells:
    """Prefix texts that a spreadsheet would run as a formula with '; import removes exactly this prefix."""
    found, joined = texts(cells)
    if not is_harmless(joined):
        found = cleaned(found, codes)
        joined = escaping.MARK.join(found)
    return list(map(escaping.guarded, found)) if escaping.may_need_guard(f"{escaping.MARK}{joined}") else found


def render(table: Table, file: IO[str], style: Style) -> int:
    """Write the table and return its number of rows."""
    return separated.render(table, file, style, style.delimiter, guarded if style.is_guarded else cleaned)
