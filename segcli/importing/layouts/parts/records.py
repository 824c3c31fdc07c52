"""Split a table of a known program into the blocks of its records."""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import islice
from typing import Any, NamedTuple

from segcli.base.text import counted
from segcli.importing import readers
from segcli.importing.kinds.machinery import kind_definition, recognition, total_rows
from segcli.importing.kinds.machinery.kind_definition import MONEY, key_of
from segcli.importing.layouts.parts import stated_totals
from segcli.importing.layouts.parts.layout import Layout, Part, Row, Value
from segcli.importing.layouts.parts.passed_over import PassedOver
from segcli.importing.readers import BadRow, Block, Place, Source
from segcli.importing.readers.parts.unread import Unread


class _Compiled(NamedTuple):
    """A part of a layout for one header: the fields that the file can fill, with their values and the columns they come from."""

    part: Part
    fields: tuple[str, ...]
    values: tuple[Value, ...]
    header: tuple[str, ...]


def split(source: Source, number: int, block: Block, layout: Layout) -> Iterator[Block]:
    """Yield a block for each kind of the records of a table, which is the number-th block of its file."""
    claimed = _claimed(source, block.header, layout)
    left = {*layout.unread(block.header)}.difference(claimed)
    unread = Unread(
        {place: name for place, name in enumerate(block.header) if name in left and name not in source.renamed}
    )
    there = {key_of(name) for name in block.header}
    parts = [part for part in layout.parts if not part.needs or not there.isdisjoint(part.needs.split())]
    scanned = _Scanned(source, number, block.header, layout)
    every = [*filter(_is_enough, (_compiled(part, block.header, claimed) for part in parts))]
    columns = _columns(block.header, {*source.renamed, *claimed})
    passed = PassedOver(layout, [compiled.part for compiled in every], columns)
    watch = _Watch(unread, passed, [], _amounts(every), _currencies(every))
    for at, compiled in enumerate(every):
        part = compiled.part
        yield Block(
            part.kind,
            block.name,
            compiled.header,
            _rows(scanned, compiled, None if at else watch),
            is_canonical=False,
            is_settled=True,
            by_reference=part.by_reference,
            only_fills=part.only_fills,
            fields=compiled.fields,
            unread=None if at else unread,
            totals=None if at else watch.totals,
            origin=block.header,
            title=layout.title,
        )


def _is_enough(compiled: _Compiled) -> bool:
    """Tell whether the columns of a file make records of a part's kind: an invoice template may have no column of items."""
    kind = kind_definition.find(compiled.part.kind)
    needed = {field.name for field in kind.fields if field.is_required}
    return needed <= {*compiled.fields} and not (kind.check and kind.check(compiled.fields))


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


def _columns(header: Sequence[str], without: Collection[str]) -> dict[str, tuple[int, str]]:
    """Return the place and the name of each column by its normalised heading; the first one of a heading is read."""
    found = {key_of(name): (at, name) for at, name in reversed([*enumerate(header)])}
    return {key: (at, name) for key, (at, name) in found.items() if name not in without}


class _Watch(NamedTuple):
    """What is noted of a file while its first kind of records is read."""

    unread: Unread
    passed: PassedOver
    totals: list[Place]
    amounts: Mapping[str, str]  # the headings of amounts, with their names in the file
    currencies: tuple[Value, ...]  # where the currency of a row is, for each kind that has one


class _Scanned:
    """A table of a known program; what its layout must know of all rows is found when it is first asked for."""

    def __init__(self, source: Source, number: int, header: Sequence[str], layout: Layout) -> None:
        self.source, self.layout, self._number = source, layout, number
        self.places = {key_of(name): at for at, name in reversed([*enumerate(header)])}

    def rows(self) -> Iterator[tuple[Place, Sequence[str | None]] | BadRow]:
        """Yield the rows; the file is read anew."""
        block = next(islice(readers.read(self.source), self._number, None))
        yield from block.rows

    @cached_property
    def found(self) -> Any:  # noqa: ANN401 - the layout knows it
        """Return what the layout finds in all rows; None if it needs nothing of them."""
        rows = (Row(self.places, row[1], row[0], None) for row in self.rows() if not isinstance(row, BadRow))
        return self.layout.scan(rows) if self.layout.scan else None


def _rows(
    table: _Scanned, compiled: _Compiled, watch: _Watch | None
) -> Iterator[tuple[Place, list[str | None]] | BadRow]:
    """Yield the records of one kind; the file is read anew for each kind, so that none is kept in memory.

    With `watch`, the first kind, bad rows are yielded too, and columns that are not read, total rows and rows left out are noted.
    """
    layout, scanned = table.layout, table.found
    seen: set[str] = set()
    skipped: Counter[str] = Counter()
    for found in table.rows():
        if isinstance(found, BadRow):
            yield from (found,) if watch else ()
            continue
        place, cells = found
        if total_rows.is_total(cells, ()):
            if watch:
                watch.totals.append(place)
            continue
        if watch:
            watch.unread.look(cells)
        row = Row(table.places, cells, place, scanned)
        left_out = next((skip.what for skip in layout.skips if skip.when(row)), "")
        if left_out:
            skipped[left_out] += 1
            continue
        if watch:
            watch.passed.look(row, watch.unread)
        yield from ((place, made) for made in _records(row, compiled, seen))
    for what, count in skipped.items() if watch else ():
        table.source.warn(f"{counted(count, 'row')} left out: {what}")
    if watch and watch.totals:
        _compare_totals(table, watch)


def _compare_totals(table: _Scanned, watch: _Watch) -> None:
    """Warn of totals that are not the sums of their columns; nothing can be said of several currencies."""
    currencies: set[tuple[str, ...]] = set()

    def is_record(row: Row) -> bool:
        if any(skip.when(row) for skip in table.layout.skips):
            return False
        currencies.add(tuple(value.make(row) for value in watch.currencies))
        return True

    def read(cells: Sequence[str | None], place: Place) -> Row:
        return Row(table.places, cells, place, table.found)

    told = list(stated_totals.differences(table.rows(), read, watch.amounts, is_record))
    for text in told if len(currencies) == 1 else ():
        table.source.warn(text)


def _amounts(every: Iterable[_Compiled]) -> dict[str, str]:
    """Return the headings from which amounts are read, with the names of their columns."""
    found = {}
    for compiled in every:
        money = {field.name for field in kind_definition.find(compiled.part.kind).fields if field.type in MONEY}
        for name, column in zip(compiled.fields, compiled.header, strict=True):
            if name in money and compiled.part.values.get(name):
                found[key_of(column)] = column
    return found


def _currencies(every: Iterable[_Compiled]) -> tuple[Value, ...]:
    fields = (dict(zip(compiled.fields, compiled.values, strict=True)) for compiled in every)
    return tuple(found["currency"] for found in fields if "currency" in found)


def _records(row: Row, compiled: _Compiled, seen: set[str]) -> Iterator[list[str | None]]:
    """Yield the records of a row: none if it holds none, or one that was seen before."""
    part = compiled.part
    for which in part.each(row) if part.each else ("",):
        row.which = which
        if not part.when(row):
            continue
        if part.once:
            key = part.once.make(row)
            if key in seen:
                continue
            seen.add(key)
        yield [value.make(row) for value in compiled.values]
