"""The columns of a file that are not read: which of them hold a value."""

from collections.abc import Iterable, Mapping, Sequence


class Unread:
    """Watches the columns that are not read, and keeps the names of those that hold a value in any row."""

    def __init__(self, columns: Mapping[int, str]) -> None:
        self._pending = dict(columns)  # index in a row -> name
        self._held: set[int] = set()
        self._columns = dict(columns)

    @property
    def names(self) -> tuple[str, ...]:
        """Return the columns that hold a value, in the order of the file."""
        return tuple(name for at, name in sorted(self._columns.items()) if at in self._held)

    def look(self, cells: Sequence[str | None]) -> None:
        """Look at a row."""
        for at in tuple(self._pending):
            if at < len(cells) and (cells[at] or "").strip():
                self._hold(at)

    def look_down(self, columns: Sequence[Iterable[str | None]]) -> None:
        """Look at a group of rows, given by column."""
        for at in tuple(self._pending):
            if any(cell and not cell.isspace() for cell in columns[at]):
                self._hold(at)

    def hold(self, at: int, name: str) -> None:
        """Note that a column holds a value that is not read."""
        self._columns[at] = name
        self._held.add(at)

    def _hold(self, at: int) -> None:
        del self._pending[at]
        self._held.add(at)
