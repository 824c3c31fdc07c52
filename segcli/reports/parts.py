"""Makes the table of a report part from the command's own flags, with the report's time as default."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from segcli.base.errors import SegcliError, UsageError, in_file
from segcli.domain.catalogue import nearest
from segcli.domain.table import Table
from segcli.interface import fast_parser, options
from segcli.interface.command import Command, Group, Session
from segcli.output import headings
from segcli.query import request_flags
from segcli.query.compose import Request
from segcli.query.expressions import stored
from segcli.reports.file import Part
from segcli.storage import temporary_views
from segcli.storage.reader import Reader

TIME = ("as_of", "period", "from", "to")
# Flags not allowed in a part: the report decides where output goes, and nothing is applied.
_ELSEWHERE = (
    "engine",
    "sync",
    "administration",
    "explain",
    "convert_to",
    "format",
    "output",
    "if_changed",
    "touch",
    "manifest",
    "apply",
    "yes",
    "exit_code",
    "result",
    "run_file",
    *(p.name for p in options.COMMON),
)


@dataclass(frozen=True, slots=True)
class Asked:
    """A part with its checked flags."""

    part: Part
    values: Mapping[str, Any]
    request: Request
    source: "Source"
    form: str = ""  # the format of its file

    @property
    def name(self) -> str:
        """Return the name of the overview, score or action."""
        return self.part.words[0]


@dataclass(frozen=True, slots=True)
class Source:
    """A command that report parts may use: its names, and how to make a table."""

    group: Group
    table: Callable[[Reader, Asked, Session], Table]
    shaded: tuple[str, ...] = ()  # those whose --chart is a colour scale in xlsx


Sources = Mapping[str, Source]  # by the first word of a part: show, score, segment, run


def read(sources: Sources, part: Part, session: Session, time: Mapping[str, str], said: Mapping[str, Any]) -> Asked:
    """Return the part's checked flags, with the report's time as default. Raises SegcliError.

    A file of values, as in `in @file`, is relative to the report file.
    """
    with in_file(part.place):
        raw, command = _understood(sources[part.command].group, part)
        if not any(raw.get(name) for name in TIME):
            known = {parameter.name for parameter in command.parameters}
            raw |= {name: value for name, value in time.items() if name in known}
        values = dict(stored.kept(options.check(command.every_parameter, raw), Path(said["file"]).parent).flags)
        is_strict = bool(said.get("strict") or values.get("strict"))
        values |= {"stored": part.place, "strict": is_strict, "tells": bool(said.get("dry_run"))}
        return Asked(part, values, request_flags.request(values, session), sources[part.command])


def _understood(group: Group, part: Part) -> tuple[dict[str, Any], Command]:
    if not part.words or part.words[0] not in group.names():
        named = f"'{part.command} {part.words[0]}' is not known" if part.words else f"'{part.command}' of what?"
        raise UsageError(named, nearest(" ".join(part.words[:1]), group.names()))
    if "--help" in part.words:
        raise UsageError("--help shows nothing in a report", f"see: segcli {part.command} {part.words[0]} --help")
    line = fast_parser.understand(group, part.words)
    if line is None or not isinstance(line.command, Command):
        raise UsageError(f"'{' '.join(part.words)}' shows nothing")
    for parameter in line.command.every_parameter:
        if parameter.name in _ELSEWHERE and line.raw.get(parameter.name):
            raise UsageError(
                f"{parameter.flags[0]} is not allowed in a part",
                "remove it: the report file sets the files and formats",
            )
    return dict(line.raw), line.command


def table(db: Reader, asked: Asked, session: Session, *, is_alone: bool) -> Table:
    """Return the part's table, in English. Raises SegcliError with the part's place.

    Rows are read lazily only for an overview alone in its file and of present classes.
    """
    is_read_later = is_alone and asked.part.command == "show" and not asked.request.class_day
    try:
        with in_file():
            found = asked.source.table(db, asked, session)
            found = found if is_read_later else _held(db, found)
    except SegcliError as error:
        raise type(error)(f"{asked.part.place}: {error.message}", error.hint) from error
    return replace(found, name=str(asked.values.get("table") or ""))


def titled(found: Table, title: str, language: str) -> Table:
    """Return the table for people in a language, with its own title if it was given one."""
    found = headings.translated(found, language)
    return replace(found, title=title or found.title)


def _held(db: Reader, found: Table) -> Table:
    """Read the rows now, because their temporary tables are replaced by the next part."""
    rows = list(found.rows)
    if found.whole:
        found.whole()
    temporary_views.lift(db)
    return replace(found, rows=rows)
