"""An .xlsx workbook looked through before calamine opens it: extent, error cells, and the totals of segcli's own exports."""

import posixpath
import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import IO, NamedTuple

from segcli.base.errors import SegcliError
from segcli.base.escaping import TOTALS
from segcli.importing.readers.parts.spans import MOST_ROWS, MOST_TEXT, Span, damaged, parse

BOOK = "xl/workbook.xml"
_STRINGS = "xl/sharedstrings.xml"
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
_EXPONENT = re.compile(rb"[0-9][Ee]\+[0-9]")
_LONG = b"9" * 16  # more digits than Excel keeps
_AS_NINES = bytes.maketrans(b"012345678", b"999999999")
_IN_PLACE = bytes(range(0x30, 0x3A)) + bytes(range(0x41, 0x5B)) + bytes(range(0x61, 0x7B)) + b" \t\r\n=:'\""


class Found(NamedTuple):
    """What a workbook holds that calamine does not tell."""

    errors: dict[str, dict[int, int]]  # sheet -> row -> number of the first error column
    has_exponents: bool  # a cell may hold a number of more than 15 digits, or a text such as 6.72E+08


def look(archive: zipfile.ZipFile, file: str) -> Found:
    """Return the error cells of each sheet. Raises SegcliError if a sheet spans too many cells."""
    spans, longest, has_exponents, strings = {}, 0, False, _strings(archive)
    for entry in archive.infolist():  # sheets may be in any part
        with archive.open(entry) as part:
            scan = _Scan(file, is_strings=entry.filename == strings)
            spans[entry.filename] = scan.read(part)
        longest = max(longest, scan.longest)
        has_exponents = has_exponents or scan.has_exponents
    found = {}
    for name, span in spans.items():
        span.text = longest * span.count
        if span.is_too_large or span.text > MOST_TEXT:  # count exactly, without formatted cells that have no content
            with archive.open(name) as part:
                exact = _filled(file, part, _sizes(archive, file))
            exact.errors = span.errors
            exact.refuse_large(file)
        if span.errors:
            found[name] = span.errors
    by_sheet = parts(archive, file) if found else {}
    return Found({name: found[part] for name, part in by_sheet.items() if part in found}, has_exponents)


class _Scan:
    """A pass over the bytes of a part: the span of all cells, also of empty ones, and the error cells."""

    def __init__(self, file: str, *, is_strings: bool) -> None:
        self.file, self.is_strings = file, is_strings
        self.span = Span(columns=1)
        self.longest = self.gap = 0  # upper bound of the length of a shared text, in bytes
        self.has_exponents = False

    def read(self, part: IO[bytes]) -> Span:
        """Return the span."""
        rest, span = b"", self.span
        while chunk := part.read(_CHUNK):
            data = rest + chunk
            places = _PLACE.findall(data)
            if b'"e"' in data or b"'e'" in data:
                for column, row in _ERROR.findall(data):
                    span.errors.setdefault(int(row), column_number(column))
            rest = data[max(0, len(data.rstrip(_IN_PLACE)) - 1) :]
            if places:
                span.count += len(places)
                span.columns = max(span.columns, *map(column_number, {letters for letters, _ in places}))
                span.rows = max(span.rows, *map(_row, {digits for _, digits in places}))
            if len(rest) > _LONGEST_TEXT:
                raise SegcliError(f"{self.file}: a text in it is longer than a cell can hold", "write CSV instead")
            if not self.has_exponents:
                is_written = (b"E+" in data or b"e+" in data) and _EXPONENT.search(data) is not None
                self.has_exponents = is_written or _LONG in data.translate(_AS_NINES)
            if self.is_strings:
                self._measure(chunk)
        return span

    def _measure(self, chunk: bytes) -> None:
        """Keep the greatest distance between the tags of two texts; one that is cut in two counts as none."""
        if b"<!" in chunk:  # a comment or CDATA may hold what looks like a tag
            self.longest = MOST_TEXT
        first, *others = map(len, chunk.split(b"<si"))
        self.longest = max(self.longest, self.gap + first, *others)
        self.gap = others[-1] if others else self.gap + first


def _strings(archive: zipfile.ZipFile) -> str:
    """Return the part with the shared texts, '' if there is none."""
    return next((name for name in archive.namelist() if name.lower() == _STRINGS), "")


def _sizes(archive: zipfile.ZipFile, file: str) -> list[int]:
    """Return the characters of each shared text."""
    name = _strings(archive)
    if not name:
        return []
    texts = _Texts()
    with archive.open(name) as part:
        parse(part, texts, file)
    return texts.sizes


