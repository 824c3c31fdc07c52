"""A table as people read it: headings, rows and totals as text that is safe to display."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from segcli.base.money import to_human
from segcli.base.text import visible
from segcli.domain.table import NUMERIC, Column, Table
from segcli.output.render.parts.cell_text import Cells, Encoder, blocks, encoded, number, rounded, texts
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


@dataclass(slots=True)
class Shown:
    """A table as text. `rows` can be read once; `ends` (totals) are complete after that."""

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
    is_choosable: bool = False  # --columns names the columns to show

    def of(self, places: Sequence[int]) -> "Shown":
        """Return the table with only the columns at these indexes."""

        def picked(cells: Sequence[Item]) -> list[Item]:
            return [cells[at] for at in places]

        return Shown(
            tuple(picked(self.columns)),
            self.title,
            picked(self.heads),
            (picked(line) for line in self.rows),
            ((label, cells) for label, cells in ((label, picked(cells)) for label, cells in self.ends) if any(cells)),
            self.caption,
            picked(self.rights),
            is_part=self.is_part,
            total=self.total,
            is_choosable=self.is_choosable,
        )

    def totals(self) -> list[Line]:
        """Return the total lines, each with its label in the first text column without a total."""
        return [self._labelled(label, cells) for label, cells in self.ends]

    def _labelled(self, label: str, cells: list[str]) -> Line:
        place = label_place(self.columns)
        return [*cells[:place], f"{label} {cells[place]}".rstrip(), *cells[place + 1 :]]


def label_place(columns: Sequence[Column]) -> int:
    """Return the index of the column that has the labels of totals: the first text column without a total."""
    free = [at for at, column in enumerate(columns) if not column.total]
    words = [at for at in free if columns[at].kind in {"text", "code"}]
    return (words or free or [0])[0]


def shown(table: Table, decimal: str, dates: str = "iso") -> Shown:
    """Return a table as text, with this decimal sign and this order of dates (iso, dmy or mdy)."""
    totals = Totals(table)
    encoders = [encoder(column, decimal, dates, table.word("yes")) for column in table.columns]
    return Shown(
        columns=table.columns,
        title=visible(table.title),
        heads=[visible(column.title) for column in table.columns],
        rows=(line for block in totals.watch(blocks(table.rows)) for line in encoded(table, block, encoders)),
        ends=_ends(table, totals, encoders),
        caption=visible(table.about),
        rights=[column.kind in NUMERIC for column in table.columns],
        keeps=table.keeps,
        is_part=bool(table.part),
        total=table.word("Total"),
        is_choosable=table.is_choosable,
    )


def _ends(table: Table, totals: Totals, encoders: Sequence[Encoder]) -> Iterator[tuple[str, list[str]]]:
    for label, code, cells in totals.lines():
        codes = [table.currency if column.is_base else code for column in table.columns]
        whole = [rounded(column, cell) for column, cell in zip(table.columns, cells, strict=True)]
        parts = zip(encoders, whole, codes, strict=True)
        yield label, ["" if cell is None else encode([cell], [code])[0] for encode, cell, code in parts]


def encoder(column: Column, decimal: str, dates: str = "iso", yes: str = "yes") -> Encoder:
    """Return a column's encoder for people: thousands separators, a word for a flag, control characters visible."""
    kinds: dict[str, Encoder] = {
        "money": lambda cells, codes: [
            "" if cell is None else to_human(cell, code, decimal) for cell, code in zip(cells, codes, strict=True)
        ],
        "percent": lambda cells, _: ["" if cell is None else _percent(cell, decimal) for cell in cells],
        "decimal": lambda cells, _: ["" if cell is None else _decimal(cell, decimal) for cell in cells],
        "integer": lambda cells, _: ["" if cell is None else str(cell) for cell in cells],
        "flag": lambda cells, _: [yes if cell else "" for cell in cells],
    }
    if column.kind == "date" and dates != "iso":
        return lambda cells, _: [_day(cell, dates) for cell in _visible(cells, column.empty)]
    return kinds.get(column.kind) or (lambda cells, _: _visible(cells, column.empty))


def _percent(value: "float | Decimal", decimal: str) -> str:
    text = _fixed(value, 2)
    return f"{'0.00' if text == '-0.00' else text} %".replace(".", decimal)


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
    return found if joined.isprintable() else list(map(visible, found))
