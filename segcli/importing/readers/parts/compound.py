"""Compound files ([MS-CFB]): the container of .xls and of other old documents of Office, and of workbooks with a password.

A compound file is divided in sectors; a table (FAT) chains the sectors of each stream. Chains that loop or leave the file
are refused here, because calamine follows them.
"""

import struct
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from segcli.importing.readers.parts.spans import MOST_BYTES

MAGIC = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_SECTORS = {9: 512, 12: 4096}  # sector size by its shift
_MINI_SECTOR = 64
_MINI_LIMIT = 4096  # bytes; shorter streams are in the mini stream
_LAST_SECTOR = 0xFFFFFFFA  # greater numbers have a meaning of their own
_END = 0xFFFFFFFE
_ENTRY = 128  # bytes of a directory entry
_MOST_MINI_FAT = 1_000  # sectors
_STREAM, _ROOT = 2, 5


class _Entry(NamedTuple):
    """A directory entry: a stream, or the root with the mini stream."""

    type: int
    start: int
    size: int


class Compound:
    """The streams of a compound file. Raises ValueError(reason) if it is damaged."""

    def __init__(self, path: Path) -> None:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise ValueError(f"it is larger than {MOST_BYTES:,} bytes")
        data = path.read_bytes()
        if len(data) < 512 or not data.startswith(MAGIC):  # noqa: PLR2004 - the header
            raise ValueError("its header is cut off")
        shift, mini_shift = struct.unpack_from("<HH", data, 30)
        if shift not in _SECTORS or mini_shift != 6:  # noqa: PLR2004 - sectors of 64 bytes
            raise ValueError("its sectors have no known size")
        self._data, self._size = data, _SECTORS[shift]
        self._count = -(-len(data) // self._size) - 1  # sectors after the header
        fat_length, directory = struct.unpack_from("<II", data, 44)
        mini_fat, mini_fat_length, difat, _ = struct.unpack_from("<IIII", data, 60)
        if fat_length > self._count or mini_fat_length > min(self._count, _MOST_MINI_FAT):
            raise ValueError("its tables are longer than the file")
        self._fat = self._table(self._fat_sectors(difat))
        self._entries = dict(self._directory(directory))
        self._mini_fat = self._table(islice(self._chain(mini_fat), mini_fat_length)) if mini_fat_length else []
        root = next((entry for entry in self._entries.values() if entry.type == _ROOT), None)
        is_mini = bool(self._mini_fat) and root is not None
        self._mini = self._joined(root.start, root.size) if is_mini and root else b""

    @property
    def names(self) -> set[str]:
        """Return the names of all storages and streams."""
        return set(self._entries)

    def stream(self, name: str) -> bytes:
        """Return the content of a stream, which must exist."""
        entry = self._entries[name]
        if entry.size >= _MINI_LIMIT:
            return self._joined(entry.start, entry.size)
        pieces, at, seen = [], entry.start, 0
        while at != _END and seen * _MINI_SECTOR < entry.size:
            if at >= len(self._mini_fat) or (at + 1) * _MINI_SECTOR > len(self._mini) + _MINI_SECTOR:
                raise ValueError("a stream leaves the file")
            pieces.append(self._mini[at * _MINI_SECTOR : (at + 1) * _MINI_SECTOR])
            at, seen = self._mini_fat[at], seen + 1
        return b"".join(pieces)[: entry.size]

    def _sector(self, number: int) -> bytes:
        if number >= self._count:
            raise ValueError("a stream leaves the file")
        return self._data[(number + 1) * self._size : (number + 2) * self._size]

    def _fat_sectors(self, difat: int) -> Iterator[int]:
        """Yield the sectors of the FAT: 109 numbers in the header, the rest in a chain of sectors."""
        yield from struct.unpack_from("<109I", self._data, 76)
        each = self._size // 4 - 1
        for _ in range(self._count + 1):
            if difat > _LAST_SECTOR:
                return
            found = struct.unpack(f"<{each + 1}I", self._sector(difat).ljust(self._size, b"\xff"))
            yield from found[:each]
            difat = found[each]
        raise ValueError("its tables loop")

    def _table(self, sectors: Iterator[int]) -> list[int]:
        found: list[int] = []
        for number in sectors:
            if number <= _LAST_SECTOR:
                piece = self._sector(number)
                found += struct.unpack(f"<{len(piece) // 4}I", piece[: len(piece) // 4 * 4])
                if len(found) > 2 * self._count + self._size:
                    raise ValueError("its tables are longer than the file")
        return found

    def _chain(self, at: int) -> Iterator[int]:
        """Yield the sectors of a chain."""
        for _ in range(self._count + 1):
            if at == _END:
                return
            if at >= len(self._fat):
                raise ValueError("a stream leaves the file")
            yield at
            at = self._fat[at]
        raise ValueError("a stream loops")

    def _joined(self, start: int, size: int) -> bytes:
        sectors = islice(self._chain(start), -(-size // self._size))
        return b"".join(map(self._sector, sectors))[:size]

    def _directory(self, start: int) -> Iterator[tuple[str, _Entry]]:
        """Yield the entries by name; the first of a name counts, as in calamine."""
        seen = set()
        for number in self._chain(start):
            sector = self._sector(number)
            if len(sector) < self._size:
                raise ValueError("its directory is cut off")
            for at in range(0, len(sector) - _ENTRY + 1, _ENTRY):
                name = sector[at : at + 64].decode("utf-16-le", "replace").split("\0", 1)[0]
                kind = sector[at + 66]
                first, size = struct.unpack_from("<IQ", sector, at + 116)
                if name not in seen:
                    seen.add(name)
                    yield name, _Entry(kind, first, size if self._size != 512 else size & 0xFFFFFFFF)  # noqa: PLR2004
