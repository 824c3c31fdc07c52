"""Workbooks: .xlsx, .xls, .ods and .xlsb, read by calamine. Every sheet with a header row is a table."""

import zipfile
import zlib
from collections.abc import Container, Iterator, Mapping, Sequence
from datetime import datetime, time
from itertools import chain, dropwhile, islice
from typing import TYPE_CHECKING, NamedTuple

from segcli.base.errors import Problem, SegcliError
from segcli.base.escaping import ERRORS, is_error, is_marked_number, reread
from segcli.importing.readers import BadRow, Block, Place, Source
from segcli.importing.readers.parts import ods, spans, xls, xlsb, xlsx, xlsx_zeros
from segcli.importing.readers.parts.compound import MAGIC
from segcli.importing.readers.parts.headings import TITLES, check_header, filled, headings_at

if TYPE_CHECKING:
    from python_calamine import CalamineWorkbook

SAMPLE = 1000
_EXACT = 10**15  # Excel keeps 15 digits of a number and stores zeros for the rest
# Archives that are no workbook, by a part that only they have.
_OTHERS = {
    "word/document.xml": "a Word document",
    "ppt/presentation.xml": "a PowerPoint presentation",
    "Index/Document.iwa": "a document of Numbers, Pages or Keynote",
}


class _Looked(NamedTuple):
    """What was found before calamine opened the workbook."""

    errors: Mapping[str, Mapping[int, int]]  # sheet -> row -> number of the first error column
    totals: Mapping[str, Container[int]] = {}  # sheet -> rows of totals
    has_exponents: bool = True
    zeros: Mapping[
        str, xlsx_zeros.Widths
    ] = {}  # sheet -> row -> column -> digits of numbers that are shown with leading zeros


def recognises(head: bytes) -> bool:
    """Tell whether the file may be a workbook: an archive or a compound file. Other documents are named."""
    return head.startswith((b"PK\x03\x04", MAGIC))


def read(source: Source) -> Iterator[Block]:
    """Yield a block per non-empty sheet."""
    looked = _look(source)
    book = _opened(source)
    for number, name in enumerate(book.sheet_names):
        try:
            sheet = book.get_sheet_by_name(name)
        except BaseException as error:
            raise _unreadable(error, source, f"the sheet {name} cannot be read") from error
        first = (sheet.start or (0, 0))[1] + 1  # calamine skips leading empty columns, but no rows
        found = looked.errors.get(name) or looked.errors.get(str(number), {})
        errors = {row: column - first for row, column in found.items() if column - first < sheet.width}
        rows = _table(sheet.iter_rows(), looked.totals.get(name, ()))
        zeros = looked.zeros.get(name)
        if zeros:
            rows = _shown(rows, first, zeros)
        for block in _sheet(source.name, name, rows, errors):
            yield block._replace(has_exponents=looked.has_exponents)


def _look(source: Source) -> _Looked:
    """Look through the file before it is opened, because a small file can unpack to gigabytes."""
    with source.path.open("rb") as file:
        if file.read(8) == MAGIC:
            return _Looked(xls.errors(source.path, source.name))
    try:
        with zipfile.ZipFile(source.path) as archive:
            spans.check_entries(source.name, archive.infolist())
            names = set(archive.namelist())
            if xlsx.BOOK in names:
                found = xlsx.look(archive, source.name)
                zeros = xlsx_zeros.widths(archive, source.name)
                return _Looked(found.errors, xlsx.totals(archive), found.has_exponents, zeros)
            if xlsb.BOOK in names:
                return _Looked(xlsb.errors(archive, source.name))
            if ods.CONTENT in names and "mimetype" in names and archive.read("mimetype").startswith(ods.MIME):
                return _Looked(ods.errors(archive, source.name))
            raise _no_workbook(source.name, names)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError) as error:
        raise spans.damaged(source.name, error) from error


