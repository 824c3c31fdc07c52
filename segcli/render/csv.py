"""CSV for machines: ISO dates, decimal points, no totals; text that a spreadsheet would run has ' in front."""

import re
from collections.abc import Sequence
from typing import IO

from segcli.overview import Table
from segcli.render import _separated
from segcli.render._cells import Cells, cleaned
from segcli.render._style import Style

# What a spreadsheet runs as a formula (OWASP, CSV injection), and what would look guarded when it is read back.
_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_ANY_FORMULA = re.compile(r"\n'*[=+\-@\t\r]")


def guarded(cells: Cells, codes: Sequence[str]) -> Cells:
    """Return texts with ' in front where a spreadsheet would run them; import takes exactly that one off."""
    found = cleaned(cells, codes)
    if _ANY_FORMULA.search("\n" + "\n".join(found)) is None:
        return found
    return [f"'{cell}" if _FORMULA.match(cell) else cell for cell in found]


def render(table: Table, file: IO[str], style: Style) -> int:
    """Write the table and return its number of rows."""
    return _separated.render(table, file, style, ",", guarded)
