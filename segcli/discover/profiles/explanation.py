"""`segcli profile --explain`: the shortest expressions that select the accounts, as a table or as `when:` of a rule file."""

import sqlite3
from itertools import islice

from segcli.base.errors import EmptyError, UsageError
from segcli.base.text import counted
from segcli.discover.explaining import describing
from segcli.discover.explaining import flags as explain_flags
from segcli.discover.profiles import two_groups as comparing
from segcli.domain.clause import EVERYTHING, Clause
from segcli.domain.table import Table
from segcli.interface.command import Session, Values
from segcli.output import destinations, wanted
from segcli.query import lookup, request_flags, selection
from segcli.query.names import Names
from segcli.storage import exchange

_KEEPS = ("expression", "accounts", "precision_held_out", "recall_held_out")


def run(session: Session, values: Values, output: wanted.Output) -> None:
    """Describe the selected accounts. Raise EmptyError under --fail-if-empty if there is no short expression."""
    day = request_flags.as_of(values, session.today)
    if values["when"] and values["format"]:
        raise UsageError("--when prints YAML: leave --format out")
    with session.connect() as db:
        names = lookup.names(db, day, values)
        filters = selection.read(values)
        selected = selection.compile_filters(filters, names)
        base = _base(db, names, values["against"] or comparing.EVERYONE)
        found = describing.describe(db, names, selected, base, explain_flags.wanted(values))
        lacking = exchange.lacking(db, {*names.measures, *found.measures})
        exchange.report(session.insist, "profile", lacking, is_strict=values["strict"])
        told = _told(db, selected, base, found)
    if values["when"] and found.whens:
        destinations.write_stdout("\n".join((*found.whens[0], "")))
    elif not values["when"]:
        parts = (f"as of {day}", filters.words(names.catalogue.labels), found.about, found.left_out)
        rows = list(islice(found.rows, values["limit"]))
        table = Table("Explanation", describing.COLUMNS, rows, " · ".join(filter(None, parts)), with_totals=False,
                      lacking=lacking, warning=told, keeps=_KEEPS, as_of=str(day))  # fmt: skip
        wanted.write(table, output)
    if told:
        session.warn(f"profile: {told}")
    if values["fail_if_empty"] and not found.rows:
        raise EmptyError("profile: no expression was found")


def _base(db: sqlite3.Connection, names: Names, against: str) -> Clause:
    """Return the accounts that the selection is told from."""
    word = against.strip().lower()
    if word in {comparing.EVERYONE, comparing.REST}:  # the others are the rest in both cases
        return EVERYTHING
    return comparing.named(db, names, against)


def _told(db: sqlite3.Connection, selected: Clause, base: Clause, found: describing.Described) -> str:
    """Return why there is no expression; '' if there is one."""
    if found.rows:
        return ""
    count = db.execute(f"SELECT count(*) FROM account AS a WHERE {selected.sql}", selected.values).fetchone()[0]
    others = db.execute(
        f"SELECT count(*) FROM account AS a WHERE ({base.sql}) AND NOT ({selected.sql})",
        (*base.values, *selected.values),
    ).fetchone()[0]
    if not count:
        return "no account is selected: there is nothing to explain"
    if not others:
        return "every account of the base is selected: there is nothing to tell them from"
    return f"no short expression tells the {counted(count, 'account')} from the others better than chance would"
