"""From checked flags to an answer: the request, the table that the database gives, and where it is written."""

import sqlite3
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

from segcli.base import dates
from segcli.base.errors import UsageError
from segcli.base.spelling import among
from segcli.base.text import key
from segcli.domain.catalogue import CLASSES, nearest
from segcli.domain.clause import Clause
from segcli.domain.table import UNCONVERTED, Overview, Table, Whole
from segcli.interface import options
from segcli.interface.command import Session
from segcli.output import destinations
from segcli.output.render import CHARTED, Style
from segcli.query import compose, lookup, selection
from segcli.query.columns import ACCOUNT_NAMES
from segcli.query.compose import Request
from segcli.query.expressions import fields
from segcli.query.reconciliation import look
from segcli.settings.config import Config
from segcli.storage import exchange
from segcli.storage.exchange import Missing

Values = Mapping[str, Any]


def request(values: Values, session: Session) -> Request:
    """Return what was asked for. Raises UsageError for what is wrong without looking into the database."""
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
        limit=values.get("limit"),
        with_totals=not values.get("no_totals"),
        values=dict(values) | {"buckets": values.get("buckets") or settings["buckets"], "decimal": settings["decimal"]},
    )


def _class_day(values: Values, today: date) -> date | None:
    """Return the day of --as-of-class. With --apply it is a UsageError: what is done is done to accounts as they are."""
    if not values.get("as_of_class"):
        return None
    if values.get("apply"):
        raise UsageError("--as-of-class looks at the past, --apply changes the present: leave one of them out")
    return dates.day_of(values["as_of_class"], today, "--as-of-class")


def stand(db: sqlite3.Connection, asked: Request) -> None:
    """Let accounts have the classes of --as-of-class for all that is read from now on, where that was asked for."""
    if asked.class_day:
        from segcli.query import class_history

        class_history.stand(db, str(asked.class_day))


def days(values: Values, today: date) -> tuple[date, date | None, date | None]:
    """Return the as-of date, and first and last day of the period: the as-of date is the period's end unless it is said."""
    start, end = span(values, today)
    as_of = values.get("as_of")
    return dates.day_of(as_of, today, "--as-of") if as_of else end or today, start, end


def span(values: Values, today: date) -> tuple[date | None, date | None]:
    """Return first and last day of --period, --from and --to. Both kinds together, or backwards, is a UsageError."""
    first, last, named = values.get("from"), values.get("to"), values.get("period")
    if named and (first or last):
        raise UsageError("--period and --from/--to exclude each other")
    if named:
        return dates.period(named, today)
    start = dates.day_of(first, today, "--from") if first else None
    end = dates.day_of(last, today, "--to") if last else None
    if start and end and start > end:
        raise UsageError(f"--from {start} lies after --to {end}")
    return start, end


def overview_of(module: ModuleType, asked: Request) -> Overview:
    """Return the module's overview: fixed, or made for the request."""
    fixed: Overview | None = getattr(module, "OVERVIEW", None)
    return fixed or module.overview(asked)


