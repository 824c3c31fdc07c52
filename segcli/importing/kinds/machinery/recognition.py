"""Recognition of a file by its headers: the kind of its records, and the field that each column holds.

Recognition is a score: `map_columns` maps the headers to the fields of one kind, and `recognise` does so for every
kind, drops those that lack a required field or have a forbidden header, and takes the kind with the most mapped and
fewest unmapped columns. On a tie the kind with the lower rank wins; on an equal rank the user must choose with --as.
`is_sure` tells `map_columns` that the kind is already chosen, so that problems are errors instead of a lower score.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from segcli.base.errors import SegcliError, UsageError, in_file
from segcli.domain.catalogue import nearest
from segcli.importing.kinds.machinery import column_values
from segcli.importing.kinds.machinery.kind_definition import ColumnMap, Kind, find, key_of, names, recognisable
from segcli.settings import translations

# Columns that segcli's own exports and rejects files add; an import ignores them.
IGNORED = frozenset({"rejectedline", "rejectedbecause", "rank", "itemid", "contactid", "daysoverdue"})
_CLASS = re.compile(r"(?:class|classification|klasse|classificatie)(\d+)(name|code)?", re.ASCII)
_SHOWN = 12  # headers in an error message
_MISFIT = 3  # points lost for a column that holds something else: two for the field, one for the column
_NEAR = 0.7  # the same for a column that is not read: enough for two swapped letters in a short word
_OF_GROUPS = (
    "type",
    "group",
    "status",
    "category",
    "soort",
    "groep",
    "typ",
    "gruppe",
)  # headings of no record's own number
_CLOSE = 0.8  # least similarity of a header to a field's name for a suggestion

Labels = Mapping[str, int]  # normalised label of a classification -> its number


@dataclass(frozen=True, slots=True)
class Header:
    """The header row of a block, and what the user and the database say about it."""

    columns: tuple[str, ...]
    file: str = ""  # its name, for messages
    labels: Labels = field(default_factory=dict)
    renamed: Mapping[str, str] = field(default_factory=dict)  # header -> field, from --map and the profile
    sample: Sequence[
        Sequence[str | None]
    ] = ()  # the first rows: a column may hold something else than its heading says
    looked: column_values.Looked = field(default_factory=dict, compare=False)  # what was found of the sample

    @property
    def keys(self) -> set[str]:
        """Return the normalised headers, and the English ones that they translate."""
        return {key for column in self.columns for key in _keys_of(column)}

    @property
    def shown(self) -> str:
        """Return the first columns, for a message."""
        return ", ".join(self.columns[:_SHOWN])


@cache
def _translated() -> Mapping[str, tuple[str, ...]]:
    """Return the normalised English headings by each normalised heading that translates them."""
    found: dict[str, tuple[str, ...]] = {}
    for words in translations.languages().values():
        for english, word in words.items():
            known = found.setdefault(key_of(word), ())
            if key_of(english) not in known:
                found[key_of(word)] = (*known, key_of(english))
    return found


def _keys_of(header: str) -> tuple[str, ...]:
    """Return a normalised header, and the English headings of segcli's tables that it translates."""
    key = key_of(header)
    return (key, *_translated().get(key, ()))


def recognise(header: Header) -> ColumnMap:
    """Return the column map of the kind that fits the headers best. Raises SegcliError if none fits, or on a tie."""
    found = []
    for name in recognisable():
        mapping = map_columns(find(name), header, is_sure=False)
        if not _lacking(mapping) and not header.keys & set(mapping.kind.never.split()):
            found.append((_score(mapping, header), -mapping.kind.rank, mapping))
    found.sort(key=lambda entry: entry[:2], reverse=True)
    if not found:
        raise _unrecognised(header)
    tied = [mapping.kind for *rank, mapping in found if rank == list(found[0][:2])]
    if len(tied) > 1:  # equal scores are decided by rank: accounts before contacts
        raise SegcliError(
            f"{header.file}: these may be {' or '.join(kind.title for kind in tied)}",
            f"say which: {' or '.join(f'--as {kind.name}' for kind in tied)}",
        )
    return found[0][2]


