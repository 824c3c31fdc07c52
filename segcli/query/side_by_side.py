"""One table from administrations with different base currencies: side by side, or converted to one currency.

Each base currency is a connection of its own (`Parts`), so that no statement adds up amounts of two of them. A question
without amounts is answered by one connection to all of them. Side by side, the rows of one currency follow those of another,
and a column says which one it is. Converted, each amount in a base currency is converted at the last rate on or before the
as-of day. Groups with the same values become one row, except where amounts of two base currencies would be in it.
"""

from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, islice
from types import ModuleType
from typing import Any

from segcli.base.errors import SegcliError, UsageError
from segcli.base.record import Record, replace
from segcli.domain.catalogue import CLASSES
from segcli.domain.table import Cell, Column, Row, Table
from segcli.query import administrations, ask, combining, lookup
from segcli.query.combining import DOT
from segcli.query.compose import Request
from segcli.storage.reader import Reader
from segcli.storage.sql_functions import in_base

BASE = Column("base_currency", "code")
_ONE = "ask administrations with one base currency"


class Parts(Record):
    """Connections to administrations by their base currency, and one to all of them, which must not add up amounts."""

    parts: Mapping[str, Reader]
    whole: Reader

    @property
    def name(self) -> str:
        """Return the name of the engine."""
        return str(getattr(self.whole, "name", ""))

    def execute(self, *_: object) -> Any:  # noqa: ANN401 - never returns
        """Refuse: a statement over several base currencies would add up what must not be added."""
        raise UsageError("the administrations have different base currencies", _ONE)

    executemany = execute


def table(db: Reader | Parts, module: ModuleType, name: str, asked: Request) -> Table:
    """Return the answer of one connection, or of several base currencies.

    UsageError if the request has no answer over several base currencies; SegcliError for a rate that is missing.
    """
    target = str(asked.values.get("convert_to") or "").upper()
    if isinstance(db, Parts):
        return _several(db, module, name, asked, target)
    ask.stand(db, asked)
    currency = lookup.currency(db) if target else ""
    if target == currency:
        return ask.table(db, module, name, asked)
    whole = _together(_answers({currency: db}, module, name, replace(asked, limit=None), target))
    return _limited(whole, list(whole.rows), asked)


def _several(db: Parts, module: ModuleType, name: str, asked: Request, target: str) -> Table:
    ask.stand(db.whole, asked)
    asked, overview, columns = ask.columns(db.whole, module, asked)
    if not _has_amounts(columns, overview.columns, asked):
        return ask.table(db.whole, module, name, asked)
    _refuse(asked, name, is_of_all=overview.is_of_all)
    for part in db.parts.values():
        ask.stand(part, asked)
    if not (target or asked.group_by):
        return _together(_answers(db.parts, module, name, asked, target), asked.limit)
    groups = administrations.before_account(asked.group_by, several=True)
    found = _answers(db.parts, module, name, replace(asked, limit=None, columns=_with_keys(asked, groups)), target)
    return _gathered(db, found, replace(asked, group_by=groups), is_converted=bool(target))


def _has_amounts(columns: tuple[Column, ...], of_overview: tuple[Column, ...], asked: Request) -> bool:
    """Tell whether an answer may depend on amounts: those that it shows, those of the overview, and those of conditions."""
    is_money = any(column.kind == "money" for column in (*columns, *of_overview))
    named = {name.removeprefix("-") for name in (*asked.columns, *asked.sort, *asked.group_by, asked.subtotal)}
    is_limit = bool({"credit_limit", "over_limit"} & {name.removeprefix("account.") for name in named})
    return is_money or is_limit or bool(asked.filters.where or asked.filters.selections)


def _refuse(asked: Request, name: str, *, is_of_all: bool) -> None:
    """Raise UsageError for what has no answer over several base currencies."""
    if is_of_all:
        raise UsageError(
            f"{name} is made of all administrations together, and their base currencies differ:"
            " --where, --selection and credit_limit have no meaning",
            f"{_ONE}, or select by class, country, manager or list",
        )
    for flag, is_asked in (
        ("--subtotal", asked.subtotal),
        ("--top", asked.values.get("top") is not None),
        ("--abc", asked.values.get("abc")),
        ("the column share", asked.names("share")),
    ):
        if is_asked:
            raise UsageError(f"{flag}: the administrations have different base currencies", _ONE)


def _plain(name: str) -> str:
    """Return the name of a column as it is in a table."""
    return name.strip().lower().replace("-", "_").removeprefix("account.")


def _with_keys(asked: Request, groups: Iterable[str]) -> tuple[str, ...]:
    """Return the columns that are asked for, if any, and after them those by which rows are put together and sorted."""
    if not asked.columns:
        return ()
    shown = {*map(_plain, asked.columns)}
    needed = {_plain(name): name for name in (*groups, *(name.removeprefix("-") for name in asked.sort))}
    return (*asked.columns, *(name for plain, name in needed.items() if plain not in shown))


