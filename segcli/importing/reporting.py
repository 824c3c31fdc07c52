"""Tell what an import did, and what it did not take."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path

from segcli.base.errors import CHANGED, SHOWN_PROBLEMS, RejectedError, SegcliError
from segcli.base.text import counted
from segcli.domain.table import Cell, Column, Numbers, Table
from segcli.importing.readers import Source
from segcli.importing.results import Loaded, Outcome, summary
from segcli.interface.command import Session, Values

SHOWN_COLUMNS = 20
SHOWN_REASONS = 10
COLUMNS = (
    Column("file"),
    Column("kind"),
    *(Column(name, "integer", total="sum") for name in ("added", "changed", "unchanged", "rejected")),
    Column("changed_fields", is_object=True),
    Column("notes"),
    Column("not_read"),
    Column("not_taken"),
    Column("reasons", is_object=True),
)
_COUNTS = 6  # columns before changed_fields
_DONE = ("added", "changed", "rejected", "changed_fields")


def insist(session: Session, source: Source, loaded: Loaded) -> None:
    """Report what was not taken: columns that hold values, and parts of the file."""
    columns = [name for outcome in loaded.outcomes for name in outcome.unread]
    if columns:
        more = f" and {len(columns) - SHOWN_COLUMNS} more: --explain lists them" if len(columns) > SHOWN_COLUMNS else ""
        shown = ", ".join(columns[:SHOWN_COLUMNS])
        session.insist(
            f"{source.name}: not read: {shown}{more}; --map COLUMN=FIELD reads a column, --map COLUMN= leaves it out"
        )
    doubts = (text for stage in loaded.stages for text in stage.doubts)
    for text in (*doubts, *source.left_out):
        session.insist(f"{source.name}: {text}")
    if loaded.rejected > SHOWN_PROBLEMS:
        for reason, number in list(loaded.reasons.items())[:SHOWN_REASONS]:
            session.insist(f"{source.name}: {counted(number, 'row')}: {reason}")


def tell(session: Session, values: Values, results: Sequence[tuple[Loaded, Source]]) -> None:
    """Report the results: as a table if requested, else as text on a terminal."""
    if values["format"] or values["output"] or values["dry_run"]:
        _tell_as_table(session, values, results)
        return
    for one, _ in results:
        for outcome in [o for o in one.outcomes if not o.is_empty] or one.outcomes[:1]:
            session.note(f"{outcome.file}: {summary(outcome)}")
            for note in outcome.counts.notes:
                session.note(f"  {note}")


def _tell_as_table(session: Session, values: Values, results: Sequence[tuple[Loaded, Source]]) -> None:
    """Write the table. At a terminal a dry run has only its counts: notes are lines below it, the rest was told before it."""
    from segcli.interface import changes
    from segcli.output import destinations

    outcomes = [outcome for one, _ in results for outcome in one.outcomes]
    columns, rows, caption = COLUMNS, list(_rows(results)), ""
    if values["dry_run"]:
        columns = tuple(map(_conditional, COLUMNS))
        caption = f"{_rows_kept(outcomes)} would be imported; nothing was changed"
    is_brief = not (values["format"] or values["output"]) and destinations.is_terminal()
    if is_brief:
        shown = _COUNTS + any(outcome.counts.fields for outcome in outcomes)
        columns, rows = columns[:shown], [row[:shown] for row in rows]
    changes.write_table(session, values, Table("Import", columns, rows, caption, with_totals=False), is_shown=True)
    for outcome in outcomes if is_brief else ():
        for note in outcome.counts.notes:
            session.note(f"{outcome.file}: {note}")


def _conditional(column: Column) -> Column:
    """Return a column of counts with the heading of a dry run; its name stays."""
    words = "Would change in" if column.name == "changed_fields" else f"Would be {column.name}"
    return replace(column, heading=words) if column.name in _DONE else column


def _rows_kept(outcomes: Iterable[Outcome]) -> str:
    count = sum(outcome.counts.added + outcome.counts.changed for outcome in outcomes)
    return counted(count, "row")


def _rows(results: Iterable[tuple[Loaded, Source]]) -> Iterable[tuple[Cell, ...]]:
    """Yield a row for each kind of record in a file; what the file as a whole lacks stands in its first row."""
    for loaded, source in results:
        for number, outcome in enumerate(loaded.outcomes):
            c = outcome.counts
            counts = (c.added, c.changed, c.unchanged, outcome.rejected)
            left_out, reasons = ("", {}) if number else ("; ".join(source.left_out), loaded.reasons)
            told = ("; ".join(c.notes), ", ".join(outcome.unread), left_out, Numbers(reasons))
            yield outcome.file, outcome.kind, *counts, Numbers(c.fields), *told


def finish(loaded: Sequence[Loaded], sources: Sequence[Source], values: Values) -> int:
    """Write the rejects file and return the exit status.

    RejectedError (5) if a part was not taken; SegcliError (1) if nothing was.
    """
    rejected = sum(one.rejected for one in loaded)
    is_some, is_dry = any(one.taken for one in loaded), bool(values["dry_run"])
    error = RejectedError if is_some else SegcliError
    if rejected:
        if values["rejects"]:
            _write_rejects(loaded, sources, Path(values["rejects"]), is_dry=is_dry)
        where = f"they are in {values['rejects']}" if values["rejects"] else "--rejects FILE keeps them"
        rest = "the rest" if is_some else "nothing"
        what = f"would be rejected, {rest} would be imported" if is_dry else f"rejected, {rest} was imported"
        raise error(
            f"{counted(rejected, 'row')} {what}", where, [problem for one in loaded for problem in one.problems]
        )
    left_out = ", ".join(source.name for source in sources if source.left_out)
    if left_out:
        what = f"parts of {left_out} were not taken" if is_some else f"nothing of {left_out} was taken"
        raise error(what, "the lines above say which")
    is_change = any(outcome.counts.is_change for one in loaded for outcome in one.outcomes)
    return CHANGED if values["exit_code"] and is_change else 0


def _write_rejects(loaded: Sequence[Loaded], sources: Sequence[Source], path: Path, *, is_dry: bool) -> None:
    from segcli.importing import rejects

    try:
        rejects.write(path, loaded, sources)
    except SegcliError as error:
        rest = "the rest would be imported" if is_dry else "the rest was imported"
        error.hint = f"{rest}; the same command again writes the rows that were not"
        raise
