"""Compose the SQL and bound values for an overview and a request. Pure.

A statement has two named tables and one SELECT. `selection` holds the selected accounts; `overview` is the overview's own
SQL, which reads `selection`; the SELECT shows, groups, sorts and limits the rows of `overview`. A `_Shape` is that SELECT
in parts. `_plain` makes it with one row per row of the overview; `_grouped` makes it with one row per combination of
values of the group columns, with the number of accounts (and of rows, under the name that the overview gives them) and
the sum of each column that has a total. Amounts in different currencies are never added: the currency becomes a group
column. Account columns that the overview lacks are joined only if they are used.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from segcli.base.errors import UsageError
from segcli.base.record import Record, made, replace
from segcli.domain.catalogue import CLASSES, Catalogue
from segcli.domain.clause import Clause, named
from segcli.domain.table import Column, Grouping, Overview, Term
from segcli.query import administrations
from segcli.query.columns import CLASS_NAMES, OF_ACCOUNT, Known
from segcli.query.expressions import first_purchases
from segcli.query.ordering import Order
from segcli.query.selection import Filters

_GROUP = "subtotal"  # the hidden column with the value of a row's group
SELECTION_COLUMNS = """a.id, a.code AS account, a.name, a.status, a.city, a.country, a.email, a.phone, a.is_blocked,
 a.end_date, a.is_mailing_excluded, a.search_code, a.manager, a.currency AS account_currency"""


class Request(Record):
    """A request to an overview, validated as far as possible without the database."""

    filters: Filters
    as_of: date
    known: date | None = None  # the as-of day, if given explicitly; later records are left out
    class_day: date | None = None  # the day of the classes to use; None: present classes
    start: date | None = None
    end: date | None = None
    columns: tuple[str, ...] = ()
    sort: tuple[str, ...] = ()
    group_by: tuple[str, ...] = ()
    subtotal: str = ""  # the column whose values get a subtotal
    limit: int | None = None
    with_totals: bool = True
    several: bool = False  # of administrations that are named: which one is shown, and part of the order
    for_people: bool = False  # class values are sorted by their position in lists, not by code
    values: Mapping[str, Any] = made(default_factory=dict)  # the overview's own parameters

    def names(self, column: str) -> bool:
        """Tell whether --columns or --sort names a column; expensive columns are computed only then."""
        return column in {*self.columns, *(name.removeprefix("-") for name in self.sort)}


class Query(Record):
    """A statement, its bound values and its columns; a hidden currency column may follow them."""

    sql: str
    values: Mapping[str, object]
    columns: tuple[Column, ...]
    currency_at: int | None
    whole: str = ""  # with a limit: the statement for the totals of all rows (see row_totals)
    grouping: Grouping | None = None
    terms: tuple[Term, ...] = ()  # the order of the rows


class _Subtotal(Record):
    """The column of --subtotal and its SQL."""

    column: Column
    sql: str


class _Shape(Record):
    """The parts of the SELECT: columns, their SQL, GROUP BY, ORDER BY, and the account columns used."""

    columns: tuple[Column, ...]
    expressions: Mapping[str, str]
    groups: str
    order: str
    used: frozenset[str]
    subtotal: _Subtotal | None = None
    terms: tuple[Term, ...] = ()  # as in Query


def compose(overview: Overview, request: Request, clause: Clause, catalogue: Catalogue, home: str = "EUR") -> Query:
    """Return the query that answers the request; `home` is the administration's currency.

    Raise UsageError for an unknown column; it suggests the nearest.
    """
    known = Known(overview, catalogue, request.as_of, several=request.several)
    is_grouped = bool(request.group_by) and not overview.is_grouped
    shape = _grouped(known, request) if is_grouped else _plain(known, request)
    condition, values = named(clause, "selected")
    values |= {**overview.values, **known.values, "home_currency": home, "sort_day": str(request.as_of)}
    limit = "" if request.limit is None else "\n LIMIT :row_limit"
    values |= {"row_limit": request.limit} if limit else {}
    hidden, currency_at = _currency(overview, shape)
    hidden += [f"{shape.subtotal.sql} AS {_GROUP}"] if shape.subtotal else []
    joins = _joins(shape.used, "LEFT JOIN" if overview.has_nobody or overview.is_grouped else "JOIN")
    head = f"WITH {_selection(condition, with_nobody=overview.has_nobody)},\noverview AS ({overview.sql})\n"
    tail = f"\n  FROM overview AS o{joins}{shape.groups}"
    sql = f"{head}SELECT {_picked(shape, shape.columns, hidden)}{tail}{shape.order}{limit}"
    columns = tuple(_headed(column, catalogue) for column in shape.columns)
    whole = f"{head}{_whole(shape, hidden, currency_at, tail)}" if limit else ""
    grouping = Grouping(shape.subtotal.column, len(columns) + len(hidden) - 1) if shape.subtotal else None
    return Query(sql, values, columns, currency_at, whole, grouping, shape.terms)


def _picked(shape: _Shape, columns: Iterable[Column], hidden: Sequence[str]) -> str:
    return ",\n       ".join([*(f"{shape.expressions[c.name]} AS {c.name}" for c in columns), *hidden])


def _whole(shape: _Shape, hidden: Sequence[str], currency_at: int | None, tail: str) -> str:
    """Return the statement for the totals of all rows; it reads only the summed columns, without order and limit."""
    from segcli.domain import row_totals

    summed = [shape.columns[at] for at in row_totals.places(shape.columns)]
    if currency_at is not None and currency_at < len(shape.columns):
        summed.append(shape.columns[currency_at])
    rows = f"SELECT {_picked(shape, summed, hidden) or '1'}{tail}"
    group = _GROUP if shape.subtotal else ""
    return row_totals.select(rows, shape.columns, "" if currency_at is None else "currency", group)


def _selection(condition: str, *, with_nobody: bool) -> str:
    """Return the table `selection` of the selected accounts, and `nobody`: one row if the condition holds for no account.

    `nobody` makes `none` and `not:` find lines without an account, so that the values of a class plus `none` add up to the
    total. If `nobody` is empty, `FROM nobody CROSS JOIN` reads nothing; EXISTS in a condition would read every line.
    """
    found = f"selection AS NOT MATERIALIZED (SELECT {SELECTION_COLUMNS} FROM account AS a WHERE {condition})"
    if not with_nobody:
        return found
    return f"{found},\nnobody AS (SELECT 1 FROM (SELECT 1) AS one LEFT JOIN account AS a ON FALSE WHERE {condition})"


def over_selection(clause: Clause, sql: str) -> tuple[str, dict[str, object]]:
    """Return a statement that reads from `selection` and `nobody` with their definitions, and the values bound in these."""
    condition, values = named(clause, "selected")
    return f"WITH {_selection(condition, with_nobody=True)}, {sql}", values


def _headed(column: Column, catalogue: Catalogue) -> Column:
    """Return the column; a class column gets the user's label as heading."""
    if column.name in CLASSES:
        return replace(column, heading=catalogue.label(int(column.name[5])))
    if column.name in CLASS_NAMES:
        return replace(column, heading=f"{catalogue.label(int(column.name[5]))} name")
    return column


