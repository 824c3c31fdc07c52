"""`segcli cohort`: follow accounts from their first purchase: retention, repeat rate, turnover and value by period since."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from segcli.base import dates
from segcli.base.errors import EmptyError, UsageError
from segcli.base.money import half_up, to_human
from segcli.base.text import counted
from segcli.discover.cohorts import sums as cohorts
from segcli.discover.cohorts import tables as cohort_tables
from segcli.discover.cohorts.sums import Asked, Found
from segcli.discover.cohorts.tables import MEASURES
from segcli.domain.catalogue import Catalogue
from segcli.domain.segments import cohorts as rules
from segcli.domain.table import Table
from segcli.domain.units import FINE
from segcli.interface import engine, options
from segcli.interface.command import Command, Session, Values
from segcli.interface.parameters import flag, of_section
from segcli.output import render, wanted
from segcli.query import ask, backfilled, lookup, request_flags, selection
from segcli.query.compose import Request
from segcli.query.names import Names
from segcli.settings import translations
from segcli.storage import exchange
from segcli.storage.reader import Reader

if TYPE_CHECKING:
    from segcli.domain.segments.cohorts import Unit

HELP = """Follow accounts from their first purchase: retention, repeat rate, turnover and value by period since.

One row per cohort: the accounts that first bought in the same month (--by quarter, year), or that have the same value of a
class (--by class1, --by LABEL). Period 0 is the month of the account's first purchase (--period quarter, year). --long gives
all figures, one row per cohort and period.

A purchase is a processed sales invoice that is no credit note. Turnover is revenue without VAT less credit notes, in the
administration's currency. A period that is not complete on the day of --as-of is empty. --from and --to choose the
cohorts by the day of the first purchase. segcli rules and --where know the cohort of an account as cohort, cohort_quarter
and cohort_year.

