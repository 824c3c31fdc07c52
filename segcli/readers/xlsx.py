"""Excel workbooks, read by calamine: every sheet with a heading is a table."""

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime, time
from itertools import chain, islice
from typing import IO, Any

from segcli.errors import Problem, SegcliError
from segcli.marks import ERRORS, is_error, reread
from segcli.readers import BadRow, Block, Place, Source, check_header

MOST_BYTES = 500_000_000
MOST_RATIO = 100
MOST_ENTRIES = 2_000
MOST_COLUMNS = 500
MOST_ROWS = 1_048_576
MOST_CELLS = 30_000_000
_SURELY_FINE = 2_000_000  # cells that a sheet may span however few of them are filled
_LEAST_FILLED = 10  # else one in so many
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # an old .xls, or an encrypted workbook
SAMPLE = 1000
_CHUNK = 1 << 20
_LONGEST_TEXT = 1 << 20
# Where a cell or row says that it stands, in whatever way XML lets that be written.
_PLACE = re.compile(rb"""r(?<=[\s:'"]r)\s*=\s*["']\s*([A-Za-z]*)(\d+)""")
_IN_PLACE = bytes(range(0x30, 0x3A)) + bytes(range(0x41, 0x5B)) + bytes(range(0x61, 0x7B)) + b" \t\r\n=:'\""


def recognises(head: bytes) -> bool:
    """Tell whether the file is a workbook, or an old one of which we say so."""
    return head.startswith((b"PK\x03\x04", _OLE))


def read(source: Source) -> Iterator[Block]:
    """Yield a block per sheet that has anything in it."""
    _check(source)
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(str(source.path))
    except (CalamineError, OSError) as error:
        raise SegcliError(f"{source.name} is not a workbook that can be read: {error}") from error
    for name in book.sheet_names:
        try:
            sheet = book.get_sheet_by_name(name)
        except CalamineError as error:
            raise SegcliError(f"{source.name}: the sheet {name} cannot be read: {error}") from error
        yield from _sheet(source.name, name, sheet.iter_rows(), sheet.start or (0, 0))


def _check(source: Source) -> None:
    """Look at the archive before it is opened: a small file can hold gigabytes."""
    with source.path.open("rb") as file:
        if file.read(8) == _OLE:
            raise SegcliError(f"{source.name} is an old or a protected workbook", "save it as .xlsx without a password")
    try:
        with zipfile.ZipFile(source.path) as archive:
            _check_entries(source.name, archive.infolist())
            for entry in archive.infolist():  # a workbook may have its sheets anywhere
                with archive.open(entry) as part:
                    _check_span(source.name, part)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise SegcliError(f"{source.name} is damaged: {error}", "was the download cut off?") from error


def _check_entries(file: str, entries: Sequence[zipfile.ZipInfo]) -> None:
    if "xl/workbook.xml" not in {entry.filename for entry in entries}:
        raise SegcliError(f"{file} is an archive, but not a workbook", "unpack it first")
    if any(entry.flag_bits & 1 for entry in entries):
        raise SegcliError(f"{file} is a protected workbook", "save it without a password")
    size = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    if size > MOST_BYTES or len(entries) > MOST_ENTRIES or size / packed > MOST_RATIO:
        raise SegcliError(f"{file} unpacks to {size:,} bytes: too much for a workbook", "write CSV instead")


def _check_span(file: str, sheet: IO[bytes]) -> None:
    """Refuse a sheet that spans too much: calamine makes room for every cell in between, and dies where it cannot."""
    rest, columns, rows, count = b"", 1, 0, 0
    while chunk := sheet.read(_CHUNK):
        data = rest + chunk
        places = _PLACE.findall(data)
        rest = data[max(0, len(data.rstrip(_IN_PLACE)) - 1) :]
        if places:
            count += len(places)
            columns = max(columns, *(_column(letters) for letters in {letters for letters, _ in places}))
            rows = max(rows, *(_row(digits) for _, digits in places))
        if len(rest) > _LONGEST_TEXT:
            raise SegcliError(f"{file}: a text in it is longer than a cell can hold", "write CSV instead")
    if columns > MOST_COLUMNS or rows > MOST_ROWS or _is_sparse(columns * rows, count):
        raise SegcliError(
            f"{file}: a sheet spans {rows:,} rows and {columns:,} columns",
            "is there a stray cell far from the table? delete it, or write CSV",
        )


def _is_sparse(cells: int, count: int) -> bool:
    """Tell whether a sheet takes more memory than what stands in it is worth."""
    return cells > MOST_CELLS or (cells > _SURELY_FINE and cells > _LEAST_FILLED * count)


def _row(digits: bytes) -> int:
    """Return the number of a row; one of too many digits is beyond any sheet, and reading them would take long."""
    return int(digits) if len(digits) < 10 else MOST_ROWS + 1  # noqa: PLR2004 - digits


def _column(letters: bytes) -> int:
    """Return the number of a column: 1 for A, 27 for AA."""
    number = 0
    for letter in letters[:4].upper():  # three are as many as there are
        number = number * 26 + letter - 64
    return number


def _sheet(file: str, name: str, rows: Iterator[Sequence[Any]], start: tuple[int, int]) -> Iterator[Block]:
    numbered = enumerate(rows, start[0] + 1)
    first = next((cells for _, cells in numbered if any(cell not in ("", None) for cell in cells)), None)
    if first is None:
        return
    header = tuple(_text(cell) or "" for cell in first)
    check_header(header, f"{file}:{name}")
    sample = list(islice(numbered, SAMPLE))
    numeric = {
        header[at]
        for _, row in sample
        for at, cell in enumerate(row)
        if isinstance(cell, int | float) and not isinstance(cell, bool)
    }
    body = _rows(file, name, header, chain(sample, numbered))
    yield Block(None, name, header, body, is_canonical=False, numeric=frozenset(numeric))


def _rows(
    file: str, sheet: str, header: Sequence[str], rows: Iterator[tuple[int, Sequence[Any]]] | chain[Any]
) -> Iterator[tuple[Place, list[str | None]] | BadRow]:
    for number, cells in rows:
        place = f"{sheet}!{number}"
        texts: list[str | None] = [_text(cell) or "" for cell in cells]
        if not any(texts):
            continue
        wrong = next((at for at, text in enumerate(texts) if text in ERRORS), None)
        if wrong is not None:
            problem = Problem(
                file, place, header[wrong], texts[wrong], "the cell holds an error of Excel's", "mend the formula"
            )
            yield BadRow(problem, place, tuple(text or "" for text in texts))
            continue
        yield place, [_unmarked(text) if text and ("\\x" in text or "#" in text) else text for text in texts]


def _unmarked(text: str) -> str:
    """Take off the marks of our own exports: a text that reads as an error has ' in front."""
    return text[1:] if text.startswith("'") and is_error(text) else reread(text)


def _text(cell: Any) -> str | None:  # noqa: ANN401 - what calamine makes of a cell
    """Return a cell as exact text: a number by its shortest digits, a day in ISO form."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return _number(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    return str(cell)  # a day is its ISO form


def _number(cell: float) -> str:
    if cell - cell != 0:  # infinite, or no number: what Excel shows as an error
        return "#NUM!"
    text = repr(cell)
    if "e" in text:
        text = f"{cell:.15f}".rstrip("0")
    return text.removesuffix(".0").removesuffix(".")
