"""Find the layout of a table, and split the table into the blocks of its records."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import NamedTuple

from segcli.base.text import counted
from segcli.importing import readers
from segcli.importing.kinds.machinery import kind_definition, recognition, total_rows
from segcli.importing.kinds.machinery.kind_definition import key_of
from segcli.importing.layouts.parts.layout import Layout, Part, Row, Value
from segcli.importing.readers import BadRow, Block, Place, Source
from segcli.importing.readers.parts.unread import Unread


@cache
def _layouts() -> tuple[Layout, ...]:
    """Return the layouts of all programs."""
    names = sorted(path.stem for path in Path(__file__).parent.glob("[a-z]*.py") if path.stem != "splitting")
    return tuple(layout for name in names for layout in import_module(f"segcli.importing.layouts.{name}").LAYOUTS)


def find(header: Sequence[str]) -> Layout | None:
    """Return the layout with the most of these headings, None if they are of no known program."""
    keys = {key_of(name) for name in header}
    found = max(_layouts(), key=lambda layout: layout.fits(keys), default=None)
    return found if found and found.fits(keys) else None


def read(source: Source) -> Iterator[Block]:
    """Yield the blocks of a file; a table of a known program yields a block for each kind of its records."""
    for number, block in enumerate(readers.read(source)):
        layout = None if block.kind or source.is_plain else find(_free(block.header, source.renamed))
        if layout is None:
            yield block
        else:
            yield from _split(source, number, block, layout)


def _free(header: Sequence[str], renamed: Mapping[str, str]) -> list[str]:
    """Return the columns that the user has not given a meaning."""
    return [name for name in header if name not in renamed]


class _Compiled(NamedTuple):
    """A part of a layout for one header: the fields that the file can fill, with their values and the columns they come from."""

    part: Part
    fields: tuple[str, ...]
    values: tuple[Value, ...]
    header: tuple[str, ...]


def _split(source: Source, number: int, block: Block, layout: Layout) -> Iterator[Block]:
    claimed = _claimed(source, block.header, layout)
    left = {*layout.unread(block.header)}.difference(claimed)
    unread = Unread(
        {place: name for place, name in enumerate(block.header) if name in left and name not in source.renamed}
    )
    for at, part in enumerate(layout.parts):
        compiled = _compiled(part, block.header, claimed)
        totals: list[Place] = []
        yield Block(
            part.kind,
            block.name,
            compiled.header,
            _rows(source, number, block.header, layout, compiled, None if at else _Watch(unread, totals)),
            is_canonical=False,
            is_settled=True,
            by_reference=part.by_reference,
            fields=compiled.fields,
            unread=None if at else unread,
            totals=None if at else totals,
            origin=block.header,
            title=layout.title,
        )


def _claimed(source: Source, header: Sequence[str], layout: Layout) -> dict[str, tuple[str, str]]:
    """Return the columns that --map, a profile or a label gives a meaning: column -> kind and field.

    The layout says nothing of them. A field goes to the first kind of the layout that has it.
    """
    head = recognition.Header(tuple(header), source.name, source.labels, source.renamed)
    free = {*layout.unread(header)}
    found = {}
    for part in layout.parts:
        fields = recognition.Fields(kind_definition.find(part.kind), head)
        for name in header:
            is_free = name in source.renamed or (name in free and fields.is_class(name))
            field = fields.of_column(name, is_sure=False) if is_free and name not in found else None
            if field and field not in part.fields:
                found[name] = (part.kind, field)
    return found


def _compiled(part: Part, header: Sequence[str], claimed: Mapping[str, tuple[str, str]]) -> _Compiled:
    by_key = {key_of(name): name for name in reversed(header)}
    found: dict[str, tuple[Value, str]] = {}
    for name, value in part.values.items():
        column = next((by_key[heading] for heading in value.headings if heading in by_key), None)
        if column is not None or not value.headings:
            found[name] = (value, column or name)
    for column, (kind, name) in claimed.items():
        if kind == part.kind:
            found[name] = (_cell(key_of(column)), column)
    values, columns = zip(*found.values(), strict=True) if found else ((), ())
    return _Compiled(part, tuple(found), values, columns)


def _cell(heading: str) -> Value:
    return Value((heading,), lambda row: row[heading])


class _Watch(NamedTuple):
    """What is noted of a file while its first kind of records is read."""

    unread: Unread
    totals: list[Place]


def _rows(  # noqa: PLR0913 - where the rows are, and what is made of them
    source: Source, number: int, header: Sequence[str], layout: Layout, compiled: _Compiled, watch: _Watch | None
) -> Iterator[tuple[Place, list[str | None]] | BadRow]:
    """Yield the records of one kind; the file is read anew for each kind, so that none is kept in memory.

    With `watch`, the first kind, bad rows are yielded too, and columns that are not read, total rows and rows left out are noted.
    """
    places = {key_of(name): at for at, name in reversed([*enumerate(header)])}
    scanned = layout.scan(_each(source, number, places)) if layout.scan else None
    seen: set[str] = set()
    skipped: Counter[str] = Counter()
    for row in _table(source, number):
        if isinstance(row, BadRow):
            yield from (row,) if watch else ()
            continue
        place, cells = row
        if total_rows.is_total(cells, ()):
            if watch:
                watch.totals.append(place)
            continue
        if watch:
            watch.unread.look(cells)
        made = _record(Row(places, cells, scanned), layout, compiled, seen, skipped)
        if made:
            yield place, made
    for what, count in skipped.items() if watch else ():
        source.warn(f"{counted(count, 'row')} left out: {what}")


def _record(row: Row, layout: Layout, compiled: _Compiled, seen: set[str], skipped: Counter[str]) -> list[str | None]:
    """Return the record of a row; empty if the row holds none, or one that was seen before."""
    left_out = next((skip.what for skip in layout.skips if skip.when(row)), "")
    if left_out:
        skipped[left_out] += 1
        return []
    part = compiled.part
    if not part.when(row):
        return []
    if part.once:
        key = part.once.make(row)
        if key in seen:
            return []
        seen.add(key)
    return [value.make(row) for value in compiled.values]


def _each(source: Source, number: int, places: Mapping[str, int]) -> Iterator[Row]:
    return (Row(places, row[1], None) for row in _table(source, number) if not isinstance(row, BadRow))


def _table(source: Source, number: int) -> Iterator[tuple[Place, Sequence[str | None]] | BadRow]:
    block = next(islice(readers.read(source), number, None))
    yield from block.rows
