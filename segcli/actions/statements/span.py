"""The period of statements, and what is asked about it. Pure."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any, NamedTuple

from segcli.base import dates
from segcli.base.errors import UsageError
from segcli.query.compose import Request


class Span(NamedTuple):
    """The first and the last day of the movements; the balance and the ageing are those at the end of the last."""

    start: date
    end: date


def of(request: Request) -> Span:
    """Return the period: as asked for, or that of --as-of in its month, or without any of these the last whole month.

    Open items have no first day: theirs are those of --as-of.
    """
    end = dates.earlier(request.end, request.known) or request.as_of
    if not (request.start or request.end or request.known or request.values["open_items"]):
        end = request.as_of.replace(day=1) - timedelta(days=1)
    return Span(request.start or end.replace(day=1), end)


def check(request: Request, values: Mapping[str, Any]) -> Span:
    """Return the period. Flags that contradict each other are a UsageError."""
    if values["open_items"] and values["from"]:
        raise UsageError("--open-items lists no movements, so that --from has no effect", "leave one of them out")
    span = of(request)
    if span.start > span.end:
        raise UsageError(f"the movements would begin on {span.start}, after their end on {span.end}", "change --as-of")
    return span
