"""Apache Parquet for DuckDB, pandas and Polars: exact amounts, dates, numbers; needs segcli[parquet]."""

from collections.abc import Callable, Sequence
from datetime import date
from decimal import Decimal
from types import ModuleType
from typing import IO, TYPE_CHECKING

from segcli.base.errors import SegcliError
from segcli.base.money import MOST, MOST_DECIMALS, exponent
from segcli.domain.table import Column, Table
from segcli.output.render.parts.cell_text import Block, Cells, blocks, currencies, rounded, texts
from segcli.output.render.parts.style import Style

if TYPE_CHECKING:
    from pyarrow import DataType, RecordBatch, Schema

# One type for all amounts, so that the schema does not depend on the data: 64-bit minor units with as many decimals as
# any currency has.
_DECIMALS = MOST_DECIMALS
_DIGITS = len(str(MOST)) + _DECIMALS
_GROUP = 64  # blocks of a thousand rows per row group


def render(table: Table, file: IO[bytes], style: Style) -> int:  # noqa: ARG001 - all renderers are called alike
    """Write the table and return its number of rows. Raises SegcliError if pyarrow is not installed."""
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ModuleNotFoundError as error:
        raise SegcliError("parquet needs the package pyarrow", "install it: pip install 'segcli[parquet]'") from error
    schema = pa.schema([(column.name, _type(column, pa)) for column in table.columns])
    count, group = 0, []
    with parquet.ParquetWriter(_Sink(file), schema, compression="zstd") as writer:
        for block in blocks(table.rows):
            group.append(_batch(table, block, schema, pa))
            count += len(block)
            if len(group) == _GROUP:
                writer.write_table(pa.Table.from_batches(group, schema))
                group = []
        writer.write_table(pa.Table.from_batches(group, schema))
    return count


class _Sink:
    """A write-only file that counts its own position, because a pipe has none."""

    closed = False

    def __init__(self, file: IO[bytes]) -> None:
        self.write = file.write
        self.flush = file.flush

    def close(self) -> None:
        """Leave the file open; its owner closes it."""


def _type(column: Column, pa: ModuleType) -> "DataType":
    kinds = {
        "money": pa.decimal128(_DIGITS, _DECIMALS),
        "date": pa.date32(),
        "integer": pa.int64(),
        "decimal": pa.float64(),
        "percent": pa.float64(),
        "flag": pa.bool_(),
    }
    return kinds.get(column.kind, pa.string())


def _batch(table: Table, block: Block, schema: "Schema", pa: ModuleType) -> "RecordBatch":
    codes, base = currencies(table, block), [table.currency] * len(block)
    parts = zip(table.columns, zip(*block, strict=True), strict=False)
    found = [_KINDS.get(c.kind, _texts)(c, cells, base if c.is_base else codes) for c, cells in parts]
    arrays = [pa.array(cells, kind) for cells, kind in zip(found, schema.types, strict=True)]
    return pa.record_batch(arrays, schema=schema)


def _money(column: Column, cells: Cells, codes: Sequence[str]) -> Cells:
    whole = (rounded(column, cell) for cell in cells)
    return [None if n is None else Decimal(n).scaleb(-exponent(code)) for n, code in zip(whole, codes, strict=True)]


def _dates(column: Column, cells: Cells, _codes: Sequence[str]) -> Cells:
    try:
        return [date.fromisoformat(cell) if cell else None for cell in cells]
    except ValueError as error:
        raise SegcliError(f"{column.name}: {error}", "write csv instead") from error


def _numbers(_column: Column, cells: Cells, _codes: Sequence[str]) -> Cells:
    return [None if cell is None else float(cell) for cell in cells]


def _flags(_column: Column, cells: Cells, _codes: Sequence[str]) -> Cells:
    return [None if cell is None else bool(cell) for cell in cells]


def _as_is(_column: Column, cells: Cells, _codes: Sequence[str]) -> Cells:
    return cells


def _texts(_column: Column, cells: Cells, _codes: Sequence[str]) -> Cells:
    """Return texts unchanged, except that lone surrogates, which UTF-8 cannot encode, are escaped."""
    found, joined = texts(cells)
    if not joined.isprintable():
        found = [text.encode("utf-8", "backslashreplace").decode() for text in found]
    return [None if cell is None else text for cell, text in zip(cells, found, strict=True)]


_KINDS: dict[str, Callable[[Column, Cells, Sequence[str]], Cells]] = {
    "money": _money,
    "date": _dates,
    "integer": _as_is,
    "decimal": _numbers,
    "percent": _numbers,
    "flag": _flags,
}
