"""The manifest of an exported file: its contents, checksum and flags, for verifying and repeating the export."""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from segcli import __version__
from segcli.domain.table import Table
from segcli.output import destinations
from segcli.storage import runs

_OTHERS = frozenset(
    {
        "database",
        "config",
        "quiet",
        "color",
        "errors",
        "output",
        "format",
        "if_changed",
        "touch",
        "exit_code",
        "manifest",
        "yes",
        "dry_run",
    }
)


def place(path: Path) -> Path:
    """Return the path of a file's manifest."""
    return path.with_name(f"{path.name}.manifest.json")


def asked(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return the flags that determine the contents, not the destination."""
    return {
        name: value
        for name, value in sorted(values.items())
        if value not in (None, (), False, "") and name not in _OTHERS
    }


def write(path: Path, table: Table, rows: int, flags: Mapping[str, Any]) -> None:
    """Write the manifest of a file that was just written."""
    rule = json.dumps(flags, sort_keys=True, ensure_ascii=False)
    document = {
        "file": path.name,
        "sha256": _digest(path),
        "rows": rows,
        "columns": [column.name for column in table.columns],
        "title": table.title,
        "as_of": table.as_of,
        "caption": table.caption,
        "flags": dict(flags),
        "flags_sha256": hashlib.sha256(rule.encode("utf-8", "backslashreplace")).hexdigest(),
        "steps": [{"step": words, "number": number} for words, number in table.steps],
        "made_by": f"segcli {__version__}",
        "made_at": runs.now(),
    }
    destinations.write_text(place(path), json.dumps(document, indent=1, ensure_ascii=False) + "\n")


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
