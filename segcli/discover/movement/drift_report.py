"""`segcli rules drift`: the flags, the two days, and the table of what moved."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import date

from segcli.base.errors import CHANGED, UsageError
from segcli.discover import metric_flags
from segcli.discover.movement import drift as drifting
from segcli.domain.catalogue import Catalogue
from segcli.domain.table import Table
from segcli.interface.command import Session, Values
from segcli.output import wanted
from segcli.query import lookup, request_flags, selection
from segcli.storage import exchange


def run(session: Session, values: Values, fields: Callable[[Catalogue], Iterable[int]]) -> int:
    """Compare the two days for the classes that `fields` returns and for the metrics."""
    days, parts = _days(session, values), _bands(values)
    output = wanted.Output.read(values, session.config)
    with session.connect() as db:
        first, last = (replace(lookup.names(db, day, values), origin="--metrics") for day in days)
        among = selection.compile_filters(selection.read(values), replace(last, origin="--where"))
        texts = metric_flags.read(values["metrics"], metric_flags.usual())
        asked = drifting.Between(first, last, among)
        classes = list(drifting.classes(db, asked, fields(last.catalogue)))
        found = drifting.in_order((*classes, *drifting.metrics(db, asked, texts, parts)))
        lacking = exchange.lacking(db, first.measures | last.measures)
        exchange.report(session.insist, "rules drift", lacking, is_strict=values["strict"])
        warning = drifting.absent(db, classes, days)
        columns = drifting.DETAILS if values["details"] else drifting.SUMMARY
        rows = drifting.details(found) if values["details"] else drifting.summary(found)
        caption = f"from the end of {days[0]} to the end of {days[1]}"
        table = Table("Drift", columns, list(rows), caption, with_totals=False, lacking=lacking, warning=warning)
        wanted.write(table, output)
    if warning:
        session.warn(f"rules drift: {warning}")
    has_changed = any(one.found and one.found.verdict == "changed" for one in found)
    return CHANGED if values["exit_code"] and has_changed else 0


def _days(session: Session, values: Values) -> tuple[date, date]:
    first, last = request_flags.two_days(values, session.today)
    if first >= last:
        raise UsageError(f"--from {first} is not before {last}, the last day", "name an earlier day")
    return first, last


def _bands(values: Values) -> int:
    parts = drifting.BANDS if values["bands"] is None else int(values["bands"])
    if not 1 < parts <= drifting.MOST_BANDS:
        raise UsageError(f"--bands: {parts} is not a number from 2 to {drifting.MOST_BANDS}")
    return parts
