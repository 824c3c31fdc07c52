"""Run an overview for a request and return its table."""

from collections.abc import Callable, Collection, Iterator
from functools import cache
from types import ModuleType
from typing import NamedTuple

from segcli.base.errors import UsageError
from segcli.base.record import replace
from segcli.base.spelling import among
from segcli.base.text import key
from segcli.domain.catalogue import CLASSES, nearest
from segcli.domain.clause import EVERYTHING, Clause
from segcli.domain.table import UNCONVERTED, Column, Overview, Table, Whole
from segcli.query import compose, lookup, selection
from segcli.query.columns import ACCOUNT_NAMES
from segcli.query.compose import Request
from segcli.query.expressions import fields, limits
from segcli.query.names import Names
from segcli.query.reconciliation import look
from segcli.storage import exchange
from segcli.storage.exchange import Missing
from segcli.storage.reader import Reader


def stand(db: Reader, asked: Request) -> None:
    """Apply --as-of-class, if given: mask `account` with the classes of that day for this connection."""
    if asked.class_day:
        from segcli.query import class_history

        class_history.stand(db, str(asked.class_day))


def overview_of(module: ModuleType, asked: Request) -> Overview:
    """Return the module's fixed OVERVIEW, else the overview that it builds for the request."""
    fixed: Overview | None = getattr(module, "OVERVIEW", None)
    return fixed or module.overview(asked)


class _Question(NamedTuple):
    """A request compiled against a database: what is missing is told in words."""

    asked: Request
    overview: Overview
    clause: Clause
    names: Names
    absent: str


def _question(db: Reader, module: ModuleType, name: str, asked: Request) -> _Question:
    names = _names(db, asked)
    asked = replace(labels_first(asked, names), several=bool(getattr(db, "administrations", ())))
    whole = getattr(db, "whole", db)
    overview, asked = _settled(whole, module, asked)
    _refuse_unknown(whole, overview)
    clause = selection.compile_filters(asked.filters, names)
    if asked.names(limits.OVER_LIMIT) or limits.OVER_LIMIT in asked.group_by:
        names.measures.add(limits.OWED)
    absent = _missing(db, overview, clause, names.measures)
    if absent and asked.values.get("strict"):
        raise exchange.refusal(name, absent)
    overview = _showing(db, overview, is_partial=bool(absent))
    return _Question(asked, overview, clause, names, absent)


def _settled(db: Reader, module: ModuleType, asked: Request) -> tuple[Overview, Request]:
    """Return the overview, and the request with what the overview looks up to determine its columns."""
    asks = getattr(module, "asks", None)
    sql = asks(asked) if asks else ""
    if sql:
        asked = replace(asked, values={**asked.values, "found": [row[0] for row in db.execute(sql)]})
    return overview_of(module, asked), asked


def columns(db: Reader, module: ModuleType, asked: Request) -> tuple[Request, Overview, tuple[Column, ...]]:
    """Return the request with classes for labels, the overview that answers it, and the columns of the answer."""
    names = lookup.names(db, asked.as_of, asked.values)
    asked = replace(labels_first(asked, names), several=True)
    overview, settled = _settled(db, module, asked)
    return asked, overview, compose.compose(overview, settled, EVERYTHING, names.catalogue, names.currency).columns


def _names(db: Reader, asked: Request) -> Names:
    """Return the names that the request can use; a connection to a part of several administrations knows those of all of them."""
    names = lookup.names(db, asked.as_of, asked.values)
    whole = getattr(db, "whole", db)
    if whole is db:
        return names
    return replace(lookup.names(whole, asked.as_of, asked.values), currency=names.currency, scored=names.scored)


def statement(db: Reader, module: ModuleType, name: str, asked: Request) -> compose.Query:
    """Return the statement that answers the request, for an explanation."""
    found = _question(db, module, name, asked)
    return compose.compose(found.overview, found.asked, found.clause, found.names.catalogue, found.names.currency)


