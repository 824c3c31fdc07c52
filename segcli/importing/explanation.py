"""How a file would be read: its format, the kind of its records and why, column by column, and the first rows as parsed.

It takes the same steps as an import, up to the merge, on the user's database or on an empty one in memory. It does not check
what depends on stored records, such as whether an account exists.
"""

import re
import sqlite3
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from dataclasses import field as made
from pathlib import Path
from typing import Any, NamedTuple

from segcli.base import money
from segcli.base.errors import SegcliError
from segcli.importing import explained_headings, field_words, readers
from segcli.importing.kinds.machinery import conversion, recognition
from segcli.importing.kinds.machinery.kind_definition import MONEY, ColumnMap, Kind, key_of
from segcli.importing.kinds.machinery.stage import Counts, Stage
from segcli.importing.kinds.machinery.staging import rows
from segcli.importing.readers import BadRow, Block, Source
from segcli.importing.results import Loaded, Outcome, refusal
from segcli.importing.understanding import Understanding
from segcli.interface.command import explained

SHOWN_ROWS = 3
_EURO = "EUR"  # the currency of a new administration
_KEPT = 1000  # rows whose cells are kept: among them are the first that can be read
_NUMBERS = frozenset({*MONEY, "decimal", "exact"})
_CLASS = re.compile(r"class([1-8])")
_SIGNS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
_POINTS = {",": "decimal comma", ".": "decimal point"}
_ORDERS = {"iso": "year-month-day", "dmy": "day-month-year", "mdy": "month-day-year"}


class ColumnRead(NamedTuple):
    """A column of a file: its heading, and its field and type or why it is not read; the first values, parsed where read."""

    heading: str
    field: str
    type: str
    note: str
    values: tuple[str, ...]


@dataclass(slots=True)
class BlockRead:
    """A table of a file, or the records of a kind in it."""

    name: str
    kind: Kind | None = None
    why: str = ""
    others: tuple[str, ...] = ()  # the next kinds, with what they have and lack
    styles: tuple[tuple[str, str], ...] = ()  # numbers and dates: the style and what proves it
    columns: tuple[ColumnRead, ...] = ()
    count: int = 0
    rejected: int = 0


@dataclass(slots=True)
class FileRead:
    """A file as it would be read; `problem` is the error with which an import would fail."""

    name: str
    format: str = ""
    blocks: list[BlockRead] = made(default_factory=list)
    notes: list[str] = made(default_factory=list)
    problem: SegcliError | None = None


@contextmanager
def nothing() -> Iterator[sqlite3.Connection]:
    """Yield an empty database in memory, used if there is no database."""
    from segcli.storage import schema, sql_functions

    with closing(sqlite3.connect(":memory:", isolation_level=None)) as db:
        db.executescript(schema.text())
        sql_functions.register(db)
        _keep_in(db, _EURO)
        yield db


