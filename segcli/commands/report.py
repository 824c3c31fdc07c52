"""`segcli report`: write several overviews with titles into workbooks, pages and files."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, cast

from segcli.base import file_modes, placing, scratch
from segcli.base.errors import CHANGED, DayError, EmptyError, UsageError
from segcli.base.text import counted
from segcli.domain.table import Column, Table
from segcli.interface import engine, options
from segcli.interface.command import Command, Group, Session, Values, group
from segcli.interface.parameters import Parameter, flag
from segcli.output import destinations, outbox
from segcli.storage import locking

if TYPE_CHECKING:
    from segcli.reports.making import Plan
    from segcli.reports.parts import Asked, Sources
    from segcli.reports.publishing import Place
    from segcli.storage.reader import Reader

SECTION = "Report"
HELP = """Write several overviews with titles into workbooks, pages and files.

The report file names the output files and their contents; see examples/report.yaml. All files come from one snapshot
and are replaced together: a run that fails or is killed leaves the old files as they are. If an action has no preview
for that day, such as reminders before the last ones, a note takes its place and a warning is given.

Parts are overviews, scores, methods of segments (examples/segments.yaml) and previews of actions. `segcli help reports`
explains the keys, `segcli help dashboards` those of a page with tiles (examples/dashboard.yaml).
"""


def run(session: Session, values: Values) -> int:
    """Write the report's files; with --dry-run, report what would be written."""
    from segcli.output.mailing import configured
    from segcli.reports import file, handing, making, publishing

    if values["touch"] and not values["if_changed"]:
        raise UsageError("--touch goes with --if-changed")
    plan = making.Plan(_sources(), file.read(Path(values["file"])), session, values)
    folder = plan.folder
    if values["dry_run"]:
        return CHANGED if _rehearse(plan, values) and values["exit_code"] else 0
    if plan.report.mail and plan.report.mail.is_sent:
        configured.transport(session.config)  # a missing mailer is an error before anything is written
    outbox.check_folder(folder)
    place = publishing.Place(folder, plan.report.path.stem)
    refused: Mapping[str, str] = {}
    with locking.lock(place.locked, f"report {plan.report.path}", 0, file_modes.wanted_of_files()):
        if place.handed.exists():
            session.insist(handing.LOST)
        if place.recover():
            session.note("what a killed run had ready is in its place")
        publishing.check(folder, plan.names)
        with place.staged() as new:
            counts = _write(plan, new, values)
            written = publishing.drop_same(new, folder) if values["if_changed"] else list(plan.names)
            if written:
                _commit(place, plan)
            if values["touch"]:
                publishing.touch(folder, set(plan.names) - set(written))
        if place.message.exists():
            refused = handing.hand_over(place, configured.transport(session.config))
    _tell(plan, values, counts, written)
    handing.report(plan.report.path, refused)
    return CHANGED if written and values["exit_code"] else 0


def _commit(place: "Place", plan: "Plan") -> None:
    """Put the files in their places, unless one that keeps other tables was changed since it was copied."""
    from segcli.output import kept_file

    with kept_file.turn(kept.path.parent for kept in plan.kept):
        for kept in plan.kept:
            kept.check()
        place.commit()


def _sources() -> "Sources":
    from segcli.commands import run as action
    from segcli.commands import score, show
    from segcli.reports.parts import Source

    return {
        "show": Source(show.COMMAND, _show),
        "score": Source(score.COMMAND, _score),
        "segment": Source(_segments(), _segment, shaded=("cohort",)),
        "run": Source(action.COMMAND, _preview),
    }


def _segments() -> Group:
    """Return the commands of the key segment: those of methods whose answer a report may hold."""
    from segcli.commands import cohort, matrix, profile
    from segcli.commands import list as lists

    results = {"results": cast("Command", lists.COMMAND.find("results"))}
    return group(
        "Methods of segments.",
        {"cohort": cohort.COMMAND, "list": group(lists.COMMAND.help, results), "matrix": matrix.COMMAND,
         "profile": profile.COMMAND},
    )  # fmt: skip


