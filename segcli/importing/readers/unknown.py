"""Files that segcli refuses by the name of their format: other XML, calendars, pictures, web pages and others.

The first bytes decide. This reader is asked after all readers of supported formats and before CSV, which accepts any file.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

from segcli.base.errors import SegcliError
from segcli.importing.readers import Block, Source, text_head

_EXPORT = "export the data as CSV, .xlsx or one of the formats in: segcli import --help"
_UNPACK = "unpack it first"
_SAVE = "open it in Excel or LibreOffice and save it as .xlsx or CSV"
_PICTURE = "a picture holds no records"
PICTURES = {
    b"\x89PNG\r\n\x1a\n": "a PNG picture",
    b"\xff\xd8\xff": "a JPEG picture",
    b"GIF8": "a GIF picture",
    b"BM": "a BMP picture",
    b"II*\0": "a TIFF picture",
    b"MM\0*": "a TIFF picture",
    b"\0\0\1\0": "an icon",
}
_MOST_ROOT = 65_536  # bytes in which the root element of an XML file is looked for
_ELEMENT = re.compile(r"<([A-Za-z_][\w.:-]{0,99})((?:\s[^<>]{0,9999})?)/?>")
_NAMESPACE = r"\sxmlns%s\s*=\s*[\"']([^\"'<>]{1,200})[\"']"
_BEFORE_ROOT = re.compile(r"<\?.*?\?>|<!--.*?-->|<![A-Za-z][^<>\[]*(?:\[.*?\])?\s*>", re.DOTALL)
_PAGE = re.compile(
    r"<(?:!doctype\s+html|html|head|meta|body|table|style|div|script|center|font|p)(?=[\s/>])", re.IGNORECASE
)


class Named(NamedTuple):
    """The name of a format, and what the user can do."""

    what: str
    fix: str


# Binary files by their first bytes.
_BINARY = {
    b"%PDF-": Named("a PDF file", _EXPORT),
    b"SQLite format 3\0": Named("an SQLite database", "query it into CSV: sqlite3 -csv -header FILE 'SELECT …'"),
    b"7z\xbc\xaf\x27\x1c": Named("a 7z archive", _UNPACK),
    b"Rar!\x1a\x07": Named("a RAR archive", _UNPACK),
    b"BZh": Named("packed with bzip2", _UNPACK),
    b"\xfd7zXZ\0": Named("packed with xz", _UNPACK),
    b"\x28\xb5\x2f\xfd": Named("packed with zstandard", _UNPACK),
    b"PAR1": Named("a Parquet file", "write it as CSV: duckdb -csv -c \"FROM 'FILE'\""),
    b"PK\5\6": Named("an empty archive", "was the export cut off?"),
    b"\0\1\0\0Standard ": Named("an Access database", _EXPORT),
    b"MZ": Named("a program", "name the file with the data"),
    b"\x7fELF": Named("a program", "name the file with the data"),
    **{mark: Named(what, _PICTURE) for mark, what in PICTURES.items() if mark != b"BM"},
}
# Text files by how they start, in capitals.
_TEXTS = {
    "BEGIN:VCALENDAR": Named("an iCalendar file", "segcli takes no calendars"),
    "{1:F01": Named("a bank statement (MT940)", "export it from the bank as CAMT.053 or CSV"),
    ":20:": Named("a bank statement (MT940)", "export it from the bank as CAMT.053 or CSV"),
    ":940:": Named("a bank statement (MT940)", "export it from the bank as CAMT.053 or CSV"),
    "MIME-VERSION:": Named("a web page or a message (MIME)", _SAVE),
    "FROM:": Named("an e-mail message", "name the file that is attached to it"),
    "RECEIVED:": Named("an e-mail message", "name the file that is attached to it"),
    "PRAGMA FOREIGN_KEYS": Named("an SQL dump", _EXPORT),
    "CREATE TABLE": Named("an SQL dump", _EXPORT),
    "INSERT INTO": Named("an SQL dump", _EXPORT),
    "ID;P": Named("a SYLK file", _SAVE),
    "UNA:+": Named("an EDIFACT message", _EXPORT),
    "UNB+": Named("an EDIFACT message", _EXPORT),
}


def recognises(head: bytes) -> bool:
    """Tell whether the file is named here."""
    return _named(head) is not None or _is_markup(head)


def read(source: Source) -> Iterator[Block]:
    """Raise SegcliError with the name of the format and what to do."""
    with source.path.open("rb") as file:
        head = file.read(_MOST_ROOT)
    named = _named(head) or _xml(head)
    raise SegcliError(f"{source.name} is {named.what}", named.fix)


def is_picture(head: bytes) -> bool:
    """Tell whether a file is a picture; an archive may contain pictures beside its data."""
    named = _named(head) or (_xml(head) if _is_markup(head) else None)
    return named is not None and named.fix == _PICTURE


def _named(head: bytes) -> Named | None:
    """Return what a file is that is not XML."""
    for mark, named in _BINARY.items():
        if head.startswith(mark):
            return named
    if head[257:262] == b"ustar":
        return Named("a tar archive", _UNPACK)
    if head[:2] == b"BM" and head[6:10] == b"\0\0\0\0":
        return Named("a BMP picture", _PICTURE)
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return Named("a WebP picture", _PICTURE)
    start = _start(head)
    if _PAGE.match(start):
        return Named("a web page (HTML)", _SAVE)
    upper = start[:30].upper()
    return next((named for text, named in _TEXTS.items() if upper.startswith(text)), None)


def _start(head: bytes) -> str:
    """Return the start of a text without declarations and comments."""
    start = text_head(head)
    while match := _BEFORE_ROOT.match(start):
        if _PAGE.match(match[0]):  # <!DOCTYPE html>
            return match[0]
        start = start[match.end() :].lstrip()
    return start


def _is_markup(head: bytes) -> bool:
    """Tell whether a file starts like XML, UTF-16 without a byte order mark included."""
    return re.match(r"<(?:\?xml|!--|!DOCTYPE|[A-Za-z_])", _text(head)) is not None


def _text(head: bytes) -> str:
    return text_head(head).replace("\0", "")


def _xml(head: bytes) -> Named:
    """Return what an XML file is: its root element and namespace, and the program where that is known."""
    text = _text(head)
    if 'progid="Excel.Sheet"' in text or "urn:schemas-microsoft-com:office:spreadsheet" in text:
        return Named("a workbook as XML (Excel 2003)", _SAVE)
    match = _ELEMENT.match(_start(text.encode()))
    if not match:
        return Named("XML without a root element in its first lines", "is this file damaged?")
    prefix, colon, name = match[1].rpartition(":")
    if name == "svg":
        return Named("an SVG picture", _PICTURE)
    declared = re.search(_NAMESPACE % (re.escape(f":{prefix}") if colon else ""), match[2])
    where = f" of the namespace {declared[1]}" if declared else ""
    return Named(f"XML that segcli does not take: its root element is <{name}>{where}", _EXPORT)