def _no_workbook(file: str, names: Container[str]) -> SegcliError:
    what = next((what for part, what in _OTHERS.items() if part in names), "")
    if not what and "content.xml" in names:
        what = "a document of LibreOffice or OpenOffice, but not a workbook"
    if what:
        return SegcliError(f"{file} is {what}", "export the data from their program, as .xlsx or CSV")
    return SegcliError(f"{file} is an archive, but not a workbook", "unpack it first")


def _opened(source: Source) -> "CalamineWorkbook":
    from python_calamine import CalamineWorkbook

    try:
        return CalamineWorkbook.from_path(str(source.path))
    except BaseException as error:
        raise _unreadable(error, source, "the workbook cannot be read") from error


def _unreadable(error: BaseException, source: Source, what: str) -> BaseException:
    """Return the error for a workbook that calamine refuses; an error of another kind is returned as it is."""
    from python_calamine import CalamineError, PasswordError

    if isinstance(error, PasswordError):
        return spans.protected(source.name)
    # PyO3 raises PanicException, which has no public name, where calamine meets what it does not expect.
    if isinstance(error, CalamineError | OSError | ValueError) or type(error).__name__ == "PanicException":
        return SegcliError(f"{source.name}: {what}: {error}", "save it again, as .xlsx or CSV")
    return error


def _table(rows: Iterator[Sequence[object]], totals: Container[int]) -> Iterator[tuple[int, Sequence[object]]]:
    """Yield the rows with their numbers, without totals and subtotals."""
    return ((number, cells) for number, cells in enumerate(rows, 1) if number not in totals)


def _shown(
    rows: Iterator[tuple[int, Sequence[object]]], first: int, zeros: xlsx_zeros.Widths
) -> Iterator[tuple[int, Sequence[object]]]:
    """Yield the rows with the leading zeros that the formats of their numbers show."""
    for number, cells in rows:
        digits = zeros.get(number)
        yield number, xlsx_zeros.padded(cells, first, digits) if digits else cells


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
        texts = [cell if type(cell) is str else _text(cell) or "" for cell in cells]
        if not any(texts) and number not in errors:
            continue
        wrong = errors.get(number)
        if wrong is None and not ERRORS.isdisjoint(texts):
            wrong = next(at for at, text in enumerate(texts) if text in ERRORS)
        if wrong is not None:
            value = texts[wrong] or None
            problem = Problem(file, place, header[wrong], value, "the cell contains an Excel error", "fix the formula")
            yield BadRow(problem, place, tuple(texts))
            continue
        joined = "\n".join(texts)
        is_marked = "'" in joined or "\\x" in joined
        shown: list[str | None] = [*texts]
        if is_marked:
            shown = [_unmarked(t) if t and (t[0] == "'" or "\\x" in t) else t for t in texts]
        yield place, shown


def _unmarked(text: str) -> str:
    """Remove a ' before a text that looks like an error or a number, and the escapes of segcli's own exports."""
    return text[1:] if text.startswith("'") and (is_error(text) or is_marked_number(text)) else reread(text)


def _text(cell: object) -> str | None:
    """Return a cell as exact text: the shortest digits of a number, the ISO form of a date, TRUE or FALSE."""
    if cell is None or cell == "":
        return None
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, float):
        return _number(cell)
    if isinstance(cell, datetime):
        return cell.date().isoformat() if cell.time() == time() else cell.isoformat(" ")
    return str(cell)  # str of a date is its ISO form


def _number(cell: float) -> str:
    """Return the digits of a number; one that Excel has rounded is returned as Excel shows it: 1.23456789012346E+18."""
    if cell - cell != 0:  # infinity or NaN, which Excel shows as an error
        return "#NUM!"
    if not -_EXACT < cell < _EXACT:
        return f"{cell:.14E}"
    text = repr(cell)
    if "e" in text:
        text = f"{cell:.15f}".rstrip("0")
    return text.removesuffix(".0").removesuffix(".")
