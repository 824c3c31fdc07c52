"""The commands, one module each; each says in COMMAND what it is."""

import importlib
from pathlib import Path

from segcli.command import Command, Group

HELP = """Know, classify and address your accounts: customer segmentation from the shell.

Everything is one SQLite file. Import accounts, label up to eight classifications, classify one by one or in
bulk, and answer questions that are all filtered and grouped by --class1 to --class8.

First steps: segcli init --example, then segcli show debtor-ageing --group-by class1.
segcli help lists topics such as filters, formats and automation.
"""


def root() -> Group:
    """Return the root of all commands."""
    return Group(HELP, _names, _find)


def _names() -> tuple[str, ...]:
    folder = Path(__file__).parent
    return tuple(sorted(p.stem.rstrip("_").replace("_", "-") for p in folder.glob("[a-z]*.py")))


def _find(name: str) -> Command | Group | None:
    if not name.replace("-", "").isalnum() or name not in _names():
        return None
    import keyword

    stem = name.replace("-", "_")
    module = importlib.import_module(f"segcli.commands.{stem}{'_' * keyword.iskeyword(stem)}")
    found: Command | Group = module.COMMAND
    return found
