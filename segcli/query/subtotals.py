"""--subtotal: the column whose values get a subtotal, its SQL, and the order that keeps each group together. Pure."""

from collections.abc import Mapping, Sequence

from segcli.base.errors import UsageError
from segcli.domain import row_totals
from segcli.domain.table import Column
from segcli.query.columns import Known
from segcli.query.ordering import Order

FLAG = "--subtotal"


def column(known: Known, name: str, shown: Sequence[Column], groups: Sequence[Column]) -> Column:
    """Return the column of this name; with --group-by, one of `groups`.

    Raise UsageError for an unknown column, an amount, and a table without a column that is added up.
    """
    found = known.among(name, {c.name: c for c in groups}, FLAG) if groups else known.column(name, FLAG)
    if found.kind in {"money", "decimal", "percent"}:
        raise UsageError(f"{FLAG}: '{found.name}' is an amount", "name a column such as account, country or class1")
    if not row_totals.places(shown):
        raise UsageError(f"{FLAG}: no column of this table is added up", "show a column with amounts, or leave it out")
    return found


def source(known: Known, found: Column, expressions: Mapping[str, str]) -> str:
    """Return the SQL of the group's value; a row without a currency is in the administration's currency."""
    sql = expressions.get(found.name) or known.expression(found)
    return _currency(sql) if found.name == "currency" and known.currency else sql


def _currency(sql: str) -> str:
    return f"coalesce(nullif({sql}, ''), :home_currency)"


def begin(known: Known, order: Order, found: Column, sql: str, shown: Sequence[Column], sort: Sequence[str]) -> None:  # noqa: PLR0913 - a column and what it orders
    """Begin the order with the groups, in the direction that --sort gives, and with the currencies within each.

    Empty values come last. The value itself follows the terms of its order, in which different values may be equal.
    """
    is_descending = f"-{found.name}" in sort
    order.add_last(sql)
    order.add(found, sql, descending=is_descending)
    order.add(Column(found.name, "flag"), sql, descending=is_descending)
    if found.name != "currency" and known.currency and row_totals.has_money(shown):
        order.add(Column("currency"), _currency(known.currency), descending=False)
