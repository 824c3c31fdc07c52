"""Conversion of a file's cells to the values of the staging table.

Rows are converted in groups of `_AT_ONCE`. `_by_column` converts a group column by column, which takes half the
time of row by row, but stops at the first wrong cell without telling which row it is in. The group is then
converted again by `_one_by_one`, which reports each wrong row and yields the rest. Both paths must return equal
values for the same cells.
The order within a path matters: texts are stripped first, then dates, flags, codes and classes are converted
(`special`), then required fields are checked, and amounts come last because they need the currency of their row.
(`_convert` checks required fields first, so that they are reported first.)
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, repeat
from operator import itemgetter
from typing import Any

from segcli.base.errors import Problem, SegcliError, UsageError
from segcli.domain.catalogue import CLASSES
from segcli.importing.kinds.machinery import conversion, footers, total_rows
from segcli.importing.kinds.machinery.kind_definition import MONEY, Field
from segcli.importing.kinds.machinery.stage import Keyless, Stage, TotalRow
from segcli.importing.readers import BadRow, Block, Place

MOST_KNOWN = 10_000  # distinct texts per column whose values are cached
_AT_ONCE = 256  # rows per group; their cells fit the processor's cache
Given = tuple[Place, Sequence[str | None]] | BadRow
Column = Sequence[Any]  # texts; None if the format has no cell there
Row = tuple[Any, ...]


class Converter:
    """Turns the rows of a block into rows of its stage."""

    def __init__(self, stage: Stage, block: Block) -> None:
        self.stage = stage
        self.style = conversion.Style() if block.is_canonical else stage.options.number_format
        places = stage.mapping.places
        carried = [f for f in stage.kind.fields if f.name in places]
        classes = [name for name in CLASSES if name in places]
        self.names = [*(f.name for f in carried), *classes]
        self.carried = [(places[name], name) for name in self.names]
        self.pick = _picker([places[name] for name in self.names])
        self.required = [(places[f.name], f.name) for f in carried if f.is_required]
        self.keys = [places[f.name] for f in carried if f.type == "code"]
        self.watched = None if block.fields else stage.unread  # a layout records unread columns itself
        self.special: list[tuple[int, str, conversion.Converter, dict[str, conversion.Value]]] = []
        for f in carried:
            convert = None if f.type in MONEY else conversion.converter(f.type, self.style)
            if block.has_exponents and not convert and (f.type == "code" or f.name in conversion.DIGITS):
                convert = conversion.to_digits
            if convert:
                self.special.append((places[f.name], f.name, convert, {}))
        self.decimals = {f.name for f in carried if f.type == "decimal"}  # converted as a column
        self.special += [(places[name], name, self._class(int(name[5])), {}) for name in classes]
        self.money = [(places[f.name], f.name, f.type == "base_money", _amount(f)) for f in carried if f.type in MONEY]
        self.currency = places.get("currency")
        self.derived = [make(self.names) for make in stage.kind.derived.values()]
        self.is_text = not block.is_canonical  # every cell is a str, none is None
        self.strip: Callable[[Sequence[Any]], list[Any]] = _stripped if self.is_text else _stripped_or_none
        self.raw: dict[str, dict[Any, Any]] = {name: {} for _, name, *_ in self.special}
        self.below: list[tuple[Place, str]] = []  # footers, unless a record follows
        self.disorder: list[Problem] = []  # a date in another order than the others

    def _class(self, number: int) -> conversion.Converter:
        """Return the converter of a class's text to the value's id. Unresolved texts stay and are resolved in the merge."""
        catalogue = self.stage.catalogue

        def convert(text: str) -> conversion.Value:
            if text.lower() == "none":
                return None
            try:
                found = catalogue.find(number, text)
            except UsageError:  # ambiguous: rejected in the merge, with all rows that have it
                return text
            return found[0].id if len(found) == 1 else text

        return convert

    def rows(self, rows: Iterable[Given], tick: Callable[[int], None]) -> Iterator[Row]:
        """Yield the converted rows; record a problem for each wrong row."""
        source, done = iter(rows), 0
        while block := list(islice(source, _AT_ONCE)):
            yield from self._by_column(block, done + 1) or self._one_by_one(block, done + 1)
            done += len(block)
            tick(done)
        self.stage.footers += [f"line {place}: {text}" for place, text in self.below]
        if self.disorder:
            what = f"{self.stage.file}: its dates have day and month in two orders"
            raise SegcliError(
                what, "write all dates in one order, or say which one: --dates dmy or --dates mdy", self.disorder
            )
        if self.stage.keyless and self.stage.keyless.number < done - len(self.below):
            self.stage.keyless = None  # not the last row

    def _by_column(self, block: Sequence[Given], first: int) -> Iterable[Row]:
        """Return the group's rows, converted column by column; nothing if any of them is wrong."""
        if self.below or self._is_footer(block[-1]):
            return ()
        if set(map(type, block)) != {tuple}:  # some are BadRow
            return ()
        places, rows = zip(*block, strict=True)
        cells = list(zip(*rows, strict=True))
        if any(not total_rows.SUSPECT.isdisjoint(cells[at]) for at in self.keys):
            return ()
        try:
            found = self._columns(cells)
        except ValueError:
            return ()
        if self.watched:
            self.watched.look_down(cells)
        numbers = range(first, first + len(block))
        if not self.derived:
            return zip(numbers, places, *found, strict=True)
        derived = self.derived
        chosen = zip(numbers, places, zip(*found, strict=True), strict=True)
        return [(n, place, *row, *[make(row) for make in derived]) for n, place, row in chosen]

    def _columns(self, cells: Sequence[Column]) -> list[list[Any]]:
        """Return the converted columns. Raises the ValueError of the first wrong cell."""
        made: dict[str, list[Any]] = {
            name: conversion.to_decimals(cells[at], self.style)
            if name in self.decimals
            else _known(cells[at], convert, self.raw[name])
            for at, name, convert, _ in self.special
        }
        found = [made[name] if name in made else self._plain(cells[at]) for at, name in self.carried]
        by_name = dict(zip(self.names, found, strict=True))
        for _, name in self.required:
            if None in by_name[name]:
                raise ValueError("this is empty")
        base = self.stage.options.currency
        for _, name, is_base, amount in self.money:
            texts = by_name[name]
            codes = by_name.get("currency", ()) if not is_base else ()
            texts[:] = conversion.plain_amounts(texts, codes, base, self.style) or [
                None if text is None else amount(text, code or base, self.style)
                for text, code in zip(texts, codes or repeat(None), strict=False)
            ]
        return found

    def _plain(self, column: Column) -> list[Any]:
        if self.is_text:
            stripped = list(map(str.strip, column))
            return [cell or None for cell in stripped] if "" in stripped else stripped
        return [(cell.strip() or None) if cell else None for cell in column]

    def _one_by_one(self, block: Sequence[Given], first: int) -> Iterator[Row]:
        """Yield the correct rows of a group, converted one at a time; record a problem for each wrong row."""
        pick, derived, strip, convert = self.pick, self.derived, self.strip, self._convert
        for n, row in enumerate(block, first):
            if self._is_footer(row):
                place, cells = (row.place, row.cells) if isinstance(row, BadRow) else row
                self.below.append((place, (cells[0] or "").strip()))
                continue
            if self.below and not isinstance(row, BadRow) and not total_rows.is_total(row[1], self.keys):
                self._refuse_below()
            if isinstance(row, BadRow):
                self._bad(row)
                continue
            place, cells = row
            if self.is_text and total_rows.is_total(cells, self.keys):
                self.stage.totals.append(place)
                self.stage.total_rows.append(TotalRow(n, place, tuple(cells)))
                continue
            if self.watched:
                self.watched.look(cells)
            values = strip(cells)
            try:
                convert(values)
            except _Wrong as wrong:
                is_keyless = self.is_text and not any(values[at] for at in self.keys)
                if is_keyless and wrong.text is None and total_rows.is_subtotal(cells):
                    self.stage.totals.append(place)
                    continue
                self._refuse(place, wrong)
                if is_keyless:
                    self.stage.keyless = Keyless(n, place, tuple(cells))
                continue
            chosen = pick(values)
            yield (n, place, *chosen, *[make(chosen) for make in derived])

    def _convert(self, values: list[Any]) -> None:
        """Convert the cells of a row in place. Raises _Wrong for the first wrong cell."""
        for at, name in self.required:
            if values[at] is None:
                raise _Wrong(name, None, ValueError("this is empty"))
        for at, name, convert, known in self.special:
            text = values[at]
            if text in known:  # cached: most columns hold few distinct texts
                values[at] = known[text]
            elif text is not None:
                try:
                    values[at] = convert(text)
                except ValueError as error:
                    raise _Wrong(name, text, error) from error
                if len(known) < MOST_KNOWN:
                    known[text] = values[at]
        if self.money:
            self._money(values)

    def _money(self, values: list[Any]) -> None:
        """Convert the amounts of a row in place, each in the row's currency or, if a base amount, the administration's."""
        base = self.stage.options.currency
        currency = (values[self.currency] if self.currency is not None else None) or base
        for at, name, is_base, amount in self.money:
            text = values[at]
            if text is not None:
                try:
                    values[at] = amount(text, base if is_base else currency, self.style)
                except ValueError as error:
                    raise _Wrong(name, text, error) from error

    def _refuse(self, place: Place, wrong: "_Wrong") -> None:
        self.stage.rejected += 1
        self.stage.refuse(place, wrong.field, wrong.text, *map(str, wrong.reason))
        if isinstance(wrong.__cause__, conversion.OtherOrderError) and not self.disorder:
            self.disorder = self.stage.problems[-1:]

    def _is_footer(self, row: Given) -> bool:
        return self.is_text and footers.is_footer(row.cells if isinstance(row, BadRow) else row[1])

    def _refuse_below(self) -> None:
        """Reject what looked like footers: a record follows."""
        for place, text in self.below:
            self.stage.rejected += 1
            why = "this looks like the footer of a report, but records follow"
            self.stage.refuse(place, self.names[0], text, why, "remove the line")
        self.below = []

    def _bad(self, row: BadRow) -> None:
        self.stage.rejected += 1
        self.stage.keep(row.place, row.problem)


