"""Renderers: one module per output format, each with render(table, file, style) -> the number of rows.

Some bind several tables into one file as well: book(tables, file, style) -> the number of rows of each.
"""

import importlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from segcli.base.errors import UsageError
from segcli.domain.table import Table
from segcli.output.render.parts.style import Style

Renderer = Callable[[Table, Any, Style], int]
Binder = Callable[[Sequence[Table], Any, Style], list[int]]

# The names of the formats are those of the modules: there is no list to keep.
FORMATS = tuple(sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py")))
BINARY = frozenset({"parquet", "pdf", "sqlite", "xlsx"})  # these write bytes, the others text
BOUND = frozenset({"html", "pdf", "sqlite", "xlsx"})  # these take several tables
KEEPING = frozenset({"sqlite"})  # these keep what else is in the file that they replace
CHARTED = ("table", "plain", "md", "html", "pdf")  # these show a chart with the table
# A file's ending is its format's name, but for these.
_NO_ENDINGS = frozenset({"table", "plain", "vertical"})
ENDINGS = {name: name for name in FORMATS if name not in _NO_ENDINGS} | {
    "db": "sqlite",
    "htm": "html",
    "ndjson": "jsonl",
    "sqlite3": "sqlite",
    "txt": "table",
}


def renderer(name: str) -> Renderer:
    """Return what draws a format, importing that one only; a UsageError for a format that there is not."""
    if name not in FORMATS:
        raise UsageError(f"--format: '{name}' is not known", f"one of {', '.join(FORMATS)}")
    found: Renderer = importlib.import_module(f"segcli.output.render.{name}").render
    return found


def binder(name: str) -> Binder:
    """Return what draws several tables into one file, in a format that is one of BOUND."""
    found: Binder = importlib.import_module(f"segcli.output.render.{name}").book
    return found


def of_ending(path: Path) -> str | None:
    """Return the format that a file's ending stands for, None where it stands for none."""
    return ENDINGS.get(path.suffix.lower().removeprefix("."))


__all__ = ["BINARY", "BOUND", "CHARTED", "ENDINGS", "FORMATS", "KEEPING", "Style", "binder", "of_ending", "renderer"]
