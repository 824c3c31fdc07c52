"""Makes the files of a report: draws its tables into the hidden folder, and makes the e-mail."""

import os
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from segcli.base import dates, file_modes, scratch
from segcli.base.errors import EmptyError, SegcliError, UsageError, in_file
from segcli.domain.table import Table
from segcli.interface import notices
from segcli.interface.command import Session, Values
from segcli.output import destinations, outbox, render, wanted
from segcli.query import request_flags
from segcli.reports import parts, tiles
from segcli.reports.file import FIELDS, Mail, Report, ReportFile
from segcli.reports.parts import TIME, Asked, Sources
from segcli.reports.publishing import MESSAGE
from segcli.reports.tiles import Asking
from segcli.settings import translations
from segcli.storage.reader import Reader

if TYPE_CHECKING:
    from segcli.output.documents.draft import Attached
    from segcli.output.kept_file import KeptFile


@dataclass(frozen=True, slots=True)
class Planned:
    """An output file with its final name, its format, and its checked parts."""

    name: str
    form: str
    parts: tuple[Asked, ...]
    titles: tuple[str, ...]
    with_header: bool = True
    title: str = ""  # a dashboard's own; empty: the report's
    tiles: tuple[Asking, ...] | None = None  # of a dashboard; None: it is none


class Plan:
    """A report for one day: names filled in and flags checked, but nothing read from the database yet."""

    def __init__(self, sources: Sources, report: Report, session: Session, values: Values) -> None:
        self.sources = sources
        self.report = report
        self.session = session
        self.told: set[tuple[str, ...]] = set()
        self.folder = Path(values["folder"]) if values["folder"] else report.folder
        self._time = _time(report, values)
        self._values = values
        self._said = self._words()
        self.title = self.filled(report.title, str(report.path))
        self.files = tuple(self._planned(file) for file in report.files)
        self.draft = self.filled(report.mail.draft, report.mail.place) if report.mail else ""
        self._refuse_twice()
        self.kept: list[KeptFile] = []

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of all files, including the draft."""
        return (*(file.name for file in self.files), *filter(None, [self.draft]))

    def keep(self, path: Path) -> "KeptFile":
        """Return the present file at a path, of which the new one keeps what is not the report's."""
        from segcli.output.kept_file import KeptFile

        self.kept.append(KeptFile(path))
        return self.kept[-1]

    def filled(self, text: str, place: str) -> str:
        """Return a text with its fields filled in. Raises UsageError for a period field without a period."""
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

    @property
    def about(self) -> str:
        """Return the day and the period of the report in words."""
        day, first, last = (self._said.get(field, "") for field in ("as_of", "from", "to"))
        span = f"{first} to {last}" if first and last else ""
        return " · ".join(filter(None, (f"as of {day}", span)))

    def _dashboard(self, file: ReportFile) -> Planned:
        name = self.filled(file.name, file.place)
        if render.of_ending(Path(name)) != "html":
            raise SegcliError(f"{file.place}: a dashboard is a page, {name} is none", "let its name end with .html")
        said = (self.session, self._time, self._values)
        asked = tuple(replace(parts.read(self.sources, part, *said), form="html") for part in file.parts)
        for one in asked:
            if one.values.get("no_header"):
                raise SegcliError(f"{one.part.place}: --no-header is not allowed in a dashboard", "remove it")
        found = tuple(
            tiles.read(self.sources, tile, self.filled(tile.part.title, tile.part.place), *said, asked)
            for tile in file.tiles
        )
        titles = tuple(self.filled(part.title, part.place) for part in file.parts)
        return Planned(name, "html", asked, titles, title=self.filled(file.title, file.place), tiles=found)

    def _planned(self, file: ReportFile) -> Planned:
        if file.is_dashboard:
            return self._dashboard(file)
        name = self.filled(file.name, file.place)
        form = render.of_ending(Path(name))
        if form is None:
            known = ", ".join(f".{ending}" for ending in sorted(render.ENDINGS))
            raise SegcliError(f"{file.place}: the ending of {name} tells no format", f"use {known}")
        if len(file.parts) > 1 and form not in render.BOUND:
            several = ", ".join(sorted(render.BOUND))
            raise SegcliError(f"{file.place}: {form} holds one table, and here are {len(file.parts)}", f"use {several}")
        read = (parts.read(self.sources, part, self.session, self._time, self._values) for part in file.parts)
        asked = tuple(
            replace(one, form=form, request=replace(one.request, for_people=form in wanted.PEOPLE)) for one in read
        )
        for one in asked:
            if one.values.get("chart"):
                _refuse_chart(form, one)
            _check_name(form, one)
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
    charted = render.SHADED if asked.name in asked.source.shaded else render.CHARTED
    with in_file(asked.part.place):
        wanted.refuse_chart(form, is_asked=True, charted=charted)


