"""Definition of a kind of record, and recognition of the kind and the columns of a file.

A kind declares its fields, and each field declares the headers that may name it. Recognition is a score:
`understand` maps the headers to the fields of one kind, and `recognise` does so for every kind, drops those that
lack a required field or have a forbidden header, and takes the kind with the most mapped and fewest unmapped
columns. On a tie the kind with the lower rank wins; on an equal rank the user must choose with --as. `is_sure`
tells `understand` that the kind is already chosen, so that problems are errors instead of a lower score.
"""

import importlib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from segcli.base.errors import SegcliError, UsageError, in_file
from segcli.base.text import fold
from segcli.importing.kinds.machinery.limits import Bound

if TYPE_CHECKING:
    from segcli.importing.kinds.machinery.stage import Counts, Row, Stage

_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
# Columns that segcli's own exports and rejects files add; an import ignores them.
IGNORED = frozenset({"rejectedline", "rejectedbecause", "rank", "itemid", "contactid", "daysoverdue"})


Text = Callable[[Sequence[Any]], str | None]  # values of a row -> derived text
Derived = Callable[[Sequence[str]], Text]  # names of the fields -> the function of their values


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
    derived: Mapping[str, Derived] = field(default_factory=dict)  # additional staged columns
    first_load: FirstLoad | None = None
    spans: tuple[tuple[str, str], ...] = ()  # pairs of date fields (first, last); last < first is rejected
    known: Mapping[str, str] = field(default_factory=dict)  # field -> column, to find the record of a row
    check: Callable[[Sequence[str]], str] | None = None  # why these fields are not enough, else ''


def names() -> tuple[str, ...]:
    """Return the names of the kinds, which are the names of their modules."""
    return tuple(sorted(path.stem for path in Path(__file__).parent.parent.glob("[a-z]*.py")))


@cache
def find(name: str) -> Kind:
    """Return the kind with this name, plural or alias. Raises UsageError, which lists the kinds."""
    wanted = name.strip().lower().replace("-", "_").replace(" ", "_")
    for known in names():
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

    def header(self, fields: Iterable[str], header: Sequence[str]) -> dict[str, str]:
        """Return the header that the file uses for each of these fields."""
        return {name: header[self.places[name]] for name in fields if name in self.places}


Labels = Mapping[str, int]  # normalised label of a classification -> its number


def recognise(header: Sequence[str], labels: Labels, renamed: Mapping[str, str], file: str) -> ColumnMap:
    """Return the column map of the kind that fits the headers best. Raises SegcliError if none fits, or on a tie."""
    found = []
    for name in names():
        mapping = understand(find(name), header, labels, renamed, file, is_sure=False)
        if not _missing(mapping) and not set(map(key_of, header)) & set(mapping.kind.never.split()):
            found.append((_score(mapping), -mapping.kind.rank, mapping))
    found.sort(key=lambda entry: entry[:2], reverse=True)
    if not found:
        raise _unrecognised(header, labels, renamed, file)
    tied = [mapping.kind for *rank, mapping in found if rank == list(found[0][:2])]
    if len(tied) > 1:  # equal scores are decided by rank: accounts before contacts
        raise SegcliError(
            f"{file}: these may be {' or '.join(kind.title for kind in tied)}",
            f"say which: {' or '.join(f'--as {kind.name}' for kind in tied)}",
        )
    return found[0][2]


def _score(mapping: ColumnMap) -> int:
    return len(mapping.places) * 2 - len(mapping.unread)


def _missing(mapping: ColumnMap) -> list[str]:
    missing = [f.name for f in mapping.kind.fields if f.is_required and f.name not in mapping.places]
    reason = mapping.kind.check(tuple(mapping.places)) if mapping.kind.check and not missing else ""
    return missing or ([reason] if reason else [])


def _unrecognised(header: Sequence[str], labels: Labels, renamed: Mapping[str, str], file: str) -> SegcliError:
    every = [understand(find(name), header, labels, renamed, file, is_sure=False) for name in names()]
    best = max(every, key=lambda m: (len(m.places), -len(_missing(m))))
    return _not_enough(best, header, file, f"{file}: no kind of record has these columns: {', '.join(header[:12])}")


def _not_enough(mapping: ColumnMap, header: Sequence[str], file: str, message: str) -> SegcliError:
    from segcli.domain.catalogue import nearest

    missing = _missing(mapping)
    unread = {key_of(name): name for name in header}
    for name in missing:
        import difflib

        wanted = next((f.keys for f in mapping.kind.fields if f.name == name), ())
        close = [m for key in wanted for m in difflib.get_close_matches(key, unread, n=1, cutoff=0.8)]
        if close:
            return SegcliError(message, f"is '{unread[close[0]]}' the {name}? then: --map '{unread[close[0]]}={name}'")
    hint = (
        f"{mapping.kind.title} need {', '.join(missing)}: name the column with --map COLUMN={missing[0]}"
        if missing
        else ""
    )
    return SegcliError(message, hint or nearest(file, ()))


