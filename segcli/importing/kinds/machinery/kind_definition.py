"""Definition of a kind of record: its fields, the headers that may name them, and how its rows are merged.

Each module of `kinds` holds one Kind. recognition.py finds the kind and the fields of a file's columns.
"""

import importlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from segcli.base.errors import UsageError
from segcli.base.named_files import stems
from segcli.base.text import fold
from segcli.importing.kinds.machinery.bounds import Bound

if TYPE_CHECKING:
    from segcli.importing.kinds.machinery.stage import Counts, Row, Stage

MONEY = ("money", "base_money")  # types of amounts: in the row's currency; in the administration's currency
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")


Text = Callable[[Sequence[Any]], str | None]  # values of a row -> derived text
Derived = Callable[[Sequence[str]], Text]  # names of the fields -> the function of their values


@lru_cache(8192)
def key_of(header: str) -> str:
    """Normalise a header for comparison: letters and digits only, no case, no accents; % becomes a word."""
    return _NOT_IN_NAMES.sub("", fold(header.replace("%", "percent")))


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a kind: its name, the headers that name it, and the type of its values."""

    name: str
    type: str = "text"  # a type that conversion.converter knows
    names: str = ""  # other headers, normalised and separated by blanks: English, Dutch and Exact's API
    column: str = ""  # the table's column, if its name differs
    is_required: bool = False
    surely: str = ""  # a header that takes precedence over the field's own name
    bound: Bound | None = None  # the range of a decimal number
    about: str = ""  # what it holds, in which unit and form: for templates, help and docs

    @property
    def target(self) -> str:
        """Return the name of the table's column."""
        return self.column or self.name

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the normalised headers that name the field, in order of precedence."""
        return (*self.surely.split(), key_of(self.name), *self.names.split())


class CloserLookError(Exception):
    """The first load met a row that needs the full checks: roll back and import through the staging table."""


class FirstLoad(NamedTuple):
    """A fast path into empty tables: rows are inserted straight from the file, without a staging table.

    It handles plain rows only. Any other row aborts it, with CloserLookError or by a constraint of the schema
    (sqlite3.IntegrityError); the file is then imported through the staging table.
    """

    fits: "Callable[[Stage], bool]"  # whether the fast path applies: plain fields, empty tables
    load: "Callable[[Stage, Iterable[Row]], Counts]"  # runs in the open transaction
    looks_up: bool = False  # it resolves all references itself


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record that can be imported."""

    name: str
    title: str  # plural, shown to users: 'accounts'
    fields: tuple[Field, ...]
    merge: "Callable[[Stage], Counts]"  # upserts the staged rows, in the open transaction
    rank: int = 0  # import order: kinds that others refer to have a lower rank
    also: tuple[str, ...] = ()  # other names that --as accepts
    never: str = ""  # headers that rule this kind out
    ignores: str = ""  # headers of other programs' exports whose values are not stored
    derived: Mapping[str, Derived] = field(default_factory=dict)  # additional staged columns
    first_load: FirstLoad | None = None
    spans: tuple[tuple[str, str], ...] = ()  # pairs of date fields (first, last); last < first is rejected
    known: Mapping[str, str] = field(default_factory=dict)  # field -> column, to find the record of a row
    check: Callable[[Sequence[str]], str] | None = None  # why these fields are not enough, else ''
    shows: Callable[[Sequence[str]], str] | None = None  # which columns would show the kind without --as, else ''
    is_named_only: bool = False  # taken with --as, never recognised by its headings


@cache
def names() -> tuple[str, ...]:
    """Return the names of the kinds, which are the names of their modules."""
    return stems(Path(__file__).parent.parent)


def recognisable() -> tuple[str, ...]:
    """Return the names of the kinds that headings can show."""
    return tuple(name for name in names() if not find(name).is_named_only)


@cache
def find(name: str) -> Kind:
    """Return the kind with this name, plural or alias. Raises UsageError, which lists the kinds."""
    wanted = name.strip().lower().replace("-", "_").replace(" ", "_")
    for known in sorted(names(), key=lambda known: known != wanted):  # its own module first
        kind: Kind = importlib.import_module(f"segcli.importing.kinds.{known}").KIND
        if wanted in {kind.name, f"{kind.name}s", kind.title.replace(" ", "_"), *kind.also}:
            return kind
    raise UsageError(f"'{name}' is not a kind that can be imported", f"there is: {', '.join(names())}")


def has(name: str) -> bool:
    """Tell whether there is a kind of this name."""
    return name in names()


def of_record(make: Callable[[Mapping[str, object]], str | None]) -> Derived:
    """Return the factory of a derived column that is computed from the record as a mapping."""
    return lambda names: lambda values: make(dict(zip(names, values, strict=False)))


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """The mapping of a file's columns to the fields of a kind, and the headers that stay unmapped."""

    kind: Kind
    places: Mapping[str, int]  # field name (also class1 … class8) -> index in the row
    unread: tuple[str, ...]
    foreign: Mapping[str, str] = field(
        default_factory=dict
    )  # unread header -> why its values do not fit the field that it names

    def header(self, fields: Iterable[str], header: Sequence[str]) -> dict[str, str]:
        """Return the header that the file uses for each of these fields."""
        return {name: header[self.places[name]] for name in fields if name in self.places}
