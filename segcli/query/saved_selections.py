"""Warnings of `check` about saved selections and lists: names with a changed meaning, and unknown values."""

import json
from collections.abc import Iterator

from segcli.base.errors import UsageError
from segcli.base.record import replace
from segcli.domain.catalogue import is_range, pattern
from segcli.query import lookup, selection
from segcli.query.names import Names
from segcli.query.selection import Filters
from segcli.storage.reader import Reader

_SAVED = (
    ("selection", "SELECT name, flags FROM selection ORDER BY name"),
    ("list", "SELECT name, flags FROM marketing_list WHERE sync <> 'static' ORDER BY name"),
)


def found(db: Reader) -> list[str]:
    """Return the warnings for each saved selection and each list that follows its selection."""
    known = replace(lookup.names(db), is_stored=True, scored=lambda _score, _words: "NULL")
    return [
        text
        for what, sql in _SAVED
        for name, flags in db.execute(sql)
        for text in _odd(f"{what} {name}", json.loads(flags), known)
    ]


def _odd(place: str, flags: dict[str, object], known: Names) -> Iterator[str]:
    told: list[str] = []
    names = replace(known, origin=f"{place}, --where", warn=told.append, shadow=told.append)
    try:
        filters = selection.read(flags)
        selection.compile_filters(filters, names)
        told += [f"{place}: {text}" for text in _ranges(filters, names)]
    except UsageError as error:
        told.append(f"{place}: {error.message}")
    return iter(dict.fromkeys(told))


def _ranges(filters: Filters, names: Names) -> Iterator[str]:
    """Yield warnings about class ranges that match descriptions but not codes; ranges used to match descriptions too."""
    for label, values in filters.classes:
        field = names.catalogue.field(label)
        for word in filter(is_range, values.words):
            test, by_text = pattern(word), pattern(word, str.casefold)
            if test and by_text:
                lost = [v for v in names.catalogue.values(field) if by_text(v.description) and not test(v.code)]
                if lost:
                    yield f"{word} is a range of codes: it has no {' or '.join(map(str, lost[:3]))} any more"
