"""A table as people read it: headings, rows and totals as text that is safe to display."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, TypeVar

from segcli.base.money import exponent, to_human, to_human_texts
from segcli.base.record import replace
from segcli.base.text import is_printable, visible
from segcli.domain.table import NUMERIC, Column, Grouping, Row, Table
from segcli.output.render.parts.cell_text import CACHED, Block, Cells, Encoder, blocks, encoded, number, rounded, texts
from segcli.output.render.parts.subtotals import NONE, Subtotals
from segcli.output.render.parts.totals import Totals

if TYPE_CHECKING:
    from decimal import Decimal

Item = TypeVar("Item")

MOST_ROWS = 1000  # rows beyond this are streamed
_DECIMALS = 6  # maximum for a number that is neither money nor a percentage
_ISO = re.compile(r"(\d{4})-(\d\d)-(\d\d)", re.ASCII)
_ORDERS = {"dmy": r"\3-\2-\1", "mdy": r"\2/\3/\1"}

Line = Sequence[str]
Ends = list[tuple[str, list[str]]]  # (label, one cell per column); '' for a column without a total


class SumLine(list[str]):
    """The cells of a subtotal, among the rows that it follows; its label is in the column of label_place."""

    __slots__ = ("cells", "label")

    def __init__(self, columns: Sequence[Column], label: str, cells: list[str]) -> None:
        super().__init__(_labelled(columns, label, cells))
        self.label = label
        self.cells = cells  # without the label


@dataclass(slots=True)
class Shown:
    """A table as text. `rows` can be read once, subtotals (SumLine) among them; `ends` (totals) are complete after that."""

    columns: tuple[Column, ...]
    title: str
    heads: list[str]
    rows: Iterator[Line]
    ends: Iterable[tuple[str, list[str]]]
    caption: str
    rights: list[bool]  # whether a column is right-aligned
    keeps: tuple[str, ...] = ()  # columns never dropped for lack of room; empty: all
    is_part: bool = False  # rows are limited; totals cover all rows
    total: str = "Total"  # what the label of a total begins with
    subtotal: str = "Subtotal"
    is_choosable: bool = False  # --columns names the columns to show

    def of(self, places: Sequence[int]) -> "Shown":
        """Return the table with only the columns at these indexes."""

        def picked(cells: Sequence[Item]) -> list[Item]:
            return [cells[at] for at in places]

        columns = tuple(picked(self.columns))

        def row(line: Line) -> Line:
            return SumLine(columns, line.label, picked(line.cells)) if isinstance(line, SumLine) else picked(line)

        return Shown(
            columns,
            self.title,
            picked(self.heads),
            map(row, self.rows),
            ((label, cells) for label, cells in ((label, picked(cells)) for label, cells in self.ends) if any(cells)),
            self.caption,
            picked(self.rights),
            is_part=self.is_part,
            total=self.total,
            subtotal=self.subtotal,
            is_choosable=self.is_choosable,
        )

    def totals(self) -> list[Line]:
        """Return the total lines, each with its label in the column of label_place."""
        return [_labelled(self.columns, label, cells) for label, cells in self.ends]


def _labelled(columns: Sequence[Column], label: str, cells: list[str]) -> list[str]:
    place = label_place(columns)
    return [*cells[:place], f"{label} {cells[place]}".rstrip(), *cells[place + 1 :]]


def count_rows(lines: Iterable[Line]) -> int:
    """Return how many of the lines are rows, not subtotals."""
    return sum(not isinstance(line, SumLine) for line in lines)


def label_place(columns: Sequence[Column]) -> int:
    """Return the index of the column that has the labels of totals.

    It has no total itself: the first text column, or the first of any kind if all texts are to the right of the totals.
    """
    free = [at for at, column in enumerate(columns) if not column.total]
    words = [at for at in free if columns[at].kind in {"text", "code"}]
    first = next((at for at, column in enumerate(columns) if column.total), len(columns))
    return ([at for at in words if at < first] or [at for at in free if at < first] or words or free or [0])[0]


def shown(table: Table, decimal: str, dates: str = "iso") -> Shown:
    """Return a table as text, with this decimal sign and this order of dates (iso, dmy or mdy)."""
    totals = Totals(table)
    encoders = [encoder(column, decimal, dates, table.word("yes")) for column in table.columns]
    return Shown(
        columns=table.columns,
        title=visible(table.title),
        heads=[visible(column.title) for column in table.columns],
        rows=_rows(table, totals, encoders, decimal, dates),
        ends=_ends(table, totals, encoders),
        caption=visible(table.about),
        rights=[column.kind in NUMERIC for column in table.columns],
        keeps=table.keeps,
        is_part=bool(table.part),
        total=table.word("Total"),
        subtotal=table.word("Subtotal"),
        is_choosable=table.is_choosable,
    )


def _rows(table: Table, totals: Totals, encoders: Sequence[Encoder], decimal: str, dates: str) -> Iterator[Line]:
    found = totals.watch(blocks(table.rows, CACHED))
    if table.grouping is None:
        return chain.from_iterable(encoded(table, block, encoders) for block in found)
    return _with_subtotals(
        table, table.grouping, found, encoders, encoder(replace(table.grouping.column, empty=NONE), decimal, dates)
    )


def _with_subtotals(
    table: Table, grouping: Grouping, found: Iterable[Block], encoders: Sequence[Encoder], name: Encoder
) -> Iterator[Line]:
    for step in Subtotals(table, grouping).steps(found):
        if step.rows:
            yield from encoded(table, step.rows, encoders)
        for group, code, cells in step.ends:
            label = f"{table.word('Subtotal')} {name([group], [''])[0]} {code if step.is_split else ''}".rstrip()
            yield SumLine(table.columns, label, _summed(table, code, cells, encoders))


def _ends(table: Table, totals: Totals, encoders: Sequence[Encoder]) -> Iterator[tuple[str, list[str]]]:
    for label, code, cells in totals.lines():
        yield label, _summed(table, code, cells, encoders)


def _summed(table: Table, code: str, cells: Row, encoders: Sequence[Encoder]) -> list[str]:
    """Return sums as texts, '' where nothing was added up."""
    codes = [table.currency if column.is_base else code for column in table.columns]
    whole = [rounded(column, cell) for column, cell in zip(table.columns, cells, strict=True)]
    parts = zip(encoders, whole, codes, strict=True)
    return ["" if cell is None else encode([cell], [code])[0] for encode, cell, code in parts]


def encoder(column: Column, decimal: str, dates: str = "iso", yes: str = "yes") -> Encoder:
    """Return a column's encoder for people: thousands separators, a word for a flag, control characters visible."""
    kinds: dict[str, Encoder] = {
        "money": lambda cells, codes: _money(cells, codes, decimal),
        "percent": lambda cells, _: ["" if cell is None else _percent(cell, decimal) for cell in cells],
        "decimal": lambda cells, _: ["" if cell is None else _decimal(cell, decimal) for cell in cells],
        "integer": lambda cells, _: ["" if cell is None else str(cell) for cell in cells],
        "flag": lambda cells, _: [yes if cell else "" for cell in cells],
    }
    if column.kind == "date" and dates != "iso":
        return lambda cells, _: [_day(cell, dates) for cell in _visible(cells, column.empty)]
    return kinds.get(column.kind) or (lambda cells, _: _visible(cells, column.empty))


