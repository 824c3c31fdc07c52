"""The bytes of a text file: its encoding, and a scan for invalid bytes and for the marks that cells may contain."""

import codecs
import re
from typing import NamedTuple

from segcli.base.errors import SegcliError
from segcli.importing.readers.parts.blocks import Source

DELIMITERS = ",;\t|"
RECORD_LIMIT = 20_000_000  # characters of a row, over all its lines
HEADER_LIMIT = 1_000_000
_CHUNK = 1 << 20
_HEAD = 4096  # bytes that show the encoding
_MOSTLY = 10  # nine of ten
LONGEST_NAME = 60  # longest column name shown in a message about a byte
_MARKED = re.compile(rb"'[=+\-@\t\r'0-9]|\\[x\\tnr]")
_MOJIBAKE = re.compile("Ã[©¨«¶¼¤±³¡]")  # é è ë ö ü ä ñ ó á, each read as two characters of cp1252


class Marks(NamedTuple):
    """Marks that the cells of a file may contain."""

    is_escaped: bool  # escapes of segcli's own exports, or numbers marked as text
    has_exponents: bool  # numbers as a spreadsheet shows them: 6.72E+08
    is_garbled: bool  # UTF-8 that was read as cp1252
    has_formulas: bool  # texts as formulas, by which programs keep the zeros of a number in Excel: ="00123"


def encoding_of(source: Source) -> str:
    """Return the encoding: by byte order mark, else as given by the user, else UTF-16 if its zeros show it, else UTF-8."""
    with source.path.open("rb") as file:
        head = file.read(_HEAD)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    return source.encoding or _unmarked(head) or "utf-8-sig"


def _unmarked(head: bytes) -> str:
    """Return the form of UTF-16 without byte order mark in which nearly every character is ASCII, '' if it is not."""
    first, second = head[0::2], head[1::2]
    for encoding, letters, zeros in (("utf-16-le", first, second), ("utf-16-be", second, first)):
        if len(zeros) > 1 and b"\0" not in letters and _MOSTLY * zeros.count(0) >= (_MOSTLY - 1) * len(zeros):
            return encoding
    return ""


def detected_encoding(source: Source) -> str:
    """Return the encoding of a bank's file: as given, else by byte order mark, else UTF-8 if all bytes are, else Latin-1."""
    if source.encoding:
        return source.encoding
    decoder = codecs.getincrementaldecoder("utf-8")()
    with source.path.open("rb") as file:
        if file.read(2) in {codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE}:
            return "utf-16"
        file.seek(0)
        try:
            while chunk := file.read(_CHUNK):
                decoder.decode(chunk)
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            return "latin-1"  # every byte is a character
    return "utf-8-sig"


_CHECKED: dict[tuple[object, ...], Marks] = {}  # what was found in the file that was scanned last


def check_bytes(source: Source, encoding: str) -> Marks:
    """Scan the bytes, once however often an unchanged file is read; return the marks that cells may contain.

    Raises SegcliError with the line of a NUL or of a byte that is invalid in the encoding.
    """
    asked = (source.path, source.name, source.state, encoding)
    if not source.state or asked not in _CHECKED:
        _CHECKED.clear()  # files are read one after the other
        _CHECKED[asked] = _scanned(source, encoding)
    found = _CHECKED[asked]
    if found.is_garbled:
        source.warn("some text looks like UTF-8 that was read as cp1252, such as Ã© for é")
    return found


def _scanned(source: Source, encoding: str) -> Marks:
    decoder = codecs.getincrementaldecoder(encoding)()
    lines, is_bytes, is_marked = 1, not encoding.startswith(("utf-16", "utf-32")), False
    is_plain, length = is_bytes and _has_ascii(encoding), 0
    has_exponents = has_formulas = is_garbled = False
    with source.path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            if is_bytes and b"\0" in chunk:
                raise _nul(source, lines + chunk.count(b"\n", 0, chunk.index(b"\0")))
            try:
                text = "" if is_plain and chunk.isascii() and decoder.getstate()[0] == b"" else decoder.decode(chunk)
            except UnicodeError as error:
                raise _undecodable(source, encoding, error, lines) from error
            if "\0" in text:
                raise _nul(source, lines + text.count("\n", 0, text.index("\0")))
            is_garbled = is_garbled or ("Ã" in text and _MOJIBAKE.search(text) is not None)
            if not is_marked and (b"'" in chunk or b"\\" in chunk):
                is_marked = not is_bytes or chunk.endswith((b"'", b"\\")) or _MARKED.search(chunk) is not None
            has_exponents = has_exponents or not is_bytes or b"E+" in chunk or b"e+" in chunk
            has_formulas = has_formulas or not is_bytes or b'="' in chunk or chunk.endswith(b"=")
            length = 0 if _has_line_end(text or chunk) else length + len(chunk)
            if length > RECORD_LIMIT:
                raise endless(source.name, lines)
            lines += chunk.count(b"\n")
    _check_end(source, decoder)
    return Marks(is_marked, has_exponents, is_garbled, has_formulas)


def _has_ascii(encoding: str) -> bool:
    """Tell whether the encoding is stateless ASCII for bytes below 128."""
    try:
        return bytes(range(128)).decode(encoding) == bytes(range(128)).decode("ascii")
    except UnicodeError:
        return False


def _has_line_end(piece: str | bytes) -> bool:
    return ("\n" in piece or "\r" in piece) if isinstance(piece, str) else (b"\n" in piece or b"\r" in piece)


def endless(name: str, line: int) -> SegcliError:
    """Return the error of a row that is too long to be one."""
    return SegcliError(
        f"{name}:{line}: a row is longer than {RECORD_LIMIT:,} characters", "is this a table? is a quote missing?"
    )


def _check_end(source: Source, decoder: codecs.IncrementalDecoder) -> None:
    try:
        decoder.decode(b"", final=True)
    except UnicodeError as error:
        raise SegcliError(f"{source.name}: the file ends in the middle of a character", "was it cut off?") from error


def _undecodable(source: Source, encoding: str, error: UnicodeError, lines: int) -> SegcliError:
    if not isinstance(error, UnicodeDecodeError):  # some codecs report no position
        return SegcliError(f"{source.name}: this is not {encoding}: {error}", "is the encoding right?")
    before = error.object[: error.start]
    line = lines + before.count(b"\n")
    byte = error.object[error.start]
    name = "UTF-8" if encoding.startswith("utf-8") else encoding
    column = _column_at(source, before.rsplit(b"\n", 1)[-1])
    hint = "if it comes from Excel or Windows: --encoding cp1252" if name == "UTF-8" else "is the encoding right?"
    return SegcliError(
        f"{source.name}:{line}:{column + ':' if column else ''} the byte 0x{byte:02x} is not {name}", hint
    )


def _column_at(source: Source, before: bytes) -> str:
    """Return the name of the column at this point of a line, '' if unknown."""
    with source.path.open("rb") as file:
        first = file.readline(HEADER_LIMIT).decode("latin-1").strip("\r\n")
    sign = source.delimiter or max(DELIMITERS, key=first.count)
    names = first.split(sign)
    place = before.decode("latin-1").count(sign)
    name = names[place].strip('ï»¿" ') if place < len(names) else ""
    return name if name.isprintable() and len(name) <= LONGEST_NAME else ""


def _nul(source: Source, line: int) -> SegcliError:
    return SegcliError(
        f"{source.name}:{line}: there is a NUL byte", "the file is damaged, or not text: export it again"
    )
