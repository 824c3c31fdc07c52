"""Sales and purchase analysis: any dimension by any other, with comparison, ABC, columns across and the largest rows.

`overview` reads the request once (`Asked`), composes the statement from analysis_sql.py (the sums), ranking.py (columns
across, ABC, the largest) and describes its columns. The summary answers whole months; other days come from the lines.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from itertools import starmap
from typing import Literal

from segcli.base import dates
from segcli.base.dates import month_end
from segcli.base.errors import UsageError
from segcli.base.record import Record, replace
from segcli.domain.catalogue import CLASSES, nearest, parse_values
from segcli.domain.clause import Kind, both, named, plain_words, text_values
from segcli.domain.scoring.abc import LETTERS, WITHOUT
from segcli.domain.table import UNCONVERTED, Chart, Column, Expected, Overview
from segcli.domain.units import FINE
from segcli.overviews.parts import analysis_sql, gaps, ranking
from segcli.overviews.parts.analysis_sql import ITEM, PERIODS, Source, grouped, side_by_side
from segcli.overviews.parts.invoiced import HAS_UNCOSTED, unconverted
from segcli.query import administrations
from segcli.query.columns import ADMINISTRATION
from segcli.query.compose import Request
from segcli.query.expressions import first_purchases
from segcli.query.expressions.fields import bare, is_own
from segcli.query.expressions.first_purchases import COHORTS

ACCOUNT = ("account", "name", "status", "city", "country", "manager", "sector", "state", "language", "price_list")
_KINDS: Mapping[str, Kind] = {"m.code": "code", "m.item_group": "text"}
DIMENSIONS = (*PERIODS, *ITEM, *ACCOUNT, *COHORTS, *CLASSES)
MEASURES = (
    Column("quantity", "decimal", total="sum"),
    Column("revenue", "money", total="sum", parts=FINE),
    Column("cost", "money", total="sum", parts=FINE),
    Column("margin", "money", total="sum", parts=FINE),
)
UNCOSTED = Column("uncosted", "integer", "Without cost", total="sum", is_extra=True)
EXTRAS = (
    UNCOSTED,
    UNCONVERTED,
    Column("margin_percent", "percent", "Margin %", is_extra=True),
    Column("share", "percent", "Share", is_extra=True),
    Column("accounts", "integer", is_extra=True),
    Column("is_rest", "flag", is_extra=True),
)


class Asked(Record):
    """The question: which rows of which days, by which dimensions."""

    source: Source
    rows: tuple[str, ...]  # the dimensions
    start: date | None
    end: date | None
    values: Mapping[str, object]  # bound by the source's condition


def read(request: Request, role: str) -> Asked:
    """Return the question of a request. Raise UsageError for an unknown dimension; it suggests the nearest."""
    usual = ("account", "name")
    asked = administrations.before_account(request.group_by or usual, several=request.several)
    rows = tuple(_dimension(name, "--group-by", several=request.several) for name in asked)
    lists = {
        column: [parse_values(text, f"--{name.replace('_', '-')}") for text in request.values.get(name) or ()]
        for name, column in (("item", "m.code"), ("item_group", "m.item_group"))
    }
    condition, values = named(both([text_values(c, found, _KINDS[c]) for c, found in lists.items() if found]), "asked")
    start, end = request.start, dates.earlier(request.end, request.known)
    is_whole = (start is None or start.day == 1) and (end is None or end == month_end(end))
    source = Source(
        is_summary=is_whole
        and analysis_sql.WEEK not in (*rows, request.values.get("across"))
        and role == "ordered_by_id"
        and condition == "TRUE",
        role=role,
        condition=condition,
        in_base=bool(request.values.get("base_currency")),
        has_accounts="accounts" in request.columns,
    )
    return Asked(source, rows, start, end, values)


def _dimension(name: str, flag: str, *, several: bool = False) -> str:
    key = bare(name.strip().lower().replace("-", "_"))
    if several and key == ADMINISTRATION.name:
        return key
    if key not in ((*ACCOUNT, *COHORTS) if is_own(name.strip()) else DIMENSIONS):
        raise UsageError(f"{flag}: there is no column '{name}'", nearest(key, DIMENSIONS))
    return key


def overview(request: Request, kind: str, role: str) -> Overview:
    """Return the analysis."""
    asked = read(request, role)
    before = _before(asked, request.values.get("compare"))
    dimensions = tuple(_column(name) for name in asked.rows)
    values: dict[str, object] = {
        **asked.values,
        "kind": kind,
        **_span("", asked),
        **first_purchases.values(request.as_of),
    }
    compared: tuple[Column, ...] = ()
    across: tuple[Column, ...] = ()
    now = grouped(asked.source, asked.rows)
    if before:
        values |= _span("before_", before)
        compared = _COMPARED
        now = side_by_side(now, grouped(before.source, asked.rows, "before_"), asked.rows)
    name, found = _found(request)
    if name:
        now, across = ranking.across(asked.rows, name, grouped(asked.source, (*asked.rows, name)), found)
        values |= {f"x{at}": value for at, value in enumerate(found)}
    if len(asked.rows) == 1 and asked.rows[0] in PERIODS:
        now = gaps.filled(asked.rows[0], now, (column.name for column in across))
        values |= {"stated_start": _text(asked.start), "stated_end": _text(asked.end if request.end else None)}
    ranked, more = ranking.ranked(request, asked.rows, now, bool(before))
    return Overview(
        columns=(*dimensions, Column("currency"), *MEASURES, _counted(asked.rows), *compared, *across, *more, *EXTRAS),
        keeps=(*asked.rows, "revenue"),
        sql=ranked,
        sort=(
            "currency",
            "is_rest",
            *(asked.rows if set(asked.rows) & {*PERIODS, *COHORTS} else ()),
            "-revenue",
            *asked.rows,
        ),
        values=values,
        caption=_caption(asked, before),
        chart=_chart(asked, request, across),
        is_grouped=True,
        missing=_missing(asked.source, has_before=bool(before)),
        shown_if={UNCOSTED.name: HAS_UNCOSTED} if kind == "sales" else {},
        expects=tuple(_expected(request)),
    )


def _missing(source: Source, *, has_before: bool) -> str:
    """Return the statement of the invoices without an amount in the administration's currency; '' if none is needed."""
    prefixes = ("", "before_") if has_before else ("",)
    return unconverted(source.role, source.condition, prefixes) if source.in_base else ""


