r"""Cells to text for machines: an encoder per column, chosen once, that takes a column of a block in one go.

Working by column leaves most of the work to loops in C: whether a thousand texts hold anything to escape is one
question about all of them joined.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any

from segcli.base.escaping import written
from segcli.base.money import exponent, half_up, to_text
from segcli.domain.table import Column, Row, Table

if TYPE_CHECKING:
    from decimal import Decimal

BLOCK = 1000

Cells = Sequence[Any]
Encoder = Callable[[Cells, Sequence[str]], Cells]  # a column of a block, and the currency of each of its rows
Block = Sequence[Row]


def blocks(rows: Iterable[Row]) -> Iterator[Block]:
    """Yield the rows, at most a thousand at a time."""
    rest = iter(rows)
    while block := list(islice(rest, BLOCK)):
        yield block


def currencies(table: Table, block: Block) -> Sequence[str]:
    """Return the currency of each row; the administration's own where a row has none."""
    at = table.currency_at
    if at is None:
        return [table.currency] * len(block)
    return [str(row[at] or table.currency) for row in block]


def encoded(table: Table, block: Block, encoders: Sequence[Encoder]) -> list[tuple[Any, ...]]:
    """Return the rows of a block as texts, the hidden currency behind the columns left out."""
    return list(zip(*encoded_columns(table, block, encoders), strict=True))


def encoded_columns(table: Table, block: Block, encoders: Sequence[Encoder]) -> list[Cells]:
    """Return the columns of a block as texts, the hidden currency behind them left out."""
    codes, base = currencies(table, block), [table.currency] * len(block)
    parts = zip(encoders, table.columns, zip(*block, strict=True), strict=False)
    return [encode(_whole(column, cells), base if column.is_base else codes) for encode, column, cells in parts]


def _whole(column: Column, cells: Cells) -> Cells:
    return cells if column.parts == 1 else [rounded(column, cell) for cell in cells]


def rounded(column: Column, cell: Any) -> Any:  # noqa: ANN401 - a cell
    """Return the cell of a column of money in whole units, rounded half up; any other as it is."""
    return cell if column.parts == 1 or cell is None else half_up(cell, column.parts)


def encoded_blocks(table: Table, encoders: Sequence[Encoder]) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the blocks of a table, each as rows of texts."""
    return (encoded(table, block, encoders) for block in blocks(table.rows))


def number(value: "float | Decimal | None") -> str:
    """Return the plain digits of a number, all of them: no exponent, no superfluous fraction; '' for none or infinite."""
    if value is None or value in {float("inf"), float("-inf")}:
        return ""
    if not isinstance(value, int | float):  # an exact price
        return f"{value.normalize():f}"
    text = repr(value)
    if "e" in text:
        from decimal import Decimal

        text = f"{Decimal(text):f}"
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text


def money(cells: Cells, codes: Sequence[str]) -> Cells:
    """Return amounts as machines read them, '' for none."""
    if None not in cells and {exponent(code) for code in set(codes)} == {2}:
        # What `to_text` does, by the short way that nearly every column can take.
        found = list(map(str, cells))
        return [f"{t[:-2]}.{t[-2:]}" if len(t) > 3 else to_text(int(t), codes[0]) for t in found]  # noqa: PLR2004 - -1.00
    return ["" if cell is None else to_text(cell, code) for cell, code in zip(cells, codes, strict=True)]


def texts(cells: Cells) -> tuple[Sequence[str], str]:
    """Return the cells as texts (None as ''), and the joined text for fast checks."""
    try:
        return cells, "".join(cells)
    except TypeError:  # a cell is None or not a string
        found = ["" if cell is None else str(cell) for cell in cells]
        return found, "".join(found)


def cleaned(cells: Cells, _codes: Sequence[str]) -> Cells:
    """Return texts with control characters escaped; import reverses the escapes."""
    found, joined = texts(cells)
    return found if joined.isprintable() and "\\x" not in joined else list(map(written, found))


def _integers(cells: Cells, _codes: Sequence[str]) -> Cells:
    return list(map(str, cells)) if None not in cells else ["" if cell is None else str(cell) for cell in cells]


def _numbers(cells: Cells, _codes: Sequence[str]) -> Cells:
    return [number(cell) for cell in cells]


_KINDS: dict[str, Encoder] = {
    "money": money,
    "decimal": _numbers,
    "percent": _numbers,
    "integer": _integers,
    "flag": _integers,
    "date": cleaned,
}


def machine(column: Column, text: Encoder) -> Encoder:
    """Return the encoder of a column for machine formats; `text` is the format's encoder for text and codes."""
    return _KINDS.get(column.kind, text)
