"""Paths of the default database and of the files shipped with segcli."""

import os
from collections.abc import Mapping
from pathlib import Path


def default_database(environ: Mapping[str, str] = os.environ) -> Path:
    """Return the default path of the database, in the user's data folder (XDG)."""
    base = environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "segcli" / "segcli.db"


def resource(name: str) -> Path:
    """Return the path of a file shipped with segcli: in the wheel, or at the top of a checkout."""
    package = Path(__file__).parent.parent
    packed = package / "data" / name
    source = {"example": "examples/administration"}.get(name, name)
    return packed if packed.exists() else package.parent / source
