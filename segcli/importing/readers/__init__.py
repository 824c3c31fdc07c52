"""Readers: one module per file format, from a file to blocks of rows. No SQL, no knowledge of what rows mean.

A reader module has recognises(head) -> bool and read(source) -> blocks. _READERS gives the order in which they are tried.
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
from typing import TYPE_CHECKING, Any, NamedTuple, TypeVar

from segcli.base import file_guard
from segcli.base.errors import Problem, SegcliError
from segcli.base.text import visible

if TYPE_CHECKING:
    from segcli.importing.party_matching import PartyMatching
    from segcli.importing.readers.parts.unread import Unread

Cells = TypeVar("Cells", bound=Sequence[object])
Place = int | str  # the physical line where a record starts, or a path such as $[3] or Sheet1!3
STDIN = file_guard.STDIN
HEAD_BYTES = 4096
MOST_UNPACKED = 2_000_000_000  # bytes of a pipe or of an unpacked gzip file
MOST_RATIO = 200  # highest plausible compression ratio; beyond it the file is a decompression bomb
MOST_COLUMNS = 1000
TITLES = 20  # a table begins within this many rows
_CHUNK = 1 << 20
_SURELY_FINE = 100_000_000  # bytes, accepted at any compression ratio
_OF_EXCEL = "~$"  # prefix of Excel's lock file beside an open workbook
# Codecs that are not the encoding of a data file.
_ESCAPES = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "utf-7", "undefined"})
# Formats in the order tried: the most distinctive first; CSV accepts the rest.
_READERS = ("xlsx", "saft", "xaf", "exact_xml", "ubl", "json", "ecb", "csv")


class BadRow(NamedTuple):
    """A row that cannot be imported: the problem, the place and the original cells."""

    problem: Problem
    place: Place
    cells: tuple[str, ...] = ()


class Block(NamedTuple):
    """Rows of one kind in a file.

    `kind` is None if the format does not state it; the headers then decide. `rows` is an iterator that is read
    once, in the order of the blocks; each row is as long as `header`. If `is_canonical`, numbers are written
    1234.56 and dates 2024-01-31, whatever the file's own style (JSON, XML). In a workbook this holds only for cells
    that are numbers or dates.
    """

    kind: str | None
    name: str  # the sheet or element, for messages; empty if the file is one table
    header: tuple[str, ...]
    rows: Iterable[tuple[Place, Sequence[str | None]] | BadRow]
    is_canonical: bool
    currency: str = ""  # the administration's currency, if the file states it
    numeric: frozenset[str] = frozenset()  # columns of numeric cells: codes in them lost leading zeros
    is_settled: bool = False  # the reader has applied --as; `kind` is final
    by_reference: bool = False  # accounts are named by references such as odoo:res_partner_12, not by code
    fields: tuple[str, ...] = ()  # the field of each column, if it is known without its heading
    unread: "Unread | None" = None  # with `fields`: the columns of the file that are not read
    origin: tuple[str, ...] = ()  # with `fields`: the columns of the file
    totals: list[Place] | None = None  # with `fields`: where the reader adds the places of total rows
    title: str = ""  # with `fields`: what the file is, for people


@dataclass(frozen=True, slots=True)
class Source:
    """An input file and the user's options for it."""

    path: Path
    name: str  # as the user wrote it; <stdin> for `-`
    encoding: str = ""  # empty: UTF-8, or UTF-16 by its byte order mark
    delimiter: str = ""  # empty: detected from the header
    warnings: list[str] = field(default_factory=list, compare=False)
    left_out: list[str] = field(default_factory=list, compare=False)  # messages about ignored parts of the file
    parties: "PartyMatching | None" = field(default=None, compare=False)  # None while files are sorted
    state: tuple[int, ...] = field(default=(), compare=False)  # device, inode, size and mtime before reading
    is_plain: bool = field(default=False, compare=False)  # the user says what it holds: no layout of a program applies
    renamed: Mapping[str, str] = field(
        default_factory=dict, compare=False
    )  # column -> field, from --map and the profile
    labels: Mapping[str, int] = field(default_factory=dict, compare=False)  # normalised label -> number of its class

    def warn(self, text: str) -> None:
        """Add a warning, once however often the file is read."""
        if text not in self.warnings:
            self.warnings.append(text)

    def leave_out(self, text: str) -> None:
        """Add a message about an ignored part of the file, once however often the file is read."""
        if text not in self.left_out:
            self.left_out.append(text)

    def refuse_changed(self) -> None:
        """Raise SegcliError if the file changed since it was opened, because its parts may be inconsistent."""
        if self.state and _state(self.path) != self.state:
            raise SegcliError(f"{self.name} was changed while it was read", "run it again when the file is complete")


