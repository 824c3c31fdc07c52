"""`segcli report`: write a report: several overviews with their titles, into workbooks, pages and files."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from segcli.base import file_modes, scratch
from segcli.base.errors import CHANGED, DayError, EmptyError, UsageError
from segcli.domain.table import Column, Table
from segcli.interface import options
from segcli.interface.command import Command, Session, Values
from segcli.interface.parameters import Parameter, flag
from segcli.output import destinations, outbox
from segcli.storage import locking

if TYPE_CHECKING:
    import sqlite3

    from segcli.reports.making import Plan
    from segcli.reports.parts import Asked, Sources

SECTION = "Report"
HELP = """Write a report: several overviews with their titles, into workbooks, pages and files.

The report file names the files and what stands in them; see examples/report.yaml. All files show the same moment, and get
their places together: a run that fails or is killed leaves the old ones as they are. A preview of an action that cannot
be made for that day, such as reminders before the last ones, is a note in its place, and a warning. `segcli help reports`
explains the keys, `segcli help dashboards` those of a page with tiles (examples/dashboard.yaml).
"""


def run(session: Session, values: Values) -> int:
    """Write the report's files; with --dry-run say what would be written."""
    from segcli.reports import file, handing, making, publishing

    if values["touch"] and not values["if_changed"]:
        raise UsageError("--touch goes with --if-changed")
    plan = making.Plan(_sources(), file.read(Path(values["file"])), session, values)
    folder = plan.folder
    if values["dry_run"]:
        return CHANGED if _rehearse(plan, values) and values["exit_code"] else 0
    if plan.report.mail and plan.report.mail.is_sent:
        handing.command(session.config)  # a mailer that is missing is told before anything is written
    outbox.check_folder(folder)
    place = publishing.Place(folder, plan.report.path.stem)
    with locking.lock(place.locked, f"report {plan.report.path}", 0, file_modes.wanted_of_files()):
        if place.recover():
            session.note("what a killed run had ready is in its place")
        publishing.check(folder, plan.names)
        with place.staged() as new:
            counts = _write(plan, new, values)
            written = publishing.drop_same(new, folder) if values["if_changed"] else list(plan.names)
            if written:
                place.commit()
            if values["touch"]:
                publishing.touch(folder, set(plan.names) - set(written))
        if place.message.exists():
            handing.hand_over(place.message, handing.command(session.config))
            place.forget()
    _tell(plan, values, counts, written)
    return CHANGED if written and values["exit_code"] else 0


def _sources() -> "Sources":
    from segcli.commands import run as action
    from segcli.commands import score, show
    from segcli.reports.parts import Source

    return {
        "show": Source(show.COMMAND, _show),
        "score": Source(score.COMMAND, _score),
        "run": Source(action.COMMAND, _preview),
    }


def _show(db: "sqlite3.Connection", asked: "Asked", _session: Session) -> Table:
    from segcli import overviews
    from segcli.query import ask

    ask.stand(db, asked.request)
    return ask.table(db, overviews.module(asked.name), asked.name, asked.request)


def _score(db: "sqlite3.Connection", asked: "Asked", _session: Session) -> Table:
    from segcli.commands import score

    return score.table(db, asked.name, asked.request, asked.values)


def _preview(db: "sqlite3.Connection", asked: "Asked", session: Session) -> Table:
    """Return the preview; where there is none for that day, a note in its place."""
    from segcli.commands import run as action

    try:
        return action.preview(db, asked.name, asked.request, session, asked.values)
    except DayError as error:
        told = f"no preview as of {asked.request.as_of}: {error.message}"
        title = asked.name.replace("-", " ").capitalize()
        return Table(
            title, (Column("note"),), [(told,)], with_totals=False, lacking=told, as_of=str(asked.request.as_of)
        )


def _write(plan: "Plan", folder: Path, values: Values) -> Mapping[str, tuple[int, ...]]:
    from segcli.reports import making

    with plan.session.connect() as db:
        counts = making.write(db, plan, folder)
    if values["fail_if_empty"] and not any(sum(rows) for rows in counts.values()):
        raise EmptyError(f"{plan.report.path}: nothing was found", "nothing was written")
    if plan.report.mail:
        making.message(plan, plan.report.mail, folder)
    return counts


def _rehearse(plan: "Plan", values: Values) -> bool:
    """Say what would be written, having written it elsewhere; tell whether a file would change."""
    from segcli.reports import publishing

    folder = plan.folder
    if folder.exists():
        publishing.check(folder, plan.names)
    with scratch.room(scratch.temporary()) as new:
        counts = _write(plan, new, values)
        same = {name for name in plan.names if scratch.is_same(folder / name, new / name)}
    verb = {name: "the same" if name in same else "would change" for name in plan.names}
    destinations.write_stdout("".join(_line(verb[name], folder / name, counts.get(name)) for name in plan.names))
    return len(same) < len(plan.names)


def _tell(plan: "Plan", values: Values, counts: Mapping[str, tuple[int, ...]], written: list[str]) -> None:
    if values["verbose"]:
        lines = (_line("written" if n in written else "the same", plan.folder / n, counts.get(n)) for n in plan.names)
        destinations.write_stdout("".join(lines))
    else:
        plan.session.note(f"{len(written)} files written to {plan.folder}")


def _line(verb: str, path: Path, rows: tuple[int, ...] | None) -> str:
    told = "" if rows is None else f"\t{sum(rows)} rows"
    return f"{verb}\t{path}{told}\n"


COMMAND = Command(
    HELP,
    run,
    (
        Parameter("file", (), "The report file.", metavar="FILE", is_required=True, completes="file"),
        flag(
            "folder",
            "--folder",
            "Where the files go (default: where the report file says, or stands).",
            SECTION,
            metavar="DIR",
            completes="file",
            is_written=True,
        ),
        flag(
            "if_changed",
            "--if-changed",
            "Leave files alone that would be the same; send nothing where all are.",
            SECTION,
            kind="flag",
        ),
        flag(
            "fail_if_empty",
            "--fail-if-empty",
            "Exit with 3, and write nothing, where no part finds anything.",
            SECTION,
            kind="flag",
        ),
        *options.named(("touch",)),
        flag("verbose", "--verbose", "One line per file.", SECTION, kind="flag"),
        options.EXIT_CODE,
        *options.named(("dry_run", "strict", "as_of", "period", "from", "to")),
    ),
    ("segcli report examples/report.yaml --folder reports --verbose", "segcli report examples/report.yaml --dry-run"),
)