def _segment(db: "Reader", asked: "Asked", session: Session) -> Table:
    from segcli.commands import cohort, matrix, profile
    from segcli.discover.campaigns import asking

    if asked.name == "cohort":
        return cohort.table(db, session, asked.request, asked.values, asked.form)
    base = engine.database_of(db)
    if asked.name == "matrix":
        return matrix.table(base, session, asked.values, asked.form)
    return (
        profile.table(base, session, asked.values)[0]
        if asked.name == "profile"
        else asking.results_table(base, session, asked.values)
    )


def _show(db: "Reader", asked: "Asked", _session: Session) -> Table:
    from segcli import overviews
    from segcli.query import ask

    ask.stand(db, asked.request)
    return ask.table(db, overviews.module(asked.name), asked.name, asked.request)


def _score(db: "Reader", asked: "Asked", _session: Session) -> Table:
    from segcli.commands import score

    return score.table(db, asked.name, asked.request, asked.values)


def _preview(db: "Reader", asked: "Asked", session: Session) -> Table:
    """Return an action's preview, or a note in its place if there is none for that day."""
    from segcli.commands import run as action

    try:
        return action.preview(engine.database_of(db), asked.name, asked.request, session, asked.values)
    except DayError as error:
        told = f"no preview as of {asked.request.as_of}: {error.message}"
        title = asked.name.replace("-", " ").capitalize()
        return Table(
            title, (Column("note"),), [(told,)], with_totals=False, lacking=told, as_of=str(asked.request.as_of)
        )


def _write(plan: "Plan", folder: Path, values: Values) -> Mapping[str, tuple[int, ...]]:
    from segcli.reports import making

    with engine.reading(plan.session, values) as db:
        counts = making.write(db, plan, folder)
    if values["fail_if_empty"] and not any(sum(rows) for rows in counts.values()):
        raise EmptyError(f"{plan.report.path}: nothing was found", "nothing was written")
    if plan.report.mail:
        making.message(plan, plan.report.mail, folder)
    return counts


def _rehearse(plan: "Plan", values: Values) -> bool:
    """Report what would be written, by writing it elsewhere; tell whether a file would change."""
    from segcli.reports import publishing

    folder = plan.folder
    if folder.exists():
        publishing.check(folder, plan.names)
    with scratch.room(scratch.temporary()) as new:
        counts = _write(plan, new, values)
        same = {name for name in plan.names if placing.is_same(folder / name, new / name)}
    verb = {name: "the same" if name in same else "would change" for name in plan.names}
    destinations.write_stdout("".join(_line(verb[name], folder / name, counts.get(name)) for name in plan.names))
    return len(same) < len(plan.names)


def _tell(plan: "Plan", values: Values, counts: Mapping[str, tuple[int, ...]], written: list[str]) -> None:
    if values["verbose"]:
        lines = (_line("written" if n in written else "the same", plan.folder / n, counts.get(n)) for n in plan.names)
        destinations.write_stdout("".join(lines))
    else:
        plan.session.note(f"{counted(len(written), 'file')} written to {plan.folder}")


def _line(verb: str, path: Path, rows: tuple[int, ...] | None) -> str:
    told = "" if rows is None else f"\t{counted(sum(rows), 'row')}"
    return f"{verb}\t{path}{told}\n"


COMMAND = Command(
    HELP,
    run,
    (
        Parameter("file", (), "The report file.", metavar="FILE", is_required=True, completes="file"),
        flag(
            "folder",
            "--folder",
            "The output folder (default: as the report file says, else its own folder).",
            SECTION,
            metavar="DIR",
            completes="file",
            is_written=True,
        ),
        flag(
            "if_changed",
            "--if-changed",
            "Do not write unchanged files; send nothing if all are unchanged.",
            SECTION,
            kind="flag",
        ),
        flag(
            "fail_if_empty",
            "--fail-if-empty",
            "Exit with 3 and write nothing if every part is empty.",
            SECTION,
            kind="flag",
        ),
        *options.named(("touch",)),
        flag("verbose", "--verbose", "One line per file.", SECTION, kind="flag"),
        options.EXIT_CODE,
        *options.named(("dry_run", "strict", "as_of", "period", "from", "to")),
        *engine.ENGINE,
    ),
    (
        "segcli report examples/report.yaml --folder reports --verbose",
        "segcli report examples/report.yaml --dry-run",
        "segcli report examples/segments.yaml --folder reports",
    ),
)
