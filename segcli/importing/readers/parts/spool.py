"""Rows held back until the whole file is read, on disk beyond a few thousand, so that memory stays bounded.

A column that the file does not fill must not clear stored values, and only after the last row is it known which
columns are filled.
"""

import json
import tempfile
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import IO

from segcli.base import scratch
from segcli.base.errors import Problem
from segcli.importing.readers import BadRow, Block, Place, Source
from segcli.importing.readers.parts.values import UnreadableError

Row = tuple[Place, list[str | None]]
_BATCH = 2000


class Spool:
    """The rows of one kind, in the order they were added."""

    def __init__(self, source: Source, kind: str, header: Sequence[str]) -> None:
        self.source, self.kind, self.header = source, kind, tuple(header)
        self._unfilled = set(self.header)
        self._recent: list[Row | BadRow] = []
        self._file: IO[bytes] | None = None

    def __bool__(self) -> bool:
        """Tell whether there are rows."""
        return bool(self._recent or self._file)

    def add(self, place: Place, record: Mapping[str, str | None]) -> None:
        """Add a row; fields missing from the record are empty."""
        self._unfilled -= {name for name in self._unfilled if record.get(name) is not None}
        self._put((place, [record.get(name) for name in self.header]))

    def take(self, place: Place, make: Callable[[], Mapping[str, str | None]]) -> None:
        """Add the row that `make` returns, or a bad row if it raises UnreadableError."""
        try:
            record = make()
        except UnreadableError as error:
            self.reject(place, error)
        else:
            self.add(place, record)

    def reject(self, place: Place, error: UnreadableError) -> None:
        """Add a bad row."""
        place = error.line or place
        wrong = Problem(self.source.name, place, error.column, error.value, error.reason, error.fix)
        self._put(BadRow(wrong, place))

    def fills(self, name: str, *, is_filled: bool = True) -> None:
        """Force a column to be treated as filled or unfilled."""
        (self._unfilled.discard if is_filled else self._unfilled.add)(name)

    def joined(self, other: "Spool") -> "Spool":
        """Return an empty spool in which a column is filled if it is filled in either spool."""
        both = Spool(self.source, self.kind, self.header)
        for name in self.header:
            both.fills(name, is_filled=not (self.lacks(name) and other.lacks(name)))
        return both

    def lacks(self, name: str) -> bool:
        """Tell whether no row fills this column."""
        return name in self._unfilled

    def rows(self) -> Iterator[Row | BadRow]:
        """Yield the rows, each as wide as the header; callers may modify them."""
        at = 0
        while self._file:
            self._file.seek(at)
            batch = self._file.readline()
            if not batch:
                break
            at += len(batch)
            yield from (_thawed(row) for row in json.loads(batch))
        yield from (row if isinstance(row, BadRow) else (row[0], list(row[1])) for row in self._recent)

    def block(self, rows: Iterable[Row | BadRow] | None = None) -> Block:
        """Return the block without unfilled columns; `rows` replaces the spool's own rows."""
        filled = [at for at, name in enumerate(self.header) if name not in self._unfilled]
        filled = filled or list(range(len(self.header)))  # if there are only bad rows
        kept = tuple(self.header[at] for at in filled)
        return Block(
            self.kind, self.kind, kept, _picked(self.rows() if rows is None else rows, filled), is_canonical=True
        )

    def _put(self, row: Row | BadRow) -> None:
        self._recent.append(row)
        if len(self._recent) >= _BATCH:
            self._flush()

    def _flush(self) -> None:
        if self._file is None:
            self._file = tempfile.TemporaryFile(prefix="segcli-", dir=scratch.temporary())  # noqa: SIM115 - goes with the spool
            weakref.finalize(self, self._file.close)
        self._file.seek(0, 2)
        self._file.write(json.dumps(self._recent).encode() + b"\n")
        self._recent = []


def _thawed(row: Sequence[object]) -> Row | BadRow:
    first, second, *_ = row
    if isinstance(first, list):  # the problem of a bad row
        return BadRow(Problem(*first), first[1])
    return first, second  # type: ignore[return-value]


def _picked(rows: Iterable[Row | BadRow], filled: Sequence[int]) -> Iterator[Row | BadRow]:
    for row in rows:
        yield row if isinstance(row, BadRow) else (row[0], [row[1][at] for at in filled])
