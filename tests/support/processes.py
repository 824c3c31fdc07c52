"""segcli as a process of its own."""

import os
import sys
from pathlib import Path

SEGCLI = [sys.executable, "-m", "segcli"]


def environment(path: Path, **more: str) -> dict[str, str]:
    return {**os.environ, "SEGCLI_DATABASE": str(path), **more}
