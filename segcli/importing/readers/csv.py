"""CSV and TSV: strict about quotes, row lengths and encodings; records the physical line of each row."""

import codecs
import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice, takewhile
from typing import Any, NamedTuple

from segcli.base.errors import Problem, SegcliError
from segcli.base.escaping import GUARD as _GUARD
from segcli.base.escaping import reread, untabbed
from segcli.importing.readers import TITLES, BadRow, Block, Place, Source, check_header, filled, headings_at
from segcli.importing.readers.parts import tabs

Line = tuple[Place, list[str]] | BadRow

DELIMITERS = ",;\t|"
FIELD_LIMIT = 16_000_000
RECORD_LIMIT = 20_000_000  # characters of a row, over all its lines
HEADER_LIMIT = 1_000_000
MOST_FIELDS = 100_000  # of a long line
LONGEST_NAME = 60  # longest column name shown in a message about a byte
_TABBED = (".tsv", ".tsv.gz", ".tab")
_CHUNK = 1 << 20
_MARKED = re.compile(rb"'[=+\-@\t\r'0-9]|\\[x\\tnr]")
_MOJIBAKE = re.compile("Ã[©¨«¶¼¤±³¡]")  # é è ë ö ü ä ñ ó á, each read as two characters of cp1252
_SAYS = re.compile(r'"?sep=(.)"?[\r\n]*', re.IGNORECASE)  # Excel's delimiter declaration on the first line
_WORDS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


class _Marks(NamedTuple):
    """What the cells of a file may contain."""

    is_escaped: bool  # escapes of segcli's own exports, or numbers marked as text
    has_exponents: bool  # numbers as a spreadsheet shows them: 6.72E+08
    is_garbled: bool  # UTF-8 that was read as cp1252


_CHECKED: dict[tuple[object, ...], _Marks] = {}  # what was found in the file that was scanned last


def recognises(head: bytes) -> bool:  # noqa: ARG001 - all readers have the same interface
    """Accept every file; this reader is asked last."""
    return True


def read(source: Source) -> Iterator[Block]:
    """Yield the file's one block."""
    encoding = _encoding(source)
    marks = _check_bytes(source, encoding)
    yield _block(source, encoding, marks)


def _encoding(source: Source) -> str:
    """Return the encoding: by byte order mark, else as given by the user, else UTF-8."""
    with source.path.open("rb") as file:
        head = file.read(4)
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if head.startswith(codecs.BOM_UTF8) or not source.encoding:
        return "utf-8-sig"
    return source.encoding