def table(db: sqlite3.Connection, module: ModuleType, name: str, asked: Request) -> Table:
    """Return the answer; its rows are read from the database as they are drawn."""
    names = lookup.names(db, asked.as_of, asked.values)
    asked = labels_first(asked, names)
    asks = getattr(module, "asks", None)  # what an overview must know of the data before it knows its columns
    sql = asks(asked) if asks else ""
    if sql:
        asked = replace(asked, values={**asked.values, "found": [row[0] for row in db.execute(sql)]})
    overview = overview_of(module, asked)
    _refuse_unknown(db, overview)
    clause = selection.compile_filters(asked.filters, names)
    absent = _missing(db, overview, clause, names.measures)
    if absent and asked.values.get("strict"):
        raise exchange.refusal(name, absent)
    overview = _showing(db, overview, is_partial=bool(absent))
    currency = lookup.currency(db)
    composed = compose.compose(overview, asked, clause, names.catalogue, currency)
    control = look(db, overview, clause)
    line = control.words(currency, asked.values["decimal"]) if control else ""
    as_of = f"as of {asked.as_of}" if "as_of" in overview.values else ""
    classes = f"classes of {asked.class_day}" if asked.class_day else ""
    words = [as_of, classes, overview.caption, asked.filters.words(names.catalogue.labels), line, absent]
    return Table(
        title=name.replace("-", " ").capitalize(),
        columns=composed.columns,
        rows=db.execute(composed.sql, composed.values),
        caption=" · ".join(word for word in words if word),
        currency_at=composed.currency_at,
        currency=currency,
        with_totals=asked.with_totals,
        chart=overview.chart if asked.values.get("chart") else None,
        lacking=absent,
        difference=line if control and not control.is_right else "",
        steps=_Steps(db, overview, clause),
        as_of=str(asked.as_of),
        keeps=() if asked.columns or not overview.keeps else (*asked.group_by, "currency", *overview.keeps),
        whole=_whole(db, composed, asked),
    )


def _missing(db: sqlite3.Connection, overview: Overview, clause: Clause, measures: Collection[str]) -> str:
    """Return in words what the figures leave out for want of an exchange rate, and what conditions on metrics do."""
    wanted = exchange.sources(measures)
    if not (wanted or overview.missing) or exchange.is_complete(db):
        return ""
    found = list(exchange.missing(db, wanted))
    if overview.missing:
        sql, values = compose.over_selection(clause, overview.missing)
        found += [Missing(*row) for row in db.execute(sql, {**values, **overview.values})]
    return exchange.told(dict.fromkeys(found))


def _showing(db: sqlite3.Connection, overview: Overview, *, is_partial: bool) -> Overview:
    """Return the overview with the extra columns that say how much of a figure is missing, where some of it is."""
    shown = {name for name, sql in overview.shown_if.items() if db.execute(sql, overview.values).fetchone()}
    shown |= {UNCONVERTED.name} if is_partial and overview.missing else set()
    if not shown:
        return overview
    return replace(
        overview, columns=tuple(replace(c, is_extra=c.is_extra and c.name not in shown) for c in overview.columns)
    )


def _whole(db: sqlite3.Connection, composed: compose.Query, asked: Request) -> Callable[[], Whole] | None:
    """Return what works out the totals of all rows, once; None where all are shown or no totals are wanted."""
    limit = asked.limit
    if limit is None or not asked.with_totals:
        return None
    from segcli.query import totals

    return cache(lambda: totals.whole(db.execute(composed.whole, composed.values), composed.columns, limit))


def labels_first(asked: Request, names: selection.Names) -> Request:
    """Return the request with labels in --group-by and --across as their classes, whatever fields have the same name."""
    across = asked.values.get("across")
    found = {name: _class_of(name, names) for name in (*asked.group_by, *((across,) if across else ()))}
    values = {**asked.values, "across": found[across]} if across else asked.values
    return replace(asked, group_by=tuple(found[name] for name in asked.group_by), values=values)


def _class_of(name: str, names: selection.Names) -> str:
    label = None if fields.is_own(name) or name.lower() in CLASSES else names.catalogue.labelled(name)
    if label is None:
        return name
    if fields.of_account(name) or name.lower() in ACCOUNT_NAMES:
        told = f"--group-by: {name} is class{label}, the class of that label; account.{name.lower()} is the field"
        names.shadow(told)
    return f"class{label}"


class _Steps:
    """How the rows of a table came about. They cost as much as the rows, and are counted each time that somebody looks."""

    def __init__(self, db: sqlite3.Connection, overview: Overview, clause: Clause) -> None:
        self._db, self._overview, self._clause = db, overview, clause

    def __iter__(self) -> Iterator[tuple[str, int]]:
        if self._overview.steps:
            sql, values = compose.over_selection(self._clause, self._overview.steps)
            found = self._db.execute(sql, {**values, **self._overview.values})
            yield from ((words, number or 0) for words, number in found)


