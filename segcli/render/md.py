"""A Markdown table, drawn by tabulate."""

from typing import IO

from segcli.overview import Table
from segcli.render import _tabulated
from segcli.render._style import Style
from segcli.text import visible


def _safe(text: str) -> str:
    """Return the text with what Markdown would read as marks escaped."""
    clean = visible(text).replace("\\", "\\\\").replace("|", "\\|")
    return clean.replace("<", "&lt;").replace("*", "\\*").replace("_", "\\_").replace("`", "\\`").replace("[", "\\[")


def render(table: Table, file: IO[str], style: Style) -> int:
    """Write the table and return its number of rows."""
    return _tabulated.render(table, file, style, "pipe", _safe)
