"""Readers: one module per file format, from a file to blocks of rows. No SQL, no knowledge of what rows mean.

A reader module has recognises(head) -> bool and read(source) -> blocks. _READERS gives the order in which they are tried.
"""

import codecs
import hashlib
import importlib
import os
import re
import sys
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
_MOST_COMMENT = 1 << 16  # bytes of XML, with its comments, that are looked through for the root element
MOST_UNPACKED = 2_000_000_000  # bytes of a pipe or of an unpacked gzip file
MOST_RATIO = 200  # highest plausible compression ratio; beyond it the file is a decompression bomb
MOST_COLUMNS = 1000
TITLES = 20  # a table begins within this many rows
_CHUNK = 1 << 20
_COMMENT = re.compile(rb"<!--.*?-->\s*", re.DOTALL)
_SURELY_FINE = 100_000_000  # bytes, accepted at any compression ratio
_OF_EXCEL = "~$"  # prefix of Excel's lock file beside an open workbook
# Codecs that are not the encoding of a data file.
_ESCAPES = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "utf-7", "undefined"})
# Formats in the order tried: the most distinctive first; CSV accepts the rest.
_READERS = (
    "workbook", "pdf", "saft", "xaf", "exact_xml", "camt", "ubl", "cii", "mt940", "json", "ecb", "bank_csv", "unknown", "csv",
)  # fmt: skip
# Bytes of which the opening of a format has at least one, in small letters and without the NULs of UTF-16: a reader is not
# imported for other files.
_MARKUP = (b"<",)
_SIGNS: Mapping[str, tuple[bytes, ...]] = {
    "workbook": (b"pk", b"\xd0\xcf\x11\xe0"),
    "pdf": (b"%pdf-",),
    "saft": (b"<", b"standardauditfile", b"journalcode"),
    **dict.fromkeys(("xaf", "exact_xml", "camt", "ubl", "cii"), _MARKUP),
    "mt940": (b":20:",),
    "json": (b"[", b"{"),
    "bank_csv": (
        b"date",
        b"datum",
        b"buchung",
        b"iban",
        b"trio",
        b"\t",
    ),  # headings of the day; exports without headings
}
_ZIP = b"PK\3\4"
_GZIP = b"\x1f\x8b"


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
    year: int | None = None  # the financial year of all its entries, if the file has one
    has_exponents: bool = False  # a cell may hold a number as a spreadsheet shows it, rounded: 6.72E+08
    by_reference: bool = False  # accounts are named by references such as odoo:res_partner_12, not by code
    fields: tuple[str, ...] = ()  # the field of each column, if it is known without its heading
    unread: "Unread | None" = None  # with `fields`: the columns of the file that are not read
    origin: tuple[str, ...] = ()  # with `fields`: the columns of the file
    totals: list[Place] | None = None  # with `fields`: where the reader adds the places of total rows
    title: str = ""  # with `fields`: what the file is, for people
    only_known: bool = False  # payments of invoices that are no outstanding items are left out and counted


@dataclass(frozen=True, slots=True)
class Source:
    """An input file and the user's options for it."""

    path: Path
    name: str  # as the user wrote it; <stdin> for `-`
    encoding: str = ""  # empty: UTF-8, or UTF-16 by its byte order mark
    delimiter: str = ""  # empty: detected from the header
    warnings: list[str] = field(default_factory=list, compare=False)
    left_out: list[str] = field(default_factory=list, compare=False)  # messages about ignored parts of the file
    company: dict[str, str | None] = field(
        default_factory=dict, compare=False
    )  # the administration itself, as the file has it
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
    """Open one file; `-` is standard input. Raises SegcliError if it cannot be read, or is an archive of several files."""
    first, *others = open_sources(name, encoding, delimiter)
    if others:
        raise SegcliError(f"{visible(name)} is an archive of {len(others) + 1} files", "unpack it and name one of them")
    return first