def open_source(name: str, encoding: str = "", delimiter: str = "") -> Source:
    """Open a file; `-` is standard input. Raises SegcliError if it cannot be read."""
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
    """Return the character given by --delimiter; a tab and a space may be written by name."""
    return {"tab": "\t", "\\t": "\t", "space": " "}.get(text, str(text))


def _state(path: Path) -> tuple[int, ...]:
    try:
        found = os.stat(path)  # noqa: PTH116 - its fields by name
    except OSError:
        return (-1,)
    return found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns


def _known_encoding(name: str) -> str:
    """Return Python's name of a text encoding. Raises SegcliError for any other."""
    try:
        found = codecs.lookup(name).name
        "a".encode(found)  # fails for codecs that are not text encodings, such as hex
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
        if not path.is_file():  # a pipe can be read only once
            with path.open("rb") as file:
                return _spooled(file, name)
        with path.open("rb"):
            file_guard.note(path)
            return path
    except OSError as error:
        raise SegcliError(f"{name} cannot be read: {error.strerror}") from error


def _standard_input() -> Path:
    with suppress(OSError, ValueError):  # standard input is replaced by an object without a file descriptor
        file_guard.note_open(sys.stdin.fileno())
    return _spooled(sys.stdin.buffer, STDIN)


def _spooled(stream: Any, name: str, most: int = 0) -> Path:  # noqa: ANN401 - a binary stream
    """Copy a stream to a private temporary file, which is deleted when the process ends."""
    from segcli.base import scratch

    file = tempfile.NamedTemporaryFile(dir=scratch.kept(), delete=False)  # noqa: SIM115 - outlives this function
    size, most = 0, most or MOST_UNPACKED
    with file:
        while chunk := stream.read1(_CHUNK):  # read1 returns what a pipe has, so that signals are handled between calls
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
    """Yield the blocks of a file; its first bytes decide the format."""
    with source.path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    modules = (importlib.import_module(f"segcli.importing.readers.{name}") for name in _READERS)
    blocks: Iterator[Block] = next(module for module in modules if module.recognises(head)).read(source)
    return blocks


def headings_at(rows: Sequence[Cells], like: Callable[[Cells], int]) -> int:
    """Return the index of the header row among the first non-blank rows; title rows above it fill one cell.

    Most rows of a table must be `like` the header. Otherwise it is a table of one column, and its first row is the
    header.
    """
    first = next((at for at, row in enumerate(rows) if filled(row) > 1), 0)
    alike = [like(row) == like(rows[first]) for row in rows[first + 1 :]]
    return first if alike and 2 * sum(alike) >= len(alike) else 0


def filled(row: Sequence[object]) -> int:
    """Return the number of non-blank cells."""
    return sum(cell is not None and not (isinstance(cell, str) and not cell.strip()) for cell in row)


def check_header(names: Sequence[str], where: str) -> None:
    """Raise SegcliError if two columns have the same name or there are too many columns."""
    refuse_many(len(names), where)
    seen: dict[str, int] = {}
    for at, name in enumerate(names, 1):
        key = name.casefold()
        if key and key in seen:
            raise SegcliError(f"{where}: columns {seen[key]} and {at} are both called '{name}'", "rename one of them")
        seen[key] = at


def refuse_many(columns: int, where: str) -> None:
    """Raise SegcliError if there are more columns than any kind of record has."""
    if columns > MOST_COLUMNS:
        raise SegcliError(f"{where}: there are {columns:,} columns", f"{MOST_COLUMNS:,} at most are read")


def text_head(head: bytes) -> str:
    """Return the start of a text file without byte order mark and leading white space."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if head.startswith(mark):
            return head[: len(head) // 2 * 2].decode(encoding, "ignore").lstrip()
    return head.decode("utf-8", "ignore").lstrip()


__all__ = [
    "BadRow", "Block", "Place", "Source", "check_header", "digest", "open_source", "read", "refuse_many",
    "text_head",
]  # fmt: skip
