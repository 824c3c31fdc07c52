"""`segcli log`: list the runs (every command that changed something), newest first."""

import sqlite3
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from segcli.base import dates
from segcli.domain.table import Column, Table
from segcli.interface import options
from segcli.interface.command import Command, Session, Values
from segcli.interface.options import Parameter
from segcli.output import wanted
from segcli.query import run_changes

_KNOWN = {
    column.name: column
    for column in (
        Column("run", "integer"),
        Column("started_at", "code", "When"),
        Column("command"),
        Column("source"),
        Column("changes", "integer"),
        Column("summary"),
        Column("reason"),
        Column("user_name", heading="Who"),
        Column("undone_by", "integer", "Undone by"),
        Column("changed", heading="Changes"),
    )
}
_FOR_PEOPLE = ("run", "started_at", "command", "changed", "summary", "reason", "user_name", "undone_by", "source")
_KEEPS = ("started_at", "command", "changed")
SQL = f"""SELECT r.id AS run, r.started_at, r.command, r.source, r.summary, r.reason, r.user_name,
       (SELECT max(u.id) FROM run AS u WHERE u.undoes_run_id = r.id) AS undone_by,
       {", ".join(f"({sql})" for sql in run_changes.STORED.values())}
  FROM run AS r
 WHERE (:reason IS NULL OR instr(fold(coalesce(r.reason, '')), fold(:reason)) > 0)
   AND (:command IS NULL OR substr(fold(r.command), 1, length(fold(:command))) = fold(:command))
   AND (:since IS NULL OR r.started_at >= :since) ORDER BY r.id DESC LIMIT :limit"""
_STORED_AT = 8  # the first of the columns that count what is stored with a run


def run(session: Session, values: Values) -> None:
    """List the runs, each with what it changed."""
    with session.connect() as db:
        since = dates.day_of(values["since"], session.today, "--since") if values["since"] else None
        bound = {
            "reason": values["reason"],
            "command": values["command"],
            "since": None if since is None else str(since),
            "limit": -1 if values["limit"] is None else values["limit"],
        }
        output = wanted.Output.read(values, session.config)
        names = _FOR_PEOPLE if output.form in wanted.PEOPLE else tuple(_KNOWN)
        rows = ([row[name] for name in names] for row in _rows(db, bound))
        columns = tuple(_KNOWN[name] for name in names)
        wanted.write(Table("Runs", columns, rows, with_totals=False, keeps=_KEEPS), output)


def _rows(db: sqlite3.Connection, bound: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the runs by name of column."""
    found = db.execute(SQL, bound)
    names = [about[0] for about in found.description[:_STORED_AT]]
    for row in found:
        run = dict(zip(names, row, strict=False))
        yield run | _changes(run, row[_STORED_AT:])


def _changes(run: Mapping[str, Any], stored: Sequence[int]) -> dict[str, Any]:
    by_kind = dict(zip(run_changes.STORED, stored, strict=True))
    found = run_changes.changed(run["command"], run["source"], run["summary"], by_kind)
    return {"changes": found.records, "changed": found.words}


COMMAND = Command(
    "List the runs (every command that changed something), newest first.\n\nundo takes the run number in the first column."
    " changes counts the records that a run added or changed: 128 invoices. Runs must match all of --reason, --command and"
    " --since. Days and times are in UTC.",
    run,
    (
        Parameter(
            "reason", ("--reason",), "Runs whose reason contains this text; case does not matter.", metavar="TEXT"
        ),
        Parameter(
            "command",
            ("--command",),
            "Runs whose command starts with this: tag, 'rules apply', import.",
            metavar="NAME",
        ),
        Parameter("since", ("--since",), "Runs on or after this day.", metavar="DATE"),
        *options.named((*options.FORM, "limit")),
    ),
    (
        "segcli log --limit 10",
        "segcli log --command import --since 2026-06-01 -f json",
        "segcli log --reason 'yearly review'",
    ),
)