def understand(  # noqa: PLR0913 - all facts about a file
    kind: Kind, header: Sequence[str], labels: Labels, renamed: Mapping[str, str], file: str, *, is_sure: bool
) -> ColumnMap:
    """Map the headers to the fields of one kind.

    `renamed` holds the header -> field pairs of --map and the profile. If two columns name the same field, the one
    with the higher precedence is used. Raises SegcliError for a class number beyond 8 and, if `is_sure`, for two
    columns of equal precedence or a required field without a column.
    """
    fields = {key: f.name for f in kind.fields for key in f.keys}
    explicit = {match[1] for name in header if (match := _CLASS.fullmatch(key_of(name))) and match[2] != "name"}
    labels = {label: number for label, number in labels.items() if str(number) not in explicit}
    places: dict[str, int] = {}
    unread = []
    for place, name in enumerate(header):
        wanted = _field(name, renamed, fields, labels, kind, is_sure=is_sure)
        if wanted is None:
            if name.strip() and key_of(name) not in IGNORED:
                unread.append(name)
            continue
        if wanted not in places:
            places[wanted] = place
            continue
        other = header[places[wanted]]
        ranks = [_rank(kind, wanted, column, renamed) for column in (other, name)]
        if ranks[0] == ranks[1] and is_sure:
            raise SegcliError(f"{file}: '{other}' and '{name}' both name the {wanted}", "say which: --map COLUMN=FIELD")
        unread.append(name if ranks[0] <= ranks[1] else other)
        places[wanted] = places[wanted] if ranks[0] <= ranks[1] else place
    mapping = ColumnMap(kind, places, tuple(unread))
    if is_sure and _missing(mapping):
        columns = ", ".join(header[:12])
        raise _not_enough(mapping, header, file, f"{file}: {kind.title} need more than these columns: {columns}")
    return mapping


def _rank(kind: Kind, field_name: str, column: str, renamed: Mapping[str, str]) -> int:
    """Return the precedence of a column for a field, lower is better: --map, then the field's names in order."""
    if column in renamed:
        return -1
    keys = next((f.keys for f in kind.fields if f.name == field_name), ())
    key = key_of(column)
    return keys.index(key) if key in keys else 0


_CLASS = re.compile(r"(?:class|classification|klasse|classificatie)(\d+)(name|code)?", re.ASCII)


def _field(  # noqa: PLR0913 - all facts about a column
    name: str, renamed: Mapping[str, str], fields: Mapping[str, str], labels: Labels, kind: Kind, *, is_sure: bool
) -> str | None:
    """Return the field that a column holds, or None if its header is unknown."""
    if name not in renamed:
        with in_file():
            return _named(key_of(name), name, fields, labels, kind)
    wanted = renamed[name]
    found = _named(key_of(wanted), wanted, fields, labels, kind)
    if found is None and is_sure and key_of(wanted) not in {"", "ignore"}:
        from segcli.domain.catalogue import nearest

        raise UsageError(
            f"--map: {kind.title} have no field '{wanted}'", nearest(wanted, [f.name for f in kind.fields])
        )
    return found


def refuse_unknown(wanted: str, labels: Labels) -> None:
    """Raise UsageError if no kind has a field with this name."""
    from segcli.domain.catalogue import nearest

    kinds = [find(name) for name in names()]
    if key_of(wanted) in {"", "ignore"} or any(
        _named(key_of(wanted), wanted, {key: f.name for f in kind.fields for key in f.keys}, labels, kind)
        for kind in kinds
    ):
        return
    known = dict.fromkeys(f.name for kind in kinds for f in kind.fields)
    raise UsageError(f"--map: no kind of record has a field '{wanted}'", nearest(wanted, known))


def _named(key: str, name: str, fields: Mapping[str, str], labels: Labels, kind: Kind) -> str | None:
    """Return the field that a normalised header names: a class, by number or label, or a field of the kind."""
    if kind.name == "account":
        match = _CLASS.fullmatch(key)
        if match:
            return _class(int(match[1]), name) if match[2] != "name" else None
        # `sector` is the field, `Region` the label.
        if key in labels and key not in {key_of(f.name) for f in kind.fields}:
            return f"class{labels[key]}"
    return fields.get(key)


def _class(number: int, name: str) -> str:
    if not 1 <= number <= 8:  # noqa: PLR2004 - eight classifications
        raise UsageError(f"'{name}': there is no class {number}", "classes are class1 to class8")
    return f"class{number}"
