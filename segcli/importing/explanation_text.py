"""An explanation of a file as text, and as a table with a row per column."""

from collections.abc import Iterable, Iterator, Sequence

from segcli.base.text import visible
from segcli.domain.table import Column, Table
from segcli.importing.explanation import BlockRead, ColumnRead, FileRead

_LONGEST = 24  # characters of a value
_LABEL = 9  # width of the labels
_COLUMNS = tuple(
    Column(name)
    for name in ("file", "format", "table", "kind", "column", "field", "type", "note", "row_1", "row_2", "row_3")
)


def text(found: FileRead, database: str) -> Iterator[str]:
    """Yield the lines of a file's explanation. `database` says whose labels were used."""
    yield visible(found.name)
    if found.format:
        yield _line("format", found.format)
    yield _line("database", database)
    for block in found.blocks:
        yield from ("", *_block(block))
    for note in found.notes:
        yield _line("note", note)


def _block(block: BlockRead) -> Iterator[str]:
    if block.name:
        yield _line("table", block.name)
    if block.kind:
        yield _line("records", f"{block.kind.title} ({block.why})")
    if block.others:
        yield from (_line("next" if block.kind else "nearest", other) for other in block.others)
    for what, style in block.styles:
        yield _line(what, style)
    if block.kind:
        wrong = f"; {block.rejected:,} cannot be read" if block.rejected else ""
        yield _line("rows", f"{block.count:,}{wrong}")
    if block.columns:
        yield from ("", *_table(block.columns))


def _line(label: str, words: str) -> str:
    return f"  {label:{_LABEL}} {visible(words)}"


def _table(columns: Sequence[ColumnRead]) -> Iterator[str]:
    rows = [("column", "field", "type", "first rows")]
    rows += [(_cut(c.heading), c.field or c.note, c.type, " | ".join(map(_cut, c.values))) for c in columns]
    widths = [max(len(row[at]) for row in rows) for at in range(3)]
    for row in rows:
        yield "  " + "  ".join(f"{cell:{width}}" for cell, width in zip(row, (*widths, 0), strict=True)).rstrip()


def _cut(value: str) -> str:
    shown = visible(value)
    return shown if len(shown) <= _LONGEST else f"{shown[: _LONGEST - 1]}…"


def table(files: Iterable[FileRead]) -> Table:
    """Return the columns of all files as a table."""
    return Table("Explanation", _COLUMNS, (row for found in files for row in _rows(found)), with_totals=False)


def _rows(found: FileRead) -> Iterator[tuple[str | None, ...]]:
    for block in found.blocks:
        kind = block.kind.name if block.kind else None
        for column in block.columns:
            values = (*column.values, None, None, None)[:3]
            yield (
                *(found.name, found.format, block.name or None, kind, column.heading, column.field or None),
                *(column.type or None, column.note or None, *values),
            )
