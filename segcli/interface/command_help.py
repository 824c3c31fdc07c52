"""The help page of a command or group, composed from its declarations: usage, text, options by section, examples. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence

from segcli.interface import help_page
from segcli.interface.command import Command, Group
from segcli.interface.options import COMMON
from segcli.interface.parameters import Parameter, shown

WIDTH, _NARROWEST, _MARGIN = 100, 30, 2  # of help, in columns of the terminal
EVERYWHERE = "Everywhere"  # the section of the flags of every command, including --help
HELP = "--help"
_USAGE = "Usage: "
_ARGUMENTS = "Arguments"
_REQUIRED = " [required]"
_LEAST_USAGE = 20  # columns for the words after the name of the command, or they start on the next line
_LAST = ("--help", "Show this message and exit.")
VERSION = Parameter(
    "version",
    ("--version",),
    "Show the versions of segcli, the database schema and SQLite, and exit.",
    kind="flag",
    section=EVERYWHERE,
)


def width(terminal: int) -> int:
    """Return the width of a help page on a terminal of so many columns."""
    return max(min(terminal, WIDTH) - _MARGIN, _NARROWEST)


def page(node: Command | Group, path: Sequence[str], room: int) -> str:
    """Return the help page of the command or group at a path, such as (segcli, show, debtor-ageing)."""
    if isinstance(node, Group):
        words: Sequence[str] = ("[OPTIONS]", "COMMAND", "[ARGS]...")
        parameters = COMMON if len(path) > 1 else (*COMMON, VERSION)
        first = _section("Commands", [(name, node.line(name)) for name in node.names()], room)
        examples: Sequence[str] = ()
    else:
        words = ("[OPTIONS]", *(shown(p) for p in node.parameters if p.is_argument))
        parameters, first, examples = node.every_parameter, "", node.examples
    parts = [_usage(" ".join(path), words, room), help_page.paragraphs(node.help, room) + "\n", first]
    parts += _sections(parameters, room)
    parts += ["Examples:\n" + help_page.examples(examples, room)] if examples else []
    return "\n".join(filter(None, parts))


def _usage(name: str, words: Sequence[str], room: int) -> str:
    """Return the usage line, continued below its first word if it is long."""
    start = f"{_USAGE}{name} "
    if room >= len(start) + _LEAST_USAGE:
        lines = help_page.wrapped(" ".join(words), room, " " * len(start))
        return "\n".join([start + lines[0][len(start) :], *lines[1:], ""])
    return "\n".join([start, *help_page.wrapped(" ".join(words), room, " " * (len(_USAGE) + 4)), ""])


def _sections(parameters: Iterable[Parameter], room: int) -> Iterator[str]:
    """Yield the options, section by section as they were declared, in one column; those of every command are last."""
    sections: dict[str, list[help_page.Row]] = {}
    for parameter in parameters:
        title = _ARGUMENTS if parameter.is_argument else parameter.section
        sections.setdefault(title, []).append(row(parameter))
    sections.setdefault(EVERYWHERE, []).append(_LAST)
    yield from _titled(sections, room)


def _titled(sections: Mapping[str, Sequence[help_page.Row]], room: int) -> Iterator[str]:
    place = help_page.column(map(help_page.together, sections.values()), room)
    for title in sorted(sections, key=lambda name: name == EVERYWHERE):
        yield _section(title, sections[title], room, place)


def _section(title: str, rows: Sequence[help_page.Row], room: int, place: int = 0) -> str:
    """Return a heading and its rows; without a place, their texts have a column of their own."""
    return f"{title}:\n{help_page.rows(rows, room, place or help_page.column([rows], room))}"


def row(parameter: Parameter) -> help_page.Row:
    """Return how help shows a parameter: `-o, --output FILE`, and its text."""
    metavar = metavar_of(parameter)
    text = f"{parameter.help}{_REQUIRED if parameter.is_required else ''}"
    if parameter.is_argument:
        return metavar, text
    names = ", ".join(sorted(parameter.flags, key=lambda flag: flag.startswith("--")))
    return f"{names} {metavar}".rstrip(), text


def metavar_of(parameter: Parameter) -> str:
    """Return the word for the value of a parameter; '' for a flag."""
    if parameter.kind == "flag":
        return ""
    return parameter.metavar or (parameter.name.upper() if parameter.is_argument else "TEXT")
