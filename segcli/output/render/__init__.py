"""Renderers: one module per output format, each with render(table, file, style) -> the number of rows.

The formats in BOUND can also combine several tables in one file: book(tables, file, style) -> the number of rows of each.
"""

import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from segcli.base.errors import UsageError
from segcli.base.named_files import stems
from segcli.domain.table import Table
from segcli.output.render.parts.style import Style

Renderer = Callable[[Table, Any, Style], int]
Binder = Callable[[Sequence[Table], Any, Style], list[int]]

# Each module is a format of the same name.
FORMATS = stems(Path(__file__).parent)
BINARY = frozenset({"parquet", "pdf", "sqlite", "xlsx"})  # these write bytes, the others text
BOUND = frozenset({"html", "pdf", "sqlite", "xlsx"})  # these can hold several tables
KEEPING = frozenset({"sqlite"})  # these keep what else is in the file that they replace
CHARTED = ("table", "plain", "md", "html", "pdf")  # these show a chart with the table
SHADED = (*CHARTED, "xlsx")  # these show a heat map
# File extensions equal the names of the formats, except for these.
_NO_ENDINGS = frozenset({"table", "plain", "vertical"})
ENDINGS = {name: name for name in FORMATS if name not in _NO_ENDINGS} | {
    "db": "sqlite",
    "htm": "html",
    "ndjson": "jsonl",
    "sqlite3": "sqlite",
    "txt": "table",
}


def renderer(name: str) -> Renderer:
    """Return the render function of a format; only its module is imported. Raises UsageError for an unknown format."""
    if name not in FORMATS:
        raise UsageError(f"--format: '{name}' is not known", f"one of {', '.join(FORMATS)}")
    found: Renderer = importlib.import_module(f"segcli.output.render.{name}").render
    return found


def binder(name: str) -> Binder:
    """Return the function that renders several tables into one file, for a format in BOUND."""
    found: Binder = importlib.import_module(f"segcli.output.render.{name}").book
    return found


def of_ending(path: Path) -> str | None:
    """Return the format of a file's extension, None for an unknown extension."""
    return ENDINGS.get(path.suffix.lower().removeprefix("."))


__all__ = [
    "BINARY",
    "BOUND",
    "CHARTED",
    "ENDINGS",
    "FORMATS",
    "KEEPING",
    "SHADED",
    "Style",
    "binder",
    "of_ending",
    "renderer",
]
