"""The period of statements, from the flags of a request. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from segcli.base import dates
from segcli.base.errors import UsageError
from segcli.query.compose import Request


class Span(NamedTuple):
    """The first and the last day of the movements. The balance and the ageing are those at the end of the last day."""

    start: date
    end: date


def of(request: Request) -> Span:
    """Return the period of the flags. --as-of alone gives its month up to that day; the default is the last whole month.

    Open items have no first day; they are those of --as-of.
    """
    end = dates.earlier(request.end, request.known) or request.as_of
    if not (request.start or request.end or request.known or request.values["open_items"]):
        end = request.as_of.replace(day=1) - timedelta(days=1)
    return Span(request.start or end.replace(day=1), end)


def check(request: Request, values: Mapping[str, Any]) -> Span:
    """Return the period. Raises UsageError if flags contradict each other."""
    if values["open_items"] and values["from"]:
        raise UsageError("--from has no effect with --open-items, which lists no movements", "use one of them")
    span = of(request)
    if span.start > span.end:
        raise UsageError(f"the period begins on {span.start}, after its end on {span.end}", "change --from or --as-of")
    return span