def _amount(field: Field) -> Callable[[str, str, conversion.Style], int | None]:
    """Return the converter of the amounts of a field; a dash is no amount where the field may be empty."""
    return conversion.money if field.is_required else conversion.optional_money


def _known(column: Column, convert: conversion.Converter, known: dict[Any, Any]) -> list[Any]:
    """Return the converted column. Each distinct text is converted once, while the cache has room."""
    new = set(column).difference(known)
    if len(known) + len(new) > MOST_KNOWN:
        return [_converted(cell, convert) for cell in column]
    known.update((cell, _converted(cell, convert)) for cell in new)
    return list(map(known.__getitem__, column))


def _converted(cell: str | None, convert: conversion.Converter) -> conversion.Value:
    text = cell.strip() if cell else ""
    return convert(text) if text else None


def _picker(places: Sequence[int]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """Return a function that picks these cells of a row as a tuple, in this order."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda values: tuple(values[at] for at in places)


def _stripped(cells: Sequence[str]) -> list[Any]:
    return [cell or None for cell in map(str.strip, cells)]


def _stripped_or_none(cells: Sequence[str | None]) -> list[Any]:
    return [(cell.strip() or None) if cell else None for cell in cells]


class _Wrong(Exception):  # noqa: N818 - never leaves this module
    """A cell that cannot be converted: the field, its text, the reason and the fix."""

    def __init__(self, name: str, text: str | None, error: ValueError) -> None:
        super().__init__(name)
        self.field = name
        self.text = text
        self.reason = error.args