def _filled(file: str, sheet: IO[bytes], sizes: Sequence[int]) -> Span:
    """Return the span of the cells that have content, and the size of the shared texts in them.

    XML is parsed for this, because only a parser is certain to see the same cells as calamine.
    """
    cells = _Cells(sizes)
    parse(sheet, cells, file)
    return cells.span


class _Texts:
    """Handlers of the elements of the shared texts."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:  # noqa: ARG002 - all handlers have the same interface
        if name.rsplit(":", 1)[-1] == "si":
            self.sizes.append(0)

    def text(self, text: str) -> None:
        if self.sizes:
            self.sizes[-1] += len(text)

    def end(self, name: str) -> None:
        pass


class _Cells:
    """Handlers of a sheet's elements; cells and rows without a reference follow the one before, as in calamine."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self.span = Span()
        self.sizes = sizes
        self.row, self.column = 1, 1
        self.at = 1  # row of the present cell
        self.is_cell = self.is_value = False
        self.has_content = False
        self.type = self.value = ""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        local = name.rsplit(":", 1)[-1]
        if self.is_cell:
            self.is_value = local == "v"
            # An empty <v> of a number or of an untyped cell is no content.
            self.has_content = self.has_content or not (self.is_value and self.type in {"", "n"})
        elif local == "row":
            self.row = _row(attributes["r"].strip().encode()) if "r" in attributes else self.row
        elif local == "c":
            self.is_cell, self.has_content, self.type, self.value = True, False, attributes.get("t", ""), ""
            match = re.fullmatch(r"\s*([A-Za-z]+)([0-9]+)\s*", attributes.get("r", ""))
            if match:
                self.column, self.at = column_number(match[1].encode()), _row(match[2].encode())
            elif "r" in attributes:
                raise ValueError(f"the cell reference {attributes['r'][:20]}")
            else:
                self.at = self.row

    def text(self, text: str) -> None:
        if self.is_value:
            self.has_content = True
            self.value += text

    def end(self, name: str) -> None:
        local = name.rsplit(":", 1)[-1]
        if local == "v":
            self.is_value = False
        elif local == "row":
            self.row, self.column = self.row + 1, 1
        elif local == "c":
            if self.has_content:
                self.span.add(self.at, self.column)
                at = self.value.strip()
                if self.type == "s" and at.isascii() and at.isdigit() and len(at) < 10:  # noqa: PLR2004 - digits
                    self.span.text += self.sizes[int(at)] if int(at) < len(self.sizes) else 0
            self.is_cell, self.column = False, self.column + 1


def _row(digits: bytes) -> int:
    """Return a row number; one with too many digits is out of range and not parsed, which would be slow."""
    return int(digits) if len(digits) < 10 else MOST_ROWS + 1  # noqa: PLR2004 - digits


def column_number(letters: bytes) -> int:
    """Return the number of a column: 1 for A, 27 for AA."""
    number = 0
    for letter in letters[:4].upper():  # a column has three letters at most
        number = number * 26 + letter - 64
    return number


def parts(archive: zipfile.ZipFile, file: str) -> dict[str, str]:
    """Return the archive part of each sheet, by sheet name."""
    from xml.parsers import expat  # nosec - expat limits the expansion of entities

    try:
        links = {one.get("Id"): one.get("Target", "") for one in elements(archive, "xl/_rels/workbook.xml.rels")}
        sheets = elements(archive, BOOK)
    except (LookupError, ValueError, expat.ExpatError) as error:
        raise damaged(file, error) from error
    return {
        one["name"]: posixpath.join("/xl", links[value])[1:]
        for one in sheets
        for key, value in one.items()
        if key.endswith(":id") and value in links and "name" in one
    }


def elements(archive: zipfile.ZipFile, name: str) -> list[dict[str, str]]:
    """Return the attributes of each element of a part."""
    from xml.parsers import expat  # nosec - the same

    found: list[dict[str, str]] = []
    parser = expat.ParserCreate()
    parser.StartElementHandler = lambda _, attributes: found.append(attributes)
    parser.Parse(archive.read(name), True)  # noqa: FBT003 - the final chunk
    return found


def totals(archive: zipfile.ZipFile) -> dict[str, set[int]]:
    """Return the rows of totals and subtotals of each sheet in segcli's own exports, which name them in the workbook."""
    import html

    book = archive.read(BOOK)
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
