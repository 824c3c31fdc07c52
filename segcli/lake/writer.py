"""Parquet files of the lake: written in record batches with zstd, in constant memory, and hashed on the way."""

import hashlib
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from segcli.lake import manifest

if TYPE_CHECKING:
    from pyarrow import RecordBatch

GROUP_ROWS, GROUP_BYTES = (
    131_072,
    12 << 20,
)  # most of a row group before it is compressed, which is what memory depends on
Columns = Sequence[tuple[str, str]]  # names with their Arrow types
Batches = Iterable["RecordBatch"]
Tick = Callable[[int], None]  # called with a number of rows that were written


class Written(NamedTuple):
    """A finished file: its number of rows, its size, and the digests of its footer and of the whole."""

    rows: int
    size: int
    footer: str
    whole: str


class _Sink:
    """A new private file that hashes what is written to it, and counts its own position."""

    closed = False

    def __init__(self, number: int) -> None:
        self._number = number
        self._digest = hashlib.sha256()

    def write(self, data: bytes) -> int:
        """Write all of the data."""
        view = memoryview(data)
        self._digest.update(view)
        while view:
            view = view[os.write(self._number, view) :]
        return len(data)

    def flush(self) -> None:
        """Do nothing: nothing is buffered here."""

    def close(self) -> None:
        """Leave the file open; it is synced first."""

    def hexdigest(self) -> str:
        """Return the SHA-256 of what was written."""
        return self._digest.hexdigest()


def write(path: Path, columns: Columns, batches: Batches, tick: Tick) -> Written:
    """Write a new file with mode 0600; when this returns it is on disk."""
    import pyarrow as pa
    from pyarrow import parquet

    schema = pa.schema([(name, pa.type_for_alias(kind)) for name, kind in columns])
    rows = 0
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.fchmod(number, 0o600)  # the umask may have taken rights away
        sink = _Sink(number)
        with parquet.ParquetWriter(sink, schema, compression="zstd") as writer:
            for group in _groups(batches):
                table = pa.Table.from_batches(group).cast(schema)
                writer.write_table(table, row_group_size=GROUP_ROWS)
                rows += table.num_rows
                tick(table.num_rows)
        os.fsync(number)
    finally:
        os.close(number)
    size, footer = manifest.footer_of(path)
    return Written(rows, size, footer, sink.hexdigest())


def _groups(batches: Batches) -> Iterator[list["RecordBatch"]]:
    """Gather batches into row groups; the last one, possibly empty, is always there."""
    group: list[RecordBatch] = []
    rows = size = 0
    for batch in batches:
        group.append(batch)
        rows += batch.num_rows
        size += batch.nbytes
        if rows >= GROUP_ROWS or size >= GROUP_BYTES:
            yield group
            group, rows, size = [], 0, 0
    if group:
        yield group


def batch(columns: Columns, rows: Sequence[Sequence[object]]) -> "RecordBatch":
    """Return rows of Python as a record batch."""
    import pyarrow as pa

    schema = pa.schema([(name, pa.type_for_alias(kind)) for name, kind in columns])
    cells = list(zip(*rows, strict=True)) or [()] * len(columns)
    return pa.record_batch(
        [pa.array(part, kind) for part, kind in zip(cells, schema.types, strict=True)], schema=schema
    )
