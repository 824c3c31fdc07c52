"""Footers below a table: lines of a report such as Printed on 31-03-2026, which are no records.

A footer has text in its first cell only. The text gives the date, the author or the page number of the report. No record follows it.
"""

import re
from collections.abc import Sequence

from segcli.base.text import fold

_LONGEST = 200  # characters
_MADE = (
    "printed afgedrukt geprint gedruckt imprime generated gegenereerd created aangemaakt erstellt exported geexporteerd exportiert"
    " printdate printdatum afdrukdatum druckdatum"
)
_LINE = re.compile(
    rf"(?:{'|'.join(_MADE.split())})(?: (?:date|on|op|am|le|at|by|door|von|par))?[ :]+.*\d.*"
    r"|(?:report|rapport|bericht|run|print) ?(?:date|datum|time)[ :]+.*\d.*"
    r"|(?:page|pagina|seite|blad)[: ]+\d+(?: ?(?:/|of|van|von|sur|de) ?\d+)?"
    r"|(?:mon|tues|wednes|thurs|fri|satur|sun)day, [a-z]+ \d{1,2}, \d{4}.*"  # QuickBooks
)


def is_footer(cells: Sequence[str | None]) -> bool:
    """Tell whether a row has only a first cell, and this reads as the footer of a report."""
    text = (cells[0] or "").strip() if cells else ""
    if not text or len(text) > _LONGEST or any(cell and cell.strip() for cell in cells[1:]):
        return False
    return _LINE.fullmatch(fold(text)) is not None