def _check_name(form: str, asked: Asked) -> None:
    """Raise SegcliError for a --table that SQLite does not allow or that the format does not use."""
    with in_file(asked.part.place):
        if wanted.table_name(asked.values) and form not in render.KEEPING:
            raise UsageError(f"--table is for {' and '.join(sorted(render.KEEPING))}, not for {form}")


def _time(report: Report, values: Values) -> dict[str, str]:
    """Return the time flags of the command line, else those of the report."""
    said = {name: values[name] for name in TIME if values.get(name)}
    if report.as_of and "as_of" not in said:
        said["as_of"] = report.as_of
    if report.period and not {"period", "from", "to"} & set(said):
        said["period"] = report.period
    return said


def write(db: Reader, plan: Plan, folder: Path) -> dict[str, tuple[int, ...]]:
    """Write every file of the report into a folder; return the number of rows of each table by file."""
    return {file.name: _file(db, plan, file, folder) for file in plan.files}


def _file(db: Reader, plan: Plan, file: Planned, folder: Path) -> tuple[int, ...]:
    title = file.title or plan.title or (Path(file.name).stem if file.tiles is not None else "")
    style = replace(wanted.style_of(plan.session.config), title=title, with_header=file.with_header)
    if file.form in render.KEEPING:
        # The titles name the tables of the file, in every language the same.
        style = replace(style, kept=plan.keep(plan.folder / file.name), language=translations.ENGLISH)
    is_alone = len(file.parts) == 1 and not file.tiles  # tiles are read with the same connection
    tables = [
        parts.titled(parts.table(db, asked, plan.session, is_alone=is_alone), title, style.language)
        for asked, title in zip(file.parts, file.titles, strict=True)
    ]
    figures = [tiles.figure(db, one, plan.session, partial(_tell_of, plan, file)) for one in file.tiles or ()]
    counts: list[int] = []

    def draw(target: Any) -> int:  # noqa: ANN401 - of text or of bytes
        if file.tiles is not None:
            from segcli.output.dashboard import page

            counts.extend(page.book(figures, tables, plan.about, target, style))
        elif file.form in render.BOUND:
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
    return (*counts, *(len(figure.now.by_unit) for figure in figures if figure.now.rows))


def _look(plan: Plan, file: Planned, tables: Sequence[Table], counts: Sequence[int], told: Sequence[str]) -> None:
    """Give the warnings of a table; raise EmptyError if it is empty and must not be."""
    for asked, table, count in zip(file.parts, tables, counts, strict=True):
        _tell_of(plan, file, asked.name, table)
        if not count and asked.values.get("fail_if_empty"):
            raise EmptyError(
                f"{asked.part.place}: nothing was found: {asked.part.command} {' '.join(asked.part.words)}"
            )
    for text in told:
        plan.session.insist(f"{file.name}: {text}")


def _tell_of(plan: Plan, file: Planned, name: str, table: Table) -> None:
    """Say once for each file and overview what its tables lack and warn of."""
    said = (file.name, name, table.difference, table.lacking, table.warning)
    if said not in plan.told:
        plan.told.add(said)
        _tell(plan, f"{file.name}: {name}", table)


def _tell(plan: Plan, what: str, table: Table) -> None:
    """Report what a table omits, and differences with the ledger as configured."""
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
    """Write the e-mail with its files, as a draft or for sending."""
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


def _attached(folder: Path, names: Sequence[str]) -> Iterator["Attached"]:
    from segcli.output.documents.draft import Attached

    for name in names:
        yield Attached(Path(name).name, (folder / name).read_bytes())


def _sender(session: Session) -> str:
    from segcli.settings import sections

    return str(sections.section(session.config, "letters")["email"])
