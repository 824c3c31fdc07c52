"""Subtotals of the groups of a table, whose rows come group by group: amounts per currency."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import NamedTuple

from segcli.base.record import replace
from segcli.domain import row_totals
from segcli.domain.table import Cell, Grouping, Row, Table
from segcli.output.render.parts.cell_text import Block, currencies
from segcli.output.render.parts.totals import Totals

NONE = "(none)"  # stands for an empty value of the group
End = tuple[Cell, str, Row]  # the value of the group, the currency, and a cell per column (None if nothing was added)


class Step(NamedTuple):
    """Rows of one group and currency, or the subtotals of the group that they end."""

    rows: Block = ()
    code: str = ""
    ends: Sequence[End] = ()
    is_split: bool = (
        False  # the label needs the currency: amounts in another one than the administration's, or in several
    )


class Subtotals:
    """Adds up rows as they are streamed. With a row limit, a subtotal is that of all rows of its group."""

    def __init__(self, table: Table, grouping: Grouping) -> None:
        self._plain = replace(table, with_totals=True, whole=None, grouping=None)
        self._table = table
        self._at = grouping.at
        self._whole = table.whole() if table.whole else None
        self._has_money = row_totals.has_money(table.columns)

    def steps(self, blocks: Iterable[Block]) -> Iterator[Step]:
        """Yield the rows in runs of one group and currency, and the subtotals after each group."""
        group: Cell = None
        sums: Totals | None = None
        for block in blocks:
            pairs = zip(currencies(self._table, block), block, strict=True)
            for (code, found), run in groupby(pairs, key=lambda pair: (pair[0], pair[1][self._at])):
                if sums is not None and found != group:
                    yield self._end(group, sums)
                    sums = None
                group, sums = found, sums or Totals(self._plain)
                rows = [row for _, row in run]
                sums.add(rows)
                yield Step(rows, code)
        if sums is not None:
            yield self._end(group, sums)

    def _end(self, group: Cell, sums: Totals) -> Step:
        lines = self._whole.groups.get(group, {}) if self._whole else {code: row for _, code, row in sums.lines()}
        ends = [(group, code, lines[code]) for code in sorted(lines)]
        is_split = self._has_money and {code for _, code, _ in ends} != {self._table.currency}
        return Step(ends=ends, is_split=is_split)
