"""Excel workbooks, read by calamine: every sheet with a heading is a table."""

import re
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from datetime import datetime, time
from itertools import chain, islice
from typing import IO, Any

from segcli.errors import Problem, SegcliError
from segcli.readers import BadRow, Block, Place, Source

MOST_BYTES = 500_000_000
MOST_RATIO = 200
MOST_ENTRIES = 2_000
MOST_COLUMNS = 500
MOST_CELLS = 30_000_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # an old .xls, or an encrypted workbook
SAMPLE = 1000
_CHUNK = 1 << 20
_LONGEST_REFERENCE = 40
_CELL = re.compile(rb'<c [^>]{0,20}?r="([A-Z]{1,4})(\d{1,9})"')


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
            for name in archive.namelist():
                if name.startswith("xl/worksheets/") and name.endswith(".xml"):
                    with archive.open(name) as sheet:
                        _check_span(source.name, sheet)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise SegcliError(f"{source.name} is damaged: {error}", "was the download cut off?") from error


def _check_entries(file: str, entries: Sequence[zipfile.ZipInfo]) -> None:
    if "xl/workbook.xml" not in {entry.filename for entry in entries}:
        raise SegcliError(f"{file} is an archive, but not a workbook", "unpack it first")
    size = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    if size > MOST_BYTES or len(entries) > MOST_ENTRIES or size / packed > MOST_RATIO:
        raise SegcliError(f"{file} unpacks to {size:,} bytes: too much for a workbook", "write CSV instead")


def _check_span(file: str, sheet: IO[bytes]) -> None:
    """Refuse a sheet that spans too much: calamine makes room for every cell in between, and dies where it cannot."""
    rest, columns, rows = b"", 0, 0
    while chunk := sheet.read(_CHUNK):
        cells = _CELL.findall(rest + chunk)
        rest = chunk[-_LONGEST_REFERENCE:]
        if cells:
            columns = max(columns, *(_column(letters) for letters in {letters for letters, _ in cells}))
            rows = max(rows, *(int(digits) for _, digits in cells))
    if columns > MOST_COLUMNS or columns * rows > MOST_CELLS:
        raise SegcliError(
            f"{file}: a sheet spans {rows:,} rows and {columns:,} columns",
            "is there a stray cell far from the table? delete it, or write CSV",
        )


def _column(letters: bytes) -> int:
    """Return the number of a column: 1 for A, 27 for AA."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number


def _sheet(file: str, name: str, rows: Iterator[Sequence[Any]], start: tuple[int, int]) -> Iterator[Block]:
    numbered = enumerate(rows, start[0] + 1)
    first = next((cells for _, cells in numbered if any(cell not in ("", None) for cell in cells)), None)
    if first is None:
        return
    header = tuple(_text(cell) or "" for cell in first)
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
        wrong = next((at for at, text in enumerate(texts) if text in _ERRORS), None)
        if wrong is not None:
            problem = Problem(
                file, place, header[wrong], texts[wrong], "the cell holds an error of Excel's", "mend the formula"
            )
            yield BadRow(problem, place, tuple(text or "" for text in texts))
            continue
        yield place, texts


_ERRORS = frozenset({"#N/A", "#DIV/0!", "#REF!", "#NAME?", "#VALUE!", "#NUM!", "#NULL!"})


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
    text = repr(cell)
    if "e" in text:
        text = f"{cell:.15f}".rstrip("0")
    return text.removesuffix(".0").removesuffix(".")
