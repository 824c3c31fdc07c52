"""`segcli matrix`: show how accounts moved between the values of a class from one day to another."""

from segcli.base.errors import UsageError
from segcli.domain.table import Chart, Column, Table
from segcli.interface import options
from segcli.interface.command import Command, Session, Values
from segcli.interface.options import Parameter
from segcli.output import wanted
from segcli.query import class_history, lookup, request_flags, selection

HELP = """Show how accounts moved between the values of a class from one day to another.

One row per pair of values, each at the end of its day: the number of accounts, and their share of the accounts with the
first value. 'none' means no value; '(new)' means that the account did not exist yet. The csv output fits a Sankey
diagram: source, target, value.

"""
COLUMNS = (
    Column("source"),
    Column("target"),
    Column("value", "integer", "Accounts", total="sum"),
    Column("share", "percent", "% of source"),
    Column("source_name"),
    Column("target_name"),
)
CHART = Chart(("value",), "stacked", ("source", "source_name"), by="target")
_NONE, _NEW = "none", "(new)"


def run(session: Session, values: Values) -> None:
    """Count the pairs of old and new values."""
    first, last = request_flags.span(values, session.today)
    if first is None:
        raise UsageError("from which day?", "say --from DATE [--to DATE], or --period")
    last = last or session.today
    output = wanted.Output.read(values, session.config)
    with session.connect() as db:
        names = lookup.names(db, last, values)
        field = names.catalogue.field(values["field"])
        clause = selection.compile_filters(selection.read(values), names)
        before, after = class_history.value_on(field, str(first)), class_history.value_on(field, str(last))
        rows = db.execute(
            f"""WITH moved AS (SELECT {before.sql} AS source, {after.sql} AS target FROM account AS a WHERE {clause.sql})
                SELECT source, target, count(*), round(100.0 * count(*) / sum(count(*)) OVER (PARTITION BY source), 4) FROM moved
                 WHERE target <> -1 GROUP BY source, target""",
            (*before.values, *after.values, *clause.values),
        ).fetchall()
        known = {value.id: (value.code, value.description) for value in names.catalogue.values(field)}
        known |= {0: (_NONE, ""), -1: (_NEW, "")}
        order = {number: place for place, number in enumerate(known)}
        rows.sort(key=lambda row: (order[row[0]], order[row[1]]))
        shown = [(known[s][0], known[t][0], count, share, known[s][1], known[t][1]) for s, t, count, share in rows]
        caption = f"{names.catalogue.label(field)} from the end of {first} to the end of {last}"
        table = Table("Matrix", COLUMNS, shown, caption, chart=CHART if values["chart"] else None)
        wanted.write(table, output)


COMMAND = Command(
    HELP,
    run,
    (
        Parameter("field", (), "The class: class1 or its label.", metavar="CLASS", is_required=True, completes="class"),
        *options.named(("from", "to", "period")),
        *options.SELECTION[9:],  # not by class: those flags would select by present values
        *options.STRICT,
        *options.named(("format", "output", "no_header", "no_totals", "chart")),
    ),
    (
        "segcli matrix class1 --from 2026-01-01 --to 2026-06-30",
        "segcli matrix Region --period 2026Q2 -f csv -o moves.csv",
    ),
)