def _check_bytes(source: Source, encoding: str) -> _Marks:
    """Scan the bytes, once however often an unchanged file is read; return what the cells may contain.

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


def _scanned(source: Source, encoding: str) -> _Marks:
    decoder = codecs.getincrementaldecoder(encoding)()
    lines, is_bytes, is_marked = 1, not encoding.startswith(("utf-16", "utf-32")), False
    is_plain, length, has_exponents, is_garbled = is_bytes and _has_ascii(encoding), 0, False, False
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
            length = 0 if _has_line_end(text or chunk) else length + len(chunk)
            if length > RECORD_LIMIT:
                raise _endless(source.name, lines)
            lines += chunk.count(b"\n")
    _check_end(source, decoder)
    return _Marks(is_escaped=is_marked, has_exponents=has_exponents, is_garbled=is_garbled)


def _has_ascii(encoding: str) -> bool:
    """Tell whether the encoding is stateless ASCII for bytes below 128."""
    try:
        return bytes(range(128)).decode(encoding) == bytes(range(128)).decode("ascii")
    except UnicodeError:
        return False


def _has_line_end(piece: str | bytes) -> bool:
    return ("\n" in piece or "\r" in piece) if isinstance(piece, str) else (b"\n" in piece or b"\r" in piece)


def _endless(name: str, line: int) -> SegcliError:
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


def delimiter_of(header: str, name: str) -> str:
    """Return the delimiter used outside quotes in the header. Raises SegcliError if it is ambiguous."""
    bare = re.sub(r'"(?:[^"]|"")*"', "", header)
    counts = {sign: bare.count(sign) for sign in DELIMITERS if sign in bare}
    if len(counts) > 1:
        ranked = sorted(counts.items(), key=lambda pair: -pair[1])
        if ranked[0][1] < 2 * ranked[1][1] + 1:
            signs = " or ".join(_WORDS[sign] for sign, _ in ranked)
            raise SegcliError(
                f"{name}:1: the fields may be separated by {signs}", "say which: --delimiter ';' (or , | tab)"
            )
        return ranked[0][0]
    return next(iter(counts), ",")


def layout(source: Source) -> tuple[str, str, int]:
    """Return the encoding, the delimiter, and the line of the headings. Raises SegcliError as `read` does."""
    encoding = _encoding(source)
    _check_bytes(source, encoding)
    sign, above = _layout(source, encoding)
    with source.path.open(encoding=encoding, newline="") as file:
        blank = takewhile(lambda line: not line.strip(f"{sign} \t\r\n"), islice(file, above, None))
        return encoding, sign, above + 1 + sum(1 for _ in blank)


def _layout(source: Source, encoding: str) -> tuple[str, int]:
    with source.path.open(encoding=encoding, newline="") as file:
        top = [file.readline(HEADER_LIMIT + 1) for _ in range(TITLES)]
    first = next(filter(str.strip, top), "")
    if len(first) > HEADER_LIMIT:
        raise SegcliError(
            f"{source.name}: the first line has more than {HEADER_LIMIT:,} characters", "is this a table?"
        )
    says = _SAYS.fullmatch(top[0])
    sign = source.delimiter or (says[1] if says else _delimiter(top, first, source.name))
    if sign not in DELIMITERS:
        raise SegcliError(f"--delimiter: '{sign}' is not known", "use , ; | or tab")
    said = int(says is not None)
    return sign, said + _above(top[said:], sign)


def _block(source: Source, encoding: str, marks: _Marks) -> Block:
    csv.field_size_limit(FIELD_LIMIT)
    sign, above = _layout(source, encoding)
    manner = _manner(source, encoding, above) if sign == "\t" else tabs.Manner(is_quoted=True, is_escaped=False)
    rows = _rows(source, encoding, sign, above, is_quoted=manner.is_quoted)
    line, header = next(rows, (1, []))
    if marks.is_escaped and manner.is_escaped:
        header, rows = list(map(untabbed, header)), _untabbed(rows)
    elif marks.is_escaped:
        rows = _unmarked(rows, sign)
    names = tuple(name.strip() for name in header)
    check_header(names, f"{source.name}:{line}")
    return Block(None, "", names, rows, is_canonical=False, has_exponents=marks.has_exponents)


def _manner(source: Source, encoding: str, above: int) -> tabs.Manner:
    with source.path.open(encoding=encoding, newline="") as file:
        return tabs.manner(islice(file, above, None))


def _delimiter(top: Sequence[str], first: str, name: str) -> str:
    """Return the delimiter of the first line that has one, because a title above the table may have none."""
    if name.lower().endswith(_TABBED) and ("\t" in first or not any(sign in first for sign in DELIMITERS)):
        return "\t"
    return delimiter_of(next((line for line in top if any(sign in line for sign in DELIMITERS)), first), name)


def _above(top: Sequence[str], sign: str) -> int:
    """Return the number of lines above the table."""
    reader = csv.reader(top, delimiter=sign, strict=True)
    ends, rows = [0], []
    with suppress(csv.Error):  # reported when the rows are read
        for cells in reader:
            if filled(cells):
                ends.append(reader.line_num)
                rows.append(cells)
    return ends[headings_at(rows, like=len)]


def _rows(source: Source, encoding: str, sign: str, above: int, *, is_quoted: bool) -> Iterator[Any]:
    """Yield the header, then each non-blank record with the physical line where it starts.

    Lines above the table are skipped. A record whose length differs from the header's is a bad row.
    """
    with source.path.open(encoding=encoding, newline="") as file:
        line, wanted = above + 1, -1
        for _ in range(above):
            file.readline()

        def lines() -> Iterator[str]:
            """Yield the lines. Raises SegcliError for an endless row; testing once per million characters costs nothing."""
            start, size = line, 0
            while batch := file.readlines(_CHUNK):
                # A long line is the last of its batch.
                if len(batch[-1]) > _CHUNK and batch[-1].count(sign) > MOST_FIELDS:
                    raise SegcliError(
                        f"{source.name}:{above + reader.line_num + len(batch)}: a row has more than {MOST_FIELDS:,} fields",
                        "is this a table? is a quote missing?",
                    )
                yield from batch
                size = size + sum(map(len, batch)) if line == start else 0
                start = line
                if size > RECORD_LIMIT:
                    raise _endless(source.name, line)

        reader = csv.reader(
            lines(), delimiter=sign, strict=True, quoting=csv.QUOTE_MINIMAL if is_quoted else csv.QUOTE_NONE
        )
        try:
            for cells in reader:
                # Spreadsheets leave rows that only contain delimiters.
                if cells and (cells[0] or any(map(str.strip, cells))):
                    wanted = len(cells) if wanted < 0 else wanted
                    yield (line, cells) if len(cells) == wanted else _ragged(source.name, line, cells, wanted)
                line = above + reader.line_num + 1
        except csv.Error as error:
            raise _broken(source.name, line, str(error)) from error


def _broken(name: str, line: int, reason: str) -> SegcliError:
    if "unexpected end of data" in reason:
        return SegcliError(
            f"{name}:{line}: the quote opened on line {line} is never closed",
            "close it, or double a quote that is meant",
        )
    if "field larger" in reason:
        return SegcliError(f"{name}:{line}: a field is larger than {FIELD_LIMIT:,} characters", "is a quote missing?")
    return SegcliError(f"{name}:{line}: text follows a closing quote", 'double a quote that is meant: ""')


def _unmarked(rows: Iterable[Line], sign: str) -> Iterator[Line]:
    """Remove the escapes of segcli's own exports; tab-separated cells have no leading '."""
    is_guarded = sign != "\t"
    for row in rows:
        if isinstance(row, BadRow):
            yield row
        else:
            cells = [cell[1:] if _GUARD.match(cell) else cell for cell in row[1]] if is_guarded else row[1]
            yield row[0], list(map(reread, cells))


def _untabbed(rows: Iterable[Line]) -> Iterator[Line]:
    """Decode the escapes of tab-separated files."""
    for row in rows:
        if isinstance(row, BadRow):
            yield row._replace(cells=tuple(map(untabbed, row.cells)))
        else:
            yield row[0], list(map(untabbed, row[1]))


def _ragged(file: str, line: int, cells: Sequence[str], wanted: int) -> BadRow:
    fix = "is a delimiter or a quote in a field not quoted?" if len(cells) > wanted else "was the row cut off?"
    return BadRow(
        Problem(file, line, "", None, f"expected {wanted} fields, found {len(cells)}", fix), line, tuple(cells)
    )
