"""The table of changes that a command made, written if --format or --output is given."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from segcli.base.errors import SegcliError
from segcli.base.outcome import Outcome
from segcli.domain.table import Column, Table

if TYPE_CHECKING:
    from segcli.interface.command import Session

COLUMNS = (
    Column("record"),
    Column("field"),
    Column("old_value", heading="Was"),
    Column("new_value", heading="Is"),
)


def of(outcome: Outcome, title: str) -> Table:
    """Return the table of changes: record, field, old and new value."""
    return Table(title, COLUMNS, list(outcome.changes), with_totals=False)


def write_table(session: "Session", values: Mapping[str, Any], table: Table, *, is_shown: bool = False) -> None:
    """Write a table of changes if --format or --output is given, or if `is_shown`.

    If writing fails, the error says that the changes were made.
    """
    from segcli.output import wanted

    if not (is_shown or values.get("format") or values.get("output")):
        return
    try:
        wanted.write(table, wanted.Output.read(values, session.config))
    except SegcliError as error:
        tell_done(session, error)
        raise


def prints_table(values: Mapping[str, Any]) -> bool:
    """Tell whether the table of changes goes to standard output; nothing else may be printed there then."""
    return bool(values["dry_run"] or values["format"]) and not values["output"]


def tell_done(session: "Session", error: SegcliError) -> None:
    """Add to an error's hint that the run was completed."""
    if session.outcome.runs:
        done = f"run {session.outcome.runs[-1]} was completed nevertheless"
        error.hint = "; ".join(filter(None, (error.hint, done)))
