"""The connection that commands write with: what has to happen before the first write to a table happens then."""

import sqlite3
from collections.abc import Callable, Iterable
from typing import Any


class WritingConnection(sqlite3.Connection):
    """A connection that prepares a table when a statement that may write to it is first compiled.

    `table_versions` watches all writes with SQLite's authorizer, and asks `must_prepare` for each table. A statement that writes to
    a table that is not prepared yet is refused by the authorizer, and compiled again once the table was prepared. The authorizer
    sees the writes of triggers and foreign keys, too, so no table is missed.
    """

    def __init__(self, *given: Any, **named: Any) -> None:  # noqa: ANN401 - as of sqlite3.connect
        """Connect; no table has to be prepared."""
        super().__init__(*given, **named)
        self._refused: list[str] = []
        self.prepare_nothing()

    def prepare_nothing(self) -> None:
        """Let no table wait."""
        self.prepare_with(_nothing, ())

    def prepare_with(self, prepare: Callable[[str], None], tables: Iterable[str]) -> None:
        """Call `prepare` with each of these tables before the first write to it. Statements that are compiled must be compiled again."""
        self._prepare, self._waiting = prepare, set(tables)

    def must_prepare(self, table: str) -> bool:
        """Tell whether a table waits for being prepared; remember that a statement asked."""
        if table not in self._waiting:
            return False
        self._refused.append(table)
        return True

    def execute(self, sql: str, parameters: Any = (), /) -> sqlite3.Cursor:  # noqa: ANN401 - as of sqlite3
        """Run a statement."""
        while True:
            try:
                return super().execute(sql, parameters)
            except sqlite3.DatabaseError:
                if not self._is_prepared_now():
                    raise

    def executemany(self, sql: str, parameters: Any, /) -> sqlite3.Cursor:  # noqa: ANN401 - as of sqlite3
        """Run a statement for each of the parameters; it is compiled before, so that none is taken in vain."""
        if self._waiting:
            self._compile(sql)
        return super().executemany(sql, parameters)

    def _compile(self, sql: str) -> None:
        while True:
            try:
                super().execute(f"EXPLAIN {sql}")
            except sqlite3.DatabaseError:  # usually since no parameters are given
                if self._is_prepared_now():
                    continue
            return

    def _is_prepared_now(self) -> bool:
        """Prepare the tables that a statement was refused for; tell whether there were any."""
        refused, self._refused = set(self._refused) & self._waiting, []
        self._waiting -= refused
        for table in sorted(refused):
            self._prepare(table)
        return bool(refused)


def _nothing(_table: str) -> None:
    """Prepare nothing."""
