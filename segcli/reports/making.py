"""From a report file to files: its tables drawn into the hidden folder, and the message that they go with."""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from segcli.base import dates, file_modes, scratch
from segcli.base.errors import EmptyError, SegcliError, UsageError, in_file
from segcli.domain.table import Table
from segcli.interface import notices
from segcli.interface.command import Session, Values
from segcli.output import destinations, outbox, render, wanted
from segcli.query import request_flags
from segcli.reports import parts
from segcli.reports.file import FIELDS, Mail, Report, ReportFile
from segcli.reports.parts import TIME, Asked, Sources
from segcli.reports.publishing import MESSAGE


@dataclass(frozen=True, slots=True)
class Planned:
    """A file with its name as it will be, its format, and its parts checked."""

    name: str
    form: str
    parts: tuple[Asked, ...]
    titles: tuple[str, ...]
    with_header: bool


class Plan:
    """A report of one day: every name filled in, every flag checked, nothing read from the database yet."""

    def __init__(self, sources: Sources, report: Report, session: Session, values: Values) -> None:
        self.sources = sources
        self.report = report
        self.session = session
        self.folder = Path(values["folder"]) if values["folder"] else report.folder
        self._time = _time(report, values)
        self._values = values
        self._said = self._words()
        self.title = self.filled(report.title, str(report.path))
        self.files = tuple(self._planned(file) for file in report.files)
        self.draft = self.filled(report.mail.draft, report.mail.place) if report.mail else ""
        self._refuse_twice()

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all files, the draft's among them."""
        return (*(file.name for file in self.files), *filter(None, [self.draft]))

    def filled(self, text: str, place: str) -> str:
        """Return a text with its fields filled in. A UsageError for a period where none is said."""
        try:
            return text.format_map(self._said)
        except KeyError as error:
            field = str(error.args[0])
            raise UsageError(
                f"{place}: {{{field}}} of '{text}' has no value", "say --period, or period: in the report"
            ) from error

    def _words(self) -> dict[str, str]:
        is_typed = any(self._values.get(name) for name in TIME)
        with nullcontext() if is_typed else in_file(str(self.report.path)):
            day, start, end = request_flags.days(self._time, self.session.today)
        found = {"as_of": str(day), "from": str(start or ""), "to": str(end or "")}
        found["period"] = dates.name(start, end) if start and end else ""
        return {field: found[field] for field in FIELDS if found[field]}

    def _planned(self, file: ReportFile) -> Planned:
        name = self.filled(file.name, file.place)
        form = render.of_ending(Path(name))
        if form is None:
            known = ", ".join(f".{ending}" for ending in sorted(render.ENDINGS))
            raise SegcliError(f"{file.place}: the ending of {name} tells no format", f"use {known}")
        if len(file.parts) > 1 and form not in render.BOUND:
            several = ", ".join(sorted(render.BOUND))
            raise SegcliError(f"{file.place}: {form} holds one table, and here are {len(file.parts)}", f"use {several}")
        read = (parts.read(self.sources, part, self.session, self._time, self._values) for part in file.parts)
        asked = tuple(replace(one, request=replace(one.request, for_people=form in wanted.PEOPLE)) for one in read)
        for one in asked:
            if one.values.get("chart"):
                _refuse_chart(form, one)
            if one.values.get("no_header") and len(asked) > 1:
                raise SegcliError(f"{one.part.place}: --no-header is for a file of one table")
        titles = tuple(self.filled(part.title, part.place) for part in file.parts)
        return Planned(name, form, asked, titles, not asked[0].values.get("no_header"))

    def _refuse_twice(self) -> None:
        seen: set[str] = set()
        for name in self.names:
            if name.casefold() in seen:
                raise SegcliError(f"{self.report.path}: two files have the name {name}")
            seen.add(name.casefold())


def _refuse_chart(form: str, asked: Asked) -> None:
    with in_file(asked.part.place):
        wanted.refuse_chart(form, is_asked=True)


