"""The layout of a program's export as data: its headings, and the records that a row holds.

A layout reads rows of text and yields rows of text: numbers and dates stay as the file writes them. A record names the fields of
its kind (segcli/importing/kinds). Headings are written normalised: letters and digits only, in lower case.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from segcli.importing.kinds.machinery.kind_definition import key_of
from segcli.importing.readers import Place

LINE_END = "\n"  # between the references of an account


class Row:
    """A row of a file: its cells by normalised heading, and what the layout found in the whole file (`Layout.scan`).

    `at` is the place of the row in the file. `which` says which of several records of the row is made (`Part.each`).
    """

    __slots__ = ("_cells", "_places", "at", "scanned", "which")

    def __init__(
        self,
        places: Mapping[str, int],
        cells: Sequence[str | None],
        at: Place,
        scanned: Any,  # noqa: ANN401 - the layout knows it
    ) -> None:
        self._places, self._cells, self.at, self.scanned, self.which = places, cells, at, scanned, ""

    def __getitem__(self, heading: str) -> str:
        """Return the cell below a heading, stripped; '' if it is empty or the file lacks the heading."""
        at = self._places.get(heading)
        return (self._cells[at] or "").strip() if at is not None else ""


Make = Callable[[Row], str]
Test = Callable[[Row], bool]
Left = Callable[[Row], Iterable[str]]


@dataclass(frozen=True, slots=True)
class Value:
    """How the value of a field is made from a row, and the headings that it is made of; none: it is the same in every row.

    `left` yields the headings that hold another value in the row than the one that is taken. `is_cut`: it may take one of several
    values of a single cell.
    """

    headings: tuple[str, ...]
    make: Make
    left: Left | None = None
    is_cut: bool = False

    def then(self, make: Make) -> "Value":
        """Return a value of the same cells that is made otherwise."""
        return Value(self.headings, make, self.left, self.is_cut)


def first(headings: str) -> Value:
    """Return the first filled cell below these headings, separated by blanks."""
    names = tuple(headings.split())
    if len(names) == 1:
        return Value(names, lambda row: row[names[0]])

    def left(row: Row) -> Iterator[str]:
        filled_names = [name for name in names if row[name]]
        return (name for name in filled_names[1:] if row[name].casefold() != row[filled_names[0]].casefold())

    return Value(names, lambda row: next(filter(None, map(row.__getitem__, names)), ""), left)


def beside(value: Value, headings: str, is_left: Test) -> Value:
    """Return the same value; these columns are known, and count as not read where a row fills them and `is_left` holds."""
    names = tuple(headings.split())

    def left(row: Row) -> Iterator[str]:
        yield from value.left(row) if value.left else ()
        yield from (name for name in names if row[name] and is_left(row))

    return Value((*value.headings, *names), value.make, left, is_cut=True)


def joined(headings: str, between: str = " ") -> Value:
    """Return the filled cells below these headings as one text."""
    names = tuple(headings.split())
    return Value(names, lambda row: between.join(filter(None, map(row.__getitem__, names))))


def constant(text: str) -> Value:
    """Return this text in every row."""
    return Value((), lambda _: text)


def words(headings: str, known: Mapping[str, str], other: str = "") -> Value:
    """Return what the word below the heading means here; `other` if it is unknown, so that no row is rejected for it."""
    found = first(headings)
    return found.then(lambda row: known.get(found.make(row).casefold(), other))


def day(headings: str) -> Value:
    """Return the day of a moment: 2026-05-01 of 2026-05-01 10:00:00 +0200."""
    found = first(headings)
    return Value(found.headings, lambda row: found.make(row).split(" ")[0].split("T")[0])


def reference(program: str, value: Value | str) -> Value:
    """Return the name or id of an account in another program: 'xero:Acme Ltd'."""
    return _behind(f"{program}:", first(value) if isinstance(value, str) else value)


def prefixed(prefix: str, headings: str) -> Value:
    """Return an id with its sort before it, company-12, for programs that number several sorts of records from 1."""
    return _behind(f"{prefix}-", first(headings))


def _behind(prefix: str, found: Value) -> Value:
    """Return a text with a prefix; '' if there is no text."""

    def make(row: Row) -> str:
        text = found.make(row)
        return f"{prefix}{text}" if text else ""

    return found.then(make)


def unquoted(headings: str) -> Value:
    """Return a cell without the apostrophe that keeps a spreadsheet from making a number of it."""
    found = first(headings)
    return found.then(lambda row: found.make(row).lstrip("'"))


def lowered(headings: str) -> Value:
    """Return a cell in small letters, such as an e-mail address that names a record."""
    found = first(headings)
    return found.then(lambda row: found.make(row).lower())


def number(text: str) -> Decimal | None:
    """Return an amount with a decimal point or comma; None if it is no number."""
    plain = text.replace(" ", "").replace("\u00a0", "")
    if "," in plain and ("." not in plain or plain.rindex(",") > plain.rindex(".")):
        plain = plain.replace(".", "").replace(",", ".")
    try:
        found = Decimal(plain.replace(",", ""))
    except InvalidOperation:
        return None
    return found if found.is_finite() else None


def amount(text: str) -> Decimal:
    """Return an amount; 0 if the cell is empty or no number."""
    return number(text) or Decimal(0)


def several(*values: Value) -> Value:
    """Return the filled values, one a line: the references of an account."""

    def left(row: Row) -> Iterator[str]:
        return (name for value in values if value.left for name in value.left(row))

    return Value(
        _headings(values),
        lambda row: LINE_END.join(dict.fromkeys(filter(None, (v.make(row) for v in values)))),
        left,
        any(value.is_cut for value in values),
    )


def either(*values: Value) -> Value:
    """Return the first filled value."""

    def left(row: Row) -> Iterator[str]:
        taken = ""
        for value in values:
            text = value.make(row)
            if not taken and text:
                taken = text
                yield from value.left(row) if value.left else ()
            elif text and text.casefold() != taken.casefold():
                yield from (name for name in value.headings if row[name])

    return Value(
        _headings(values),
        lambda row: next(filter(None, (value.make(row) for value in values)), ""),
        left,
        any(value.is_cut for value in values),
    )


def _headings(values: Iterable[Value]) -> tuple[str, ...]:
    return tuple(name for value in values for name in value.headings)


def made(headings: str, make: Make) -> Value:
    """Return what a function makes of the cells below these headings."""
    return Value(tuple(headings.split()), make)


def filled(headings: str) -> Test:
    """Return a test: one of these cells is filled."""
    names = headings.split()
    return lambda row: any(map(row.__getitem__, names))


def always(_: Row) -> bool:
    """Tell that every row holds this record."""
    return True


Fields = Mapping[str, Value | str]  # field -> its value; a text stands for `first` of these headings


@dataclass(frozen=True, slots=True)
class Part:
    """The records of one kind in the rows of a layout."""

    kind: str
    fields: Fields
    when: Test = always
    once: Value | None = None  # several rows hold the same record; the first one with this value counts
    by_reference: bool = False  # accounts are named by references
    only_fills: bool = False  # what is said of accounts only fills empty fields
    needs: str = ""  # without any of these headings the file has no such records
    each: Callable[[Row], Sequence[str]] | None = None  # a row holds a record for each of these (Row.which)

    @property
    def values(self) -> dict[str, Value]:
        """Return the values of the fields."""
        return {name: first(value) if isinstance(value, str) else value for name, value in self.fields.items()}


class Skip(NamedTuple):
    """Rows that are left out, and what they are, in the plural: 'drafts without a number'."""

    when: Test
    what: str


@dataclass(frozen=True, slots=True)
class Layout:
    """The layout of one export of a program. The headings that make it known are in segcli/importing/layouts/index.py."""

    title: str  # 'Xero invoices', for people
    parts: tuple[Part, ...]
    ignores: str = ""  # headings whose columns are known and not kept
    ignores_like: str = ""  # a regular expression of more such headings
    scan: Callable[[Iterable[Row]], Any] | None = None  # what must be known of all rows before the first is read
    skips: tuple[Skip, ...] = ()  # rows that hold no record here: they are counted and told

    def unread(self, header: Sequence[str]) -> Iterator[str]:
        """Yield the headings of a file that the layout neither reads nor knows."""
        known = {name for part in self.parts for value in part.values.values() for name in value.headings}
        for name in header:
            key = key_of(name)
            if name.strip() and key not in known and not self.is_ignored(key):
                yield name

    def is_ignored(self, heading: str) -> bool:
        """Tell whether a heading is known and its column not kept."""
        is_like = bool(self.ignores_like and re.fullmatch(self.ignores_like, heading))
        return is_like or heading in self.ignores.split()
