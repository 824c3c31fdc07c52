"""`segcli log`: list the runs (every command that changed something), newest first."""

from segcli.base import dates
from segcli.domain.table import Column, Table
from segcli.interface import options
from segcli.interface.command import Command, Session, Values
from segcli.interface.options import Parameter
from segcli.output import wanted

COLUMNS = (
    Column("run", "integer"),
    Column("started_at", "code", "When"),
    Column("command"),
    Column("source"),
    Column("changes", "integer"),
    Column("summary"),
    Column("reason"),
    Column("user_name", heading="Who"),
    Column("undone_by", "integer", "Undone by"),
)
SQL = """SELECT r.id, r.started_at, r.command, r.source,
       (SELECT count(*) FROM classification_change AS c WHERE c.run_id = r.id),
       r.summary, r.reason, r.user_name, (SELECT max(u.id) FROM run AS u WHERE u.undoes_run_id = r.id)
  FROM run AS r
 WHERE (:reason IS NULL OR instr(fold(coalesce(r.reason, '')), fold(:reason)) > 0)
   AND (:command IS NULL OR substr(fold(r.command), 1, length(fold(:command))) = fold(:command))
   AND (:since IS NULL OR r.started_at >= :since) ORDER BY r.id DESC LIMIT :limit"""


def run(session: Session, values: Values) -> None:
    """List the runs; `changes` is the number of classifications that a run changed."""
    with session.connect() as db:
        since = dates.day_of(values["since"], session.today, "--since") if values["since"] else None
        bound = {
            "reason": values["reason"],
            "command": values["command"],
            "since": None if since is None else str(since),
            "limit": -1 if values["limit"] is None else values["limit"],
        }
        rows = db.execute(SQL, bound)
        table = Table("Runs", COLUMNS, rows, with_totals=False, keeps=("started_at", "command", "summary"))
        wanted.write(table, wanted.Output.read(values, session.config))


COMMAND = Command(
    "List the runs (every command that changed something), newest first.\n\nundo takes the run number in the first column."
    " changes is the number of changed classifications; the summary tells the rest. Runs must match all of --reason,"
    " --command and --since. Days and times are in UTC.",
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
