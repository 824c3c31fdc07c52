"""Tables of cohorts: one row per cohort with a column per period, or one row per cohort and period."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from segcli.domain.segments import cohorts
from segcli.domain.segments.cohorts import Figure
from segcli.domain.table import Chart, Column, Kind, Row
from segcli.domain.units import FINE


class Measure(NamedTuple):
    """A figure of --figure: what it is, its type, its value, and whether it is a rate of the observed accounts."""

    text: str
    kind: Kind
    value: Callable[[Figure], int | float | None]
    is_rate: bool = False


MEASURES: Mapping[str, Measure] = {
    "retention": Measure("% of the accounts that bought in the period", "percent", lambda f: f.retention, is_rate=True),
    "accounts": Measure("accounts that bought in the period", "integer", lambda f: f.active),
    "repeat": Measure(
        "% of the accounts that bought on a second day", "percent", lambda f: f.repeat_rate, is_rate=True
    ),
    "turnover": Measure("turnover in the period", "money", lambda f: f.turnover),
    "cumulative": Measure("turnover until the end of the period", "money", lambda f: f.cumulative),
    "value": Measure("turnover until the end of the period per account", "money", lambda f: f.value, is_rate=True),
}
Label = Callable[[Any], tuple[str, ...]]  # of a cohort: its name, and for a class also its description


def _money(name: str) -> Column:
    return Column(name, "money", is_base=True, parts=FINE)


def _heads(*, has_names: bool) -> tuple[Column, ...]:
    return (Column("cohort", "text"), *([Column("cohort_name")] if has_names else ()), Column("accounts", "integer"))


LONG = (
    Column("period", "integer"),
    Column("observed", "integer"),
    Column("active", "integer"),
    Column("retention", "percent"),
    Column("repeated", "integer"),
    Column("repeat_rate", "percent"),
    _money("turnover"),
    _money("cumulative"),
    _money("value"),
)


def long(figures: Iterable[Figure], label: Label, *, has_names: bool) -> tuple[tuple[Column, ...], list[Row]]:
    """Return the columns and the rows of the long table; periods without an observed account are left out."""
    rows: list[Row] = [
        (*label(f.cohort), f.accounts, f.since, f.observed, f.active, f.retention, f.repeated, f.repeat_rate, f.turnover,
         f.cumulative, f.value)
        for f in figures if f.observed
    ]  # fmt: skip
    return (*_heads(has_names=has_names), *LONG), rows


def wide(
    figures: Sequence[Figure], name: str, label: Label, *, has_names: bool, average: str = ""
) -> tuple[tuple[Column, ...], list[Row]]:
    """Return the columns and the rows of the wide table of a figure, with a row of averages of that name unless it is ''.

    A cell is empty if the period is not complete: for a rate if no account is observed, for a sum if not all are.
    """
    measure = MEASURES[name]
    last = max((f.since for f in figures if f.observed), default=0)
    columns = (*_heads(has_names=has_names), *(_period(measure, at) for at in range(last + 1)))
    rows: list[Row] = []
    for cohort, held in groupby(figures, key=lambda f: f.cohort):
        found = list(held)[: last + 1]
        rows.append((*label(cohort), found[0].accounts, *(_cell(measure, f) for f in found)))
    if average and len(rows) > 1:
        sizes = [f.accounts for f in figures if f.since == 0]
        cells = [_average(measure, [f for f in figures if f.since == at]) for at in range(last + 1)]
        names = (average, "") if has_names else (average,)
        rows.append((*names, cohorts.mean(sizes) if not measure.is_rate else sum(sizes), *cells))
    return columns, rows


def _period(measure: Measure, at: int) -> Column:
    if measure.kind == "money":
        return Column(f"period_{at}", "money", f"{at}", is_base=True, parts=FINE)
    return Column(f"period_{at}", measure.kind, f"{at}")


def _cell(measure: Measure, figure: Figure) -> int | float | None:
    return measure.value(figure) if (figure.observed if measure.is_rate else figure.is_whole) else None


def _average(measure: Measure, figures: Sequence[Figure]) -> int | float | None:
    """Return the average of a period: weighted by the observed accounts for a rate, per cohort for a sum."""
    if measure.is_rate:
        return measure.value(cohorts.together(figures))
    found = [_cell(measure, figure) for figure in figures]
    return cohorts.mean(None if cell is None else int(cell) for cell in found)


def chart(columns: Iterable[Column]) -> Chart:
    """Return the heat map of a wide table."""
    return Chart(tuple(c.name for c in columns if c.name.startswith("period_")), "heat", ("cohort", "cohort_name"))
