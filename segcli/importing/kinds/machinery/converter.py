"""From the cells of a file to the values of a stage: a block of rows column by column, or one by one where some are wrong."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice, repeat
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from segcli.base.errors import UsageError
from segcli.domain.catalogue import CLASSES
from segcli.importing.kinds.machinery import conversion
from segcli.importing.readers import BadRow, Block

if TYPE_CHECKING:
    from segcli.importing.kinds.machinery.stage import Stage

MONEY = ("money", "base_money")  # in the row's currency, in the administration's
MOST_KNOWN = 10_000  # texts of a column whose values are remembered
_AT_ONCE = 256  # rows: their cells stay in the processor's cache
Column = Sequence[Any]  # of texts; None where a format has no cell
Row = tuple[Any, ...]


class Converter:
    """Turns the rows of a block into rows of its stage."""

    def __init__(self, stage: "Stage", block: Block) -> None:
        self.stage = stage
        self.style = conversion.Style() if block.is_canonical else stage.options.number_format
        places = stage.mapping.places
        carried = [f for f in stage.kind.fields if f.name in places]
        classes = [name for name in CLASSES if name in places]
        self.names = [*(f.name for f in carried), *classes]
        self.carried = [(places[name], name) for name in self.names]
        self.pick = _picker([places[name] for name in self.names])
        self.required = [(places[f.name], f.name) for f in carried if f.is_required]
        self.special: list[tuple[int, str, Callable[[str], Any], dict[str, Any]]] = []
        for f in carried:
            convert = None if f.type in MONEY else conversion.converter(f.type, self.style)
            if convert:
                self.special.append((places[f.name], f.name, convert, {}))
        self.special += [(places[name], name, self._class(int(name[5])), {}) for name in classes]
        self.money = [(places[f.name], f.name, f.type == "base_money") for f in carried if f.type in MONEY]
        self.currency = places.get("currency")
        self.derived = [make(self.names) for make in stage.kind.derived.values()]
        self.is_text = not block.is_canonical  # no cell is missing
        self.strip = _stripped if self.is_text else _stripped_or_none
        self.raw: dict[str, dict[Any, Any]] = {name: {} for _, name, *_ in self.special}

    def _class(self, number: int) -> Callable[[str], Any]:
        """Return what turns a class's text into the value's id; what stays a text is resolved when it is merged."""
        catalogue = self.stage.catalogue

        def convert(text: str) -> Any:  # noqa: ANN401 - an id or a text
            if text.lower() == "none":
                return None
            try:
                found = catalogue.find(number, text)
            except UsageError:  # ambiguous: refused when it is merged, with all rows that have it
                return text
            return found[0].id if len(found) == 1 else text

        return convert

    def rows(self, rows: Iterable[Any], tick: Callable[[int], None]) -> Iterator[Row]:
        """Yield the rows that are right; note the others."""
        source, done = iter(rows), 0
        while block := list(islice(source, _AT_ONCE)):
            yield from self._by_column(block, done + 1) or self._one_by_one(block, done + 1)
            done += len(block)
            tick(done)

    def _by_column(self, block: Sequence[Any], first: int) -> Iterable[Row]:
        """Return the rows converted column by column, in half the time; nothing where one of them is not right."""
        if set(map(type, block)) != {tuple}:  # there are bad rows among them
            return ()
        places, rows = zip(*block, strict=True)
        cells = list(zip(*rows, strict=True))
        try:
            found = self._columns(cells)
        except ValueError:
            return ()
        numbers = range(first, first + len(block))
        if not self.derived:
            return zip(numbers, places, *found, strict=True)
        derived = self.derived
        chosen = zip(numbers, places, zip(*found, strict=True), strict=True)
        return [(n, place, *row, *[make(row) for make in derived]) for n, place, row in chosen]

    def _columns(self, cells: Sequence[Column]) -> list[list[Any]]:
        """Return the carried columns converted. Raises what the first wrong cell raises."""
        made = {name: _known(cells[at], convert, self.raw[name]) for at, name, convert, _ in self.special}
        found = [made[name] if name in made else self._plain(cells[at]) for at, name in self.carried]
        by_name = dict(zip(self.names, found, strict=True))
        for _, name in self.required:
            if None in by_name[name]:
                raise ValueError("this is empty")
        base = self.stage.options.currency
        for _, name, is_base in self.money:
            texts = by_name[name]
            codes = by_name.get("currency") if not is_base else None
            texts[:] = [
                None if text is None else conversion.money(text, code or base, self.style)
                for text, code in zip(texts, codes or repeat(None), strict=False)
            ]
        return found

    def _plain(self, column: Column) -> list[Any]:
        if self.is_text:
            stripped = list(map(str.strip, column))
            return [cell or None for cell in stripped] if "" in stripped else stripped
        return [(cell.strip() or None) if cell else None for cell in column]

    def _one_by_one(self, block: Sequence[Any], first: int) -> Iterator[Row]:
        """Yield the rows that are right, each converted by itself; note what is wrong with the others."""
        pick, derived, strip, convert = self.pick, self.derived, self.strip, self._convert
        for n, row in enumerate(block, first):
            if isinstance(row, BadRow):
                self._bad(row)
                continue
            place, cells = row
            values = strip(cells)
            try:
                convert(values)
            except _Wrong as wrong:
                self._refuse(place, wrong)
                continue
            chosen = pick(values)
            yield (n, place, *chosen, *[make(chosen) for make in derived])

    def _convert(self, values: list[Any]) -> None:
        """Convert the cells of a row in their places. Raises _Wrong at the first that is not right."""
        for at, name in self.required:
            if values[at] is None:
                raise _Wrong(name, None, ValueError("this is empty"))
        for at, name, convert, known in self.special:
            text = values[at]
            if text in known:  # most columns hold few different texts
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
        """Convert the amounts of a row, in the row's currency, or in the administration's where they are base amounts."""
        base = self.stage.options.currency
        currency = (values[self.currency] if self.currency is not None else None) or base
        for at, name, is_base in self.money:
            text = values[at]
            if text is not None:
                try:
                    values[at] = conversion.money(text, base if is_base else currency, self.style)
                except ValueError as error:
                    raise _Wrong(name, text, error) from error

    def _refuse(self, place: Any, wrong: "_Wrong") -> None:  # noqa: ANN401 - a place
        self.stage.rejected += 1
        self.stage.refuse(place, wrong.field, wrong.text, *map(str, wrong.reason))

    def _bad(self, row: BadRow) -> None:
        self.stage.rejected += 1
        self.stage.keep(row.place, row.problem)


def _known(column: Column, convert: Callable[[str], Any], known: dict[Any, Any]) -> list[Any]:
    """Return a column converted: each different text once, as long as there are not too many of them."""
    new = set(column).difference(known)
    if len(known) + len(new) > MOST_KNOWN:
        return [_converted(cell, convert) for cell in column]
    known.update((cell, _converted(cell, convert)) for cell in new)
    return list(map(known.__getitem__, column))


def _converted(cell: str | None, convert: Callable[[str], Any]) -> Any:  # noqa: ANN401 - what a type is made of
    text = cell.strip() if cell else ""
    return convert(text) if text else None


def _picker(places: Sequence[int]) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
    """Return what picks the cells in these places, in this order."""
    if len(places) > 1:
        return itemgetter(*places)
    return lambda values: tuple(values[at] for at in places)


def _stripped(cells: Sequence[str]) -> list[Any]:
    return [cell or None for cell in map(str.strip, cells)]


def _stripped_or_none(cells: Sequence[str | None]) -> list[Any]:
    return [(cell.strip() or None) if cell else None for cell in cells]


class _Wrong(Exception):  # noqa: N818 - never leaves this module
    """A cell that is not right: why, and what to do."""

    def __init__(self, name: str, text: str | None, error: ValueError) -> None:
        super().__init__(name)
        self.field = name
        self.text = text
        self.reason = error.args
