"""Tables of several base currencies as one: their columns, rows, totals and words. Pure."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import chain
from typing import Any

from segcli.base.record import replace
from segcli.domain import row_totals
from segcli.domain.table import NUMERIC, Cell, Column, Row, Table, Whole
from segcli.query.columns import CLASS_NAMES

DOT = " · "  # between the parts of a caption
_SMALL = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}  # as SQLite's lower


def in_order(lists: Iterable[Iterable[str]]) -> list[str]:
    """Return the words of all lists, each once, in the order of each list as far as they agree."""
    order: list[str] = []
    for words in lists:
        at = len(order)
        for word in reversed([*words]):
            if word not in order:
                order.insert(at, word)
            at = order.index(word)
    return order


def aligned(tables: Mapping[str, Table]) -> dict[str, Table]:
    """Return the tables with the columns that any of them has. A column that a table lacks is 0 if it has a total, else empty.

    Only columns that are shown where the data require it differ, such as the number of documents without a rate.
    """
    columns = {column.name: column for one in tables.values() for column in one.columns}
    names = in_order([column.name for column in one.columns] for one in tables.values())
    return {code: _widened(one, [columns[name] for name in names]) for code, one in tables.items()}


def _widened(one: Table, columns: Sequence[Column]) -> Table:
    held = [column.name for column in one.columns]
    if held == [column.name for column in columns]:
        return one
    places = [held.index(column.name) if column.name in held else None for column in columns]
    fill = [0 if column.total else None for column in columns]

    def wide(row: Row) -> Row:
        shown = (fill[n] if at is None else row[at] for n, at in enumerate(places))
        return (*shown, *row[len(held) :])

    def whole(found: Callable[[], Whole]) -> Whole:
        totals = found()
        return replace(totals, sums={code: wide(cells) for code, cells in totals.sums.items()})

    at = one.currency_at
    moved = None if at is None else places.index(at) if at in places else at + len(columns) - len(held)
    return replace(
        one,
        columns=tuple(columns),
        rows=map(wide, one.rows),
        currency_at=moved,
        whole=cache(lambda: whole(one.whole)) if one.whole else None,  # type: ignore[arg-type]
    )


def described(tables: Sequence[Table]) -> Table:
    """Return the first table with what is said of any of the tables: caption, control lines, steps, and what is lacking."""
    return replace(
        tables[0],
        caption=DOT.join(in_order(one.caption.split(DOT) for one in tables if one.caption)),
        lacking=joined("; ", (one.lacking for one in tables)),
        difference=joined("; ", (one.difference for one in tables)),
        steps=_Steps(tables),
    )


def joined(between: str, texts: Iterable[str]) -> str:
    """Return the texts as one, each of them once."""
    return between.join(dict.fromkeys(filter(None, texts)))


class _Steps:
    """The steps of several tables, in the order of each. The numbers of equal steps are added up."""

    def __init__(self, tables: Iterable[Table]) -> None:
        self._tables = tables

    def __iter__(self) -> Iterator[tuple[str, int]]:
        found = [list(one.steps) for one in self._tables]
        sums: dict[str, int] = {}
        for words, number in chain.from_iterable(found):
            sums[words] = sums.get(words, 0) + number
        yield from ((words, sums[words]) for words in in_order([words for words, _ in steps] for steps in found))


def shown_totals(tables: Sequence[Table], limit: int | None) -> Callable[[], Whole] | None:
    """Return a function that gives the totals of all rows, shown or not. None if a table has no such totals."""
    if not all(one.whole for one in tables):
        return None

    @cache
    def whole() -> Whole:
        parts = [one.whole() for one in tables if one.whole]
        sums: dict[str, Sequence[Any]] = {}
        for part in parts:
            for code, cells in part.sums.items():
                sums[code] = [*map(plus, sums[code], cells)] if code in sums else cells
        rows = sum(part.rows for part in parts)
        return Whole(rows if limit is None else min(limit, rows), rows, sums)

    return whole


def totals(table: Table, rows: Sequence[Row], shown: int) -> Whole:
    """Return the totals of rows of which only the first ones are shown."""
    places = row_totals.places(table.columns)
    is_split = table.currency_at is not None and row_totals.has_money(table.columns)
    sums: dict[str, list[Any]] = {}
    for row in rows:
        code = str(row[table.currency_at]) if is_split else table.currency  # type: ignore[index]
        held = sums.setdefault(code, [None] * len(table.columns))
        for at in places:
            held[at] = plus(held[at], row[at])
    return Whole(min(shown, len(rows)), len(rows), sums)


def merged(columns: Sequence[Column], rows: Iterable[Row], groups: Iterable[str]) -> list[Row]:
    """Return one row for the rows with equal values in the columns that name a group.

    `groups` are the names of the columns to group by. Columns with a total are added up; what cannot be added up (see
    `unsummed`) is empty. A cell beyond the columns is the currency, which names a group too.
    """
    lost = {column.name for column in unsummed(columns, groups)}
    names = {column.name for column in columns}
    follows = {
        name for name in CLASS_NAMES if name.removesuffix("_name") in names
    }  # the class is the same: the first name
    keys = [at for at, c in enumerate(columns) if not (c.total or c.name in lost or c.name in follows)]
    added = [at for at, column in enumerate(columns) if column.total]
    found: dict[tuple[Cell, ...], list[Any]] = {}
    for row in rows:
        key = (*(row[at] for at in keys), *row[len(columns) :])
        held = found.get(key)
        if held is None:
            found[key] = [None if c.name in lost else cell for c, cell in zip(columns, row, strict=False)]
            found[key] += row[len(columns) :]
            continue
        for at in added:
            held[at] = plus(held[at], row[at])
    return list(found.values())


def unsummed(columns: Iterable[Column], groups: Iterable[str]) -> list[Column]:
    """Return the numbers that say something of a group but cannot be added up: shares, and counts without a total."""
    return [c for c in columns if c.kind in NUMERIC and not c.total and c.name not in groups]


def plus(one: Any, other: Any) -> Any:  # noqa: ANN401 - numbers, None where nothing is known
    """Return the sum of two cells."""
    return other if one is None else one if other is None else one + other


def ordered(table: Table, rows: Iterable[Row], positions: Mapping[str, Mapping[Cell, int]]) -> list[Row]:
    """Return the rows in the order of the table, as far as its columns are shown.

    `positions` has the positions of the values of columns that are not in the order of their codes. Amounts in different
    currencies are not comparable: those in the table's own come first, and each currency is ordered within itself.
    """
    found = list(rows)
    names = [column.name for column in table.columns]
    for term in reversed([term for term in table.order if term.name in names]):
        at = names.index(term.name)
        place = _place(table.columns[at], positions.get(term.name, {}))
        found.sort(key=lambda row, at=at, place=place: place(row[at]), reverse=term.is_descending)  # type: ignore[misc]
        if term.is_empty_last:
            found.sort(key=lambda row, at=at: row[at] is None)  # type: ignore[misc]
        code_at = table.currency_at
        if table.columns[at].kind == "money" and not table.columns[at].is_base and code_at is not None:
            found.sort(key=lambda row, at=code_at: (row[at] != table.currency, str(row[at])))  # type: ignore[misc]
    return found


def _place(column: Column, positions: Mapping[Cell, int]) -> Callable[[Any], tuple[Any, ...]]:
    """Return the key of a cell in the order that SQLite gives: empty first, text without case, codes right-aligned."""

    def place(cell: Any) -> tuple[Any, ...]:  # noqa: ANN401 - a cell
        if cell is None:
            return (0,)
        if column.kind == "code":
            text = str(cell)
            return (1, positions.get(cell, len(positions)), len(text), _lowered(text), text)
        return (1, _lowered(cell) if isinstance(cell, str) else cell)

    return place


def _lowered(text: str) -> str:
    """Return the text with the capitals of ASCII in small letters, as SQLite compares."""
    return text.translate(_SMALL)


def unseen(table: Table, number: int) -> str:
    """Return the first of the first terms of the order whose column is not shown, '' if all are."""
    names = {column.name for column in table.columns}
    return next((term.name for term in table.order[:number] if term.name not in names), "")


def picked(table: Table, rows: Iterable[Row], places: Sequence[int]) -> tuple[Table, list[Row]]:
    """Return the table with the columns at these places; a currency that is not among them is hidden behind them."""
    columns, at = tuple(table.columns[place] for place in places), table.currency_at
    if at is None or at in places:
        moved = None if at is None else places.index(at)
        return replace(table, columns=columns, currency_at=moved), [[row[n] for n in places] for row in rows]
    wanted = [*places, at]
    return replace(table, columns=columns, currency_at=len(places)), [[row[n] for n in wanted] for row in rows]
