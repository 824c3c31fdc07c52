"""An old .xls workbook ([MS-XLS]) looked through before calamine opens it: extent and error cells.

A sheet is a series of records: type and length (two bytes each, little-endian), then the content. A cell record starts
with its row and column, both from 0.
"""

import struct
from collections.abc import Iterator, Sequence
from pathlib import Path

from segcli.base.errors import SegcliError
from segcli.importing.readers.parts.compound import Compound
from segcli.importing.readers.parts.spans import Span, damaged, protected

_BOOKS = ("Workbook", "Book", "WORKBOOK", "BOOK")  # the order in which calamine looks for them
# Documents that are no workbook, by a stream that only they have.
_OTHERS = {
    "WordDocument": "a Word document",
    "PowerPoint Document": "a PowerPoint presentation",
    "__properties_version1.0": "a message of Outlook",
}
_BOF, _EOF, _CONTINUE = 0x0809, 0x000A, 0x003C
_SHEET, _PASSWORD, _DIMENSIONS, _STRINGS = 0x0085, 0x002F, 0x0200, 0x00FC
# Number, label, rich label, RK number, shared string, flag or error, formula; blank cells are not counted.
_CELLS = frozenset({0x0203, 0x0204, 0x00D6, 0x027E, 0x00FD, 0x0205, 0x0006})
_FLAG_OR_ERROR, _FORMULA, _SHARED, _NUMBERS = 0x0205, 0x0006, 0x00FD, 0x00BD
_MOST_ROWS, _MOST_COLUMNS = 65_536, 256


def errors(path: Path, file: str) -> dict[str, dict[int, int]]:
    """Return the error cells of each sheet, by its number as a text: "0" for the first sheet.

    Raises SegcliError if the file is damaged, protected, no workbook, or a sheet spans too many cells.
    """
    try:
        compound = Compound(path)
        name = next((name for name in _BOOKS if name in compound.names), "")
        if "EncryptedPackage" in compound.names:
            raise protected(file)
        if not name:
            other = next((what for name, what in _OTHERS.items() if name in compound.names), "damaged, or no workbook")
            raise SegcliError(f"{file} is {other}", "export the data from their program, as .xlsx or CSV")
        stream = compound.stream(name)
        found = {}
        sheets, sizes = _sheets(stream, file), _sizes(stream)
        for number, start in enumerate(sheets):
            span = _span(stream, start, sizes)
            span.refuse_large(file)
            if span.errors:
                found[str(number)] = span.errors
    except (ValueError, struct.error) as error:
        raise damaged(file, error) from error
    return found


def _records(stream: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Yield type, start and length of each record's content, up to the end of the substream."""
    depth = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        at += 4
        if at + length > len(stream):
            raise ValueError("a record is cut off")
        if kind == _BOF:
            depth += 1
        elif kind == _EOF:
            depth -= 1
            if depth <= 0:
                return
        if depth <= 1:  # an embedded chart has cell records of its own
            yield kind, at, length
        at += length
    raise ValueError("a sheet is cut off")


def _sheets(stream: bytes, file: str) -> list[int]:
    """Return where each sheet starts."""
    found = []
    for kind, at, length in _records(stream, 0):
        if kind == _PASSWORD and length >= 2 and struct.unpack_from("<H", stream, at)[0]:  # noqa: PLR2004 - bytes
            raise protected(file)
        if kind == _SHEET:
            found.append(struct.unpack_from("<I", stream, at)[0])
    if any(start >= len(stream) for start in found):
        raise ValueError("a sheet leaves the file")
    return found


def _sizes(stream: bytes) -> list[int]:
    """Return the characters of each shared text, which may run on in further records."""
    pieces, last = [], 0
    for kind, at, length in _records(stream, 0):
        if kind == _STRINGS:
            pieces = [stream[at + 8 : at + length]]
        elif kind == _CONTINUE and last == _STRINGS:
            pieces.append(stream[at : at + length])
        last = kind if kind != _CONTINUE else last
    found, text = [], _Pieces(pieces)
    while not text.is_done():
        found.append(text.size())
    return found


class _Pieces:
    """The shared texts ([MS-XLS] 2.5.293), in a record and those that continue it."""

    def __init__(self, pieces: Sequence[bytes]) -> None:
        self.rest = iter(pieces)
        self.piece, self.at = b"", 0

    def is_done(self) -> bool:
        """Tell whether no text is left."""
        return self.at >= len(self.piece) and not self._next()

    def size(self) -> int:
        """Return the characters of the next text and go past it."""
        count, flags = struct.unpack_from("<HB", self.piece, self.at)
        self.at += 3
        skipped = 0
        for flag, form, each in ((8, "<H", 4), (4, "<I", 1)):  # formatting runs; phonetic data
            if flags & flag:
                skipped += each * struct.unpack_from(form, self.piece, self.at)[0]
                self.at += struct.calcsize(form)
        left = count
        while left:
            width = 1 + (flags & 1)
            taken = min(left, (len(self.piece) - self.at) // width)
            self.at, left = self.at + taken * width, left - taken
            if left:
                self._must_go_on()
                flags, self.at = self.piece[0], 1
        while skipped:
            taken = min(skipped, len(self.piece) - self.at)
            self.at, skipped = self.at + taken, skipped - taken
            if skipped:
                self._must_go_on()
        return int(count)

    def _next(self) -> bool:
        self.piece, self.at = next(self.rest, b""), 0
        return bool(self.piece)

    def _must_go_on(self) -> None:
        if not self._next():
            raise ValueError("a text is cut off")


def _is_error(kind: int, content: bytes) -> bool:
    """Tell whether a cell holds an error, or a formula whose value is an error."""
    if kind == _FLAG_OR_ERROR:
        return content[7:8] == b"\1"
    return kind == _FORMULA and content[12:14] == b"\xff\xff" and content[6:7] == b"\2"


def _span(stream: bytes, start: int, sizes: Sequence[int]) -> Span:
    """Return the span and the error cells of a sheet."""
    span = Span()
    for kind, at, length in _records(stream, start):
        if kind in _CELLS:
            row, column = struct.unpack_from("<HH", stream, at)
            is_error = _is_error(kind, stream[at : at + length])
            span.add(row + 1, column + 1, is_error=is_error)
            if kind == _SHARED:
                number = struct.unpack_from("<I", stream, at + 6)[0]
                span.text += 2 * sizes[number] if number < len(sizes) else 0
        elif kind == _NUMBERS:  # several numbers side by side: row, first column, six bytes each, last column
            row, column = struct.unpack_from("<HH", stream, at)
            for number in range((length - 6) // 6):
                span.add(row + 1, column + number + 1)
        elif kind == _DIMENSIONS and length >= 12:  # noqa: PLR2004 - bytes
            first, last, left, right = struct.unpack_from("<IIHH", stream, at)
            if last > _MOST_ROWS or right > _MOST_COLUMNS or first > last or left > right:
                raise ValueError("a sheet has impossible dimensions")
    return span
