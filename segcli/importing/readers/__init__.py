"""Readers: one module per file format, from a file to blocks of rows. No SQL, no knowledge of what rows mean.

A reader module has recognises(head) -> bool and read(source) -> blocks. _READERS gives the order in which they are tried.
"""

import hashlib
import importlib
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from segcli.importing.readers.parts.blocks import BadRow, Block, Place, Source
from segcli.importing.readers.parts.file_opening import HEAD_BYTES, delimiter, open_source, open_sources

_MOST_COMMENT = 1 << 16  # bytes of XML, with its comments, that are looked through for the root element
_COMMENT = re.compile(rb"<!--.*?-->\s*", re.DOTALL)
# Formats in the order tried: the most distinctive first; CSV accepts the rest.
_READERS = (
    "workbook", "pdf", "saft", "xaf", "exact_xml", "camt", "ubl", "cii", "mt940", "json", "ecb", "bank_csv", "vcard", "unknown", "csv",
)  # fmt: skip
# Bytes of which the opening of a format has at least one, in small letters and without the NULs of UTF-16: a reader is not
# imported for other files.
_SIGNS: Mapping[str, tuple[bytes, ...]] = {
    "workbook": (b"pk", b"\xd0\xcf\x11\xe0"),
    "pdf": (b"%pdf-",),
    "saft": (b"<", b"standardauditfile", b"journalcode"),
    **dict.fromkeys(("xaf", "exact_xml", "camt", "ubl", "cii"), (b"<",)),
    "mt940": (b":20:",),
    "json": (b"[", b"{"),
    # headings of the day; exports without headings
    "bank_csv": (b"date", b"datum", b"buchung", b"iban", b"trio", b"\t"),
    "vcard": (b"begin:vcard",),
}


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
    """Return the first bytes of a file, by which it is recognised. Comments of XML, such as a long licence, are left out."""
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
        if b"<!--" in head and head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            head = _COMMENT.sub(b"", head + file.read(_MOST_COMMENT - len(head)))
    return head[:HEAD_BYTES]


def text_head(head: bytes) -> str:
    """Return the start of a text file without byte order mark and leading white space."""
    for mark, encoding in ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig")):
        if head.startswith(mark):
            return head[: len(head) // 2 * 2].decode(encoding, "ignore").lstrip()
    return head.decode("utf-8", "ignore").lstrip()


__all__ = [
    "HEAD_BYTES", "BadRow", "Block", "Place", "Source", "delimiter", "digest", "open_source", "open_sources", "opening", "read",
    "reader_of", "text_head",
]  # fmt: skip
