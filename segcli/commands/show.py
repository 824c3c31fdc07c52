"""`segcli show`: overviews: answers about the accounts, read only."""

import importlib
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

from segcli.base.errors import CHANGED, EmptyError, UsageError
from segcli.interface import notices, options
from segcli.interface.command import Command, Group, Session, Values, explained, first_line, said

AREAS = ("Accounts and contacts", "Finance", "Invoices, sales, purchase, prices", "Subscriptions and requests")
CARD_FORMATS = ("table", "vertical")
SHARED = (*options.SELECTION, *options.STRICT, *options.OUTPUT, options.EXIT_CODE, *options.TIME)


_FOLDER = Path(__file__).parent.parent / "overviews"


def names() -> tuple[str, ...]:
    """Return the names of the overviews: those of their modules, with a hyphen."""
    return tuple(sorted(path.stem.replace("_", "-") for path in _FOLDER.glob("[a-z]*.py")))


def line(name: str) -> str:
    """Return the first line of an overview's help."""
    return said(_FOLDER / f"{name.replace('-', '_')}.py")


def module(name: str) -> ModuleType:
    """Return the module of an overview."""
    return importlib.import_module(f"segcli.overviews.{name.replace('-', '_')}")


@dataclass(frozen=True, slots=True)
class Declared:
    """What a module says of its overview, before any request."""

    area: str
    parameters: tuple[str, ...]
    help: str
    examples: tuple[str, ...]


def declared(name: str) -> Declared:
    """Return what the overview's module declares."""
    found = module(name)
    fixed = getattr(found, "OVERVIEW", None)
    parameters = fixed.parameters if fixed else found.PARAMETERS
    return Declared(found.AREA, parameters, explained(found), getattr(found, "EXAMPLES", ()))


def find(name: str) -> Command | None:
    """Return the command that shows an overview."""
    if name not in names():
        return None
    said = declared(name)
    parameters = (*options.named(said.parameters), *SHARED)
    return Command(said.help, partial(show, name), parameters, said.examples)


def show(name: str, session: Session, values: Values) -> int:
    """Answer an overview's question on stdout or in a file."""
    from segcli.output import wanted
    from segcli.query import ask, request_flags

    request = request_flags.request(values, session)
    output = wanted.Output.read(values, session.config)
    if values["exit_code"] and output.path is None:
        raise UsageError("--exit-code goes with --output FILE")
    with session.connect() as db:
        ask.stand(db, request)
        if values.get("code") and output.form in CARD_FORMATS:
            from segcli.overviews.parts import card

            card.show(db, module(name), name, request, output)
            return _status(values, is_written=output.how.is_done)
        table = ask.table(db, module(name), name, request)
        rows = wanted.write(table, output)
        for words, number in table.steps if session.is_talking else ():
            session.note(f"{number:8,} {words}")
    for text in output.style.told:
        session.insist(f"{name}: {text}")
    if table.difference:
        session.warn(f"{name}: {table.difference}", notices.DIFFERENCE)
    if table.lacking:
        session.insist(f"{name}: {table.lacking}")
    if not rows and values["fail_if_empty"]:
        raise EmptyError(f"{name}: nothing was found")
    return _status(values, is_written=output.how.is_done)


def _status(values: Values, *, is_written: bool) -> int:
    return CHANGED if values["exit_code"] and is_written else 0


def list_all(_session: Session) -> None:
    """Print the overviews by area, one line each."""
    print_list("show", {name: declared(name) for name in names()})


def print_list(group: str, entries: dict[str, Any]) -> None:
    """Print what a group holds, by area."""
    from segcli.output import destinations

    width = max(len(name) for name in entries)
    room = destinations.terminal_width() if destinations.is_terminal() else 0
    for area in AREAS:
        inside = {name: entry for name, entry in entries.items() if entry.area == area}
        if inside:
            lines = (
                _wrapped(f"  {name:{width}}  {first_line(entry.help)}", width + 4, room)
                for name, entry in inside.items()
            )
            print("\n".join((area, *lines, "")))  # noqa: T201 - what the command is for
    print(f"segcli {group} NAME --help says more.")  # noqa: T201


def _wrapped(line: str, indent: int, room: int) -> str:
    """Return a line broken between words where it is wider than the terminal; a pipe gets it whole."""
    if not room or len(line) <= room:
        return line
    import textwrap

    return textwrap.fill(line, max(room, indent + 20), subsequent_indent=" " * indent)


COMMAND = Group("Overviews: answers about the accounts, read only.", names, find, list_all, line)