def map_columns(kind: Kind, header: Header, *, is_sure: bool) -> ColumnMap:
    """Map the headers to the fields of one kind.

    If two columns name the same field, the one with the higher precedence is used. Raises SegcliError for a class number
    beyond 8 and, if `is_sure`, for two columns of equal precedence or a required field without a column.
    """
    fields = Fields(kind, header)
    places: dict[str, int] = {}
    unread = []
    for place, name in enumerate(header.columns):
        wanted = fields.of_column(name, is_sure=is_sure)
        if wanted is None:
            if name.strip() and not fields.ignores(name):
                unread.append(name)
            continue
        if wanted not in places:
            places[wanted] = place
            continue
        other = header.columns[places[wanted]]
        ranks = [fields.rank(wanted, column) for column in (other, name)]
        if ranks[0] == ranks[1] and is_sure:
            message = f"{header.file}: '{other}' and '{name}' both name the {wanted}"
            raise SegcliError(message, "say which: --map COLUMN=FIELD")
        unread.append(name if ranks[0] <= ranks[1] else other)
        places[wanted] = places[wanted] if ranks[0] <= ranks[1] else place
    mapping = _without_foreign(ColumnMap(kind, places, tuple(unread)), header)
    if is_sure and _missing(mapping):
        message = f"{header.file}: {kind.title} need more than these columns: {header.shown}"
        raise _not_enough(mapping, header, message)
    return mapping


def _without_foreign(mapping: ColumnMap, header: Header) -> ColumnMap:
    """Return the map without columns whose values are not those of their field, such as amounts under BTW (a VAT number).

    A column that the user has named is kept.
    """
    foreign, _ = column_values.misfits(mapping, header.sample, header.looked)
    columns = {name: header.columns[mapping.places[name]] for name in foreign}
    dropped = {name: column for name, column in columns.items() if column not in header.renamed}
    if not dropped:
        return mapping
    unread = {*mapping.unread, *dropped.values()}
    places = {name: at for name, at in mapping.places.items() if name not in dropped}
    told = {column: f"'{foreign[name]}' is no {name.replace('_', ' ')}" for name, column in dropped.items()}
    return ColumnMap(mapping.kind, places, tuple(name for name in header.columns if name in unread), told)


class Fields:
    """The fields of a kind, by the headers that name them."""

    def __init__(self, kind: Kind, header: Header) -> None:
        columns = map(key_of, header.columns)
        explicit = {match[1] for key in columns if (match := _CLASS.fullmatch(key)) and match[2] != "name"}
        self.kind, self.renamed = kind, header.renamed
        self.labels = {label: number for label, number in header.labels.items() if str(number) not in explicit}
        self.names = {f.name for f in kind.fields}
        self.by_key = {key: f.name for f in kind.fields for key in f.keys}
        self.left_out = frozenset(kind.ignores.split())

    def of_column(self, column: str, *, is_sure: bool) -> str | None:
        """Return the field that a column holds, or None if its header is unknown."""
        if column not in self.renamed:
            with in_file():
                return self.named(column)
        wanted = self.renamed[column]
        found = self.named(wanted)
        if found is None and is_sure and not _is_ignored(wanted):
            raise UsageError(f"--map: {self.kind.title} have no field '{wanted}'", nearest(wanted, self.names))
        return found

    def ignores(self, column: str) -> bool:
        """Tell whether a column is known and not read: --map says so, segcli's exports add it, or the kind does not keep it."""
        if column in self.renamed:
            return _is_ignored(self.renamed[column])
        return bool((IGNORED | self.left_out).intersection(_keys_of(column)))

    def is_class(self, column: str) -> bool:
        """Tell whether a header is the number or the label of a class."""
        key = key_of(column)
        return self.kind.name == "account" and bool(_CLASS.fullmatch(key) or key in self.labels)

    def named(self, name: str) -> str | None:
        """Return the field that a header names: a class, by number or label, or a field of the kind."""
        key = key_of(name)
        if self.kind.name == "account":
            match = _CLASS.fullmatch(key)
            if match:
                return _class(int(match[1]), name) if match[2] != "name" else None
            if key in self.labels and key not in map(key_of, self.names):  # `sector` is the field, `Region` the label
                return f"class{self.labels[key]}"
        return next((self.by_key[known] for known in _keys_of(name) if known in self.by_key), None)

    def rank(self, field_name: str, column: str) -> int:
        """Return the precedence of a column for a field, lower is better: --map, then the field's names in order."""
        if column in self.renamed:
            return -1
        keys = next((f.keys for f in self.kind.fields if f.name == field_name), ())
        return next((keys.index(key) for key in _keys_of(column) if key in keys), 0)


