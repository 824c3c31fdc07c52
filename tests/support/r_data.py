"""Reads a data frame that R saved (.rda in XDR form), as columns by name. Only what data frames of plain vectors need."""

import bz2
import gzip
import lzma
import struct
from pathlib import Path
from typing import Any

_OPENERS = {b"BZ": bz2.decompress, b"\x1f\x8b": gzip.decompress, b"\xfd7": lzma.decompress}
_NIL, _GLOBAL, _BASE, _NAMESPACE = 254, 253, 241, 249


class _Reader:
    def __init__(self, data: bytes) -> None:
        self.data, self.at = data, 0
        self.seen: list[Any] = []  # symbols, which later parts refer to

    def take(self, form: str) -> Any:
        found = struct.unpack_from(f">{form}", self.data, self.at)
        self.at += struct.calcsize(f">{form}")
        return found[0] if len(found) == 1 else list(found)

    def vector(self, kind: str) -> list[Any]:
        found = self.take(f"{count}{kind}") if (count := self.take("i")) else []
        return found if isinstance(found, list) else [found]

    def item(self) -> Any:
        flags = self.take("i")
        kind, has_attributes, has_tag = flags & 255, flags & 512, flags & 1024
        if kind in {_NIL, _GLOBAL, 242, _BASE}:
            return None
        if kind == 255:
            return self.seen[(flags >> 8) - 1]
        if kind == 1:
            self.seen.append(self.item())
            return self.seen[-1]
        if kind == 2:
            return self.pairs(has_attributes, has_tag)
        if kind == 9:
            size = self.take("i")
            self.at += max(size, 0)
            return None if size < 0 else self.data[self.at - size : self.at].decode()
        if kind in {10, 13}:
            values = self.vector("i")
        elif kind == 14:
            values = self.vector("d")
        elif kind in {16, 19}:
            values = [self.item() for _ in range(self.take("i"))]
        else:
            raise ValueError(f"type {kind} of R is not read")
        return _attributed(values, self.item() if has_attributes else {})

    def pairs(self, has_attributes: int, has_tag: int) -> dict[Any, Any]:
        if has_attributes:
            self.item()
        tag = self.item() if has_tag else None
        head = self.item()
        return {tag: head, **(self.item() or {})}


def _attributed(values: list[Any], attributes: dict[str, Any]) -> Any:
    if "levels" in attributes:
        return [attributes["levels"][value - 1] for value in values]
    names = attributes.get("names")
    return dict(zip(names, values, strict=True)) if names else values


def read(path: Path) -> dict[str, dict[str, list[Any]]]:
    """Return the columns of each data frame in a file."""
    data = path.read_bytes()
    data = next(opener for sign, opener in _OPENERS.items() if data.startswith(sign))(data)
    assert data[:5] in {b"RDX2\n", b"RDX3\n"}
    reader = _Reader(data)
    reader.at = 5 + 2
    version = reader.take("i")
    reader.at += 8
    if version == 3:
        reader.at += reader.take("i")  # the native encoding
    found: dict[str, dict[str, list[Any]]] = reader.item()
    return found
