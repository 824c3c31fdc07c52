"""Cells to text: one encoder per column, chosen once, for machines and for people."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date

from segcli.money import exponent, to_human, to_text
from segcli.overview import NUMERIC, Cell, Column, Row, Table
from segcli.text import visible

Encoder = Callable[[Cell, str], str]  # a cell and the currency of its row


def number(value: float) -> str:
    """Return the plain text of a number, without an exponent or a needless fraction."""
    text = f"{value:.6f}".rstrip("0").rstrip(".")
    return "0" if text == "-0" else text


def machine(column: Column, text: Callable[[str], str]) -> Encoder:
    """Return what writes a column's cells for machines; `text` is what the format does to text."""
    if column.kind == "money":
        return lambda cell, currency: "" if cell is None else to_text(int(cell), currency)
    if column.kind in {"decimal", "percent"}:
        return lambda cell, _: "" if cell is None else number(float(cell))
    if column.kind in {"integer", "flag", "date"}:
        return lambda cell, _: "" if cell is None else str(cell)
    return lambda cell, _: "" if cell is None else text(str(cell))


def human(column: Column, decimal: str) -> Encoder:
    """Return what writes a column's cells for people: thousands separators, yes for a flag, nothing hidden."""
    if column.kind == "money":
        return lambda cell, currency: "" if cell is None else to_human(int(cell), currency, decimal)
    if column.kind == "percent":
        return lambda cell, _: "" if cell is None else f"{float(cell):.1f} %".replace(".", decimal)
    if column.kind == "decimal":
        return lambda cell, _: "" if cell is None else number(float(cell)).replace(".", decimal)
    if column.kind == "flag":
        return lambda cell, _: "yes" if cell else ""
    return lambda cell, _: column.empty if cell is None else visible(str(cell))


def currency_of(table: Table) -> Callable[[Row], str]:
    """Return what tells the currency of a row."""
    place = table.currency_at
    if place is None:
        return lambda _row: table.currency
    return lambda row: str(row[place] or table.currency)


def lines(table: Table, encoders: Sequence[Encoder]) -> Iterator[list[str]]:
    """Yield the rows as texts, the hidden currency left out."""
    currency = currency_of(table)
    for row in table.rows:
        code = currency(row)
        yield [encode(cell, code) for encode, cell in zip(encoders, row, strict=False)]


def is_right(column: Column) -> bool:
    """Tell whether a column's cells stand on the right."""
    return column.kind in NUMERIC


class Totals:
    """Adds up what a table says is to be added up, money per currency."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._currency = currency_of(table)
        self._places = [at for at, column in enumerate(table.columns) if column.total == "sum"]
        self._sums: dict[str, list[int]] = {}
        self._decimals = {exponent(table.currency)}

    def add(self, row: Row) -> None:
        """Add a row."""
        sums = self._sums.setdefault(self._currency(row), [0] * len(self._places))
        for index, at in enumerate(self._places):
            cell = row[at]
            if cell is not None:
                sums[index] += int(cell)

    def watch(self, rows: Iterator[Row]) -> Iterator[Row]:
        """Yield the rows, adding them up."""
        for row in rows:
            self.add(row)
            yield row

    def rows(self, decimal: str) -> list[list[str]]:
        """Return a row of totals per currency, as people read them; none where nothing is added up."""
        if not self._table.with_totals or not self._places or not self._sums:
            return []
        has_money = any(self._table.columns[at].kind == "money" for at in self._places)
        several = has_money and len(self._sums) > 1
        sums = self._sums if has_money else {"": [sum(part) for part in zip(*self._sums.values(), strict=True)]}
        return [self._row(currency, sums[currency], decimal, several=several) for currency in sorted(sums)]

    def _row(self, currency: str, sums: Sequence[int], decimal: str, *, several: bool) -> list[str]:
        cells = [""] * len(self._table.columns)
        for at, total in zip(self._places, sums, strict=True):
            cells[at] = human(self._table.columns[at], decimal)(total, currency)
        label = f"Total {currency}" if several else "Total"
        free = next((at for at, cell in enumerate(cells) if not cell), None)
        if free is not None:
            cells[free] = label
        return cells


def iso(cell: Cell) -> date | None:
    """Return the day of a date cell."""
    return date.fromisoformat(str(cell)) if cell else None
