"""How the headings of a table fit each kind: how many name a field, what is missing, and why a column is not read."""

from collections.abc import Iterator
from difflib import get_close_matches

from segcli.base.text import counted
from segcli.importing.kinds.machinery import kind_definition, recognition
from segcli.importing.kinds.machinery.kind_definition import ColumnMap, Kind, key_of

SHOWN_KINDS = 3  # next to the one that was chosen
_CLOSE = 0.75  # least similarity of a heading to a field's name


def matched(mapping: ColumnMap, header: recognition.Header) -> str:
    """Return how many of the columns name a field of the kind."""
    filled = [name for name in header.columns if name.strip()]
    return f"{len(mapping.places)} of {counted(len(filled), 'column')} named"


def others(header: recognition.Header, chosen: Kind | None) -> Iterator[str]:
    """Yield the next best kinds, best first, with the number of columns that they know and what is missing."""
    found = [mapping for mapping in _mappings(header, chosen) if mapping.places]
    found.sort(key=lambda mapping: (-len(mapping.places), len(_lacks(mapping))))
    for mapping in found[:SHOWN_KINDS]:
        lacks = _lacks(mapping)
        forbidden = header.keys & set(mapping.kind.never.split())
        names = [name for name in header.columns if key_of(name) in forbidden]
        rest = f", lacks {', '.join(lacks)}" if lacks else f", never with {', '.join(names)}" if names else ""
        yield f"{mapping.kind.title}: {matched(mapping, header)}{rest}"


def _mappings(header: recognition.Header, chosen: Kind | None) -> list[ColumnMap]:
    """Return the column map of each kind except the chosen one."""
    kinds = [kind_definition.find(name) for name in kind_definition.names()]
    return [recognition.map_columns(kind, header, is_sure=False) for kind in kinds if kind != chosen]


def _lacks(mapping: ColumnMap) -> list[str]:
    """Return the required fields without a column, else the message of the kind's own check."""
    missing = [f.name for f in mapping.kind.fields if f.is_required and f.name not in mapping.places]
    reason = mapping.kind.check(tuple(mapping.places)) if mapping.kind.check and not missing else ""
    return missing or ([reason] if reason else [])


def as_nearest(header: recognition.Header) -> Iterator[tuple[str, str]]:
    """Yield each heading with the field that it names in the best fitting kind."""
    best = max(_mappings(header, None), key=lambda mapping: len(mapping.places))
    names = {at: name for name, at in best.places.items()}
    for at, heading in enumerate(header.columns):
        note = f"{names[at]} of {best.kind.title}" if at in names else unread(heading, header, best)
        yield heading, note


def unread(heading: str, header: recognition.Header, mapping: ColumnMap) -> str:
    """Return why a column is not read, with the field whose name is nearest."""
    kind, places = mapping.kind, mapping.places
    if heading in header.renamed and key_of(header.renamed[heading]) in {"", "ignore"}:
        return "ignored: --map or the profile"
    if not heading.strip():
        return "not read: no heading"
    if heading in mapping.foreign:
        return f"not read: {mapping.foreign[heading]}"
    own = recognition.map_columns(kind, recognition.Header((heading,), labels=header.labels), is_sure=False).places
    taken = next((name for name in own if name in places), "")
    if taken:
        return f"not read: '{header.columns[places[taken]]}' is the {taken}"
    keys = {key: f.name for f in kind.fields for key in f.keys if f.name not in places}
    close = get_close_matches(key_of(heading), keys, n=1, cutoff=_CLOSE)
    return f"not read; nearest: {keys[close[0]]}" if close else "not read"
