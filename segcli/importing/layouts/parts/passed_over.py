"""Columns of a known program whose values are passed over, because a field has taken another one."""

from collections.abc import Iterable, Mapping, Sequence

from segcli.importing.layouts.parts.layout import Layout, Part, Row, Value
from segcli.importing.readers.parts.unread import Unread


class PassedOver:
    """Watches the columns that share a field: a row may fill two of them with different values, and the field takes one.

    A column counts as not read as soon as a row holds a value of it that no field takes.
    """

    def __init__(self, layout: Layout, parts: Iterable[Part], columns: Mapping[str, tuple[int, str]]) -> None:
        """`columns`: the place and the name of the columns of the file, by normalised heading."""
        of_parts = [(part, tuple(part.values.values())) for part in parts]
        shared = {
            name
            for _, values in of_parts
            for value in values
            for name in _shared(value, columns)
            if not layout.is_ignored(name)
        }
        self._pending = {name: columns[name] for name in shared}
        self._parts = [(part, _of(values, shared)) for part, values in of_parts]

    def look(self, row: Row, unread: Unread) -> None:
        """Look at a row, and note the columns of which it holds a value that is not taken."""
        if not self._pending:
            return
        left: set[str] = set()
        taken: set[str] = set()
        for part, values in self._parts:
            if values and part.when(row):
                for value in values:
                    passed = {*value.left(row)} if value.left else set()
                    left |= passed
                    taken.update(name for name in value.headings if name not in passed)
        for name in (left - taken) & self._pending.keys():
            unread.hold(*self._pending.pop(name))


def _shared(value: Value, columns: Mapping[str, tuple[int, str]]) -> list[str]:
    """Return the columns of a value of which it may leave some, none if it always takes all."""
    there = [name for name in value.headings if name in columns]
    return there if value.left and (value.is_cut or len(there) > 1) else []


def _of(values: Sequence[Value], shared: set[str]) -> tuple[Value, ...]:
    return tuple(value for value in values if not shared.isdisjoint(value.headings))
