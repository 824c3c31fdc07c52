"""Aligned text: the columns of a table under each other, streamed; widths come from the first rows."""

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import chain, islice
from typing import IO

from segcli.overview import Table
from segcli.render._cells import Totals, human, is_right, lines
from segcli.render._style import Style

SAMPLE = 1000


def width(text: str) -> int:
    """Return how many places a text takes: two for a wide character, none for a combining one."""
    if text.isascii():
        return len(text)
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def pad(text: str, size: int, *, right: bool) -> str:
    """Return the text filled with blanks to a number of places."""
    blanks = " " * (size - width(text))
    return blanks + text if right else text + blanks


def render(table: Table, file: IO[str], style: Style) -> int:
    """Write the table, its totals and its caption; return the number of rows."""
    totals = Totals(table)
    watched = Table(table.title, table.columns, totals.watch(iter(table.rows)), "", table.currency_at, table.currency)
    rows = lines(watched, [human(column, style.decimal) for column in table.columns])
    head = [column.title for column in table.columns]
    sample = list(islice(rows, SAMPLE))
    is_all = len(sample) < SAMPLE
    ends = totals.rows(style.decimal) if is_all else []
    sizes = [max(map(width, cells)) for cells in zip(head, *sample, *ends, strict=True)]
    rights = [is_right(column) for column in table.columns]
    if style.with_header:
        _write(file, [head, ["-" * size for size in sizes]], sizes, rights)
    count = _write(file, chain(sample, rows), sizes, rights)
    if count:
        _totals(file, ends or totals.rows(style.decimal), sizes, rights)
    if table.caption and style.with_header:
        file.write(f"{table.caption}\n")
    return count


def _totals(file: IO[str], ends: Sequence[Sequence[str]], sizes: Sequence[int], rights: Sequence[bool]) -> None:
    if ends:
        _write(file, [["-" * size for size in sizes], *ends], sizes, rights)


def _write(
    file: IO[str], rows: Sequence[Sequence[str]] | Iterator[Sequence[str]], sizes: Sequence[int], rights: Sequence[bool]
) -> int:
    count = 0
    for count, row in enumerate(rows, 1):  # noqa: B007
        cells = [pad(cell, size, right=right) for cell, size, right in zip(row, sizes, rights, strict=True)]
        file.write("  ".join(cells).rstrip() + "\n")
    return count