def _time(report: Report, values: Values) -> dict[str, str]:
    """Return what is said of time: on the command line, else in the report."""
    said = {name: values[name] for name in TIME if values.get(name)}
    if report.as_of and "as_of" not in said:
        said["as_of"] = report.as_of
    if report.period and not {"period", "from", "to"} & set(said):
        said["period"] = report.period
    return said


def write(db: sqlite3.Connection, plan: Plan, folder: Path) -> dict[str, tuple[int, ...]]:
    """Write every file of the report into a folder; return the rows of each table by file."""
    return {file.name: _file(db, plan, file, folder) for file in plan.files}


def _file(db: sqlite3.Connection, plan: Plan, file: Planned, folder: Path) -> tuple[int, ...]:
    style = replace(wanted.style_of(plan.session.config), title=plan.title, with_header=file.with_header)
    is_alone = len(file.parts) == 1
    tables = [
        parts.table(db, asked, plan.session, title, is_alone=is_alone)
        for asked, title in zip(file.parts, file.titles, strict=True)
    ]
    counts: list[int] = []

    def draw(target: Any) -> int:  # noqa: ANN401 - of text or of bytes
        if file.form in render.BOUND:
            counts.extend(render.binder(file.form)(tables, target, style))
        else:
            counts.append(render.renderer(file.form)(tables[0], target, style))
        return sum(counts)

    path = folder / file.name
    try:
        file_modes.make_folder(path.parent)
        with outbox.writing(path, plan.folder / file.name) as target, scratch.making(folder):
            destinations.filler(file.form, draw)(target)
    except OSError as error:
        raise destinations.unwritten(plan.folder / file.name, error) from error
    _look(plan, file, tables, counts, style.told)
    return tuple(counts)


def _look(plan: Plan, file: Planned, tables: Sequence[Table], counts: Sequence[int], told: Sequence[str]) -> None:
    """Warn of what a reader should know; raise EmptyError for a part that may not be empty."""
    for asked, table, count in zip(file.parts, tables, counts, strict=True):
        _tell(plan, f"{file.name}: {asked.name}", table)
        if not count and asked.values.get("fail_if_empty"):
            raise EmptyError(
                f"{asked.part.place}: nothing was found: {asked.part.command} {' '.join(asked.part.words)}"
            )
    for text in told:
        plan.session.insist(f"{file.name}: {text}")


def _tell(plan: Plan, what: str, table: Table) -> None:
    """Say what a table lacks and warns of. A difference with the ledger is told as the configuration says."""
    wanted = plan.session.config.values["on_difference"]
    if table.difference and wanted == "fail":
        raise SegcliError(
            f"{what}: {table.difference}", "on_difference: fail in the configuration; nothing was written"
        )
    if table.difference and wanted == "warn":
        plan.session.warn(f"{what}: {table.difference}", notices.DIFFERENCE)
    if table.lacking:
        plan.session.insist(f"{what}: {table.lacking}")
    if table.warning:
        plan.session.warn(f"{what}: {table.warning}")


def message(plan: Plan, mail: Mail, folder: Path) -> None:
    """Write the message with its files, as a draft and to be handed over, as the report asks."""
    from segcli.output.documents.draft import draft

    names = dict(zip((file.name for file in plan.report.files), (file.name for file in plan.files), strict=True))
    for is_draft, name in ((True, plan.draft), (False, MESSAGE if mail.is_sent else "")):
        if name:
            data = draft(
                mail.to,
                plan.filled(mail.subject, mail.place),
                plan.filled(mail.text, mail.place),
                _attached(folder, [names[name] for name in mail.attach]),
                mark=os.fsencode(plan.report.path.stem).hex(),
                sender=mail.sender or _sender(plan.session),
                cc=mail.cc,
                is_draft=is_draft,
            )
            with outbox.writing(folder / name, plan.folder / name) as file:
                file.write(data)


def _attached(folder: Path, names: Sequence[str]) -> Iterator[Any]:
    from segcli.output.documents.draft import Attached

    for name in names:
        yield Attached(Path(name).name, (folder / name).read_bytes())


def _sender(session: Session) -> str:
    from segcli.settings import sections

    return str(sections.section(session.config, "letters")["email"])
