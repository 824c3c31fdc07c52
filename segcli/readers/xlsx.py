"""Excel workbooks, read by calamine: every sheet with a heading is a table."""

import zipfile
from collections.abc import Iterator, Sequence
from datetime import datetime, time
from itertools import chain
from typing import Any

from segcli.errors import Problem, SegcliError
from segcli.readers import BadRow, Block, Place, Source

MOST_BYTES = 500_000_000
MOST_RATIO = 200
MOST_ENTRIES = 2_000
MOST_COLUMNS = 500
MOST_CELLS = 30_000_000
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # an old .xls, or an encrypted workbook
SAMPLE = 1000


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
        sheet = book.get_sheet_by_name(name)
        if sheet.total_width * sheet.total_height > MOST_CELLS or sheet.total_width > MOST_COLUMNS:
            raise SegcliError(
                f"{source.name}: the sheet {name} spans {sheet.total_height:,} rows and {sheet.total_width:,} columns",
                "is there a stray cell far from the table? delete it, or write CSV",
            )
        yield from _sheet(source.name, name, sheet.iter_rows(), sheet.start or (0, 0))


def _check(source: Source) -> None:
    """Look at the archive before it is opened: a small file can hold gigabytes."""
    with source.path.open("rb") as file:
        if file.read(8) == _OLE:
            raise SegcliError(f"{source.name} is an old or a protected workbook", "save it as .xlsx without a password")
    try:
        with zipfile.ZipFile(source.path) as archive:
            entries = archive.infolist()
    except zipfile.BadZipFile as error:
        raise SegcliError(f"{source.name} is damaged: {error}", "was the download cut off?") from error
    if "xl/workbook.xml" not in {entry.filename for entry in entries}:
        raise SegcliError(f"{source.name} is an archive, but not a workbook", "unpack it first")
    size = sum(entry.file_size for entry in entries)
    packed = max(1, sum(entry.compress_size for entry in entries))
    if size > MOST_BYTES or len(entries) > MOST_ENTRIES or size / packed > MOST_RATIO:
        raise SegcliError(f"{source.name} unpacks to {size:,} bytes: too much for a workbook", "write CSV instead")


def _sheet(file: str, name: str, rows: Iterator[Sequence[Any]], start: tuple[int, int]) -> Iterator[Block]:
    numbered = enumerate(rows, start[0] + 1)
    first = next((cells for _, cells in numbered if any(cell not in ("", None) for cell in cells)), None)
    if first is None:
        return
    header = tuple(_text(cell) or "" for cell in first)
    sample = [row for row, _ in zip(numbered, range(SAMPLE), strict=False)]
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
        texts = [_text(cell) for cell in cells]
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
