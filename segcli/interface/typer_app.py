"""The Typer application for short forms and for messages about wrong command lines, made from the same declarations."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from inspect import Parameter as Place
from inspect import Signature
from itertools import pairwise
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from segcli.base.errors import UsageError
from segcli.base.spelling import close
from segcli.domain.catalogue import nearest
from segcli.interface import command_help
from segcli.interface.command import Command, Group, Line
from segcli.interface.options import COMMON
from segcli.interface.parameters import Parameter
from segcli.output import destinations

NAME = "segcli"


def parse(root: Group, words: Sequence[str]) -> Line | None:
    """Return the command and its raw values, or None if help was printed. Raises UsageError."""
    application = _group(root, "")
    try:
        width = command_help.width(destinations.terminal_width())
        with application.make_context(NAME, _joined(root, words), terminal_width=width) as context:
            found: Line = application.invoke(context)
    except typer.Exit:  # help was printed
        return None
    return found


def _joined(root: Group, words: Sequence[str]) -> list[str]:
    """Return the words, with a command and the one under it as one word: `account merge`."""
    for at, (word, following) in enumerate(pairwise(words)):
        found = None if word.startswith("-") else root.find(word)
        if isinstance(found, Command) and following in found.under:
            return [*words[:at], f"{word} {following}", *words[at + 2 :]]
        if found is not None:
            break
    return list(words)


def translate(error: Exception) -> UsageError | None:
    """Return the UsageError for an error of Typer; None for any other error."""
    format_message = getattr(error, "format_message", None)
    if not format_message:
        return None
    context = getattr(error, "ctx", None)
    hint = f"see: {context.command_path} --help" if context else ""
    option = str(getattr(error, "option_name", ""))
    if type(error).__name__ == "NoSuchOption" and option.startswith("--class") and option[7:].isdigit():
        return UsageError(f"there is no {option}", "classes are --class1 to --class8")
    known = [word for parameter in context.command.params for word in parameter.opts] if context else []
    possible = close(option, getattr(error, "possibilities", None) or ())
    if possible:
        hint = f"did you mean {' or '.join(possible)}?"
    if type(error).__name__ == "NoSuchOption" and "--class" in known:
        hint += f"{'' if possible else ';'} a label of a classification goes into --class LABEL=VALUES"
    return UsageError(_message(error, context, format_message().rstrip(".")), hint)


def _message(error: Exception, context: Any, message: str) -> str:  # noqa: ANN401 - a context of Typer's
    if type(error).__name__ == "NoSuchOption" and context is not None:
        command = context.command_path.removeprefix(NAME).strip() or NAME
        return f"{command} has no option {getattr(error, 'option_name', '')}"
    return message[:1].lower() + message[1:]


class _Page:
    """Help as the page that is composed from the declarations."""

    def format_help(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - Typer's own types are private
        """Write the page."""
        formatter.write(command_help.page(self.segcli, ctx.command_path.split(), formatter.width))  # type: ignore[attr-defined]


class _Command(_Page, TyperCommand):
    """A command of ours."""

    segcli: Command


class _LazyGroup(_Page, TyperGroup):
    """A group whose commands are made when they are asked for."""

    segcli: Group

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401 - Typer's signature
        """Return the command of this name; a UsageError names the nearest."""
        name, _, below = cmd_name.partition(" ")
        found = self.segcli.find(name)
        if below and isinstance(found, Command) and below in found.under:
            found = found.under[below]
        if found is None:
            path = ctx.command_path.removeprefix(NAME).strip()
            what = f"{path} has no '{cmd_name}'" if path else f"there is no command '{cmd_name}'"
            known = self._known(is_top=not path)
            raise UsageError(what, nearest(cmd_name, known, show=known.__getitem__))
        return _group(found, cmd_name) if isinstance(found, Group) else _leaf(found, cmd_name)

    def _known(self, *, is_top: bool) -> dict[str, str]:
        """Return what a word may have meant, and how it is written: at the top an overview or action as well."""
        known = {name: name for name in self.segcli.names()}
        for word in ("show", "run") if is_top else ():
            group = self.segcli.find(word)
            if isinstance(group, Group):
                known |= {name: f"{word} {name}" for name in group.names()}
        return known


def _group(node: Group, name: str) -> Any:  # noqa: ANN401 - what get_command returns is private
    """Return Typer's group for a group of ours. Its result is the line that the command under it returned."""
    application = _application()

    def merged(line: Line, **values: Any) -> Line:  # noqa: ANN401 - as they were given
        return Line(line.command, _given(values) | line.raw, f"{name} {line.name}".strip())

    application.callback(cls=_LazyGroup, invoke_without_command=True, result_callback=merged)(
        _signed(lambda **_: Line(node, {}), COMMON if name else (*COMMON, command_help.VERSION))
    )
    return _made(application, node)


def _leaf(command: Command, name: str) -> Any:  # noqa: ANN401 - what get_command returns is private
    """Return Typer's command for a command of ours. Its result is the line that was given to it."""
    application = _application()
    application.command(name, cls=_Command)(
        _signed(lambda **values: Line(command, _given(values), name), command.every_parameter)
    )
    return _made(application, command)


def _application() -> typer.Typer:
    return typer.Typer(add_completion=False, rich_markup_mode=None)


def _made(application: typer.Typer, ours: Command | Group) -> Any:  # noqa: ANN401 - what get_command returns is private
    made: Any = typer.main.get_command(application)
    made.segcli = ours
    return made


def _signed(function: Callable[..., Line], parameters: Iterable[Parameter]) -> Callable[..., Line]:
    """Return the function with the signature from which Typer reads the parameters.

    The names end in an underscore, since a parameter of Python cannot be called from or class.
    """
    places = [
        Place(f"{p.name}_", Place.KEYWORD_ONLY, default=_default(p), annotation=_annotation(p)) for p in parameters
    ]
    function.__signature__ = Signature(places)  # type: ignore[attr-defined]
    return function


def _annotation(parameter: Parameter) -> Any:  # noqa: ANN401 - a type
    if parameter.kind == "flag":
        return bool
    return list[str] if parameter.is_many else str


def _default(parameter: Parameter) -> Any:  # noqa: ANN401 - an option or an argument of Typer's
    missing: Any = ... if parameter.is_required else None
    metavar = command_help.metavar_of(parameter)
    if parameter.is_argument:
        return typer.Argument(missing, metavar=metavar)
    if parameter.kind == "flag":
        return typer.Option(False, *parameter.flags)  # noqa: FBT003
    return typer.Option(missing, *parameter.flags, metavar=metavar)


def _given(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return what was given, by the names of our parameters."""
    return {
        name.removesuffix("_"): list(v) if isinstance(v, tuple) else v
        for name, v in values.items()
        if v not in (None, (), [], False)
    }
