"""Readers: one module per file format, from a file to blocks of rows. No SQL, no knowledge of what rows mean."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

Place = int | str  # the physical line where a record starts, or a path such as $[3] or 'Sheet1'!3


class Block(NamedTuple):
    """Rows of one kind, as a file holds them.

    `kind` is None where the format does not say what the rows are: their headers then tell. `rows` is read
    once and lazily, in the order of the blocks; each row is as long as `header`. Where `is_canonical`, numbers
    are written 1234.56 and dates 2024-01-31, whatever the file's own way (JSON, XLSX, XML).
    """

    kind: str | None
    name: str  # the sheet or element, for messages; empty where the file is one table
    header: tuple[str, ...]
    rows: Iterable[tuple[Place, Sequence[str | None]]]
    is_canonical: bool


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read and what the user said about it."""

    path: Path
    name: str  # as the user wrote it; <stdin> for `-`
    encoding: str = ""  # empty: UTF-8, or UTF-16 where a byte order mark says so
    delimiter: str = ""  # empty: found from the header
