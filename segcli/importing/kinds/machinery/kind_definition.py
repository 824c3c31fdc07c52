"""What a kind of record is: its fields, the headers that name them, and how its rows come into the database."""

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
    from segcli.importing.kinds.machinery.stage import Counts, Stage

_NOT_IN_NAMES = re.compile(r"[^a-z0-9]+")
# Columns that our own exports and rejects files add, and that no import needs.
IGNORED = frozenset({"rejectedline", "rejectedbecause", "rank", "itemid", "contactid", "daysoverdue"})


def key_of(header: str) -> str:
    """Return a header as it is compared: letters and digits only, no case, no accents; % is a word."""
    return _NOT_IN_NAMES.sub("", fold(header.replace("%", "percent")))


@dataclass(frozen=True, slots=True)
class Field:
    """A field of a kind: what it is called, here and elsewhere, and what it holds."""

    name: str
    type: str = "text"  # a converter in _convert.CONVERTERS
    names: str = ""  # other headers, separated by blanks, in English and Dutch and as Exact's API has them
    column: str = ""  # the table's column, where it is called otherwise
    is_required: bool = False
    surely: str = ""  # a header that names it more surely than its own name, where a file has both
    bound: Bound | None = None  # of a decimal number: what it can be

    @property
    def target(self) -> str:
        """Return the column of the table."""
        return self.column or self.name

    @property
    def keys(self) -> tuple[str, ...]:
        """Return the headers that name the field, as they are compared."""
        return (*self.surely.split(), key_of(self.name), *self.names.split())


class CloserLookError(Exception):
    """Some row needs a closer look than a first load gives: nothing of it is kept, and the file is staged."""


class FirstLoad(NamedTuple):
    """A quicker way for many clean rows into empty tables: straight from the file, without a stage.

    Whatever is not plain breaks off: by CloserLookError, or by a constraint of the schema (sqlite3.IntegrityError).
    """

    fits: "Callable[[Stage], bool]"  # whether the fields are plain and the tables empty
    load: "Callable[[Stage, Iterable[tuple[Any, ...]]], Counts]"  # in the open transaction
    looks_up: bool = False  # refers to nothing but what it looks up itself


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of record that can be imported."""

    name: str
    title: str  # in the plural, for people: 'accounts'
    fields: tuple[Field, ...]
    merge: "Callable[[Stage], Counts]"  # from the staging table into the database, in the open transaction
    rank: int = 0  # kinds that others refer to come first
    also: tuple[str, ...] = ()  # what --as may call it, too
    never: str = ""  # headers that such rows do not have: with one of them they are something else
    # More staged columns: what makes, from the names of the carried fields, a function of their values.
    derived: Mapping[str, Callable[[Sequence[str]], Callable[[Sequence[Any]], Any]]] = field(default_factory=dict)
    first_load: FirstLoad | None = None
    spans: tuple[tuple[str, str], ...] = ()  # fields of a first and a last day: the last is not before the first
    known: Mapping[str, str] = field(default_factory=dict)  # by which field a row is known again, in which column
    check: Callable[[Sequence[str]], str] | None = None  # why a set of fields is not enough; '' where it is


def names() -> tuple[str, ...]:
    """Return the names of the kinds: those of their modules."""
    return tuple(sorted(path.stem for path in Path(__file__).parent.parent.glob("[a-z]*.py")))


@cache
def find(name: str) -> Kind:
    """Return the kind of this name, its plural or the way users say it. A UsageError names those that there are."""
    wanted = name.strip().lower().replace("-", "_").replace(" ", "_")
    for known in names():
        kind: Kind = importlib.import_module(f"segcli.importing.kinds.{known}").KIND
        if wanted in {kind.name, f"{kind.name}s", kind.title.replace(" ", "_"), *kind.also}:
            return kind
    raise UsageError(f"'{name}' is not a kind that can be imported", f"there is: {', '.join(names())}")


def has(name: str) -> bool:
    """Tell whether there is a kind of this name."""
    return name in names()


def of_record(make: Callable[[Mapping[str, Any]], Any]) -> Callable[[Sequence[str]], Callable[[Sequence[Any]], Any]]:
    """Return a derived column that is a function of the whole record."""
    return lambda names: lambda values: make(dict(zip(names, values, strict=False)))


@dataclass(frozen=True, slots=True)
class ColumnMap:
    """Which column of a file holds which field: places in a row, and what stays unread."""

    kind: Kind
    places: Mapping[str, int]  # field name -> place in the row; class1 … class8 too
    unread: tuple[str, ...]

    def header(self, fields: Iterable[str], header: Sequence[str]) -> dict[str, str]:
        """Return the file's own name of each field."""
        return {name: header[self.places[name]] for name in fields if name in self.places}


Labels = Mapping[str, int]  # a classification's label, as compared -> its field


def recognise(header: Sequence[str], labels: Labels, renamed: Mapping[str, str], file: str) -> ColumnMap:
    """Return the kind whose fields the headers name best. None, or a tie, is a SegcliError that asks for --as."""
    found = []
    for name in names():
        mapping = understand(find(name), header, labels, renamed, file, is_sure=False)
        if not _missing(mapping) and not set(map(key_of, header)) & set(mapping.kind.never.split()):
            found.append((_score(mapping), -mapping.kind.rank, mapping))
    found.sort(key=lambda entry: entry[:2], reverse=True)
    if not found:
        raise _unrecognised(header, labels, renamed, file)
    tied = [mapping.kind for *rank, mapping in found if rank == list(found[0][:2])]
    if len(tied) > 1:  # else what others refer to: accounts before contacts
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


def understand(  # noqa: PLR0913 - what is known of a file
    kind: Kind, header: Sequence[str], labels: Labels, renamed: Mapping[str, str], file: str, *, is_sure: bool
) -> ColumnMap:
    """Return which column holds which field of the kind.

    `renamed` is what --map and the profile say. Two columns for one field, a class9, or (where the kind is sure) a
    required field that no column names is a SegcliError. Of two columns the one that names it more surely is taken.
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
    """Return how surely a column names a field: --map first, then its names in their order."""
    if column in renamed:
        return -1
    keys = next((f.keys for f in kind.fields if f.name == field_name), ())
    key = key_of(column)
    return keys.index(key) if key in keys else 0


_CLASS = re.compile(r"(?:class|classification|klasse|classificatie)(\d+)(name|code)?", re.ASCII)


def _field(  # noqa: PLR0913 - what is known of a column
    name: str, renamed: Mapping[str, str], fields: Mapping[str, str], labels: Labels, kind: Kind, *, is_sure: bool
) -> str | None:
    """Return the field that a column holds, None where it is not known."""
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
    """Raise UsageError where no kind of record has a field of this name."""
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
    """Return the field of this name: a class by its number or label, or one of the kind's own."""
    if kind.name == "account":
        match = _CLASS.fullmatch(key)
        if match:
            return _class(int(match[1]), name) if match[2] != "name" else None
        if key in labels and key not in {
            key_of(f.name) for f in kind.fields
        }:  # `sector` is the field, `Region` the label
            return f"class{labels[key]}"
    return fields.get(key)


def _class(number: int, name: str) -> str:
    if not 1 <= number <= 8:  # noqa: PLR2004 - eight classifications
        raise UsageError(f"'{name}': there is no class {number}", "classes are class1 to class8")
    return f"class{number}"
