"""One table from administrations with different base currencies: side by side, or converted to one currency.

Each base currency is a connection of its own (`Parts`), so that no statement adds up amounts of two of them. Side by side, the
rows of one currency follow those of another, and a column says which one it is. Converted, each amount in a base currency is
converted at the last rate on or before the as-of day; groups with the same values become one row.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from string import ascii_lowercase, ascii_uppercase
from types import ModuleType
from typing import Any

from segcli.base.errors import SegcliError, UsageError
from segcli.domain.table import Cell, Column, Row, Table, Whole
from segcli.query import ask
from segcli.query.compose import Request
from segcli.storage.reader import Reader
from segcli.storage.sql_functions import in_base

BASE = Column("base_currency", "code")
_SMALL = str.maketrans(ascii_uppercase, ascii_lowercase)


@dataclass(frozen=True, slots=True)
class Parts:
    """Connections to administrations, by their base currency."""

    parts: Mapping[str, Reader]
    name: str

    def execute(self, *_: object) -> Any:  # noqa: ANN401 - never returns
        """Refuse: a statement over several base currencies would add up what must not be added."""
        raise UsageError("the administrations have different base currencies", "ask those of one currency")

    executemany = execute


def table(db: Reader | Parts, module: ModuleType, name: str, asked: Request) -> Table:
    """Return the answer of one connection, or of several base currencies."""
    parts = db.parts if isinstance(db, Parts) else {"": db}
    found = {code: _one(part, module, name, asked) for code, part in parts.items()}
    target = str(asked.values.get("convert_to") or "").upper()
    if len(found) == 1:
        one = next(iter(found.values()))
        if target in {"", one.currency}:
            return one
        found, parts = {one.currency: one}, {one.currency: parts[""]}
    if target:
        return _converted(found, parts, target, asked)
    return _beside(found, asked)


def _one(db: Reader, module: ModuleType, name: str, asked: Request) -> Table:
    ask.stand(db, asked)
    return ask.table(db, module, name, asked)


def _beside(found: Mapping[str, Table], asked: Request) -> Table:
    """Return the rows of each currency after those of another; a table without a currency gets the base currency as a column."""
    first = next(iter(found.values()))
    has_own = first.currency_at is not None or all(column.kind != "money" for column in first.columns)
    rows = _rows(found, has_own=has_own)
    return replace(
        first,
        columns=first.columns if has_own else (*first.columns, BASE),
        rows=rows if asked.limit is None else islice(rows, asked.limit),
        currency_at=first.currency_at if has_own else len(first.columns),
        lacking=_lacking(found),
        difference="; ".join(filter(None, (one.difference for one in found.values()))),
        whole=_whole(found) if first.whole else None,
    )


def _lacking(found: Mapping[str, Table]) -> str:
    """Return what the tables do not cover, each text once."""
    return "; ".join(dict.fromkeys(filter(None, (one.lacking for one in found.values()))))


def _rows(found: Mapping[str, Table], *, has_own: bool) -> Iterator[Row]:
    for code, one in found.items():
        width = len(one.columns)
        yield from one.rows if has_own else ((*row[:width], code, *row[width:]) for row in one.rows)


def _whole(found: Mapping[str, Table]) -> Callable[[], Whole]:
    """Return a function for the totals of all rows of all tables."""

    @cache
    def whole() -> Whole:
        parts = [one.whole() for one in found.values() if one.whole]
        sums = {code: (*cells, None) for part in parts for code, cells in part.sums.items()}
        return Whole(parts[0].shown, sum(part.rows for part in parts), sums)

    return whole


def _converted(found: Mapping[str, Table], parts: Mapping[str, Reader], target: str, asked: Request) -> Table:
    """Return all rows with the amounts in base currencies converted."""
    first = next(iter(found.values()))
    rows = [
        row for code, one in found.items() for row in _exchanged(one, code, _rate(parts, code, target, asked), target)
    ]
    if asked.group_by:
        rows = _merged(first.columns, rows)
    at = first.currency_at if first.currency_at is not None and first.currency_at < len(first.columns) else None
    return replace(
        first,
        rows=_ordered(first.columns, rows, asked)[: asked.limit],
        currency=target,
        currency_at=at,
        caption=f"{first.caption} · in {target} at the rates of {asked.as_of}",
        lacking=_lacking(found),
        whole=None,
    )


def _rate(parts: Mapping[str, Reader], code: str, target: str, asked: Request) -> str:
    """Return the price of one unit of the target in a currency. SegcliError if no administration knows it."""
    if code == target:
        return "1"
    sql = "SELECT rate FROM exchange_rate WHERE currency = ? AND rate_date <= ? ORDER BY rate_date DESC LIMIT 1"
    part = parts.get(target)
    row = part.execute(sql, (code, str(asked.as_of))).fetchone() if part else None
    if not row:
        told = f"no administration in {target} has a rate of {code} on or before {asked.as_of}"
        raise SegcliError(told, "import it there: segcli rates import FILE; then segcli lake sync")
    return str(row[0])


def _exchanged(one: Table, code: str, rate: str, target: str) -> Iterator[Row]:
    """Yield the rows with the amounts in the base currency converted; other currencies stay as they are."""
    money = [at for at, column in enumerate(one.columns) if column.kind == "money"]
    for row in one.rows:
        is_base = one.currency_at is None or row[one.currency_at] in {code, "", None}
        cells = list(row)
        for at in money:
            if is_base or one.columns[at].is_base:
                cells[at] = in_base(cells[at], code, rate, target)  # type: ignore[arg-type]
        if is_base and one.currency_at is not None:
            cells[one.currency_at] = target
        yield cells


def _merged(columns: Sequence[Column], rows: Iterable[Row]) -> list[Row]:
    """Return one row for the rows with the same values in all columns that are not added up; shares become empty."""
    keys = [at for at, c in enumerate(columns) if not c.total and c.kind not in {"money", "decimal", "percent"}]
    groups: dict[tuple[Cell, ...], list[Any]] = {}
    for row in rows:
        key = tuple(row[at] for at in keys)
        held = groups.setdefault(key, [])
        if not held:
            held.extend(row)
            continue
        for at, column in enumerate(columns):
            if column.total:
                held[at] = _plus(held[at], row[at])
            elif at not in keys:
                held[at] = None
    return list(groups.values())


def _plus(one: Any, other: Any) -> Any:  # noqa: ANN401 - numbers, None where nothing is known
    return other if one is None else one if other is None else one + other


def _ordered(columns: Sequence[Column], rows: list[Row], asked: Request) -> list[Row]:
    """Sort rows as --sort asks, else groups by their values; lists stay in the order of their administrations' currencies."""
    names = [column.name for column in columns]
    wanted = asked.sort or asked.group_by
    for name in reversed([name for name in wanted if name.removeprefix("-") in names]):
        at = names.index(name.removeprefix("-"))
        rows.sort(key=lambda row, at=at: _place(columns[at], row[at]), reverse=name.startswith("-"))  # type: ignore[misc]
    return rows


def _lowered(text: str) -> str:
    """Return the text with the capitals of ASCII in small letters, as SQLite compares."""
    return text.translate(_SMALL)


def _place(column: Column, cell: Any) -> tuple[Any, ...]:  # noqa: ANN401 - a cell
    if cell is None:
        return (0,)
    if column.kind == "code":
        return (1, len(str(cell)), _lowered(str(cell)), str(cell))
    return (1, _lowered(cell) if isinstance(cell, str) else cell)
