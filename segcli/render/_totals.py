"""Totals: what a table says is to be added up, money by currency."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from segcli.overview import Row, Table
from segcli.render._cells import Block, currencies


class Totals:
    """Adds up the rows that pass by, in constant memory."""

    def __init__(self, table: Table) -> None:
        self._table = table
        wanted = table.with_totals
        self._places = [at for at, column in enumerate(table.columns) if wanted and column.total == "sum"]
        summed = [table.columns[at] for at in self._places]
        self._has_money = any(column.kind == "money" and not column.is_base for column in summed)
        self._sums: dict[str, list[Any]] = {}

    def watch(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """Yield the blocks, adding them up."""
        for block in blocks:
            if self._places:
                for code, rows in self._by_currency(block).items():
                    self._add(code, rows)
            yield block

    def _by_currency(self, block: Block) -> dict[str, Sequence[Row]]:
        """Return the rows of each currency; all of them together where there is no money to keep apart."""
        codes = currencies(self._table, block)
        if not self._has_money or len(set(codes)) == 1:
            return {codes[0] if self._has_money else self._table.currency: block}
        groups: dict[str, list[Row]] = {}
        for code, row in zip(codes, block, strict=True):
            groups.setdefault(code, []).append(row)
        return dict(groups)

    def _add(self, code: str, rows: Sequence[Row]) -> None:
        sums = self._sums.setdefault(code, [None] * len(self._places))
        for index, at in enumerate(self._places):
            cells: list[Any] = [row[at] for row in rows if row[at] is not None]
            if cells:
                sums[index] = sum(cells, sums[index] or 0)

    def lines(self) -> Iterator[tuple[str, str, Sequence[Any]]]:
        """Yield a label, a currency and a cell per column (None where nothing was added), in order of currency."""
        for code in sorted(self._sums):
            cells: list[Any] = [None] * len(self._table.columns)
            for at, total in zip(self._places, self._sums[code], strict=True):
                cells[at] = total
            yield "Total" if len(self._sums) == 1 else f"Total {code}", code, cells
