"""Numbers of an .xlsx workbook with a format of zeros only: 1067 with the format 00000 is shown as 01067.

Formats are in xl/styles.xml (ECMA-376 part 1, 18.8.30): a cell names by `s` one of cellXfs, and that a format by numFmtId.
"""

import re
import zipfile
from collections.abc import Mapping, Sequence
from typing import IO

from segcli.importing.readers.parts import xlsx

_STYLES = "xl/styles.xml"
_ZEROS = re.compile("0{2,30}")
_CHUNK = 1 << 20
_SET = re.compile(rb"<(?:\w+:)?cellXfs\b.*?</(?:\w+:)?cellXfs>", re.DOTALL)
_FORMAT = re.compile(rb"<(?:\w+:)?xf\b[^<>]*?\bnumFmtId\s*=\s*[\"'](\d{1,6})[\"']")
_LONGEST_TAG = 4096  # bytes of the opening tag of a cell

Widths = Mapping[int, Mapping[int, int]]  # row -> number of the column -> digits


def widths(archive: zipfile.ZipFile, file: str) -> dict[str, Widths]:
    """Return how many digits the numbers with such a format have, by sheet. A workbook without such formats costs nothing."""
    styles = _styles(archive)
    if not styles:
        return {}
    cell = _pattern(styles)
    found: dict[str, Widths] = {}
    for name, part in xlsx.parts(archive, file).items():
        if part in archive.namelist():
            with archive.open(part) as sheet:
                found[name] = _of_sheet(sheet, cell, styles)
    return found


def padded(cells: Sequence[object], first: int, digits: Mapping[int, int]) -> list[object]:
    """Return the cells of a row with their whole numbers as they are shown; the first cell stands in column `first`."""
    shown = list(cells)
    for column, width in digits.items():
        at = column - first
        value = shown[at] if 0 <= at < len(shown) else None
        if (
            isinstance(value, int | float)
            and not isinstance(value, bool)
            and 0 <= value < 10**15
            and value == int(value)
        ):
            shown[at] = str(int(value)).rjust(width, "0")
    return shown


def _styles(archive: zipfile.ZipFile) -> dict[bytes, int]:
    """Return the digits of each cell style whose format is zeros only."""
    if _STYLES not in archive.namelist():
        return {}
    formats = {
        one["numFmtId"]: len(one["formatCode"])
        for one in xlsx.elements(archive, _STYLES)
        if _ZEROS.fullmatch(one.get("formatCode", "")) and one.get("numFmtId", "").isdigit()
    }
    listed = _SET.search(archive.read(_STYLES)) if formats else None
    used = _FORMAT.findall(listed[0]) if listed else []
    return {str(at).encode(): formats[name.decode()] for at, name in enumerate(used) if name.decode() in formats}


def _pattern(styles: Mapping[bytes, int]) -> re.Pattern[bytes]:
    """Return the pattern of a cell's opening tag with one of these styles: its column, row and style."""
    either = b"|".join(styles)
    return re.compile(
        rb"""<(?:\w+:)?c(?=\s[^<>]{0,999}?\bs\s*=\s*["'](%b)["'])(?=\s[^<>]{0,999}?\br\s*=\s*["']([A-Za-z]{1,3})([0-9]{1,7})["'])"""
        % either
    )


def _of_sheet(sheet: IO[bytes], cell: re.Pattern[bytes], styles: Mapping[bytes, int]) -> Widths:
    found: dict[int, dict[int, int]] = {}
    rest = b""
    while chunk := sheet.read(_CHUNK):
        data = rest + chunk
        for style, column, row in cell.findall(data):
            found.setdefault(int(row), {})[xlsx.column_number(column)] = styles[style]
        rest = data[-_LONGEST_TAG:]  # a tag that is found twice stands in one place
        rest = rest[max(0, rest.rfind(b"<")) :]
    return found
