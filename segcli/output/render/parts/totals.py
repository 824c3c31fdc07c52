"""Totals of a table's rows, amounts per currency."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from segcli.domain import row_totals
from segcli.domain.table import Cell, Row, Table
from segcli.output.render.parts.cell_text import Block, currencies


class Totals:
    """Adds up rows as they are streamed. With a row limit, the totals are those of all rows."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._whole = table.whole() if table.whole and table.with_totals else None
        self._places = row_totals.places(table.columns) if table.with_totals else []
        self._has_money = row_totals.has_money(table.columns)
        self._sums: dict[str, list[Any]] = {}

    def watch(self, blocks: Iterable[Block]) -> Iterator[Block]:
        """Yield the blocks and add them up."""
        for block in blocks:
            self.add(block)
            yield block

    def add(self, block: Block) -> None:
        """Add up the rows of a block."""
        if self._places and not self._whole:
            for code, rows in self._by_currency(block).items():
                self._add(code, rows)

    def _by_currency(self, block: Block) -> dict[str, Sequence[Row]]:
        """Return the rows per currency; all rows together if no amounts are added up."""
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

    def lines(self) -> Iterator[tuple[str, str, Row]]:
        """Yield a label, a currency and a cell per column (None if nothing was added), sorted by currency."""
        found = self._whole.sums if self._whole else self._added()
        label = self._table.word("Total")
        for code in sorted(found if self._places else ()):
            yield label if len(found) == 1 else f"{label} {code}", code, found[code]

    def _added(self) -> dict[str, Row]:
        """Return the sums of the streamed rows per currency, one cell per column."""
        found: dict[str, Row] = {}
        for code, sums in self._sums.items():
            cells: list[Cell] = [None] * len(self._table.columns)
            for at, total in zip(self._places, sums, strict=True):
                cells[at] = total
            found[code] = cells
        return found
