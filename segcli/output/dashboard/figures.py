"""The figures of a dashboard's tiles: counts and sums of a table, per currency, and their changes. Pure."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeAlias

from segcli.base.money import half_up
from segcli.base.text import visible
from segcli.domain.table import Column, Kind, Table
from segcli.output.render.parts.cell_text import blocks, number, rounded
from segcli.output.render.parts.people import encoder
from segcli.output.render.parts.totals import Totals

if TYPE_CHECKING:
    from decimal import Decimal

Amount: TypeAlias = "int | Decimal"
_PER_MILLE = 1000


@dataclass(frozen=True, slots=True)
class Amounts:
    """A count or a sum: an amount per unit. A unit is a currency, the word for the counted rows, or ''."""

    kind: Kind
    by_unit: Mapping[str, Amount]
    rows: int


@dataclass(frozen=True, slots=True)
class Tile:
    """A tile: its amounts, those of the earlier day or period, and its texts."""

    title: str
    now: Amounts
    before: Amounts | None = None
    link: int = 0  # the number of the part that shows the rows; 0: none
    about: str = ""  # the day or period
    against: str = ""  # the earlier day or period
    lacking: tuple[str, ...] = ()  # what the figures omit


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of a tile as displayed text."""

    unit: str
    value: str
    change: str = ""  # the difference, with its sign; '' without a comparison
    percent: str = ""  # of the earlier amount; '' where that is zero
    direction: int = 0  # -1, 0 or 1


def counted(table: Table, word: str) -> Amounts:
    """Return the number of rows of a table."""
    count = sum(map(len, blocks(table.rows)))
    return Amounts("integer", {word: count}, count)


def summable(table: Table) -> list[str]:
    """Return the names of the columns that have sums in the table's totals."""
    return [column.name for column in table.columns if column.total == "sum"]


def added(table: Table, name: str) -> Amounts:
    """Return the sum of a column over all rows, rounded once: per currency for amounts, else one sum."""
    totals = Totals(replace(table, with_totals=True, whole=None))
    rows = sum(map(len, totals.watch(blocks(table.rows))))
    at = next(at for at, column in enumerate(table.columns) if column.name == name)
    column = table.columns[at]
    is_split = column.kind == "money" and not column.is_base
    home = table.currency if column.kind == "money" else ""
    sums: dict[str, Amount] = {}
    for _, code, cells in totals.lines():
        total = cells[at]
        if total is not None and not isinstance(total, str):
            unit = code if is_split else home
            sums[unit] = sums.get(unit, 0) + _exact(column, total)
    found = {unit: rounded(column, total) for unit, total in sorted(sums.items())}
    return Amounts(column.kind, found or {home: 0}, rows)


def _exact(column: Column, total: "float | Decimal") -> Amount:
    """Return a number as its shortest decimal, so that differences have no errors of binary fractions."""
    from decimal import Decimal

    return total if isinstance(total, int) and column.kind != "decimal" else Decimal(number(total))


def figures(tile: Tile, decimal: str) -> list[Figure]:
    """Return the lines of a tile. A unit that exists on only one of the two days is zero on the other."""
    before = tile.before.by_unit if tile.before else {}
    # A day without rows has a zero in the administration's currency. It is omitted if the other day has amounts.
    units = [unit for unit in {**tile.now.by_unit, **before} if tile.now.by_unit.get(unit) or before.get(unit)]
    shown = encoder(Column("total", tile.now.kind), decimal)
    return [
        _figure(unit, tile.now.by_unit.get(unit, 0), before.get(unit, 0) if tile.before else None, shown, decimal)
        for unit in sorted(units or tile.now.by_unit)
    ]


def _figure(unit: str, now: Amount, before: "Amount | None", encode: Callable[..., object], decimal: str) -> Figure:
    def words(amount: Amount) -> str:
        return str(encode([amount], [unit])[0])  # type: ignore[index]

    if before is None:
        return Figure(visible(unit), words(now))
    change = now - before
    percent = _percent(change, before, decimal) if before else ""
    return Figure(visible(unit), words(now), _signed(words(change), change), percent, (change > 0) - (change < 0))


def _signed(text: str, amount: Amount) -> str:
    return f"+{text}" if amount > 0 else text


def _percent(change: Amount, before: Amount, decimal: str) -> str:
    """Return the change as a percentage of the earlier amount, with one decimal, rounded half up exactly."""
    from fractions import Fraction

    part = Fraction(change) / abs(Fraction(before)) * _PER_MILLE
    tenths = half_up(part.numerator, part.denominator)
    whole, rest = divmod(abs(tenths), 10)
    sign = "+" if tenths > 0 else "-" if tenths < 0 else ""
    return f"{sign}{whole:,}.{rest} %".translate(str.maketrans(",.", ".,") if decimal == "," else {})
