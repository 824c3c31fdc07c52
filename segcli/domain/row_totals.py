"""Totals over all rows of a table that shows only the first ones: the SQL and its evaluation. Pure."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from segcli.domain.table import Column, Whole

_BITS = 32
_EXACT = ("money", "integer")


def places(columns: Sequence[Column]) -> list[int]:
    """Return the indexes of the summed columns."""
    return [at for at, column in enumerate(columns) if column.total == "sum"]


def has_money(columns: Sequence[Column]) -> bool:
    """Tell whether an amount in the row's own currency is summed, which requires a total per currency."""
    return any(columns[at].kind == "money" and not columns[at].is_base for at in places(columns))


def select(rows: str, columns: Sequence[Column], currency: str, group: str = "") -> str:
    """Return a SELECT over all rows of a subquery: per currency and group the code, the group, the number of rows, the sums.

    `rows` yields the columns by name; `currency` is the name of its currency column, or ''; `group` is that of the column
    with subtotals, or ''.
    """
    is_split = currency and has_money(columns)
    key = f"coalesce(nullif({currency}, ''), :home_currency)" if is_split else ":home_currency"
    sums = [text for at in places(columns) for text in _sums(columns[at])]
    # LIMIT prevents SQLite from flattening the subquery, which would calculate each amount twice.
    return f"SELECT {', '.join([key, group or 'NULL', 'count(*)', *sums])}\n  FROM ({rows} LIMIT -1) GROUP BY 1, 2"


def _sums(column: Column) -> tuple[str, ...]:
    """Return the SQL sums of a column. Integers are summed in two halves, so that the sums cannot overflow 2^63."""
    if column.kind in _EXACT:
        return f"sum({column.name} >> {_BITS})", f"sum({column.name} & {2**_BITS - 1})"
    return (f"sum({column.name})",)


def whole(found: Iterable[Sequence[Any]], columns: Sequence[Column], limit: int, *, has_groups: bool = False) -> Whole:
    """Return the totals of all rows, from the result of the SELECT."""
    count = 0
    sums: dict[str, Sequence[Any]] = {}
    groups: dict[Any, dict[str, Sequence[Any]]] = {}
    for code, group, number, *parts in found:
        count += number
        cells = list(_cells(iter(parts), columns))
        sums[code] = [_plus(*pair) for pair in zip(sums[code], cells, strict=True)] if code in sums else cells
        if has_groups:
            groups.setdefault(group, {})[code] = cells
    return Whole(min(limit, count), count, sums, groups)


def _plus(one: Any, other: Any) -> Any:  # noqa: ANN401 - sums, None where nothing was summed
    return one if other is None else other if one is None else one + other


def _cells(parts: Iterator[Any], columns: Sequence[Column]) -> Iterator[Any]:
    summed = set(places(columns))
    for at, column in enumerate(columns):
        if at not in summed:
            yield None
        elif column.kind in _EXACT:
            high, low = next(parts), next(parts)
            yield None if high is None else (high << _BITS) + low
        else:
            yield next(parts)
