"""A binary .xlsb workbook ([MS-XLSB]) looked through before calamine opens it: extent and error cells.

A part is a series of records: type (one or two bytes) and length (up to four bytes), seven bits a byte with the lowest
first, then the content.
"""

import io
import struct
import zipfile
from collections.abc import Iterator, Sequence
from typing import IO

from segcli.importing.readers.parts.spans import MOST_BYTES, Span, damaged
from segcli.importing.readers.parts.xlsx import elements

BOOK = "xl/workbook.bin"
_STRINGS = "xl/sharedstrings.bin"
_LINKS = "xl/_rels/workbook.bin.rels"
_ROW, _END_DATA, _SHEET = 0x0000, 0x0092, 0x009C
_SHARED, _STRING = 0x0007, 0x0013  # a cell with a shared text; such a text
_CELLS = range(0x0002, 0x000C)  # 0x0001 is a blank cell
_ERRORS = frozenset({0x0003, 0x000B})
_MORE = 0x80  # the bit of a byte that another one follows


def errors(archive: zipfile.ZipFile, file: str) -> dict[str, dict[int, int]]:
    """Return the error cells of each sheet, by its name. Raises SegcliError if a sheet spans too many cells."""
    from xml.parsers import expat  # nosec - expat limits the expansion of entities

    try:
        links = {one.get("Id", ""): one.get("Target", "") for one in elements(archive, _LINKS)}
        found = {}
        sizes = _sizes(archive)
        for name, link in _sheets(archive.read(BOOK)):
            with archive.open(f"xl/{links[link]}") as part:
                span = _span(part, sizes)
            span.refuse_large(file)
            if span.errors:
                found[name] = span.errors
    except (LookupError, ValueError, struct.error, expat.ExpatError) as error:
        raise damaged(file, error) from error
    return found


def _records(part: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield type and content of each record."""
    while first := part.read(1):
        kind = first[0]
        if kind & _MORE:
            kind = (kind & 0x7F) | (_byte(part) & 0x7F) << 7
        length = 0
        for shift in (0, 7, 14, 21):
            byte = _byte(part)
            length |= (byte & 0x7F) << shift
            if not byte & _MORE:
                break
        content = part.read(length)
        if len(content) < length:
            raise ValueError("a record is cut off")
        yield kind, content


def _byte(part: IO[bytes]) -> int:
    found = part.read(1)
    if not found:
        raise ValueError("a record is cut off")
    return found[0]


def _sheets(book: bytes) -> Iterator[tuple[str, str]]:
    """Yield name and relation of each sheet."""
    for kind, content in _records(io.BytesIO(book)):
        if kind == _SHEET:
            length = struct.unpack_from("<I", content, 8)[0]
            if length > len(content):  # no relation
                continue
            end = 12 + 2 * length
            size = struct.unpack_from("<I", content, end)[0]
            name = content[end + 4 : end + 4 + 2 * size].decode("utf-16-le", "replace")
            yield name, content[12:end].decode("utf-16-le", "replace")


def _sizes(archive: zipfile.ZipFile) -> list[int]:
    """Return the bytes of each shared text."""
    name = next((name for name in archive.namelist() if name.lower() == _STRINGS), "")
    if not name:
        return []
    with archive.open(name) as part:
        return [len(content) for kind, content in _records(part) if kind == _STRING]


def _span(part: IO[bytes], sizes: Sequence[int]) -> Span:
    """Return the span and the error cells of a sheet."""
    span, row, size = Span(), 0, 0
    for kind, content in _records(part):
        if kind == _ROW:
            row = struct.unpack_from("<I", content)[0]
        elif kind in _CELLS:
            column = struct.unpack_from("<I", content)[0]
            span.add(row + 1, column + 1, is_error=kind in _ERRORS)
            if kind == _SHARED:
                number = struct.unpack_from("<I", content, 8)[0]
                if number >= len(sizes):
                    raise ValueError("a text is missing")
                span.text += sizes[number]
        elif kind == _END_DATA:
            break
        size += len(content)
        if size > MOST_BYTES:
            raise ValueError("a sheet is too long")
    return span
