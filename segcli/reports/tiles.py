"""From a tile of a dashboard to its figures: the rows or a column of an overview, on its day and on an earlier one."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from segcli.base import dates
from segcli.base.dates import add_months, month_end
from segcli.base.errors import EmptyError, SegcliError, UsageError, in_file
from segcli.domain.catalogue import nearest
from segcli.domain.table import Table
from segcli.interface.command import Session
from segcli.output.dashboard.figures import Amounts, Tile, added, counted, summable
from segcli.query import request_flags
from segcli.query.compose import Request
from segcli.reports import file, parts
from segcli.reports.parts import Asked, Sources
from segcli.settings import translations
from segcli.storage.reader import Reader

_DAY = re.compile(r"\d+-\d+-\d+|today|yesterday|tomorrow", re.ASCII | re.IGNORECASE)
_TIME = re.compile(r"(?:as of |from |up to )?\d{4}-\d\d-\d\d", re.ASCII)
_WAYS = ("previous", "year")
# Flags that are errors in a tile, which counts all rows and shows none.
_REFUSED = ("limit", "chart", "no_header", "totals", "no_totals", "subtotal", "sort", "top")
# Flags that change the display of a table, but not its rows.
_DISPLAY = (*_REFUSED, "columns", "group_by", "stored", "tells", "strict", "fail_if_empty")


@dataclass(frozen=True, slots=True)
class Asking:
    """A tile with checked flags; `before` is the same request for an earlier day or period."""

    tile: file.Tile
    title: str
    asked: Asked
    before: Asked | None
    link: int  # the number of the part that shows the table; 0: none


def read(  # noqa: PLR0913 - the arguments of a part, and those of the tile
    sources: Sources, tile: file.Tile, title: str, session: Session, time: Mapping[str, str], said: Mapping[str, Any],
    shown: Sequence[Asked],
) -> Asking:  # fmt: skip
    """Return the checked tile; `shown` are the parts of its dashboard. Raises SegcliError with the place."""
    asked = parts.read(sources, tile.part, session, time, said)
    for parameter in _REFUSED:
        if asked.values.get(parameter):
            flag = f"--{parameter.replace('_', '-')}"
            raise SegcliError(
                f"{tile.part.place}: {flag} is not allowed in a tile", "remove it: a tile counts or adds up all rows"
            )
    before = None
    if tile.compare:
        with in_file(tile.compare_place):
            earlier = replace(asked, part=replace(asked.part, place=f"{tile.compare_place}: compare"))
            before = _before(earlier, tile.compare, session)
    return Asking(tile, title, asked, before, _link(asked, shown))


def _link(asked: Asked, shown: Sequence[Asked]) -> int:
    """Return the number of the first part that shows the rows of the tile, in any columns and order; 0: none."""
    return next((number for number, part in enumerate(shown, 1) if _subject(part) == _subject(asked)), 0)


def _subject(asked: Asked) -> tuple[str, str, Mapping[str, Any]]:
    said = {name: value for name, value in asked.values.items() if value and name not in _DISPLAY}
    return asked.part.command, asked.name, said


def _before(asked: Asked, text: str, session: Session) -> Asked:
    """Return the same request for the earlier day or period in `text`."""
    time = _earlier(asked.request, text, session.today)
    missing = [name for name in time if name not in asked.values]
    if missing:
        flag = f"--{missing[0].replace('_', '-')}"
        raise UsageError(f"compare: {asked.part.command} {asked.name} has no {flag}", "remove compare")
    values = {**asked.values, **time}
    found = replace(asked, values=values, request=request_flags.request(values, session))
    if found.request.as_of >= asked.request.as_of:
        raise UsageError(
            f"compare: {text}: {found.request.as_of} is not before {asked.request.as_of}, the day of the tile",
            "use an earlier day or period",
        )
    return found


def _earlier(request: Request, text: str, today: date) -> dict[str, str | None]:
    """Return the time flags that replace those of the request."""
    if text in _WAYS:
        return _back(request, text)
    if _DAY.fullmatch(text):
        return {"as_of": str(dates.day_of(text, today, "compare"))}
    try:
        first, last = dates.period(text, today)
    except UsageError as error:
        hint = "write previous, year, a day such as 2026-03-31, or a period such as 2026Q1 or lastyear"
        raise UsageError(f"compare: '{text}' is not a day or a period", hint) from error
    return {"period": None, "from": str(first), "to": str(last), "as_of": None}


def _back(request: Request, way: str) -> dict[str, str | None]:
    """Return the previous period, or the same days one year before. A given as-of date moves with the period."""
    first, last = request.start, request.end
    if first is None or last is None:
        if way == "previous":
            hint = "add period: to the report, --period to the tile, or a day to compare:"
            raise UsageError("compare: previous needs a period", hint)
        return {"as_of": str(_moved(request.as_of, -12))}
    start, end = dates.back(first, last, way)
    as_of = None
    if request.known:
        months = (start.year - first.year) * 12 + start.month - first.month
        is_whole = start.day == first.day
        as_of = str(_moved(request.known, months) if is_whole else request.known - (first - start))
    return {"period": None, "from": str(start), "to": str(end), "as_of": as_of}


def _moved(day: date, months: int) -> date:
    """Return the day moved by months; the last day of a month stays the last day."""
    found = add_months(day, months)
    return month_end(found) if day == month_end(day) else found


def figure(db: Reader, asking: Asking, session: Session, tell: Callable[[str, Table], None]) -> Tile:
    """Return the tile with its figures. `tell` is called with each table, to report its warnings."""
    now, table = _amounts(db, asking, asking.asked, session, tell)
    if not table.rows and asking.asked.values.get("fail_if_empty"):
        part = asking.tile.part
        raise EmptyError(f"{part.place}: nothing was found: {part.command} {' '.join(part.words)}")
    before, earlier = (None, None)
    if asking.before:
        before, earlier = _amounts(db, asking, asking.before, session, tell)
    language = session.config.values["language"]
    words = translations.words(language)
    return Tile(
        title=parts.titled(table, asking.title, language).title,
        now=now,
        before=before,
        link=asking.link,
        about=translations.caption(_about(table), words),
        against=translations.caption(_about(earlier).removeprefix("as of "), words) if earlier else "",
        lacking=tuple(dict.fromkeys(found.lacking for found in (table, earlier) if found and found.lacking)),
    )


def _amounts(
    db: Reader, asking: Asking, asked: Asked, session: Session, tell: Callable[[str, Table], None]
) -> tuple[Amounts, Table]:
    table = parts.table(db, asked, session, is_alone=False)
    tell(asked.name, table)
    if asking.tile.figure == "count":
        return counted(table, asking.tile.of), table
    known = summable(table)
    if asking.tile.of not in known:
        raise SegcliError(
            f"{asking.tile.of_place}: sum: {asked.name} has no column '{asking.tile.of}' to add up",
            nearest(asking.tile.of, known) if known else "use count",
        )
    return added(table, asking.tile.of), table


def _about(table: Table) -> str:
    """Return the day and the period of a table, taken from its caption."""
    return " · ".join(word for word in table.caption.split(" · ") if _TIME.match(word))
