"""Readers: one module per file format, from a file to blocks of rows. No SQL, no knowledge of what rows mean.

A reader module has ORDER (which is asked first), recognises(head) -> bool and read(source) -> blocks.
"""

import codecs
import hashlib
import importlib
import os
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from segcli.base import file_guard
from segcli.base.errors import Problem, SegcliError
from segcli.base.text import visible

Place = int | str  # the physical line where a record starts, or a path such as $[3] or Sheet1!3
STDIN = file_guard.STDIN
HEAD_BYTES = 4096
MOST_UNPACKED = 2_000_000_000  # bytes of a pipe, and of what gzip packed
MOST_RATIO = 200  # how much smaller gzip makes a table; beyond it a file is made to fill disks
MOST_COLUMNS = 1000
TITLES = 20  # rows, within which a table begins
_CHUNK = 1 << 20
_SURELY_FINE = 100_000_000  # bytes, whatever the ratio
_OF_EXCEL = "~$"  # begins the name of the small file that stands beside a workbook while it is open
_ESCAPES = frozenset(
    {"idna", "punycode", "unicode-escape", "raw-unicode-escape", "utf-7", "undefined"}
)  # no file is in them
# The order in which formats are tried: the surest marks first; CSV takes what is left.
_READERS = ("xlsx", "saft", "xaf", "exact_xml", "ubl", "json", "ecb", "csv")


class BadRow(NamedTuple):
    """A row that cannot be taken: what is wrong with it, where it stands, and its cells as they are."""

    problem: Problem
    place: Place
    cells: tuple[str, ...] = ()


class Block(NamedTuple):
    """Rows of one kind, as a file holds them.

    `kind` is None where the format does not say what the rows are: their headers then tell. `rows` is read
    once and lazily, in the order of the blocks; each row is as long as `header`. Where `is_canonical`, numbers
    are written 1234.56 and dates 2024-01-31, whatever the file's own way (JSON, XML); in a workbook only the cells
    that are numbers and dates are, and text may be anything.
    """

    kind: str | None
    name: str  # the sheet or element, for messages; empty where the file is one table
    header: tuple[str, ...]
    rows: Iterable[tuple[Place, Sequence[str | None]] | BadRow]
    is_canonical: bool
    currency: str = ""  # of the amounts that are in the administration's own, where the file says it
    numeric: frozenset[str] = frozenset()  # columns whose cells are numbers in the file: a code there lost its zeros
    is_settled: bool = False  # the reader has heeded --as: `kind` stands


@dataclass(frozen=True, slots=True)
class Company:
    """Somebody whom a document names, with what tells who it is."""

    line: int
    code: str | None  # the account that it is in our books, where the document says so
    names: tuple[str, ...]
    vat_numbers: tuple[str, ...]
    chamber_numbers: tuple[str, ...]
    other_numbers: tuple[str, ...]  # by which somebody else knows it
    record: Mapping[str, str | None]  # the fields of an account


class House(Protocol):
    """What a reader may ask where a document says who, not which account: the administration, without its SQL."""

    kind: str  # what --as says, '' where it says nothing
    must_create: bool  # --create-missing

    def own(self, company: Company) -> tuple[bool, bool, bool]:
        """Tell whether VAT number, chamber of commerce and name are those of the administration."""

    def accounts(self, company: Company) -> Sequence[Mapping[str, str | None]]:
        """Return the accounts that a company may be."""

    def vat_code(self, category: str, percent: str) -> str | None:
        """Return the VAT code of this category and rate; '' where several have them, None where none has."""


@dataclass(frozen=True, slots=True)
class Source:
    """A file to read and what the user said about it."""

    path: Path
    name: str  # as the user wrote it; <stdin> for `-`
    encoding: str = ""  # empty: UTF-8, or UTF-16 where a byte order mark says so
    delimiter: str = ""  # empty: found from the header
    warnings: list[str] = field(default_factory=list, compare=False)
    left_out: list[str] = field(default_factory=list, compare=False)  # what of the file is not taken, in words
    house: House | None = field(default=None, compare=False)  # none: nobody to ask, as while files are put in order
    state: tuple[int, ...] = field(default=(), compare=False)  # what the system told of the file before it was read

    def warn(self, text: str) -> None:
        """Note what the user should know of the file, once however often it is read."""
        if text not in self.warnings:
            self.warnings.append(text)

    def leave_out(self, text: str) -> None:
        """Note what of the file is not taken, once however often it is read."""
        if text not in self.left_out:
            self.left_out.append(text)

    def refuse_changed(self) -> None:
        """Raise SegcliError where the file is not what it was when it was opened: its parts may not belong together."""
        if self.state and _state(self.path) != self.state:
            raise SegcliError(f"{self.name} was changed while it was read", "run it again when the file is complete")


def open_source(name: str, encoding: str = "", delimiter: str = "") -> Source:
    """Return a file to read; `-` is standard input. What cannot be read is a SegcliError that says why."""
    encoding = _known_encoding(encoding) if encoding else ""
    path = _standard_input() if name == "-" else _path(name)
    shown = STDIN if name == "-" else visible(name)
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if head.startswith(b"\x1f\x8b"):
        path = _unpacked(path, shown)
    elif not head.strip(b" \t\r\n\0\xef\xbb\xbf"):
        raise SegcliError(f"{shown} is empty", "was the export cut off?")
    elif Path(name).name.startswith(_OF_EXCEL) and not head.startswith(b"PK"):
        raise SegcliError(f"{shown} is Excel's mark that a workbook is open, not the workbook", "leave it out")
    return Source(path, shown, encoding, delimiter, state=_state(path))