def open_sources(name: str, encoding: str = "", delimiter: str = "") -> list[Source]:
    """Open a file, or each data file of an archive; `-` is standard input. Raises SegcliError if one cannot be read."""
    encoding = _known_encoding(encoding) if encoding else ""
    path = _standard_input() if name == "-" else _path(name)
    shown = STDIN if name == "-" else visible(name)
    head = _head(path)
    if head.startswith(_ZIP) and _is_archive(path):
        return [
            Source(member, title, encoding, delimiter, warnings, state=_state(member))
            for member, title, warnings in _members(path, shown)
        ]
    if head.startswith(_GZIP):
        from segcli.importing.readers.parts import archives

        path = _unpacked(path, shown)
        archives.refuse_nested(_head(path), path, shown)
    else:
        _refuse_empty(head, shown)
    if Path(name).name.startswith(_OF_EXCEL) and not head.startswith(b"PK"):
        raise SegcliError(f"{shown} is Excel's mark that a workbook is open, not the workbook", "leave it out")
    return [Source(path, shown, encoding, delimiter, state=_state(path))]


def _is_archive(path: Path) -> bool:
    from segcli.importing.readers.parts import archives

    return archives.is_archive(path)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _refuse_empty(head: bytes, name: str) -> None:
    if not head.strip(b" \t\r\n\0\xef\xbb\xbf"):
        raise SegcliError(f"{name} is empty", "was the export cut off?")


def _members(path: Path, name: str) -> list[tuple[Path, str, list[str]]]:
    """Unpack the data files of an archive; return the path and name of each, and its warnings."""
    from segcli.importing.readers.parts import archives

    unknown = importlib.import_module("segcli.importing.readers.unknown")
    found: list[tuple[Path, str, list[str]]] = []
    pictures = []
    with archives.opened(path, name) as archive:
        for entry in archives.members(archive, name, _most(path)):
            title = f"{name}:{visible(entry.filename)}"
            with archive.open(entry) as stream:
                member = _spooled(stream, title)
            head = _head(member)
            if unknown.is_picture(head):
                pictures.append(entry.filename)
                continue
            _refuse_empty(head, title)
            archives.refuse_nested(head, member, title)
            found.append((member, title, []))
    if not found:
        raise SegcliError(f"{name} has no data files: only {archives.shown(pictures)}", "is it the right archive?")
    if pictures:
        found[0][2].append(f"pictures in the archive are not read: {archives.shown(pictures)}")
    return found


def _most(path: Path) -> int:
    """Return the most bytes that a packed file may unpack to."""
    return min(MOST_UNPACKED, max(_SURELY_FINE, MOST_RATIO * path.stat().st_size))


def delimiter(text: str) -> str:
    """Return the character given by --delimiter; a tab may be written by name or as an escape."""
    return {"tab": "\t", "\\t": "\t"}.get(text, str(text))


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
    import tempfile

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
            return _spooled(stream, name, _most(path))
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        raise SegcliError(f"{name} is packed with gzip, but damaged", "was the download cut off?") from error


def digest(source: Source) -> str:
    """Return the SHA-256 of the file's bytes, in hex."""
    with source.path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read(source: Source) -> Iterator[Block]:
    """Yield the blocks of a file; its first bytes decide the format."""
    blocks: Iterator[Block] = reader_of(source).read(source)
    return blocks


def reader_of(source: Source) -> Any:  # noqa: ANN401 - a module of this package
    """Return the reader of a file's format; its first bytes decide."""
    head = opening(source.path)
    plain = head.replace(b"\0", b"").lower()
    names = (name for name in _READERS if any(sign in plain for sign in _SIGNS.get(name, (b"",))))
    modules = (importlib.import_module(f"segcli.importing.readers.{name}") for name in names)
    return next(module for module in modules if module.recognises(head))


def opening(path: Path) -> bytes:
    """Return the first bytes of a file, by which it is recognised; of XML without comments, such as a long licence."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        if b"<!--" in head and head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            head = _COMMENT.sub(b"", head + file.read(_MOST_COMMENT - len(head)))
    return head[:HEAD_BYTES]


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
    "BadRow", "Block", "Place", "Source", "check_header", "digest", "open_source", "open_sources", "opening", "read",
    "refuse_many", "text_head",
]  # fmt: skip