def _money(cells: Cells, codes: Sequence[str], decimal: str) -> Cells:
    if len({exponent(code) for code in set(codes)}) == 1:  # nearly every column
        return to_human_texts(cells, codes[0], decimal)
    pairs = zip(cells, codes, strict=True)
    return ["" if cell is None else to_human(cell, code, decimal) for cell, code in pairs]


def _percent(value: "float | Decimal", decimal: str) -> str:
    text = _fixed(value, 2)
    is_zero = not text.strip("-0.")
    return f"{text.removeprefix('-') if is_zero else text} %".replace(".", decimal)


def _decimal(value: "float | Decimal", decimal: str) -> str:
    text = number(value)
    if len(text.partition(".")[2]) > _DECIMALS:
        text = _fixed(value, _DECIMALS).rstrip("0").removesuffix(".")
    return ("0" if text == "-0" else text).replace(".", decimal)


def _fixed(value: "float | Decimal", decimals: int) -> str:
    """Return a number with `decimals` decimals; decimal halves round away from zero: 0.25 to 0.3, and 0.35 to 0.4."""
    if isinstance(value, float) and 0.001 < value * 2 * 10**decimals % 1 < 0.999:  # noqa: PLR2004 - not near a half: nearly every number
        return f"{value:.{decimals}f}"
    text = number(value)
    if text[-1:] != "5" or len(text) - text.find(".") - 2 != decimals:
        return f"{value:.{decimals}f}"
    from decimal import ROUND_HALF_UP, Decimal

    return f"{Decimal(text).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP):f}"


def _day(text: str | None, order: str) -> str:
    """Return a date in the order of the setting; other texts are unchanged."""
    match = _ISO.fullmatch(text or "")
    return match.expand(_ORDERS[order]) if match else text or ""


def _visible(cells: Cells, empty: str) -> Cells:
    if empty and None in cells:
        cells = [empty if cell is None else cell for cell in cells]
    found, joined = texts(cells)
    return found if is_printable(joined) else list(map(visible, found))
