"""Build a request from checked flags: selection, dates, columns, order and limit. Pure."""

from datetime import date

from segcli.base import dates, windows
from segcli.base.errors import UsageError
from segcli.base.record import replace
from segcli.base.windows import Window
from segcli.interface import options
from segcli.interface.command import Session, Values
from segcli.query import selection
from segcli.query.compose import Request


def request(values: Values, session: Session) -> Request:
    """Return the request. Raise UsageError for mistakes that show without the database."""
    filters = selection.read(values)
    if values.get("code"):
        filters = replace(filters, codes=values["code"])
    day, start, end = days(values, session.today)
    settings = session.config.values
    return Request(
        filters=filters,
        as_of=day,
        known=day if values.get("as_of") else None,
        class_day=_class_day(values, session.today),
        start=start,
        end=end,
        columns=options.names(values.get("columns"), "--columns"),
        sort=options.names(values.get("sort"), "--sort"),
        group_by=options.names(values.get("group_by"), "--group-by"),
        subtotal=_subtotal(values),
        limit=values.get("limit"),
        with_totals=not values.get("no_totals"),
        values=dict(values) | {"buckets": values.get("buckets") or settings["buckets"], "decimal": settings["decimal"]},
    )


def _subtotal(values: Values) -> str:
    """Return the column of --subtotal, '' without it. Raise UsageError for several: subtotals have one level."""
    found = options.names(values.get("subtotal"), "--subtotal")
    if len(found) > 1:
        raise UsageError("--subtotal takes one column", "name the others with --sort")
    return found[0] if found else ""


def _class_day(values: Values, today: date) -> date | None:
    """Return the day of --as-of-class. Raise UsageError with --apply, because actions change the present accounts."""
    if not values.get("as_of_class"):
        return None
    if values.get("apply"):
        raise UsageError("--as-of-class looks at the past, --apply changes the present: leave one of them out")
    return dates.day_of(values["as_of_class"], today, "--as-of-class")


def as_of(values: Values, today: date) -> date:
    """Return the day of --as-of, by default today."""
    return dates.day_of(values["as_of"], today, "--as-of") if values["as_of"] else today


def window(text: str, day: date) -> Window:
    """Return the window of --window, such as 12m or 24m,12m. Raise UsageError for one that is none."""
    try:
        return windows.window(tuple(part.strip() for part in text.split(",")), day)
    except ValueError as error:
        raise UsageError(f"--window: {error}") from error


def days(values: Values, today: date) -> tuple[date, date | None, date | None]:
    """Return the as-of date, and the first and last day of the period. The default as-of date is the period's end."""
    start, end = span(values, today)
    as_of = values.get("as_of")
    return dates.day_of(as_of, today, "--as-of") if as_of else end or today, start, end


def two_days(values: Values, today: date) -> tuple[date, date]:
    """Return the first and the last day of a comparison, the last by default today. Raise UsageError without a first one."""
    first, last = span(values, today)
    if first is None:
        raise UsageError("from which day?", "say --from DATE [--to DATE], or --period")
    if last is None and first > today:
        raise UsageError(f"--from {first} lies after today, {today}", "name an earlier day, or say --to DATE")
    return first, last or today


def span(values: Values, today: date) -> tuple[date | None, date | None]:
    """Return the first and last day of --period, or of --from and --to. Raise UsageError for both, or a reversed period."""
    first, last, named = values.get("from"), values.get("to"), values.get("period")
    if named and (first or last):
        raise UsageError("--period and --from/--to exclude each other")
    if named:
        return dates.period(named, today)
    start = dates.day_of(first, today, "--from") if first else None
    end = dates.day_of(last, today, "--to") if last else None
    if start and end and start > end:
        raise UsageError(f"--from {start} lies after --to {end}", "exchange the two days")
    return start, end
