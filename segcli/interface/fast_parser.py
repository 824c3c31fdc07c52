"""Fast parser for well-formed command lines and for help (about a millisecond).

It uses the same parameters as the Typer application (segcli/interface/typer_app.py). Every other line goes to Typer: mistakes
and short forms. A test compares the two parsers.
"""

from collections.abc import Sequence
from typing import Any

from segcli.base.errors import SegcliError
from segcli.interface.command import Command, Group, Line
from segcli.interface.options import COMMON, Parameter

_HELP = Parameter("--help", ("--help",), "", kind="flag")


class _NotPlain(Exception):  # noqa: N818 - never leaves this module
    """The line needs Typer."""


class _Help(Exception):  # noqa: N818 - never leaves this module
    """The line asks for the help of a command or group, found by these names."""

    def __init__(self, node: Command | Group, names: Sequence[str]) -> None:
        self.node = node
        self.names = names


def parse(root: Group, words: Sequence[str]) -> Line | None:
    """Return the command and its raw values, or None if the line needs Typer. Raise _Help if it asks for help."""
    try:
        return _parse(root, list(words))
    except _NotPlain:
        return None


def understand(root: Group, words: Sequence[str]) -> Line | None:
    """Return the command and its raw values, or None if help was printed.

    Well-formed lines are parsed here; Typer handles mistakes and short forms. Raise UsageError for an invalid line.
    """
    try:
        line = parse(root, words)
    except _Help as asked:
        _print_page(asked)
        return None
    if line is not None:
        return line
    from segcli.interface import typer_app

    try:
        return typer_app.parse(root, words)
    except (SegcliError, OSError):
        raise
    except Exception as error:
        usage = typer_app.translate(error)
        if usage is None:
            raise
        raise usage from error


def _print_page(asked: _Help) -> None:
    from segcli.interface import command_help
    from segcli.output import destinations

    room = command_help.width(destinations.terminal_width())
    print(command_help.page(asked.node, ("segcli", *asked.names), room), end="")  # noqa: T201 - what --help is for


def _parse(root: Group, words: list[str]) -> Line:
    raw: dict[str, Any] = {}
    node: Command | Group = root
    names: list[str] = []
    while isinstance(node, Group):
        flags = _flags((*COMMON, _HELP))
        while words and words[0].startswith("-"):
            _option(words, flags, raw)
        if raw.get(_HELP.name):
            raise _Help(node, names)
        if not words:
            return Line(node, raw, " ".join(names))
        names.append(words.pop(0))
        found = node.find(names[-1])
        if found is None:
            raise _NotPlain
        node = found
    if words and words[0] in node.under:
        names.append(words.pop(0))
        node = node.under[names[-1]]
    arguments = _options(words, node, raw)
    if raw.get(_HELP.name):
        raise _Help(node, names)
    _arguments(node, arguments, raw)
    return Line(node, raw, " ".join(names))


def _flags(parameters: Sequence[Parameter]) -> dict[str, Parameter]:
    return {flag: parameter for parameter in parameters for flag in parameter.flags}


def _options(words: list[str], command: Command, raw: dict[str, Any]) -> list[str]:
    """Consume the words: store the options in `raw` and return the arguments in order."""
    flags = _flags((*command.every_parameter, _HELP))
    arguments: list[str] = []
    while words:
        if words[0] == "--":
            return arguments + words[1:]
        if words[0].startswith("-") and words[0] != "-":
            _option(words, flags, raw)
        else:
            arguments.append(words.pop(0))
    return arguments


def _option(words: list[str], flags: dict[str, Parameter], raw: dict[str, Any]) -> None:
    """Consume one option and its value from the front of the words."""
    word = words.pop(0)
    flag, sign, value = word.partition("=") if word.startswith("--") else (word, "", "")
    parameter = flags.get(flag)
    if parameter is None:
        raise _NotPlain
    if parameter.kind == "flag":
        if sign:
            raise _NotPlain
        raw[parameter.name] = True
        return
    if not sign:
        if not words:
            raise _NotPlain
        value = words.pop(0)
    if parameter.is_many:
        raw.setdefault(parameter.name, []).append(value)
    else:
        raw[parameter.name] = value


def _arguments(command: Command, words: list[str], raw: dict[str, Any]) -> None:
    for parameter in command.parameters:
        if not parameter.is_argument:
            continue
        if parameter.is_many:
            raw[parameter.name], words = words, []
        elif words:
            raw[parameter.name] = words.pop(0)
        if parameter.is_required and not raw.get(parameter.name):
            raise _NotPlain
    if words or any(p.is_required and not raw.get(p.name) for p in command.parameters):
        raise _NotPlain
