"""A package with one module per overview or action, found by file name. There is no list to maintain."""

import importlib
from pathlib import Path
from types import ModuleType

from segcli.base.named_files import stems
from segcli.base.record import Record
from segcli.interface.command import explained, said


class Declared(Record):
    """What a module declares about its overview or action."""

    area: str
    parameters: tuple[str, ...]
    help: str
    examples: tuple[str, ...]


class Registry:
    """Finds the modules of a package by name. Names have hyphens for underscores; a module is imported on first use."""

    def __init__(self, package: str, folder: Path) -> None:
        self.package = package
        self.folder = folder

    def names(self) -> tuple[str, ...]:
        """Return the names, sorted."""
        return tuple(sorted(name.replace("_", "-") for name in stems(self.folder)))

    def line(self, name: str) -> str:
        """Return the first line of a module's help, without importing the module."""
        return said(self.folder / f"{name.replace('-', '_')}.py")

    def module(self, name: str) -> ModuleType:
        """Return the module with this name."""
        return importlib.import_module(f"{self.package}.{name.replace('-', '_')}")

    def declared(self, name: str) -> Declared:
        """Return what a module declares."""
        found = self.module(name)
        fixed = getattr(found, "OVERVIEW", None)
        parameters = fixed.parameters if fixed else found.PARAMETERS
        return Declared(found.AREA, parameters, explained(found), getattr(found, "EXAMPLES", ()))
