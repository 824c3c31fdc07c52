"""Open what the user names: a file, a pipe, standard input, a gzip file, or the data files of an archive."""

import codecs
import importlib
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from segcli.base import file_guard
from segcli.base.errors import SegcliError
from segcli.base.text import visible
from segcli.importing.readers.parts.blocks import Source, state_of

HEAD_BYTES = 4096  # the first bytes of a file, which show its format
STDIN = file_guard.STDIN
MOST_UNPACKED = 2_000_000_000  # bytes of a pipe or of an unpacked gzip file
MOST_RATIO = 200  # highest plausible compression ratio; beyond it the file is a decompression bomb
_CHUNK = 1 << 20
_SURELY_FINE = 100_000_000  # bytes, accepted at any compression ratio
_OF_EXCEL = "~$"  # prefix of Excel's lock file beside an open workbook
# Codecs that are not the encoding of a data file.
_ESCAPES = frozenset({"idna", "punycode", "unicode-escape", "raw-unicode-escape", "utf-7", "undefined"})
_ZIP = b"PK\3\4"
_GZIP = b"\x1f\x8b"


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
            Source(member, title, encoding, delimiter, warnings, state=state_of(member), is_member=True)
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
    return [Source(path, shown, encoding, delimiter, state=state_of(path))]


def _is_archive(path: Path) -> bool:
    from segcli.importing.readers.parts import archives

    return archives.is_archive(path)


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(HEAD_BYTES)


def _is_empty(head: bytes) -> bool:
    return not head.strip(b" \t\r\n\0\xef\xbb\xbf")


def _refuse_empty(head: bytes, name: str) -> None:
    if _is_empty(head):
        raise SegcliError(f"{name} is empty", "was the export cut off?")


def _members(path: Path, name: str) -> list[tuple[Path, str, list[str]]]:
    """Unpack the data files of an archive; return the path and name of each, and its warnings."""
    from segcli.importing.readers.parts import archives

    unknown = importlib.import_module("segcli.importing.readers.unknown")
    found: list[tuple[Path, str, list[str]]] = []
    pictures: list[str] = []
    empty: list[str] = []
    with archives.opened(path, name) as archive:
        for entry in archives.members(archive, name, _most(path)):
            title = f"{name}:{visible(entry.filename)}"
            with archive.open(entry) as stream:
                member = _spooled(stream, title)
            head = _head(member)
            if unknown.is_picture(head):
                pictures.append(entry.filename)
                continue
            if _is_empty(head):
                empty.append(entry.filename)
                continue
            archives.refuse_nested(head, member, title)
            found.append((member, title, []))
    if not found and empty:
        raise SegcliError(f"{name} has only empty files: {archives.shown(empty)}", "was the export cut off?")
    if not found:
        raise SegcliError(f"{name} has no data files: only {archives.shown(pictures)}", "is this the right archive?")
    if empty:
        found[0][2].append(f"empty files in the archive are passed over: {archives.shown(empty)}")
    if pictures:
        found[0][2].append(f"pictures in the archive are not read: {archives.shown(pictures)}")
    return found


def _most(path: Path) -> int:
    """Return the most bytes that a packed file may unpack to."""
    return min(MOST_UNPACKED, max(_SURELY_FINE, MOST_RATIO * path.stat().st_size))


def delimiter(text: str) -> str:
    """Return the character given by --delimiter; a tab may be written by name or as an escape."""
    return {"tab": "\t", "\\t": "\t", "space": " "}.get(text, str(text))


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
