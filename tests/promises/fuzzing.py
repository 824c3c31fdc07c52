"""What the tests of hostile flags share: every command with its parameters, as it declares them, and words that hurt.

PROMISE_POINTS (12) says how much is tried: 12 takes seconds, 1000 an hour.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pytest
from connections import connecting

from segcli.commands import root
from segcli.interface.command import Command, Group
from segcli.interface.options import Parameter
from segcli.storage.writing_connection import WritingConnection

POINTS = int(os.environ.get("PROMISE_POINTS", "12"))  # how much is tried
MARK = "zq7mark"  # typed, and then looked for in the text of every statement
NASTY = (
    "'", '"', "';--", '" OR 1=1 --', "x'; DROP TABLE account; --", ") UNION SELECT code FROM account --", "account.code", "sqlite_master",
    "%", "_", "*", "?", "[", "]", "a..b", "b..a", "..", "not:", "not:'", "prefix:", "any,none", ",", ",,", "a,,b", ":", "::", "=", "==", "a=b=c", "{", "}", "{0}",
    "{as_of.__class__}", "%s%n", "${HOME}", "$(id)", "`id`", "\\", "\\x1b[31m", "@", "@/etc/passwd", "@/dev/null", "/etc/passwd", "/dev/null",
    "../../x", "-", "--", "-rf", "-1", "+1", "0", "00", "1", "1.5", "1,5", "1e9", "1e400", "nan", "inf", "²", "١٢", "1_000", "9" * 19, "9" * 30, "9" * 5000,
    "9223372036854775808", "2026-02-30", "0000-00-00", "9999-12-31", "10000-01-01", "2026Q9", "2026-13", "9999", "last", "99999999d", "today", "EUR", "[bold]x[/]", "[/x]", "<b>",
    "\x1b[31m\x07", "\u009b31m", "\u202egnp.exe", "\u200b", "tab\there", "two\nlines", "株", "\U0001f600", "I\u0307", "e\u0301", "\u212a", "a" * 5000, "(" * 500, "not " * 500 + "*",
    "class1", "class9", "open", "-open", "NULL", "None", "true", "code", "rowid", "1=1", "country = ", "country = 'x", "class1 in (", "name contains ", "=cmd()|'x'!A1",
)  # fmt: skip
STATUSES = frozenset(
    {0, 1, 2, 3, 4, 5, 6, 75}
)  # what design and README promise, but for signals, which nobody sends here
_BY_NAME = {"account": "000017", "item": "KOF009", "price_list": "HORECA", "subscription": "AB0001", "request": "R-1", "column": "account",
            "overview": "debtor-ageing", "class": "1", "value": "N", "selection": "mine", "marketing_list": "mine", "kind": "account",
            "topic": "filters", "assignment": "class1=N", "label": "class1=N", "group": "class1", "subscription_type": "MONTH"}  # fmt: skip


class Declared(NamedTuple):
    """A command by its words, and what it declares."""

    words: tuple[str, ...]
    command: Command

    @property
    def texts(self) -> tuple[Parameter, ...]:
        """Return the parameters that take a word."""
        return tuple(p for p in self.command.every_parameter if p.kind != "flag")


def every_command(node: Group | None = None, words: tuple[str, ...] = ()) -> Iterator[Declared]:
    """Yield every command that there is."""
    here = node or root()
    for name in here.names():
        found = here.find(name)
        if isinstance(found, Group):
            yield from every_command(found, (*words, name))
        elif found is not None:
            yield Declared((*words, name), found)


def usual(parameter: Parameter) -> str:
    """Return a word that a parameter may take, so that what stands beside it is looked at."""
    if parameter.choices:
        return parameter.choices[0]
    if parameter.completes == "file":
        return "usual.csv"
    return _BY_NAME.get(parameter.completes) or _BY_NAME.get(parameter.name) or "1"


def line(declared: Declared, given: Sequence[tuple[Parameter, str]]) -> list[str]:
    """Return a command line with these values, and with what the command cannot do without."""
    named = {parameter.name for parameter, _ in given}
    needed = [(p, usual(p)) for p in declared.command.parameters if p.is_required and p.name not in named]
    both = [*given, *needed]
    options = [f"{p.flags[0]}={word}" if p.flags[0].startswith("--") else word for p, word in both if p.flags]
    order = [p.name for p in declared.command.parameters if p.is_argument]
    arguments = sorted((pair for pair in both if pair[0].is_argument), key=lambda pair: order.index(pair[0].name))
    places = [word for p, word in arguments]
    return [*declared.words, *options, "--", *places]


class Statements:
    """The text of every statement that SQLite was given, bound values left out."""

    def __init__(self) -> None:
        self.seen: list[str] = []


def watched(monkeypatch: pytest.MonkeyPatch) -> Statements:
    """Have every connection note the statements that it is given."""
    statements = Statements()
    note = statements.seen.append

    class Cursor(sqlite3.Cursor):
        def execute(self, sql: str, *values: Any) -> "Cursor":
            note(sql)
            return super().execute(sql, *values)

        def executemany(self, sql: str, *values: Any) -> "Cursor":
            note(sql)
            return super().executemany(sql, *values)

    class Connection(WritingConnection):
        def cursor(self, *_: Any) -> Cursor:
            return super().cursor(Cursor)

        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            note(sql)
            return super().execute(sql, *values)

        def executemany(self, sql: str, *values: Any) -> sqlite3.Cursor:
            note(sql)
            return super().executemany(sql, *values)

        def executescript(self, sql: str) -> sqlite3.Cursor:
            note(sql)
            return super().executescript(sql)

    monkeypatch.setattr(sqlite3, "connect", connecting(Connection))
    return statements
