"""CSV and TSV: strict about quotes, row lengths and encodings; records the physical line of each row."""

import csv
import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import islice, takewhile
from typing import Any

from segcli.base.errors import Problem, SegcliError
from segcli.base.escaping import GUARD as _GUARD
from segcli.base.escaping import reread, untabbed
from segcli.importing.readers import BadRow, Block, Place, Source
from segcli.importing.readers.parts import tabs
from segcli.importing.readers.parts.headings import TITLES, check_header, filled, headings_at
from segcli.importing.readers.parts.text_bytes import (
    DELIMITERS,
    HEADER_LIMIT,
    RECORD_LIMIT,
    Marks,
    check_bytes,
    encoding_of,
    endless,
)  # fmt: skip

Line = tuple[Place, list[str]] | BadRow

BLANK = " "  # any number of spaces: only if the user says so
FIELD_LIMIT = 16_000_000
MOST_FIELDS = 100_000  # of a long line
_FEW = 2  # delimiters of a line that may be no table
_TABBED = (".tsv", ".tsv.gz", ".tab")
_CHUNK = 1 << 20
_FORMULA = re.compile(r'="((?:[^"]|"")*)"')
_SAYS = re.compile(r'"?sep=(.)"?[\r\n]*', re.IGNORECASE)  # Excel's delimiter declaration on the first line
_WORDS = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


def recognises(head: bytes) -> bool:  # noqa: ARG001 - all readers have the same interface
    """Accept every file; this reader is asked last."""
    return True


def read(source: Source) -> Iterator[Block]:
    """Yield the file's one block."""
    encoding = encoding_of(source)
    marks = check_bytes(source, encoding)
    yield _block(source, encoding, marks)


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
    encoding = encoding_of(source)
    check_bytes(source, encoding)
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
    if sign not in {*DELIMITERS, BLANK}:
        raise SegcliError(f"--delimiter: '{sign}' is not known", "use , ; | tab or space")
    said = int(says is not None)
    return sign, said + _above(top[said:], sign)


def _block(source: Source, encoding: str, marks: Marks) -> Block:
    csv.field_size_limit(FIELD_LIMIT)
    sign, above = _layout(source, encoding)
    manner = _manner(source, encoding, above) if sign == "\t" else tabs.Manner(is_quoted=True, is_escaped=False)
    rows = _rows(source, encoding, sign, above, is_quoted=manner.is_quoted)
    if marks.has_formulas and sign != "\t":  # segcli writes such a text so in tab-separated files
        rows = _without_formulas(rows)
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
    lines = [line for line in top if any(sign in line for sign in DELIMITERS)]
    if len(lines) > 1 and sum(map(lines[0].count, DELIMITERS)) == 1:  # a title with a comma, above another delimiter
        other = next((line for line in lines if sum(map(line.count, DELIMITERS)) > 1), "")
        if any(other.count(sign) > _FEW for sign in DELIMITERS if sign not in lines[0]):
            return delimiter_of(other, name)
    return delimiter_of(lines[0] if lines else first, name)


def _above(top: Sequence[str], sign: str) -> int:
    """Return the number of lines above the table."""
    reader = csv.reader(_trimmed(top, sign), delimiter=sign, strict=True, skipinitialspace=sign == BLANK)
    ends, rows = [0], []
    with suppress(csv.Error):  # reported when the rows are read
        for cells in reader:
            if filled(cells):
                ends.append(reader.line_num)
                rows.append(cells)
    return ends[headings_at(rows, like=len)]


def _trimmed(lines: Iterable[str], sign: str) -> Iterable[str]:
    """Return the lines without spaces at their ends if spaces separate the fields."""
    return (line.rstrip(" \r\n") + "\n" for line in lines) if sign == BLANK else lines


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
                yield from _trimmed(batch, sign)
                size = size + sum(map(len, batch)) if line == start else 0
                start = line
                if size > RECORD_LIMIT:
                    raise endless(source.name, line)

        reader = csv.reader(
            lines(),
            delimiter=sign,
            strict=True,
            quoting=csv.QUOTE_MINIMAL if is_quoted else csv.QUOTE_NONE,
            skipinitialspace=sign == BLANK,
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


def _without_formulas(rows: Iterable[Line]) -> Iterator[Line]:
    """Replace the formulas that are one text by the text: ="00123" by 00123."""
    for row in rows:
        yield row if isinstance(row, BadRow) else (row[0], list(map(_without_formula, row[1])))


def _without_formula(cell: str) -> str:
    found = _FORMULA.fullmatch(cell) if cell.startswith('="') else None
    return found[1].replace('""', '"') if found else cell


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