def _joins(used: frozenset[str], join: str) -> str:
    """Return the joins that the used columns need: the account, its first purchase, and one value table per class."""
    numbers = sorted({name[5] for name in used if name in CLASSES or name in CLASS_NAMES})
    account = f"\n  {join} account AS s ON s.id = o.account_id" if used else ""
    more = (f"\n  LEFT JOIN classification_value AS v{n} ON v{n}.id = s.class{n}" for n in numbers)
    return "".join((account, first_purchases.join("o.account_id", used), *more))


def _plain(known: Known, request: Request) -> _Shape:
    """Return the query shape with one row per row of the overview."""
    if request.columns:
        columns = tuple(known.column(name, "--columns") for name in request.columns)
    else:
        own = tuple(column for column in known.overview.columns if not column.is_extra and known.is_used(column))
        columns = (*administrations.beside(known, request), *own)
    _refuse_twice(columns, "--columns")
    expressions = {column.name: known.expression(column) for column in columns}
    order = Order(known.currency, "o.{}".format, by_position=request.for_people)
    subtotal = _subtotal(known, request, order, columns, {})
    last = (column.name for column in administrations.beside(known, request))
    sort, sorted_columns = _order(known, order, (*request.sort, *known.overview.sort, *last))
    used = known.outside((*columns, *sorted_columns, *((subtotal.column,) if subtotal else ())))
    return _Shape(columns, expressions, "", sort, used, subtotal, tuple(order.columns))


def _subtotal(  # noqa: PLR0913 - a column and what it orders
    known: Known,
    request: Request,
    order: Order,
    columns: Sequence[Column],
    expressions: Mapping[str, str],
    groups: Sequence[Column] = (),
) -> _Subtotal | None:
    """Return the column of --subtotal, if given, and begin the order with it."""
    if not request.subtotal:
        return None
    from segcli.query import subtotals

    column = subtotals.column(known, request.subtotal, columns, groups)
    sql = subtotals.source(known, column, expressions)
    subtotals.begin(known, order, column, sql, columns, request.sort)
    return _Subtotal(column, sql)


def _refuse_twice(columns: Sequence[Column], flag: str) -> None:
    names = [column.name for column in columns]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise UsageError(f"{flag}: '{twice}' is named twice")


