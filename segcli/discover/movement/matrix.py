"""How accounts moved between the values of a class, a score or a band of a metric from one day to another.

A class is what is stored for each day, or what rules give for it. A score or metric is computed as of each day, with the facts
up to that day.
"""

import sqlite3
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Any, NamedTuple

from segcli.base.errors import UsageError
from segcli.base.money import exponent
from segcli.domain.clause import Clause
from segcli.domain.scoring.bands import checked
from segcli.domain.scoring.columns import SCORES
from segcli.query import backfilled, class_history, presence
from segcli.query.expressions import fields, language
from segcli.query.expressions.collecting import Collector, measure
from segcli.query.expressions.fields import Field
from segcli.query.names import Names
from segcli.scores import flags

NONE, NEW = "none", "(new)"
MOST = 125  # values, as many as RFM has; more are no table that anybody reads
_HAVE_NO_PAST = {"contacts": "contacts have no start date", "over_limit": "credit limits have no history"}
_OF_SALES = frozenset({"invoice", "invoice_line"})


class State(NamedTuple):
    """What an account is on a day: its place in the order, its code and its name."""

    place: tuple[int, Any]
    code: str
    name: str = ""


@dataclass(frozen=True, slots=True)
class Sides:
    """What is compared on two days: the SQL of its value for `account AS a` on each, and how values are shown.

    `settle` makes the state of a column of values, given the day; it can look at `account AS a`, too.
    """

    label: str
    values: tuple[Clause, Clause]
    settle: Callable[[str, date], Clause]
    show: Callable[[Any], State]
    joins: str = ""
    about: str = ""  # for the caption
    is_class: bool = True
    is_of_sales: bool = False  # a score, or a metric of sales invoices


def of_class(db: sqlite3.Connection, names: Names, field: int, days: tuple[date, date], *, calculated: bool) -> Sides:
    """Return the sides of a class: as it was stored on each day, or as rules give it afterwards."""
    known = {
        value.id: State((0, place), value.code, value.description)
        for place, value in enumerate(names.catalogue.values(field))
    }
    known |= {0: State((2, 0), NONE), -1: State((3, 0), NEW)}
    read, about = (backfilled.value_on, _runs(db, names, field, days)) if calculated else (class_history.value_on, "")
    values = (read(field, str(days[0])), read(field, str(days[1])))
    return Sides(
        names.catalogue.label(field), values, lambda column, _day: Clause(column), known.__getitem__, about=about
    )


def _runs(db: sqlite3.Connection, names: Names, field: int, days: Iterable[date]) -> str:
    """Return which runs calculated the classes of these days. Raise UsageError for a day that none did."""
    catalogue = names.catalogue
    runs = sorted({backfilled.on(db, catalogue, field, day).run_id for day in days})
    return f"calculated afterwards by rules, run {' and '.join(map(str, runs))}"


def of_measure(db: sqlite3.Connection, names: Sequence[Names], text: str, limits: str | None) -> Sides:
    """Return the sides of a score or metric, or of its bands between limits, as of each day.

    `names` are those of each day. Raise UsageError for what has no value on an earlier day.
    """
    held: list[tuple[Field, Collector]] = []
    for at, one in enumerate(names):
        collector = Collector(prefix=f"moved{at}")
        field = language.operand(text, replace(one, measured=collector, origin="matrix"))
        if not held:
            _refuse(field)
        measure(db, collector, one.day)
        held.append((field, collector))
    field = held[0][0]
    shown, settled = _bands(field, limits, names[0].currency) if limits else (_plain(field), Clause)

    def settle(column: str, day: date) -> Clause:
        missing, value = presence.absent(str(day)), settled(column)
        nothing = f"{column} IS NULL OR {column} IN (0, '{_default(field)}')"
        return Clause(
            f"CASE WHEN ({nothing}) AND {missing.sql} THEN '{NEW}' ELSE {value.sql} END",
            (*missing.values, *value.values),
        )

    values = tuple(Clause(one.column, one.values) for one, _ in held)
    joins = "".join(collector.joins for _, collector in held)
    is_of_sales = field.name in SCORES or _OF_SALES.issuperset(held[0][1].sources)
    return Sides(text.strip(), (values[0], values[1]), settle, shown, joins, is_class=False, is_of_sales=is_of_sales)


def _default(field: Field) -> str:
    return SCORES[field.name].default if field.name in SCORES else ""