def _answers(parts: Mapping[str, Reader], module: ModuleType, name: str, asked: Request, target: str) -> list[Table]:
    """Return the answer of each base currency: with the same columns, and in amounts that may stand in one table."""
    found = combining.aligned({code: ask.table(part, module, name, asked) for code, part in parts.items()})
    if target:
        rates = {code: _rate(parts, code, target, asked) for code in found}
        return [_exchanged(one, code, rates[code], target) for code, one in found.items()]
    one = next(iter(found.values()))
    money = [column for column in one.columns if column.kind == "money"]
    in_base = [column.name for column in money if one.currency_at is None or column.is_base]
    if in_base and len(in_base) < len(money):
        told = (
            f"{in_base[0]} is in the base currency, other amounts are in the document's, and the base currencies differ"
        )
        raise UsageError(told, f"show {in_base[0]} alone or not at all, or add --convert-to CODE")
    return [_beside(one, code) if in_base else _stated(one, code) for code, one in found.items()]


def _together(tables: Sequence[Table], limit: int | None = None) -> Table:
    """Return the tables as one, whose rows are read while they are shown."""
    rows = islice(chain.from_iterable(one.rows for one in tables), limit)
    return replace(combining.described(tables), rows=rows, whole=combining.shown_totals(tables, limit))


def _gathered(db: Parts, tables: Sequence[Table], asked: Request, *, is_converted: bool) -> Table:
    """Return the tables as one, with groups put together unless the base currency is one of their columns."""
    whole = _together(tables)
    rows = list(whole.rows)
    is_one = is_converted or whole.columns[-1] != BASE
    if asked.group_by and is_one:
        groups = {*map(_plain, asked.group_by)}
        lost = ", ".join(column.name for column in combining.unsummed(whole.columns, groups))
        told = f"{lost}: empty, because it cannot be added up over base currencies" if lost else ""
        whole = replace(whole, lacking=combining.joined("; ", (whole.lacking, told)))
        rows = combining.merged(whole.columns, rows, groups)
    if is_one and (asked.group_by or asked.sort):
        unseen = combining.unseen(whole, len(set(asked.sort)))
        if unseen:
            raise UsageError(f"--sort: {unseen} is not shown, and the base currencies differ", "name it in --columns")
        rows = combining.ordered(whole, rows, _positions(db.whole, whole, asked))
    if asked.columns:
        shown = [*range(len(asked.columns)), *([] if is_one else [len(whole.columns) - 1])]
        whole, rows = combining.picked(whole, rows, shown)
    return _limited(whole, rows, asked)


def _limited(whole: Table, rows: list[Row], asked: Request) -> Table:
    """Return the table with its first rows, and the totals of all."""
    limit = asked.limit
    if limit is None:
        return replace(whole, rows=rows)
    totals = combining.totals(whole, rows, limit) if asked.with_totals else None
    return replace(whole, rows=rows[:limit], whole=(lambda: totals) if totals else None)


def _positions(db: Reader, whole: Table, asked: Request) -> dict[str, dict[Cell, int]]:
    """Return the positions of the values of classes in their lists, which people see in that order."""
    if not asked.for_people:
        return {}
    known = lookup.catalogue(db)
    shown = [column.name for column in whole.columns if column.name in CLASSES]
    return {name: {value.code: at for at, value in enumerate(known.values(int(name[5])))} for name in shown}


def _beside(one: Table, code: str) -> Table:
    """Return a table whose amounts are in the base currency, with that as a column."""
    width = len(one.columns)

    def wide(row: Row) -> Row:
        return (*row[:width], code, *row[width:])

    def totals() -> Any:  # noqa: ANN401 - Whole
        found = one.whole()  # type: ignore[misc]
        return replace(found, sums={base: (*cells, None) for base, cells in found.sums.items()})

    return replace(
        one,
        columns=(*(replace(column, is_base=False) for column in one.columns), BASE),
        rows=map(wide, one.rows),
        currency_at=width,
        whole=totals if one.whole else None,
    )


def _stated(one: Table, code: str) -> Table:
    """Return a table with amounts in the currency of each row, which is stated in every row."""
    at = one.currency_at
    if at is None:
        return one
    return replace(one, rows=([*row[:at], row[at] or code, *row[at + 1 :]] for row in one.rows))


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


def _exchanged(one: Table, code: str, rate: str, target: str) -> Table:
    """Return the table with the amounts in the base currency converted; other currencies stay as they are."""
    money = [at for at, column in enumerate(one.columns) if column.kind == "money"]
    code_at = one.currency_at

    def exchanged(row: Row) -> Row:
        is_base = code_at is None or row[code_at] in {code, "", None}
        cells: list[Any] = list(row)
        for at in money:
            if is_base or one.columns[at].is_base:
                cells[at] = in_base(cells[at], code, rate, target)
        if is_base and code_at is not None:
            cells[code_at] = target
        return cells

    caption = combining.joined(DOT, (one.caption, f"in {target} at the rates of {one.as_of}"))
    return replace(one, rows=map(exchanged, one.rows), currency=target, caption=caption)