def _order(known: Known, order: Order, names: Iterable[str]) -> tuple[str, list[Column]]:
    """Return the ORDER BY clause, begun in `order`, and the columns added; repeated columns are ignored."""
    columns: dict[str, Column] = {}
    for name in names:
        column = known.column(name.removeprefix("-"), "--sort")
        if column.name not in columns:
            columns[column.name] = column
            order.add(column, known.expression(column), descending=name.startswith("-"))
    return order.sql(), list(columns.values())


def _grouped(known: Known, request: Request) -> _Shape:
    """Return the query shape with one row per combination of group values, and per currency if there are amounts."""
    sums = tuple(column for column in known.overview.columns if column.total == "sum" and not column.is_extra)
    groups = _group_columns(known, administrations.before_account(request.group_by, several=request.several), sums)
    counted = ("accounts", known.overview.counts) if known.overview.counts else ("accounts",)
    counts = tuple(Column(name, "integer", total="sum") for name in counted)
    columns = (*_named_classes(groups), *counts, *sums)
    expressions = _group_expressions(known, columns, counts, groups)
    grouped = ", ".join(known.expression(column) for column in groups)
    if request.columns:
        by_name = {column.name: column for column in columns}
        columns = tuple(known.among(name, by_name, "--columns") for name in request.columns)
        _refuse_twice(columns, "--columns")
    order = Order(known.currency, _sum_of_known, by_position=request.for_people)
    subtotal = _subtotal(known, request, order, columns, expressions, groups)
    sort = _group_order(known, order, request.sort, columns, groups, expressions)
    group_by, terms = f"\n GROUP BY {grouped}", tuple(order.columns)
    return _Shape(columns, expressions, group_by, sort, known.outside(groups), subtotal, terms)


def _group_columns(known: Known, names: Iterable[str], sums: Iterable[Column]) -> tuple[Column, ...]:
    """Return the columns to group by, with the currency if amounts are summed. Raise UsageError for a column of amounts."""
    groups = tuple(replace(known.column(name, "--group-by"), empty="(none)") for name in names)
    _refuse_twice(groups, "--group-by")
    for column in groups:
        if column.kind in {"money", "decimal", "percent"}:
            raise UsageError(f"--group-by: '{column.name}' is an amount", "group by a class, country, currency, date …")
    has_amounts = any(column.kind == "money" and not column.is_base for column in sums)
    currency = next((column for column in known.overview.columns if column.name == "currency"), None)
    if has_amounts and currency and "currency" not in {column.name for column in groups}:
        return (*groups, currency)
    return groups


def _named_classes(groups: Iterable[Column]) -> Iterable[Column]:
    """Yield the grouping columns, each class followed by its description."""
    for column in groups:
        yield column
        if column.name in CLASSES and f"{column.name}_name" not in {g.name for g in groups}:
            yield OF_ACCOUNT[f"{column.name}_name"]


def _group_expressions(
    known: Known, columns: Iterable[Column], counts: Sequence[Column], groups: Sequence[Column]
) -> dict[str, str]:
    own = {column.name for column in known.overview.columns if column.total == "sum"}
    sql = {c.name: f"sum(o.{c.name})" if c.name in own else known.expression(c) for c in columns if c not in counts}
    described = {c.name: f"min({known.expression(c)})" for c in columns if c.name in CLASS_NAMES and c not in groups}
    expressions = {**sql, **described, "accounts": "count(DISTINCT o.account_id)"}
    if known.overview.counts:
        expressions[known.overview.counts] = "count(*)"
    return expressions


def _group_order(  # noqa: PLR0913 - the columns, and what is known of them
    known: Known,
    order: Order,
    sort: Sequence[str],
    columns: Sequence[Column],
    groups: Sequence[Column],
    expressions: Mapping[str, str],
) -> str:
    """Return the ORDER BY clause of the groups: --sort, then the group columns; empty values last."""
    by_name = {column.name: column for column in (*columns, *groups)}
    for name in sort:
        column = known.among(name.removeprefix("-"), by_name, "--sort")
        order.add(column, expressions[column.name], descending=name.startswith("-"))
    for column in groups:
        order.add_last(expressions[column.name])
        order.add(column, expressions[column.name], descending=False)
    return order.sql()


def _sum_of_known(name: str) -> str:
    """Return the sum of a group's amounts in the administration's currency, NULL if one of them is unknown."""
    return f"CASE WHEN count(o.{name}) = count(*) THEN sum(o.{name}) END"


def _currency(overview: Overview, shape: _Shape) -> tuple[list[str], int | None]:
    """Return the hidden currency column, if the shown columns lack the currency, and its index in a row."""
    if "currency" not in {column.name for column in overview.columns}:
        return [], None
    if places := [place for place, column in enumerate(shape.columns) if column.name == "currency"]:
        return [], places[0]
    source = "min(o.currency)" if shape.groups else "o.currency"  # one value where amounts are summed: _group_columns
    return [f"{source} AS currency"], len(shape.columns)
