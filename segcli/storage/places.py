"""Where files of segcli lie: those that it is shipped with, and the database unless told otherwise."""

import os
from collections.abc import Mapping
from pathlib import Path


def default_database(environ: Mapping[str, str] = os.environ) -> Path:
    """Return where the database lies unless told otherwise: the user's data folder (XDG)."""
    base = environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    return Path(base) / "segcli" / "segcli.db"


def resource(name: str) -> Path:
    """Return a file that is shipped with segcli: in the wheel, or at the top of a checkout."""
    package = Path(__file__).parent.parent
    packed = package / "data" / name
    source = {"example": "examples/administration"}.get(name, name)
    return packed if packed.exists() else package.parent / source