"""
UNITS: Mapping[str, int] = {"month": 12, "quarter": 8, "year": 10}  # and the periods that are shown by default
_NONE = "none"
_AVERAGE = "(average)"
SECTION = "This table"
_flag = of_section(SECTION)


def run(session: Session, values: Values) -> int:
    """Show the cohorts."""
    output = wanted.Output.read(values, session.config, charted=render.SHADED)
    request = request_flags.request(values, session)
    with engine.reading(session, values) as db:
        found = table(db, session, request, values, output.form)
    rows = wanted.write(found, output)
    for words, number in found.steps if session.is_talking else ():
        session.note(f"{number:8,} {words}")
    if found.lacking:
        session.insist(f"cohort: {found.lacking}")
    if not rows and values["fail_if_empty"]:
        raise EmptyError("cohort: nothing was found")
    return 0


def table(db: Reader, session: Session, request: Request, values: Values, form: str) -> Table:
    """Return the table of cohorts for an output format. Raises UsageError for contradictory flags."""
    if values["long"] and (values["figure"] or values["chart"]):
        raise UsageError("--long has all figures and no chart", "leave out --figure and --chart, or --long")
    start, end = request_flags.span(values, session.today)
    day = request_flags.as_of(values, session.today)
    request = replace(request, as_of=day)
    ask.stand(db, request)
    names = lookup.names(db, day, request.values)
    by = values["by"] or "month"
    unit = cast("Unit", values["unit"] or (by if by in UNITS else "month"))
    asked = Asked(day, cast("Unit", by) if by in UNITS else _class(names.catalogue, by), unit,
                  selection.compile_filters(request.filters, names), start, end)  # fmt: skip
    if values["backfilled"]:
        asked = replace(asked, backfill=_backfill(db, asked, names.catalogue, session, values))
    has_average = form in (*wanted.PEOPLE, "xlsx") and request.with_totals
    words = translations.words(wanted.style_of(session.config).language)
    return _table(db, asked, names, request, translations.phrase(_AVERAGE, words) if has_average else "")


def _backfill(db: Reader, asked: Asked, catalogue: Catalogue, session: Session, values: Values) -> int:
    """Return the id of the calculated classes of the day of --backfilled, which only the database holds."""
    if not isinstance(asked.by, int) or values["as_of_class"]:
        raise UsageError(
            "--backfilled gives the day of calculated classes", "say --by class1 or a label, without --as-of-class"
        )
    day = dates.day_of(values["backfilled"], session.today, "--backfilled")
    return backfilled.on(engine.database_of(db), catalogue, asked.by, day).id


def _class(catalogue: Catalogue, name: str) -> int:
    """Return the number of the class that --by names. The UsageError for an unknown one names the units, too."""
    try:
        return catalogue.field(name)
    except UsageError as error:
        raise UsageError(f"--by: {error.message}", f"write {', '.join(UNITS)} or a class; {error.hint}") from error


def _table(db: Reader, asked: Asked, names: Names, request: Request, average: str) -> Table:
    found = cohorts.read(db, asked)
    values = request.values
    has_money = values["long"] or MEASURES[values["figure"] or "retention"].kind == "money"
    unknown = (exchange.lacking(db, names.measures), found.unknown if has_money else "")
    lacking = "; ".join(dict.fromkeys(filter(None, unknown)))
    if lacking and values["strict"]:
        raise exchange.refusal("cohort", lacking)
    complete = rules.last_complete(asked.day, asked.unit)
    most = UNITS[asked.unit] if values["periods"] is None else values["periods"]
    label = _labels(asked, names.catalogue)
    figures = rules.figures(found.cells, complete, most)
    has_names = isinstance(asked.by, int)
    if has_names:  # the order of the values in the catalogue, no value last
        order = {value.id: at for at, value in enumerate(names.catalogue.values(cast("int", asked.by)))}
        figures.sort(key=lambda figure: order.get(figure.cohort, len(order)))  # type: ignore[arg-type]
    if values["long"]:
        columns, rows = cohort_tables.long(figures, label, has_names=has_names)
    else:
        columns, rows = cohort_tables.wide(
            figures, values["figure"] or "retention", label, has_names=has_names, average=average
        )
    is_drawn = values["chart"] and not values["long"]
    return Table(
        title="Cohorts" if values["long"] else f"Cohorts: {values['figure'] or 'retention'}",
        name="cohorts",
        columns=columns,
        rows=rows,
        caption=_caption(asked, found, names, request, is_partial=any(not f.is_whole for f in figures)),
        currency=names.currency,
        with_totals=False,
        lacking="; ".join(filter(None, (lacking, _early(found, names.currency) if has_money else ""))),
        chart=cohort_tables.chart(columns) if is_drawn and rows else None,
        steps=_steps(found),
        as_of=str(asked.day),
        keeps=("cohort", "accounts"),
    )


def _labels(asked: Asked, catalogue: Catalogue) -> Callable[[Any], tuple[str, ...]]:
    """Return the function that names a cohort: its period, or the code and description of its class value."""
    if not isinstance(asked.by, int):
        return lambda cohort: (str(cohort),)
    known = {value.id: (value.code, value.description) for value in catalogue.values(asked.by)}
    return lambda cohort: known.get(cohort, (_NONE, ""))


def _caption(asked: Asked, found: Found, names: Names, request: Request, *, is_partial: bool) -> str:
    values, by = request.values, asked.by
    who = names.catalogue.label(by) if isinstance(by, int) else f"{by} of first purchase"
    parts = [f"as of {asked.day}", f"by {who}", f"periods: {asked.unit}s since the first purchase"]
    parts += [] if values["long"] else [MEASURES[values["figure"] or "retention"].text]
    parts += ["empty: the period is not complete"] if is_partial and not values["long"] else []
    parts += [f"classes of {request.class_day}"] if request.class_day else []
    parts += [f"calculated classes of {values['backfilled']}"] if values["backfilled"] else []
    if asked.start or asked.end:
        parts.append(f"first purchase {dates.words(asked.start, asked.end, '')}")
    parts += [request.filters.words(names.catalogue.labels), _censored(asked, found)]
    return " · ".join(filter(None, parts))


def _censored(asked: Asked, found: Found) -> str:
    """Return a note with the number of accounts whose first purchase may lie before the data; '' if there are none."""
    if found.data_start is None:
        return ""
    first = rules.number(found.data_start, asked.unit)
    count = sum(cell.active for cell in found.cells if cell.since == 0 and cell.start == first)
    return f"data start on {found.data_start}: {counted(count, 'account')} may have bought before" if count else ""


def _early(found: Found, currency: str) -> str:
    """Describe the credit notes before the first purchase of their account, which no period contains."""
    count, turnover = found.early
    if not count:
        return ""
    amount = f"{to_human(half_up(turnover, FINE), currency)} {currency}"
    return f"left out: {counted(count, 'credit note')} before the first purchase, {amount}"


def _steps(found: Found) -> list[tuple[str, int]]:
    bought = sum(cell.active for cell in found.cells if cell.since == 0)
    return [("accounts selected", found.selected), ("first bought in these cohorts", bought)]


COMMAND = Command(
    HELP,
    run,
    (
        _flag("by", "The cohorts: month (default), quarter, year, or a class: class1, Region.", "month|quarter|year|CLASS",
                   completes="cohort"),
        _flag("backfilled", "With a class: as rules apply --backfill calculated it for this day.", "DATE"),
        flag("unit", "--period", "The length of a period: month, quarter or year; default: that of the cohorts, else month.", SECTION,
             metavar="month|quarter|year", choices=tuple(UNITS)),
        _flag("periods", "Periods since the first purchase (12 months, 8 quarters or 10 years).", "N", kind="integer"),
        _flag("figure", "|".join(MEASURES), "FIGURE", choices=tuple(MEASURES)),
        _flag("long", "One row per cohort and period, with all figures.", kind="flag"),
        _flag("chart", "A heat map (table, plain, md, html, pdf); xlsx: a colour scale.", kind="flag"),
        *options.SELECTION,
        *options.named(("as_of", "as_of_class", "from", "to")),
        *options.STRICT,
        *options.named(("format", "output", "if_changed", "no_header", "no_totals", "fail_if_empty")),
        *engine.ENGINE,
    ),
    (
        "segcli cohort",
        "segcli cohort --by quarter --figure value --chart -f table",
        "segcli cohort --by class1 --period quarter --country NL",
        "segcli cohort --long -f csv -o cohorts.csv",
    ),
)  # fmt: skip
