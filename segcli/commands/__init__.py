"""One file per command. Each declares its help, its parameters and its function in COMMAND."""

import importlib
from pathlib import Path

from segcli.base.named_files import stems
from segcli.interface.command import Command, Group, said

_FOLDER = Path(__file__).parent
HELP = """Know, classify and address your accounts: customer segmentation from the shell.

Everything is one SQLite file. Import accounts, label up to eight classifications, classify one by one or in
bulk, and run reports, each of which can be filtered and grouped by --class1 to --class8.

First steps: segcli init --example, then segcli show debtor-ageing --group-by class1.
segcli help lists topics such as filters, formats and automation.
"""


def root() -> Group:
    """Return the root of all commands."""
    return Group(HELP, _names, _find, lines=_line)


def _names() -> tuple[str, ...]:
    return tuple(sorted(name.rstrip("_").replace("_", "-") for name in stems(_FOLDER)))


def _stem(name: str) -> str:
    import keyword

    stem = name.replace("-", "_")
    return f"{stem}{'_' * keyword.iskeyword(stem)}"


def _line(name: str) -> str:
    """Return the first line of a command's help, taken from its module without importing it. A test compares the two."""
    line = said(_FOLDER / f"{_stem(name)}.py").partition(": ")[2]
    return line[:1].upper() + line[1:]


def _find(name: str) -> Command | Group | None:
    if not (name.replace("-", "").isalnum() and name.islower() and (_FOLDER / f"{_stem(name)}.py").is_file()):
        return None
    found: Command | Group = importlib.import_module(f"segcli.commands.{_stem(name)}").COMMAND
    return found
