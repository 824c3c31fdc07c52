"""Excel workbooks, read by calamine: every sheet with a header row is a table."""

import posixpath
import re
import zipfile
import zlib
from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import datetime, time
from itertools import chain, dropwhile, islice
from typing import IO

from segcli.base.errors import Problem, SegcliError
from segcli.base.escaping import ERRORS, TOTALS, is_error, reread
from segcli.importing.readers import TITLES, BadRow, Block, Place, Source, check_header, filled, headings_at

MOST_BYTES = 500_000_000
MOST_RATIO = 100
MOST_ENTRIES = 2_000
MOST_COLUMNS = 500
MOST_ROWS = 1_048_576
MOST_CELLS = 30_000_000
_SURELY_FINE = 2_000_000  # cells that a sheet may span regardless of how many are filled
_LEAST_FILLED = 10  # beyond that, at least one cell in this many must be filled
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # an old .xls, or an encrypted workbook
SAMPLE = 1000
_CHUNK = 1 << 20
_LONGEST_TEXT = 1 << 20
# The reference of a cell or row, in any notation that XML allows.
_PLACE = re.compile(rb"""r(?<=[\s:'"]r)\s*=\s*["']\s*([A-Za-z]*)(\d+)""")
# The reference of an error cell, which calamine returns as empty.
_ERROR = re.compile(
    rb"""<(?:\w+:)?c(?=\s[^<>]*?\bt\s*=\s*["']e["'])\s(?:[^<>]*\s)?r\s*=\s*["']([A-Za-z]+)([0-9]{1,7})["']"""
)
# The ranges of the totals and subtotals in segcli's own exports: 'Sheet 1'!$A$4:$C$4,'Sheet 1'!$A$9:$C$10
_NAMED = re.compile(
    rb"""<(?:\w+:)?definedName\s[^<>]*\bname\s*=\s*["']%b\d{1,9}(?:_\d{1,9})?["'][^<>]*>([^<>]{1,9999})<"""
    % TOTALS.encode()
)
_ROWS = re.compile(r"!(?:\$[A-Z]{1,3})?\$([0-9]{1,7})(?::(?:\$[A-Z]{1,3})?\$([0-9]{1,7}))?(?=,|$)", re.ASCII)
_IN_PLACE = bytes(range(0x30, 0x3A)) + bytes(range(0x41, 0x5B)) + bytes(range(0x61, 0x7B)) + b" \t\r\n=:'\""


def recognises(head: bytes) -> bool:
    """Tell whether the file is a workbook; old .xls files are recognised to report them."""
    return head.startswith((b"PK\x03\x04", _OLE))


def read(source: Source) -> Iterator[Block]:
    """Yield a block per non-empty sheet."""
    wrong = _check(source)
    from python_calamine import CalamineError, CalamineWorkbook

    try:
        book = CalamineWorkbook.from_path(str(source.path))
    except (CalamineError, OSError) as error:
        raise SegcliError(f"{source.name} is not a workbook that can be read: {error}") from error
    parts = _parts(source) if any(wrong.values()) else {}
    totals = _totals(source)
    for name in book.sheet_names:
        try:
            sheet = book.get_sheet_by_name(name)
        except CalamineError as error:
            raise SegcliError(f"{source.name}: the sheet {name} cannot be read: {error}") from error
        first = (sheet.start or (0, 0))[1] + 1  # calamine skips leading empty columns, but no rows
        found = wrong.get(parts.get(name, ""), {})
        errors = {row: column - first for row, column in found.items() if column - first < sheet.width}
        rows = _table(sheet.iter_rows(), totals.get(name, set()))
        yield from _sheet(source.name, name, rows, errors)


def _check(source: Source) -> dict[str, dict[int, int]]:
    """Check the archive before opening it, because a small file can unpack to gigabytes.

    Return the error cells: part name -> row -> number of the first error column.
    """
    with source.path.open("rb") as file:
        if file.read(8) == _OLE:
            raise SegcliError(f"{source.name} is an old or a protected workbook", "save it as .xlsx without a password")
    try:
        with zipfile.ZipFile(source.path) as archive:
            _check_entries(source.name, archive.infolist())
            found = {}
            for entry in archive.infolist():  # sheets may be in any part
                with archive.open(entry) as part:
                    found[entry.filename] = _check_span(source.name, part)
            return found
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


def _check_span(file: str, sheet: IO[bytes]) -> dict[int, int]:
    """Reject a sheet that spans too many cells: calamine allocates all of them and crashes if it cannot.

    Return the rows with an error cell, and the number of the first error column.
    """
    rest, columns, rows, count = b"", 1, 0, 0
    errors: dict[int, int] = {}
    while chunk := sheet.read(_CHUNK):
        data = rest + chunk
        places = _PLACE.findall(data)
        if b'"e"' in data or b"'e'" in data:
            for letters, digits in _ERROR.findall(data):
                errors.setdefault(int(digits), _column(letters))
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
    return errors


def _is_sparse(cells: int, count: int) -> bool:
    """Tell whether a sheet spans far more cells than it fills."""
    return cells > MOST_CELLS or (cells > _SURELY_FINE and cells > _LEAST_FILLED * count)


