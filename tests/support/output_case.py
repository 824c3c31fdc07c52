"""A small table, written by a process of its own."""

import os
import subprocess
import sys

from conftest import ROOT

from segcli.domain.table import Column

COLUMNS = (Column("account", "code"), Column("name"))
# Runs `write` as a command would: what fails is one line on stderr and status 1, a closed pipe is 141.
PROGRAM = """
import os, sys
from pathlib import Path
from segcli.output import destinations as output
from segcli.base.errors import SegcliError
from segcli.domain.table import Column, Table
from segcli.output.render import Style
form, path, rows = sys.argv[1], sys.argv[2], int(sys.argv[3])
rows = ((f"{n:08d}", "Caf\\u00e9 \\u682a\\u5f0f " * 3) for n in range(rows))
table = Table("T", (Column("account", "code"), Column("name")), rows)
try:
    output.write(table, form, Path(path) if path else None, Style())
except BrokenPipeError:
    os._exit(141)
except SegcliError as error:
    print(error, file=sys.stderr)
    sys.exit(error.status)
"""


def command(form: str, path: str, rows: int) -> list[str]:
    return [sys.executable, "-c", PROGRAM, form, path, str(rows)]


def environment(**values: str) -> dict[str, str]:
    # No bytecode: under a limit on the size of files Python would keep half a file of it, for all runs to come.
    return {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1", **values}


def run(form: str, path: str = "", rows: int = 3, **more: object) -> "subprocess.CompletedProcess[bytes]":
    more.setdefault("env", environment())
    more.setdefault("stdout", subprocess.PIPE)
    return subprocess.run(command(form, path, rows), stderr=subprocess.PIPE, check=False, timeout=60, **more)  # type: ignore[call-overload,no-any-return]
