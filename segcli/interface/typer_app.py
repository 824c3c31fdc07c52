"""The Typer application: help and usage errors, built from the same commands and parameters as the fast parser."""

from collections.abc import Iterable, Sequence
from typing import Any

from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from segcli.base.errors import UsageError
from segcli.domain.catalogue import nearest
from segcli.interface.command import Command, Group
from segcli.interface.fast_parser import Line
from segcli.interface.options import COMMON, Parameter

NAME = "segcli"
WIDTH = 100
VERSION = Parameter("version", ("--version",), "Show the version and exit.", kind="flag", section="Everywhere")


def parse(root: Group, words: Sequence[str]) -> Line | None:
    """Return the command and its raw values, or None if help was printed. Raise a Typer error or UsageError if invalid."""
    application = _LazyGroup(root, NAME)
    context = application.make_context(NAME, list(words), max_content_width=WIDTH)
    with context:
        found: Line | None = application.invoke(context)
    return found


def translate(error: Exception) -> UsageError | None:
    """Convert a Typer usage error to a UsageError; return None for any other error."""
    format_message = getattr(error, "format_message", None)
    if not format_message:
        return None
    context = getattr(error, "ctx", None)
    hint = f"see: {context.command_path} --help" if context else ""
    option = str(getattr(error, "option_name", ""))
    if type(error).__name__ == "NoSuchOption" and option.startswith("--class") and option[7:].isdigit():
        return UsageError(f"there is no {option}", "classes are --class1 to --class8")
    possible = getattr(error, "possibilities", None)
    if possible:
        hint = f"did you mean {' or '.join(sorted(possible)[:3])}?"
    return UsageError(_message(error, context, format_message().rstrip(".")), hint)


def _message(error: Exception, context: Any, message: str) -> str:  # noqa: ANN401 - a context of Typer's
    if type(error).__name__ == "NoSuchOption" and context is not None:
        command = context.command_path.removeprefix(NAME).strip() or NAME
        return f"{command} has no option {getattr(error, 'option_name', '')}"
    return message[:1].lower() + message[1:]


class _Sections:
    """Help that lists the options by section."""

    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - Typer's own types are private
        """Write the options by section, in declaration order, "Everywhere" last."""
        sections: dict[str, list[tuple[str, str]]] = {}
        for parameter in self.get_params(ctx):  # type: ignore[attr-defined]
            record = parameter.get_help_record(ctx)
            if record:
                sections.setdefault(_section(parameter), []).append(record)
        for title in sorted(sections, key=lambda name: name == "Everywhere"):
            with formatter.section(title):
                formatter.write_dl(sections[title], col_max=34)


def _section(parameter: Any) -> str:  # noqa: ANN401 - a parameter of Typer's
    declared = getattr(parameter, "declared", None)
    if parameter.param_type_name == "argument":
        return "Arguments"
    return declared.section if declared else "Everywhere"


class _Command(_Sections, TyperCommand):
    """A command that returns its parsed line."""

    def format_epilog(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401, ARG002 - Typer's own types are private
        """Write the examples unwrapped, so that they can be copied."""
        examples = getattr(self, "examples", ())
        if examples:
            formatter.write_paragraph()
            formatter.write("Examples:\n" + "".join(f"  {example}\n" for example in examples))


class _LazyGroup(_Sections, TyperGroup):
    """A group that creates its commands on demand."""

    def __init__(self, node: Group, name: str) -> None:
        parameters = (*COMMON, VERSION) if name == NAME else COMMON
        super().__init__(name=name, help=node.help, params=_options(parameters), rich_markup_mode=None)
        self.node = node
        self.no_args_is_help = False
        self.invoke_without_command = True

    def format_options(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401 - Typer's own types are private
        """Write the commands before the options."""
        rows = [(name, self.node.line(name)) for name in self.node.names()]
        with formatter.section("Commands"):
            formatter.write_dl(rows, col_max=34)
        super().format_options(ctx, formatter)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:  # noqa: ANN401 - Typer's signature
        """Return the command of this name. If there is none, raise a UsageError that suggests the nearest."""
        found = self.node.find(cmd_name)
        if found is None:
            path = ctx.command_path.removeprefix(NAME).strip()
            what = f"{path} has no '{cmd_name}'" if path else f"there is no command '{cmd_name}'"
            known = self._known(is_top=not path)
            raise UsageError(what, nearest(cmd_name, known, show=known.__getitem__))
        return _LazyGroup(found, cmd_name) if isinstance(found, Group) else _leaf(found, cmd_name)

    def _known(self, *, is_top: bool) -> dict[str, str]:
        """Return the names to suggest, each with its full form; at the top level also overviews and actions."""
        known = {name: name for name in self.node.names()}
        for word in ("show", "run") if is_top else ():
            group = self.node.find(word)
            if isinstance(group, Group):
                known |= {name: f"{word} {name}" for name in group.names()}
        return known

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:  # noqa: ANN401 - Typer's signature
        """Return the name, the command and the rest of the words."""
        return args[0], self.get_command(ctx, args[0]), args[1:]

    def invoke(self, ctx: Any) -> Any:  # noqa: ANN401 - Typer's signature
        """Return the parsed line, with the values of the group and of its command."""
        words = [*ctx._protected_args, *ctx.args]  # noqa: SLF001 - where a group keeps what it has not parsed
        given = _given(ctx)
        if not words:
            return Line(self.node, given)
        name, command, rest = self.resolve_command(ctx, words)
        with command.make_context(name, rest, parent=ctx, max_content_width=WIDTH) as inner:
            line: Line | None = command.invoke(inner)
        return Line(line.command, given | line.raw, f"{name} {line.name}".strip()) if line else None


def _leaf(command: Command, name: str) -> _Command:
    made = _Command(name=name, help=command.help, params=_options(command.every_parameter), rich_markup_mode=None)
    made.callback = lambda **_: None
    made.examples = command.examples  # type: ignore[attr-defined]
    made.invoke = lambda ctx: Line(command, _given(ctx))  # type: ignore[method-assign]
    return made


def _given(ctx: Any) -> dict[str, Any]:  # noqa: ANN401 - a context of Typer's
    return {
        name: list(v) if isinstance(v, tuple) else v for name, v in ctx.params.items() if v not in (None, (), False)
    }


def _options(parameters: Iterable[Parameter]) -> list[Any]:
    return [_argument(p) if p.is_argument else _option(p) for p in parameters]


def _argument(parameter: Parameter) -> TyperArgument:
    return TyperArgument(
        param_decls=[parameter.name],
        nargs=-1 if parameter.is_many else 1,
        required=parameter.is_required,
        metavar=parameter.metavar or parameter.name.upper(),
        help=parameter.help,
        default=None,
    )


def _option(parameter: Parameter) -> TyperOption:
    settings: dict[str, Any] = {"is_flag": True, "default": False} if parameter.kind == "flag" else {"default": None}
    if parameter.kind != "flag":
        settings |= {"multiple": parameter.is_many, "metavar": parameter.metavar}
    made = TyperOption(
        param_decls=[parameter.name, *parameter.flags], help=parameter.help, required=parameter.is_required, **settings
    )
    made.declared = parameter  # type: ignore[attr-defined]
    return made
