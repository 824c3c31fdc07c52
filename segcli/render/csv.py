"""CSV for machines: ISO dates, decimal points, no totals; text that a spreadsheet would take for a formula is quoted."""

import csv
import re
from typing import IO

from segcli.overview import Table
from segcli.render._cells import lines, machine
from segcli.render._style import Style
from segcli.text import escape_controls

_FORMULA = re.compile(r"'*[=+\-@\t\r]")
_HIDDEN_KEPT = "\n\r\t\u200b\u200c\u200d\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2060\u2066\u2067\u2068\u2069\ufeff"


def plain(text: str) -> str:
    """Return the text without bytes that steer a terminal; format characters keep theirs."""
    return escape_controls(text, _HIDDEN_KEPT)


def guarded(text: str) -> str:
    """Return the text with ' in front where a spreadsheet would run it (OWASP, CSV injection); import takes it off."""
    clean = plain(text)
    return f"'{clean}" if _FORMULA.match(clean) else clean


def render(table: Table, file: IO[str], style: Style) -> int:
    """Write the table and return its number of rows."""
    writer = csv.writer(file, lineterminator="\n")
    if style.with_header:
        writer.writerow([column.name for column in table.columns])
    count = 0
    for count, line in enumerate(lines(table, [machine(column, guarded) for column in table.columns]), 1):  # noqa: B007
        writer.writerow(line)
    return count