def refuse_unknown(wanted: str, labels: Labels) -> None:
    """Raise UsageError if no kind has a field with this name."""
    kinds = [find(name) for name in names()]
    header = Header((), labels=labels)
    if _is_ignored(wanted) or any(Fields(kind, header).named(wanted) for kind in kinds):
        return
    known = dict.fromkeys(f.name for kind in kinds for f in kind.fields)
    raise UsageError(f"--map: no kind of record has a field '{wanted}'", nearest(wanted, known))


def _is_ignored(wanted: str) -> bool:
    """Tell whether --map says that a column is not to be read."""
    return key_of(wanted) in {"", "ignore"}


def _class(number: int, name: str) -> str:
    if not 1 <= number <= 8:  # noqa: PLR2004 - eight classifications
        raise UsageError(f"'{name}': there is no class {number}", "classes are class1 to class8")
    return f"class{number}"


def _score(mapping: ColumnMap, header: Header) -> int:
    _, wrong = column_values.misfits(mapping, header.sample, header.looked)
    return len(mapping.places) * 2 - len(mapping.unread) - _MISFIT * len(wrong)


def _missing(mapping: ColumnMap) -> list[str]:
    """Return the required fields without a column, else the message of the kind's own check."""
    missing = [f.name for f in mapping.kind.fields if f.is_required and f.name not in mapping.places]
    reason = mapping.kind.check(tuple(mapping.places)) if mapping.kind.check and not missing else ""
    return missing or ([reason] if reason else [])


def nearest_field(mapping: ColumnMap, column: str) -> str:
    """Return why a column is not read, else the free field whose name or heading is close to its heading: city?

    '' if there is none.
    """
    import difflib

    if column in mapping.foreign:
        return mapping.foreign[column]
    free = {key: f.name for f in mapping.kind.fields if f.name not in mapping.places for key in f.keys}
    close = difflib.get_close_matches(key_of(column), free, n=1, cutoff=_NEAR)
    return f"{free[close[0]]}?" if close else ""


def _lacking(mapping: ColumnMap) -> list[str]:
    """Return which fields are missing to recognise the kind without --as."""
    missing = _missing(mapping)
    reason = mapping.kind.shows(tuple(mapping.places)) if mapping.kind.shows and not missing else ""
    return missing or ([reason] if reason else [])


def _unrecognised(header: Header) -> SegcliError:
    every = [map_columns(find(name), header, is_sure=False) for name in recognisable()]
    best = max(every, key=lambda m: (len(m.places), -len(_lacking(m))))
    return _not_enough(best, header, f"{header.file}: no kind of record has these columns: {header.shown}")


def _not_enough(mapping: ColumnMap, header: Header, message: str) -> SegcliError:
    """Return the error for missing fields; it suggests a header that is close to the name of one of them."""
    import difflib

    missing = _lacking(mapping)
    columns = {key_of(name): name for name in header.columns}
    for name in missing:
        wanted = next((f.keys for f in mapping.kind.fields if f.name == name), ())
        taken = {header.columns[at] for at in mapping.places.values()}
        near = {key: name for key, name in columns.items() if not key.endswith(_OF_GROUPS) and name not in taken}
        close = [m for key in wanted for m in difflib.get_close_matches(key, near, n=1, cutoff=_CLOSE)]
        if close:
            column = near[close[0]]
            return SegcliError(message, f"is '{column}' the {name}? then: --map '{column}={name}'")
    if not missing:
        return SegcliError(message, nearest(header.file, ()))
    needs = f"{mapping.kind.title} need {', '.join(missing)}"
    hint = f"{needs}: name the column with --map COLUMN={missing[0]}"
    if mapping.kind.name == "account" and missing == ["account"] and "name" in mapping.places:
        is_enough = not _missing(mapping)
        hint += (
            "; if the names find the accounts: --as account --match name"
            if is_enough
            else ", or export the list with the numbers or ids of the accounts"
        )
    if mapping.kind.name == "account" and "account" in mapping.places:
        hint += "; to classify accounts: --map COLUMN=class1"
    return SegcliError(message, hint)
