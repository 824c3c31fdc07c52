"""`segcli matrix`: show how accounts moved between the values of a class, a score or a band of a metric from one day to another."""

import sqlite3
from datetime import date

from segcli.base.errors import UsageError
from segcli.domain.table import Chart, Column, Table
from segcli.interface import options
from segcli.interface.command import Command, Session, Values
from segcli.interface.options import Parameter
from segcli.output import wanted
from segcli.query import lookup, request_flags, selection
from segcli.query.names import Names
from segcli.storage import exchange

HELP = """Show how accounts moved between the values of a class, a score or a band of a metric from one day to another.

One row per pair of values, each at the end of its day: the number of accounts, and their share of the accounts with the
first value. 'none' means no value; '(new)' means that the account did not exist yet. The rows add up to the selected
accounts. The csv output fits a Sankey diagram: source, target, value.
A class is the value that was stored on each day; --backfilled shows what rules give for it (rules apply --backfill). A
score or metric of --where is computed as of each day, with the facts up to that day, among all accounts: abc(180d),
churn, rfm_segment. --limits divides a metric into bands.

"""
COLUMNS = (
    Column("source"),
    Column("target"),
    Column("value", "integer", "Accounts", total="sum"),
    Column("share", "percent", "% of source"),
    Column("source_name"),
    Column("target_name"),
)
_WITHOUT_NAMES = 4  # values of scores have no names; only formats for programs keep the columns


def run(session: Session, values: Values) -> None:
    """Count the pairs of old and new values."""
    output = wanted.Output.read(values, session.config)
    with session.connect() as db:
        found = table(db, session, values, output.form)
        wanted.write(found, output)
    if found.lacking:
        session.insist(f"matrix: {found.lacking}")
    if found.warning:
        session.warn(f"matrix: {found.warning}")


def table(db: sqlite3.Connection, session: Session, values: Values, form: str) -> Table:
    """Return the pairs of values for an output format. Raises UsageError for contradictory flags."""
    return _table(db, values, request_flags.two_days(values, session.today), is_for_people=form in wanted.PEOPLE)


def _table(db: sqlite3.Connection, values: Values, days: tuple[date, date], *, is_for_people: bool) -> Table:
    from segcli.discover.movement import matrix as movement

    names = [lookup.names(db, day, values) for day in days]
    field = _class(names[1], values["field"])
    if field is None:
        if values["backfilled"]:
            raise UsageError("--backfilled is for a class; scores need no stored classes", "leave --backfilled out")
        sides = movement.of_measure(db, names, values["field"], values["limits"])
    else:
        if values["limits"]:
            raise UsageError("--limits divides a metric into bands; a class has its values", "leave --limits out")
        sides = movement.of_class(db, names[1], field, days, calculated=bool(values["backfilled"]))
    clause = selection.compile_filters(selection.read(values), names[1])
    found = movement.pairs(db, sides, days, clause)
    lacking = exchange.lacking(db, {name for one in names for name in one.measures})
    if lacking and values["strict"]:
        raise exchange.refusal("matrix", lacking)
    caption = f"{sides.label} from the end of {days[0]} to the end of {days[1]}"
    shown = len(COLUMNS) if sides.is_class or not is_for_people else _WITHOUT_NAMES
    rows = [(s.code, t.code, count, share, s.name, t.name)[:shown] for s, t, count, share in found]
    labels = tuple(name for name in ("source", "source_name") if name in {c.name for c in COLUMNS[:shown]})
    return Table(
        "Matrix",
        COLUMNS[:shown],
        rows,
        f"{caption} · {sides.about}" if sides.about else caption,
        lacking=lacking,
        warning=movement.doubt(db, sides, found, days[0]),
        chart=Chart(("value",), "stacked", labels, by="target") if values["chart"] else None,
    )


def _class(names: Names, text: str) -> int | None:
    """Return the number of a class named by class1, 1 or its label; None for anything else."""
    try:
        return names.catalogue.field(text)
    except UsageError:
        return None


COMMAND = Command(
    HELP,
    run,
    (
        Parameter(
            "field",
            (),
            "A class (class1 or its label), or a score or metric of --where: abc(180d), churn.",
            metavar="CLASS|SCORE",
            is_required=True,
            completes="class",
        ),
        Parameter("limits", ("--limits",), "Lower limits of the bands of a metric: 1k,10k,50k.", metavar="LIMITS"),
        Parameter("backfilled", ("--backfilled",), "The classes that rules apply --backfill calculated.", kind="flag"),
        *options.named(("from", "to", "period")),
        *options.SELECTION[9:],  # not by class: those flags would select by present values
        *options.STRICT,
        *options.named(("format", "output", "no_header", "no_totals", "chart")),
    ),
    (
        "segcli matrix class1 --from 2026-01-01 --to 2026-06-30",
        'segcli matrix "abc(180d)" --from 2025-12-31 --to 2026-06-30',
        'segcli matrix "turnover(12m)" --limits 1k,10k --period 2026Q2 -f csv -o moves.csv',
    ),
)