def _refuse(field: Field) -> None:
    """Raise UsageError for a field, which is only known as it is now, and for a date."""
    hint = "matrix compares a class, a score or a metric on two days; see: segcli where fields"
    if field.name in fields.own_names():
        raise UsageError(f"{field.name} has no history: only its present value is stored", hint)
    if field.name in _HAVE_NO_PAST:
        raise UsageError(f"{field.name} is not known for an earlier day: {_HAVE_NO_PAST[field.name]}", hint)
    if field.kind not in {"text", "number", "money"}:
        raise UsageError(
            f"{field.name} is a date, and dates have too many values", "compare days_silent --limits 90,180,365"
        )


def _plain(field: Field) -> Callable[[Any], State]:
    if field.kind == "money":
        raise UsageError(f"{field.name} is an amount", "give the limits of its bands: --limits 1k,10k,50k")

    def show(value: Any) -> State:  # noqa: ANN401 - a text or a number
        if value is None or value == NEW:
            return State((2, 0), NONE) if value is None else State((3, 0), NEW)
        if isinstance(value, str):
            return State((int(value == _default(field)), value), value)
        return State((0, value), f"{value:.10g}")

    return show


def _bands(field: Field, text: str, currency: str) -> tuple[Callable[[Any], State], Callable[[str], Clause]]:
    """Return how bands are shown, and the SQL of the number of a band: how many limits the value has reached."""
    if field.kind == "text":
        raise UsageError(f"--limits divides numbers into bands; {field.name} is a text", "leave --limits out")
    limits = flags.numbers(text, "--limits")
    checked(limits, "--limits")
    named = flags.band_names(limits)
    unit = Fraction(10 ** exponent(currency) if field.kind == "money" else 1)
    bound = tuple(float(limit * unit) for limit in limits)

    def settled(column: str) -> Clause:
        tests = " ".join(f"WHEN {column} < ? THEN {at}" for at in range(len(bound)))
        return Clause(f"CASE WHEN {column} IS NULL THEN NULL {tests} ELSE {len(bound)} END", bound)

    def show(value: Any) -> State:  # noqa: ANN401 - the number of a band, or a state of its own
        if value is None or value == NEW:
            return State((2, 0), NONE) if value is None else State((3, 0), NEW)
        return State((0, value), named[value])

    return show, settled


Pair = tuple[State, State, int, float]


def pairs(db: sqlite3.Connection, sides: Sides, days: tuple[date, date], among: Clause) -> list[Pair]:
    """Return the number of accounts per pair of states, and their share of the first state, in the order of the states.

    The accounts are read once, whatever is compared. Raise UsageError for more states than a table can show.
    """
    states = [sides.settle(column, day) for column, day in zip(("one", "two"), days, strict=True)]
    before, after = sides.values
    rows = db.execute(
        f"""WITH a AS MATERIALIZED (SELECT a.id, a.added_run_id, {before.sql} AS one, {after.sql} AS two FROM account AS a{sides.joins}
              WHERE {among.sql}),
            moved AS (SELECT {states[0].sql} AS source, {states[1].sql} AS target FROM a)
            SELECT source, target, count(*), round(100.0 * count(*) / sum(count(*)) OVER (PARTITION BY source), 4) FROM moved
             GROUP BY source, target""",
        (*before.values, *after.values, *among.values, *states[0].values, *states[1].values),
    ).fetchall()
    for at, day in enumerate(days):
        count = len({row[at] for row in rows})
        if count > MOST:
            raise UsageError(
                f"{sides.label} has {count} values on {day}, more than {MOST}",
                "give the limits of bands: --limits 10,100",
            )
    shown = [(sides.show(one), sides.show(two), count, share) for one, two, count, share in rows]
    return sorted(shown, key=lambda pair: (pair[0].place, pair[1].place))


def doubt(db: sqlite3.Connection, sides: Sides, found: Sequence[Pair], day: date) -> str:
    """Return what the reader must know where the first day lies before the data; '' if it does not."""
    if sides.is_class:
        if not found or any(pair[0].code != NEW for pair in found):
            return ""
        sql = "SELECT min(started_at) FROM run WHERE id IN (SELECT a.added_run_id FROM account AS a)"
        what = f"no account existed on {day}: the first was added on"
    elif sides.is_of_sales:
        sql = "SELECT min(invoice_date) FROM invoice WHERE kind = 'sales' AND status = 'processed'"
        what = f"there was no sale on {day}: the first sales invoice is of"
    else:
        return ""
    first = db.execute(sql).fetchone()[0]
    return f"{what} {first[:10]}" if first and first[:10] > str(day) else ""