def _refuse_unknown(db: sqlite3.Connection, overview: Overview) -> None:
    """Raise UsageError for a word of a flag that is not there: an empty answer would hide a typing error."""
    for flag, word, sql in overview.expects:
        known = [str(row[0]) for row in db.execute(sql)]
        if flag in {"--list", "--exclude"}:
            among(word, known, flag)  # refuses what may be several
        if key(word) not in map(key, known):
            raise UsageError(f"{flag}: there is no '{word}'", nearest(word, known))


def style_of(config: Config) -> Style:
    """Return how tables look by the configuration alone."""
    font = str((config.sections.get("letters") or {}).get("font") or "")
    return Style(decimal=config.values["decimal"], dates=config.values["dates"], font=font)


@dataclass(frozen=True, slots=True)
class Output:
    """Where an answer goes and how it looks."""

    form: str
    path: Path | None
    style: Style
    how: destinations.Replacing = field(default_factory=destinations.Replacing)
    manifest: Values | None = None  # the flags that a manifest tells, None where there is to be none

    @classmethod
    def read(cls, values: Values, config: Config) -> "Output":
        """Return what the output flags ask for; a UsageError where a file's ending tells no format."""
        name = values.get("output")
        path = Path(name) if name and name != "-" else None
        on_terminal = path is None and destinations.is_terminal()
        if values.get("if_changed") and path is None:
            raise UsageError("--if-changed goes with --output FILE")
        if values.get("touch") and not values.get("if_changed"):
            raise UsageError("--touch goes with --if-changed")
        how = destinations.Replacing(bool(values.get("if_changed")), bool(values.get("touch")))
        form = destinations.format_of(values, path, on_terminal=on_terminal)
        is_colored = on_terminal or (form == "table" and path is None)
        style = replace(
            style_of(config),
            with_header=not values.get("no_header"),
            is_terminal=on_terminal,
            has_color=is_colored and destinations.has_color(config.values["color"], on_terminal=on_terminal),
            width=destinations.terminal_width() if on_terminal else 80,
            is_ascii=on_terminal and not destinations.has_utf8(),
            ends_with_null=bool(values.get("null")),
            delimiter=values.get("separator") or ",",
            is_guarded=not values.get("no_guard"),
            has_text_amounts=values.get("amounts") == "text",
        )
        if values.get("chart"):
            refuse_chart(form, is_asked=bool(values.get("format") or path))
        return cls(form, path, style, how, _manifest(values, path))


def _manifest(values: Values, path: Path | None) -> Values | None:
    if not values.get("manifest"):
        return None
    if path is None or destinations.leads_to_device(path):
        raise UsageError("--manifest goes with --output FILE")
    from segcli.base import file_guard
    from segcli.output import manifest

    file_guard.refuse(manifest.place(path), "--manifest")
    return manifest.asked(values)


def refuse_chart(form: str, *, is_asked: bool) -> None:
    """Raise UsageError for a format that shows no picture, asked for or what a pipe gets."""
    if form not in CHARTED:
        form = form if is_asked else f"a pipe gets {form}, which"
        raise UsageError(f"--chart: {form} shows no chart", f"say -f {', '.join(CHARTED[:-1])} or {CHARTED[-1]}")


def write(table: Table, wanted: Output) -> int:
    """Write the table where it is wanted; return its number of rows."""
    if wanted.manifest is None or wanted.path is None:
        return destinations.write(table, wanted.form, wanted.path, wanted.style, wanted.how)
    from segcli.output import manifest

    # A manifest always fits its file: the old one goes before the file changes, the new one comes after.
    beside = manifest.place(wanted.path)

    def before() -> None:
        beside.unlink(missing_ok=True)

    wanted.how.before = before
    rows = destinations.write(table, wanted.form, wanted.path, wanted.style, wanted.how)
    if not beside.exists():
        manifest.write(wanted.path, table, rows, wanted.manifest)
        wanted.how.is_done = True
    return rows