def table(db: Reader, module: ModuleType, name: str, asked: Request) -> Table:
    """Return the table that answers the request; its rows are read lazily, during rendering."""
    asked, overview, clause, names, absent = _question(db, module, name, asked)
    currency = names.currency
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
        grouping=composed.grouping,
        chart=overview.chart if asked.values.get("chart") else None,
        lacking=absent,
        difference=line if control and not control.is_right else "",
        steps=_Steps(db, overview, clause),
        as_of=str(asked.as_of),
        keeps=() if asked.columns or not overview.keeps else (*asked.group_by, "currency", *overview.keeps),
        is_choosable=True,
        order=composed.terms,
        whole=_whole(db, composed, asked),
    )


def _missing(db: Reader, overview: Overview, clause: Clause, measures: Collection[str]) -> str:
    """Describe the amounts without an exchange rate that the figures and the conditions on metrics leave out."""
    wanted = exchange.sources(measures)
    if not (wanted or overview.missing) or exchange.is_complete(db):
        return ""
    found = list(exchange.missing(db, wanted))
    if overview.missing:
        sql, values = compose.over_selection(clause, overview.missing)
        found += [Missing(*row) for row in db.execute(sql, {**values, **overview.values})]
    return exchange.told(dict.fromkeys(found))


def _showing(db: Reader, overview: Overview, *, is_partial: bool) -> Overview:
    """Return the overview with those extra columns shown that the data require, such as unconverted amounts."""
    shown = {name for name, sql in overview.shown_if.items() if db.execute(sql, overview.values).fetchone()}
    shown |= {UNCONVERTED.name} if is_partial and overview.missing else set()
    if not shown:
        return overview
    return replace(
        overview, columns=tuple(replace(c, is_extra=c.is_extra and c.name not in shown) for c in overview.columns)
    )


def _whole(db: Reader, composed: compose.Query, asked: Request) -> Callable[[], Whole] | None:
    """Return a cached function for the totals of all rows; None without a limit or without totals and subtotals."""
    limit = asked.limit
    if limit is None or not (asked.with_totals or asked.subtotal):
        return None
    from segcli.domain import row_totals

    has_groups = composed.grouping is not None
    return cache(
        lambda: row_totals.whole(
            db.execute(composed.whole, composed.values), composed.columns, limit, has_groups=has_groups
        )
    )


def labels_first(asked: Request, names: Names) -> Request:
    """Replace labels in --group-by, --across and --subtotal by their classes; a label precedes a field of that name."""
    across = asked.values.get("across")
    found = {name: _class_of(name, names) for name in (*asked.group_by, *((across,) if across else ()))}
    values = {**asked.values, "across": found[across]} if across else asked.values
    subtotal = _class_of(asked.subtotal, names, "--subtotal") if asked.subtotal else ""
    return replace(asked, group_by=tuple(found[name] for name in asked.group_by), values=values, subtotal=subtotal)


def _class_of(name: str, names: Names, flag: str = "--group-by") -> str:
    label = None if fields.is_own(name) or name.lower() in CLASSES else names.catalogue.labelled(name)
    if label is None:
        return name
    if fields.of_account(name) or name.lower() in ACCOUNT_NAMES:
        told = f"{flag}: {name} is class{label}, the class of that label; account.{name.lower()} is the field"
        names.shadow(told)
    return f"class{label}"


class _Steps:
    """The steps that led to the rows of a table. Each iteration runs the query again, which costs as much as the rows."""

    def __init__(self, db: Reader, overview: Overview, clause: Clause) -> None:
        self._db, self._overview, self._clause = db, overview, clause

    def __iter__(self) -> Iterator[tuple[str, int]]:
        if self._overview.steps:
            sql, values = compose.over_selection(self._clause, self._overview.steps)
            found = self._db.execute(sql, {**values, **self._overview.values})
            yield from ((words, number or 0) for words, number in found)


def _refuse_unknown(db: Reader, overview: Overview) -> None:
    """Raise UsageError for an unknown value of a flag; an empty result would hide a typing error."""
    for flag, word, sql in overview.expects:
        known = [str(row[0]) for row in db.execute(sql)]
        if flag in {"--list", "--exclude"}:
            among(word, known, flag)  # refuses an ambiguous name
        if key(word) not in map(key, known):
            raise UsageError(f"{flag}: there is no '{word}'", nearest(word, known))
    for refused in overview.refuses:
        if db.execute(refused.sql, {**overview.values, **refused.values}).fetchone():
            raise UsageError(refused.what, refused.hint)
