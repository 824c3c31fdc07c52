"""Commands and command groups as data, and the session that a command runs in."""

import sqlite3
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from datetime import date
from functools import cached_property
from pathlib import Path
from types import ModuleType
from typing import Any

from segcli.base import file_modes, outcome
from segcli.base.record import Record, made
from segcli.base.text import visible
from segcli.interface import notices
from segcli.interface.options import COMMON, Parameter
from segcli.settings.config import Config

Values = Mapping[str, Any]


class Session:
    """One run of segcli: its configuration, date, database and command line."""

    def __init__(self, config: Config, values: Values, today: date, words: Sequence[str] = ()) -> None:
        self.config = config
        self.today = today
        self.is_quiet = bool(values.get("quiet"))
        self._words = tuple(words)
        self._values = values
        self.outcome = outcome.begin()
        self._has_json = values.get("errors") == "json"
        is_asked = config.origins["database.mode"] != "default"
        file_modes.use(config.values["files.mode"], config.values["database.mode"], is_asked=is_asked)
        notices.begin(is_quiet=self.is_quiet, as_json=self._has_json)

    @property
    def database(self) -> Path:
        """Return the path of the database in use."""
        return self.config.database

    def line(self, *more: str, without: Sequence[str] = ()) -> str:
        """Return the user's command line, quoted for a shell, with the flags `more` added and the flags `without` removed."""
        import shlex

        at = self._words.index("--") if "--" in self._words else len(self._words)
        flags = (word for word in self._words[:at] if word not in without)
        return shlex.join(("segcli", *flags, *more, *self._words[at:]))

    @property
    def common(self) -> tuple[str, ...]:
        """Return --database and --config as the user gave them, for use in a suggested command."""
        named = ((flag, self._values.get(flag[2:])) for flag in ("--database", "--config"))
        return tuple(word for flag, value in named if value for word in (flag, str(value)))

    @contextmanager
    def connect(self, *, write: bool = False) -> Iterator[sqlite3.Connection]:
        """Yield a connection to the database and close it at the end. A read connection sees one snapshot."""
        from segcli.storage import database

        db = database.connect(self.database, write=write)
        if not write:
            db.execute("BEGIN")
        elif self.database.stat().st_nlink > 1:
            self.warn(
                f"{self.database} has two names (hard links): use one only, a lock by one is not seen by the other"
            )
        try:
            yield db
        finally:
            db.close()

    @cached_property
    def is_talking(self) -> bool:
        """Tell whether counts and progress are shown: on a terminal, unless --quiet."""
        return not self.is_quiet and not self._has_json and sys.stderr is not None and sys.stderr.isatty()

    def note(self, text: str) -> None:
        """Report what was done on stderr, only on a terminal and without --quiet."""
        if self.is_talking:
            _say(text)

    def warn(self, text: str, kind: str = notices.NOTICE) -> None:
        """Write a warning to stderr, on a terminal or not. --quiet suppresses it."""
        notices.warn(text, kind)

    def insist(self, text: str) -> None:
        """Report on stderr what was not done or what a figure omits; --quiet does not suppress it."""
        notices.warn(text, notices.PARTIAL)


def _say(text: str) -> None:
    """Write a line to stderr; ignore write errors, because the work itself succeeded."""
    with suppress(OSError):
        sys.stderr.write(visible(text) + "\n")


class Command(Record):
    """A command: `run` gets the session and the checked values, and returns the exit status or None for 0."""

    help: str  # lists show the first line
    run: Callable[[Session, Values], int | None]
    parameters: tuple[Parameter, ...] = ()
    examples: tuple[str, ...] = ()
    under: Mapping[str, "Command"] = made(default_factory=dict)  # commands that a first word of these names instead

    @property
    def every_parameter(self) -> tuple[Parameter, ...]:
        """Return the command's own parameters, then the common ones."""
        return (*self.parameters, *COMMON)


class Group(Record):
    """A named group of commands, each loaded when needed."""

    help: str
    names: Callable[[], tuple[str, ...]]
    find: Callable[[str], "Command | Group | None"]
    run: Callable[[Session], None] | None = None  # runs if no command follows the name
    # The first line of a command's help, if it is available without loading the command.
    lines: Callable[[str], str] | None = None

    def line(self, name: str) -> str:
        """Return the first line of a command's help, as lists show it."""
        if self.lines:
            return self.lines(name)
        found = self.find(name)
        return first_line(found.help) if found else ""


def group(help_text: str, commands: Mapping[str, "Command | Group"]) -> Group:
    """Return a group of commands that are already loaded."""
    return Group(help_text, lambda: tuple(commands), commands.get)


def first_line(text: str) -> str:
    """Return the first line of a help text, without its full stop."""
    return text.strip().split("\n", 1)[0].removesuffix(".")


def explained(thing: ModuleType | type) -> str:
    """Return the docstring (the help) of a module or class; PYTHONOPTIMIZE=2 strips it, then it comes from the source."""
    if thing.__doc__:
        return thing.__doc__
    import ast
    import inspect

    tree = ast.parse(inspect.getsource(thing))
    node = tree if isinstance(thing, ModuleType) else tree.body[0]
    return ast.get_docstring(node, clean=False) or "" if isinstance(node, ast.Module | ast.ClassDef) else ""


def said(path: Path) -> str:
    """Return the first line of a module's docstring without importing it, so that listing commands stays fast."""
    with path.open(encoding="utf-8") as file:
        line = file.readline().split('"""')[1]
    return line.strip().removesuffix(".")


class Line(Record):
    """A command and its raw values, not yet checked. `command` is a Group if no command was named."""

    command: Command | Group
    raw: dict[str, Any]
    name: str = ""  # the words that named the command: classification value add