def _chart(asked: Asked, request: Request, across: Sequence[Column]) -> Chart:
    """Return revenue per row: by time, by ABC class, or split by the values of --across."""
    kind: Literal["time", "bar"] = "time" if len(asked.rows) == 1 and asked.rows[0] in PERIODS else "bar"
    chart = Chart(("revenue",), kind, asked.rows, rest=ranking.REST.strip("'"))
    if across:
        return replace(chart, series=tuple(column.name for column in across))
    if request.values.get("abc"):
        return replace(chart, by="abc", order=(*LETTERS, WITHOUT), note="cumulative")
    return chart


_COMPARED = (
    Column("revenue_before", "money", "Before", total="sum", parts=FINE),
    Column("change", "money", total="sum", parts=FINE),
    Column("change_percent", "percent", "Change %"),
)


def _counted(rows: Iterable[str]) -> Column:
    """Return the column for the number of invoices; by item it has no total, because one invoice has several items."""
    return Column("invoices", "integer", total="" if set(rows) & set(ITEM) else "sum")


def _column(name: str) -> Column:
    kind = "code" if name in {ADMINISTRATION.name, "account", "item", "price_list", *CLASSES} else "text"
    return Column(name, kind, empty="(none)")  # type: ignore[arg-type]


def _text(day: date | None) -> str | None:
    return str(day) if day else None


def _span(prefix: str, asked: Asked) -> dict[str, object]:
    start, end = str(asked.start or "0000-00-00"), str(asked.end or "9999-99-99")
    return {f"{prefix}start": start, f"{prefix}end": end, f"{prefix}first": start[:7], f"{prefix}last": end[:7]}


def _before(asked: Asked, compare: str | None) -> Asked | None:
    """Return the same request for the previous period or a year earlier. Raises UsageError without a period."""
    if not compare:
        return None
    if asked.start is None or asked.end is None:
        raise UsageError("--compare needs a period", "say --period 2026Q1, or --from and --to")
    if set(asked.rows) & set(PERIODS):
        raise UsageError(
            "--compare and a period as a dimension exclude each other", "leave week, month, quarter and year out"
        )
    start, end = dates.back(asked.start, asked.end, compare)
    return replace(asked, start=start, end=end)


def _caption(asked: Asked, before: Asked | None) -> str:
    days = dates.words(asked.start, asked.end, "all invoices")
    return f"{days}, against {before.start} to {before.end}" if before else days


MOST_ACROSS = 60


def asks(request: Request) -> str:
    """Return the SQL of the values that --across turns into columns; '' without --across."""
    if not request.values.get("across"):
        return ""
    name = _dimension(request.values["across"], "--across")
    if name in request.group_by:
        raise UsageError(f"--across {name}: --group-by has it already", "leave it out of one of them")
    if request.values.get("compare"):
        raise UsageError("--across and --compare exclude each other")
    end = dates.earlier(request.end, request.known)
    return analysis_sql.values_of(name, str(request.start or "0000-00-00"), str(end or "9999-99-99"), request.as_of)


def _found(request: Request) -> tuple[str, list[str]]:
    """Return the dimension of --across and its values. Raises UsageError for too many values."""
    if not request.values.get("across"):
        return "", []
    name = _dimension(request.values["across"], "--across")
    found = sorted({str(value) for value in request.values.get("found", ()) if value is not None})
    if name in PERIODS:
        end = dates.earlier(request.end, request.known) if request.end else None
        found = gaps.labels(name, found, request.start, end, MOST_ACROSS)
    if request.for_people and name in CLASSES:
        found.sort(key=[str(value) for value in request.values["found"]].index)
    if len(found) > MOST_ACROSS:
        many = f"more than {MOST_ACROSS}" if name in PERIODS else len(found)
        raise UsageError(f"--across {name}: that would be {many} columns", f"{MOST_ACROSS} is the most: use --group-by")
    return name, found


def _expected(request: Request) -> Iterable[Expected]:
    known = {
        "item": "SELECT code FROM item",
        "item_group": "SELECT DISTINCT item_group FROM item WHERE item_group IS NOT NULL",
    }
    for name, sql in known.items():
        flag = f"--{name.replace('_', '-')}"
        words = plain_words(parse_values(text, flag) for text in request.values.get(name) or ())
        yield from starmap(Expected, ((flag, word, sql) for word in words))