def _row(digits: bytes) -> int:
    """Return a row number; one with too many digits is out of range and not parsed, which would be slow."""
    return int(digits) if len(digits) < 10 else MOST_ROWS + 1  # noqa: PLR2004 - digits


def _column(letters: bytes) -> int:
    """Return the number of a column: 1 for A, 27 for AA."""
    number = 0
    for letter in letters[:4].upper():  # a column has three letters at most
        number = number * 26 + letter - 64
    return number


def _parts(source: Source) -> dict[str, str]:
    """Return the archive part of each sheet, by sheet name."""
    from xml.parsers import expat  # nosec - expat limits the expansion of entities

    try:
        with zipfile.ZipFile(source.path) as archive:
            links = {one.get("Id"): one.get("Target", "") for one in _elements(archive, "xl/_rels/workbook.xml.rels")}
            sheets = _elements(archive, "xl/workbook.xml")
    except (KeyError, expat.ExpatError) as error:
        raise SegcliError(f"{source.name} is damaged: {error}", "was the download cut off?") from error
    return {
        one["name"]: posixpath.join("/xl", links[value])[1:]
        for one in sheets
        for key, value in one.items()
        if key.endswith(":id") and value in links and "name" in one
    }


def _elements(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    """Return the attributes of each element of a part."""
    from xml.parsers import expat  # nosec - the same

    found: list[dict[str, str]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda _, attributes: found.append(attributes)
    parser.Parse(archive.read(name), True)  # noqa: FBT003 - the final chunk
    return found


def _totals(source: Source) -> dict[str, set[int]]:
    """Return the rows of totals and subtotals of each sheet in segcli's own exports, which name them in the workbook."""
    import html

    with zipfile.ZipFile(source.path) as archive:
        book = archive.read("xl/workbook.xml")
    found: dict[str, set[int]] = {}
    for coded in _NAMED.findall(book) if TOTALS.encode() in book else ():
        text = html.unescape(coded.decode("utf-8", "replace"))
        areas = list(_ROWS.finditer(text))
        rows = found.setdefault(_unquoted(text[: areas[0].start()]), set()) if areas else set()
        for area in areas:
            first, last = int(area[1]), int(area[2] or area[1])
            rows.update(range(first, min(last, MOST_ROWS) + 1))
    return found


def _unquoted(sheet: str) -> str:
    return sheet[1:-1].replace("''", "'") if sheet.startswith("'") else sheet


def _table(rows: Iterator[Sequence[object]], totals: Container[int]) -> Iterator[tuple[int, Sequence[object]]]:
    """Yield the rows with their numbers, without totals and subtotals."""
    return ((number, cells) for number, cells in enumerate(rows, 1) if number not in totals)


def _sheet(
    file: str, name: str, numbered: Iterator[tuple[int, Sequence[object]]], errors: Mapping[int, int]
) -> Iterator[Block]:
    begun = dropwhile(lambda one: not filled(one[1]), numbered)
    top = [(number, cells) for number, cells in islice(begun, TITLES) if filled(cells) or number in errors]
    if not top:
        return
    at = headings_at([cells for _, cells in top], like=lambda cells: filled(cells) > 1)
    header = tuple(_text(cell) or "" for cell in top[at][1])
    check_header(header, f"{file}:{name}")
    sample = [*top[at + 1 :], *islice(numbered, SAMPLE)]
    numeric = {
        header[at]
        for _, row in sample
        for at, cell in enumerate(row)
        if isinstance(cell, int | float) and not isinstance(cell, bool)
    }
    body = _rows(file, name, header, chain(sample, numbered), errors)
    yield Block(None, name, header, body, is_canonical=False, numeric=frozenset(numeric))


def _rows(
    file: str,
    sheet: str,
    header: Sequence[str],
    rows: Iterator[tuple[int, Sequence[object]]],
    errors: Mapping[int, int],
) -> Iterator[tuple[Place, list[str | None]] | BadRow]:
    for number, cells in rows:
        place = f"{sheet}!{number}"
        texts: list[str | None] = [_text(cell) or "" for cell in cells]
        if not any(texts) and number not in errors:
            continue
        wrong = errors.get(number, next((at for at, text in enumerate(texts) if text in ERRORS), None))
        if wrong is not None:
            value = texts[wrong] or None
            problem = Problem(file, place, header[wrong], value, "the cell contains an Excel error", "fix the formula")
            yield BadRow(problem, place, tuple(text or "" for text in texts))
            continue
        yield place, [_unmarked(text) if text and ("\\x" in text or "#" in text) else text for text in texts]


def _unmarked(text: str) -> str:
    """Remove the escapes of segcli's own exports: a text that looks like an error has a leading '."""
    return text[1:] if text.startswith("'") and is_error(text) else reread(text)


def _text(cell: object) -> str | None:
    """Return a cell as exact text: the shortest digits of a number, the ISO form of a date."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return "1" if cell else "0"
    if isinstance(cell, float):
        return _number(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    return str(cell)  # str of a date is its ISO form


def _number(cell: float) -> str:
    if cell - cell != 0:  # infinity or NaN, which Excel shows as an error
        return "#NUM!"
    text = repr(cell)
    if "e" in text:
        text = f"{cell:.15f}".rstrip("0")
    return text.removesuffix(".0").removesuffix(".")
