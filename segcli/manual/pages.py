"""A command as a manual page: summary, usage, options by section, examples."""

from collections.abc import Iterator
from typing import NamedTuple

from segcli.interface.command import Command, Group, first_line
from segcli.interface.options import COMMON, OUTPUT, SELECTION, TIME, Parameter
from segcli.interface.parameters import shown

# Options shared by many commands; the reference lists them once.
SHARED = {parameters[0].section: parameters for parameters in (SELECTION, OUTPUT, TIME, COMMON)}


class Page(NamedTuple):
    """A command: its words after segcli, its help and its parameters."""

    words: tuple[str, ...]
    help: str
    arguments: tuple[Parameter, ...]
    options: tuple[Parameter, ...]
    examples: tuple[str, ...]

    @property
    def name(self) -> str:
        """Return the command as typed."""
        return " ".join(("segcli", *self.words))

    @property
    def summary(self) -> str:
        """Return the first line of its help."""
        return first_line(self.help)

    @property
    def paragraphs(self) -> list[str]:
        """Return the paragraphs of its help, each on one line."""
        return [" ".join(part.split()) for part in self.help.strip().split("\n\n")]

    @property
    def usage(self) -> str:
        """Return its usage line."""
        return " ".join((self.name, "[OPTIONS]", *(shown(parameter) for parameter in self.arguments)))

    @property
    def sections(self) -> dict[str, list[Parameter]]:
        """Return its options by section heading."""
        found: dict[str, list[Parameter]] = {}
        for parameter in self.options:
            found.setdefault(parameter.section, []).append(parameter)
        return found


def term(parameter: Parameter) -> str:
    """Return an option as help shows it: `-o, --output FILE`."""
    flags = ", ".join(sorted(parameter.flags, key=len))
    return f"{flags} {parameter.metavar}" if parameter.kind != "flag" and parameter.metavar else flags


def pages(root: Group) -> Iterator[Page]:
    """Yield a page for every command, by name."""
    yield from _pages(root, ())


def _pages(node: Command | Group, words: tuple[str, ...]) -> Iterator[Page]:
    if isinstance(node, Command):
        arguments = tuple(parameter for parameter in node.parameters if parameter.is_argument)
        options = tuple(parameter for parameter in node.every_parameter if not parameter.is_argument)
        yield Page(words, node.help, arguments, options, node.examples)
        for name, command in node.under.items():
            yield from _pages(command, (*words, name))
        return
    for name in node.names():
        found = node.find(name)
        if found is not None:
            yield from _pages(found, (*words, name))