def delimiter(text: str) -> str:
    """Return the character that --delimiter means: a tab has two names."""
    return {"tab": "\t", "\\t": "\t"}.get(text, str(text))


def _state(path: Path) -> tuple[int, ...]:
    try:
        found = os.stat(path)  # noqa: PTH116 - its fields by name
    except OSError:
        return (-1,)
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _known_encoding(name: str) -> str:
    """Return the name of an encoding of text as Python spells it. A SegcliError for any other."""
    try:
        found = codecs.lookup(name).name
        "a".encode(found)  # refuses what is no encoding of text, such as hex
    except (LookupError, ValueError) as error:
        raise SegcliError(f"--encoding: '{name}' is not known", "utf-8, cp1252 or utf-16") from error
    if found in _ESCAPES:
        raise SegcliError(f"--encoding: '{name}' is no encoding of files", "utf-8, cp1252 or utf-16")
    return found


def _path(name: str) -> Path:
    path = Path(name)
    try:
        if path.is_dir():
            raise SegcliError(f"{name} is a folder", "name the files in it")
        if not path.exists():
            raise SegcliError(f"there is no file {name}")
        if not path.is_file():  # a pipe can be read once only
            with path.open("rb") as file:
                return _spooled(file, name)
        with path.open("rb"):
            file_guard.note(path)
            return path
    except OSError as error:
        raise SegcliError(f"{name} cannot be read: {error.strerror}") from error


def _standard_input() -> Path:
    with suppress(OSError, ValueError):  # something else stands in for it
        file_guard.note_open(sys.stdin.fileno())
    return _spooled(sys.stdin.buffer, STDIN)


def _spooled(stream: Any, name: str, most: int = 0) -> Path:  # noqa: ANN401 - a binary stream
    """Return a private copy of a stream, which goes with the process."""
    from segcli.base import scratch

    file = tempfile.NamedTemporaryFile(dir=scratch.kept(), delete=False)  # noqa: SIM115 - outlives this function
    size, most = 0, most or MOST_UNPACKED
    with file:
        while chunk := stream.read1(_CHUNK):  # of a pipe what is there: a signal is not heard within a call
            size += len(chunk)
            if size > most:
                raise SegcliError(f"{name} is larger than {most:,} bytes", "split it")
            file.write(chunk)
    return Path(file.name)


def _unpacked(path: Path, name: str) -> Path:
    import gzip
    import zlib

    try:
        with gzip.open(path) as stream:
            return _spooled(stream, name, min(MOST_UNPACKED, max(_SURELY_FINE, MOST_RATIO * path.stat().st_size)))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SegcliError(f"{name} is packed with gzip, but damaged", "was the download cut off?") from error


def digest(source: Source) -> str:
    """Return the SHA-256 of the file's bytes, in hex."""
    with source.path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read(source: Source) -> Iterator[Block]:
    """Yield the blocks of a file, its format recognised by its first bytes."""
    with source.path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    modules = (importlib.import_module(f"segcli.importing.readers.{name}") for name in _READERS)
    blocks: Iterator[Block] = next(module for module in modules if module.recognises(head)).read(source)
    return blocks


def headings_at(rows: Sequence[Sequence[Any]], like: Callable[[Sequence[Any]], int]) -> int:
    """Return which of a file's first rows, none of them blank, has the headings: titles above them fill one cell each.

    Most rows of a table are `like` its headings. Where they are not it is a table of one column, which has none above it.
    """
    first = next((at for at, row in enumerate(rows) if filled(row) > 1), 0)
    alike = [like(row) == like(rows[first]) for row in rows[first + 1 :]]
    return first if alike and 2 * sum(alike) >= len(alike) else 0


def filled(row: Sequence[Any]) -> int:
    """Return how many cells of a row hold anything."""
    return sum(cell is not None and not (isinstance(cell, str) and not cell.strip()) for cell in row)


def check_header(names: Sequence[str], where: str) -> None:
    """Raise SegcliError where two columns have one name, or there are more than any kind of record has."""
    refuse_many(len(names), where)
    seen: dict[str, int] = {}
    for at, name in enumerate(names, 1):
        key = name.casefold()
        if key and key in seen:
            raise SegcliError(f"{where}: columns {seen[key]} and {at} are both called '{name}'", "rename one of them")
        seen[key] = at


def refuse_many(columns: int, where: str) -> None:
    """Raise SegcliError where there are more columns than any kind of record has."""
    if columns > MOST_COLUMNS:
        raise SegcliError(f"{where}: there are {columns:,} columns", f"{MOST_COLUMNS:,} at most are read")


def text_head(head: bytes) -> str:
    """Return the first characters of a text file, without a byte order mark and blanks; '' for bytes that are none."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if head.startswith(mark):
            return head[: len(head) // 2 * 2].decode(encoding, "ignore").lstrip()
    return head.decode("utf-8", "ignore").lstrip()


__all__ = [
    "BadRow", "Block", "Company", "House", "Place", "Source", "check_header", "digest", "open_source", "read", "refuse_many",
    "text_head",
]  # fmt: skip
