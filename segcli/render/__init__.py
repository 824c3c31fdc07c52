"""Renderers: one module per output format, each with render(table, file, style) -> the number of rows."""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from segcli.overview import Table
from segcli.render._style import Style

Renderer = Callable[[Table, Any, Style], int]

BINARY = frozenset({"xlsx"})
ENDINGS = {"txt": "table", "htm": "html", "ndjson": "jsonl"}


def formats() -> tuple[str, ...]:
    """Return the names of the formats: those of the modules."""
    return tuple(sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py")))


def renderer(name: str) -> Renderer:
    """Return what draws a format."""
    found: Renderer = importlib.import_module(f"segcli.render.{name}").render
    return found


def of_ending(path: Path) -> str | None:
    """Return the format that a file's ending stands for, None where it stands for none."""
    ending = path.suffix.lower().removeprefix(".")
    name = ENDINGS.get(ending, ending)
    return name if name in formats() and ending not in {"table", "plain", "vertical"} else None


__all__ = ["BINARY", "Style", "formats", "of_ending", "renderer"]
