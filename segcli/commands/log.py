"""`segcli log`: list the runs: every command that changed something, the newest first."""

from segcli import answer, options
from segcli.command import Command, Session, Values
from segcli.overview import Column, Table

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
  FROM run AS r ORDER BY r.id DESC LIMIT ?"""


def run(session: Session, values: Values) -> None:
    """List the runs; changes counts the classifications that a run changed."""
    with session.connect() as db:
        rows = db.execute(SQL, (-1 if values["limit"] is None else values["limit"],))
        table = Table("Runs", COLUMNS, rows, with_totals=False, keeps=("started_at", "command", "summary"))
        answer.write(table, answer.Output.read(values, session.config))


COMMAND = Command(
    "List the runs: every command that changed something, the newest first.\n\nWhat undo takes is the number in"
    " the first column; changes counts classifications, the summary says the rest.",
    run,
    options.named((*options.FORM, "limit")),
    ("segcli log --limit 10", "segcli log -f json"),
)
