r"""Cells to text for machines: each column has an encoder, which encodes the column of a whole block at once.

Encoding by column leaves most of the work to loops in C: one test of the joined text tells whether any of hundreds of
texts needs escaping.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeVar

from segcli.base.escaping import MARK, written
from segcli.base.money import exponent, half_up, to_text, to_texts
from segcli.base.text import is_printable
from segcli.domain.table import Column, Row, Table

if TYPE_CHECKING:
    from decimal import Decimal

BLOCK = 1000
CACHED = 400  # rows whose cells and texts fit a processor's cache together

_INFINITE = frozenset({float("inf"), float("-inf")})
_PLAIN = (int, float)

Item = TypeVar("Item")
Cells = Sequence[Any]
Encoder = Callable[[Cells, Sequence[str]], Cells]  # (column of a block, currency of each row) -> texts
Block = Sequence[Row]


def blocks(rows: Iterable[Item], size: int | None = None) -> Iterator[list[Item]]:
    """Yield the rows in blocks of at most `size` rows; default: a thousand."""
    rest = iter(rows)
    while block := list(islice(rest, size or BLOCK)):
        yield block


def currencies(table: Table, block: Block) -> Sequence[str]:
    """Return the currency of each row; the default is the administration's currency."""
    at = table.currency_at
    if at is None:
        return [table.currency] * len(block)
    return [str(row[at] or table.currency) for row in block]


def encoded(table: Table, block: Block, encoders: Sequence[Encoder]) -> list[tuple[Any, ...]]:
    """Return the rows of a block as texts, without the hidden currency column."""
    return list(zip(*encoded_columns(table, block, encoders), strict=True))


def encoded_columns(table: Table, block: Block, encoders: Sequence[Encoder]) -> list[Cells]:
    """Return the columns of a block as texts, without the hidden currency column."""
    codes, base = currencies(table, block), [table.currency] * len(block)
    parts = zip(encoders, table.columns, zip(*block, strict=True), strict=False)
    return [encode(_whole(column, cells), base if column.is_base else codes) for encode, column, cells in parts]


def _whole(column: Column, cells: Cells) -> Cells:
    return cells if column.parts == 1 else [rounded(column, cell) for cell in cells]


def rounded(column: Column, cell: Any) -> Any:  # noqa: ANN401 - a cell
    """Return an amount in fractions of the minor unit (Column.parts) in whole minor units, rounded half up."""
    return cell if column.parts == 1 or cell is None else half_up(cell, column.parts)


def encoded_blocks(table: Table, encoders: Sequence[Encoder]) -> Iterator[list[tuple[Any, ...]]]:
    """Yield the blocks of a table as rows of texts."""
    return (encoded(table, block, encoders) for block in blocks(table.rows, CACHED))


def number(value: "float | Decimal | None") -> str:
    """Return all digits of a number, without exponent or trailing ".0"; '' for None and infinity."""
    if value is None or value in _INFINITE:
        return ""
    if not isinstance(value, _PLAIN):  # an exact price
        return f"{value.normalize():f}"
    text = repr(value)
    if "e" in text:
        from decimal import Decimal

        text = f"{Decimal(text):f}"
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text


def money(cells: Cells, codes: Sequence[str]) -> Cells:
    """Return amounts with a decimal point and no thousands separators; '' for None."""
    if len({exponent(code) for code in set(codes)}) == 1:  # nearly every column
        return to_texts(cells, codes[0])
    return ["" if cell is None else to_text(cell, code) for cell, code in zip(cells, codes, strict=True)]


def texts(cells: Cells) -> tuple[Sequence[str], str]:
    """Return the cells as texts (None as ''), and all of them joined by MARK for fast checks."""
    try:
        return cells, MARK.join(cells)
    except TypeError:  # a cell is None or not a string
        found = ["" if cell is None else str(cell) for cell in cells]
        return found, MARK.join(found)


def cleaned(cells: Cells, _codes: Sequence[str]) -> Cells:
    """Return texts with control characters escaped; import reverses the escapes."""
    found, joined = texts(cells)
    return found if is_harmless(joined) else list(map(written, found))


def is_harmless(joined: str) -> bool:
    """Tell whether no text of these has to be escaped by `written`."""
    return is_printable(joined) and "\\x" not in joined


def _integers(cells: Cells, _codes: Sequence[str]) -> Cells:
    return ["" if cell is None else str(cell) for cell in cells]


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
