"""`segcli show`: show an overview: answers about accounts, read only."""

from functools import partial
from sqlite3 import Connection
from typing import TYPE_CHECKING, Any

from segcli import overviews
from segcli.base.errors import CHANGED, EmptyError, UsageError
from segcli.base.record import replace
from segcli.base.text import counted
from segcli.interface import engine, notices, options
from segcli.interface.command import Command, Group, Session, Values, first_line

if TYPE_CHECKING:
    from segcli.domain.table import Table
    from segcli.query.compose import Query, Request
    from segcli.storage.reader import Reader

AREAS = ("Accounts and contacts", "Finance", "Invoices, sales, purchase, prices", "Subscriptions and requests")
CARD_FORMATS = ("table", "vertical")
SHARED = (
    *options.SELECTION, *options.STRICT, *options.OUTPUT, options.EXIT_CODE, *options.TIME, *engine.ENGINE,
    engine.ADMINISTRATION, engine.CONVERT, engine.EXPLAIN,
)  # fmt: skip


def find(name: str) -> Command | None:
    """Return the command that shows an overview."""
    if name not in overviews.names():
        return None
    said = overviews.declared(name)
    parameters = (*options.named(said.parameters), *SHARED)
    return Command(said.help, partial(show, name), parameters, said.examples)


def show(name: str, session: Session, values: Values) -> int:
    """Write the answer of an overview to standard output or a file."""
    from segcli.output import wanted
    from segcli.query import ask, request_flags

    request = request_flags.request(values, session)
    output = wanted.Output.read(values, session.config)
    request = replace(request, for_people=output.form in wanted.PEOPLE)
    if values["exit_code"] and output.path is None:
        raise UsageError("--exit-code goes with --output FILE")
    with engine.opened(session, engine.wanted(session, values), engine.Question(name, values)) as (db, about):
        if values["explain"]:
            ask.stand(db, request)
            return _explain(db, about, ask.statement(db, overviews.module(name), name, request))
        if values.get("code") and output.form in CARD_FORMATS and not values["administration"]:
            from segcli.overviews.parts import card

            card.show(db, overviews.module(name), name, request, output)
            return _status(values, is_written=output.how.is_done)
        table = _answer(db, name, request)
        rows = wanted.write(table, output)
        for words, number in table.steps if session.is_talking else ():
            session.note(f"{number:8,} {words}")
    if output.path is not None:
        is_same = output.how.if_changed and not output.how.is_done
        session.note(f"{output.path}: {counted(rows, 'row')}{', unchanged' if is_same else ''}")
    for text in output.style.told:
        session.insist(f"{name}: {text}")
    if table.difference:
        session.warn(f"{name}: {table.difference}", notices.DIFFERENCE)
    if table.lacking:
        session.insist(f"{name}: {table.lacking}")
    if not rows and values["fail_if_empty"]:
        raise EmptyError(f"{name}: nothing was found")
    return _status(values, is_written=output.how.is_done)


def _answer(db: "Reader", name: str, request: "Request") -> "Table":
    """Return the answer of one connection in its own currency, or what is put together of several."""
    if isinstance(db, Connection) and not request.values.get("convert_to"):
        from segcli.query import ask

        ask.stand(db, request)
        return ask.table(db, overviews.module(name), name, request)
    from segcli.query import side_by_side

    return side_by_side.table(db, overviews.module(name), name, request)


def _explain(db: "Reader", about: str, query: "Query") -> int:
    """Print the engine, the statement and its plan."""
    from segcli.output import destinations
    from segcli.query import explanation

    destinations.write_stdout("".join(f"{line}\n" for line in explanation.lines(db, about, query)))
    return 0


def _status(values: Values, *, is_written: bool) -> int:
    return CHANGED if values["exit_code"] and is_written else 0


def list_all(_session: Session) -> None:
    """Print the overviews by area, one line each."""
    print_list("show", {name: overviews.declared(name) for name in overviews.names()})


def print_list(group: str, entries: dict[str, Any]) -> None:
    """Print the members of a group, by area."""
    from segcli.output import destinations

    width = max(len(name) for name in entries)
    room = destinations.terminal_width() if destinations.is_terminal() else 0
    for area in AREAS:
        inside = {name: entry for name, entry in entries.items() if entry.area == area}
        if inside:
            lines = (
                line
                for name, entry in inside.items()
                for line in _row(f"  {name:{width}}  ", first_line(entry.help), room)
            )
            print("\n".join((area, *lines, "")))  # noqa: T201 - what the command is for
    print(f"segcli {group} NAME --help says more.")  # noqa: T201


def _row(start: str, text: str, room: int) -> list[str]:
    """Return the lines of an entry, wrapped between words to the terminal width; a pipe gets one line."""
    if not room:
        return [f"{start}{text}"]
    from segcli.interface import help_page

    return help_page.wrapped(text, room, start, " " * len(start))


COMMAND = Group("Show an overview: answers about accounts, read only.", overviews.names, find, list_all, overviews.line)