@contextmanager
def stored(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield a database for its labels and currency, read only. Raises SegcliError if it is of an older segcli."""
    from segcli.storage import database

    with closing(database.connect(path, may_upgrade=False)) as db:
        db.execute("BEGIN")
        yield db


def explain(understanding: Understanding, source: Source, *, is_stored: bool) -> FileRead:
    """Return how a file would be read. Nothing is written. Without a stored database, `db` is that of `nothing`."""
    found = FileRead(source.name)
    stages: list[Stage] = []
    try:
        found.format = _format(source)
        known = understanding.known(source)
        for number, block in enumerate(understanding.blocks(known), 1):
            found.blocks.append(BlockRead(block.name))
            if block.currency and not is_stored:
                _keep_in(understanding.db, block.currency)
            stages.append(_read(understanding, known, block, number, found.blocks[-1]))
        _refuse_wrong(source, stages)
    except SegcliError as error:
        found.problem = error
    found.notes = [*source.left_out, *source.warnings]
    return found


def _refuse_wrong(source: Source, stages: Sequence[Stage]) -> None:
    """Raise the error of an import of these stages, if rows of them cannot be read."""
    if any(stage.rejected for stage in stages):
        outcomes = tuple(Outcome(source.name, s.kind.title, Counts(), s.rejected) for s in stages)
        raise refusal(Loaded(outcomes, tuple(stages)), source.name, is_dry=True)


def _format(source: Source) -> str:
    """Return the format of a file, as its reader calls it; for text with its encoding, delimiter and headings."""
    reader = readers.reader_of(source)
    title = re.split(r"[:;,.]\s", explained(reader))[0].rstrip(".")
    if not hasattr(reader, "layout"):
        return title
    encoding, sign, line = reader.layout(source)
    shown = "UTF-8" if encoding == "utf-8-sig" else encoding
    return f"{title}: {shown}, fields separated by {_SIGNS[sign]}, headings on line {line}"


def _read(understanding: Understanding, source: Source, block: Block, number: int, into: BlockRead) -> Stage:
    """Fill `into` as far as the block can be read. Raises the SegcliError that an import would."""
    header = recognition.Header(block.header, source.name, _labels(understanding), understanding.wishes.renamed)
    if block.kind is None:  # stays if no kind is recognised
        into.others = tuple(explained_headings.others(header, None))
        nearest = explained_headings.as_nearest(header)
        into.columns = tuple(ColumnRead(heading, "", "", note, ()) for heading, note in nearest)
    stage, block = understanding.stage(source, block, number, understanding.options())
    into.kind, into.why = stage.kind, _why(understanding, block, stage.mapping, header)
    into.others = (
        tuple(explained_headings.others(header, stage.kind))
        if block.kind is None and not understanding.wishes.kind
        else ()
    )
    watch = _Watch(block, stage)
    shown = _rows(stage, block._replace(rows=watch.rows()), into)
    unread = block.unread.names if block.unread else ()  # those of a layout, once its rows are read
    left = (ColumnRead(name, "", "", explained_headings.unread(name, header, stage.mapping), ()) for name in unread)
    into.columns = (*_columns(stage, block, header, shown, watch.first), *left)
    into.styles = (
        () if block.is_canonical else tuple(watch.styles(understanding.wishes.decimal, understanding.wishes.dates))
    )
    into.rejected = stage.rejected
    return stage


def _keep_in(db: sqlite3.Connection, currency: str) -> None:
    """Give an empty database the currency of the file, because there is no administration to compare it with."""
    db.execute("INSERT OR REPLACE INTO administration (id, name, currency) VALUES (1, '', ?)", (currency,))


def _labels(understanding: Understanding) -> Mapping[str, int]:
    from segcli.query import lookup

    return {key_of(label): number for number, label in lookup.catalogue(understanding.db).labels.items()}


def _why(understanding: Understanding, block: Block, mapping: ColumnMap, header: recognition.Header) -> str:
    if block.title:
        return f"{block.title}, by their headings"
    if block.kind and (block.is_settled or not understanding.wishes.kind):
        return "the format says so"
    if understanding.wishes.kind:
        return "by --as or the profile"
    return explained_headings.matched(mapping, header)


class _Watch:
    """Watches the rows of a block as they are read: the first ones, and the cells that prove the style."""

    def __init__(self, block: Block, stage: Stage) -> None:
        self.block, self.style = block, stage.options.number_format
        self.first: dict[int, Sequence[str | None]] = {}  # by their number, from 1
        typed = {f.name: f.type for f in stage.kind.fields}
        places = stage.mapping.places.items()
        self.numbers = [at for name, at in places if typed.get(name) in _NUMBERS]
        self.dates = [at for name, at in places if typed.get(name) == "date"]
        self.proof: dict[str, str] = {}

    def rows(self) -> Iterator[tuple[int | str, Sequence[str | None]] | BadRow]:
        """Yield the block's rows."""
        for number, row in enumerate(self.block.rows, 1):
            if not isinstance(row, BadRow):
                if number <= _KEPT:
                    self.first[number] = row[1]
                if "numbers" not in self.proof and self.numbers:
                    self._look("numbers", row, self.numbers, money.decimal_sign, self.style.decimal)
                if "dates" not in self.proof and self.dates:
                    self._look("dates", row, self.dates, conversion.dates_of, self.style.dates)
            yield row

    def _look(
        self,
        what: str,
        row: tuple[int | str, Sequence[str | None]],
        places: Sequence[int],
        proof: Callable[[str], str | None],
        style: str,
    ) -> None:
        for at in places:
            text = (row[1][at] or "").strip()
            if text and proof(text) == style:
                line = f"line {row[0]}" if isinstance(row[0], int) else str(row[0])
                self.proof[what] = f"shown by '{text}' in {self.block.header[at]}, {line}"
                return

    def styles(self, decimal: str, dates: str) -> Iterator[tuple[str, str]]:
        """Yield the style of numbers and of dates, for those that the block has."""
        for what, places, said, words in (
            ("numbers", self.numbers, decimal, _POINTS[self.style.decimal]),
            ("dates", self.dates, dates, _ORDERS[self.style.dates]),
        ):
            if places:
                flag = {"numbers": "--decimal", "dates": "--dates"}[what]
                why = f"by {flag} or the profile" if said else self.proof.get(what, "no value shows it")
                yield what, f"{words} ({why})"


def _rows(stage: Stage, block: Block, into: BlockRead) -> dict[int, Mapping[str, Any]]:
    """Convert every row; return the values of the first valid rows by row number."""
    first: dict[int, Mapping[str, Any]] = {}

    def count(done: int) -> None:
        into.count = done

    for number, _, *values in rows(stage, block, count):
        if len(first) < SHOWN_ROWS:
            first[number] = dict(zip(stage.fields, values, strict=True))
    return first


def _columns(
    stage: Stage,
    block: Block,
    header: recognition.Header,
    shown: Mapping[int, Mapping[str, Any]],
    given: Mapping[int, Sequence[str | None]],
) -> Iterator[ColumnRead]:
    names = {at: name for name, at in stage.mapping.places.items()}
    for at, heading in enumerate(block.header):
        cells = [given[number][at] if number in given else "" for number in shown]
        if at in names:
            pairs = zip(shown.values(), cells, strict=True)
            values = tuple(_value(stage, names[at], row, cell) for row, cell in pairs)
            yield ColumnRead(heading, names[at], _type(stage, names[at]), "", values)
        else:
            note = explained_headings.unread(heading, header, stage.mapping)
            yield ColumnRead(heading, "", "", note, tuple((cell or "").strip() for cell in cells))


def _type(stage: Stage, name: str) -> str:
    match = _CLASS.fullmatch(name)
    if match:
        return f"classification {stage.catalogue.label(int(match[1]))}"
    field = next(f for f in stage.kind.fields if f.name == name)
    return "word" if conversion.choices(field.type) else field_words.type_words(field)


def _value(stage: Stage, name: str, row: Mapping[str, Any], cell: str | None) -> str:
    """Return a converted value as text: amounts with a decimal point, dates as ISO, yes or no."""
    kinds = {f.name: f.type for f in stage.kind.fields}
    value = row[name]
    if value is None:
        return ""
    if name not in kinds:  # a class: the reader needs the text, not the id of the value
        return (cell or "").strip()
    if kinds[name] in MONEY:
        currency = row.get("currency") if kinds[name] == "money" else None
        return money.to_text(value, currency or stage.options.currency)
    return {0: "no", 1: "yes"}[value] if kinds[name] == "flag" else str(value)
