"""Tables and functions that an engine declares when a statement names them."""

import re
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Mapping

_WORD = re.compile(r"\w+")


class Declaring(ABC):
    """A connection in which the tables of a lake and segcli's functions are declared when a statement names them."""

    def __init__(self, tables: Mapping[str, Callable[[], str]]) -> None:
        """Take the functions that return the SQL of tables, by name. The SQL may name other tables."""
        self._tables = tables
        self._declared: set[str] = set()

    def _declare(self, names: Iterable[str]) -> None:
        """Declare the tables and functions among the names, and what these need, each once."""
        for name in names:
            if name in self._declared:
                continue
            self._declared.add(name)
            if name in self._tables:
                sql = self._tables[name]()
                self._declare(word for word in words(sql) if word in self._tables)
                self._declare_table(name, sql)
            else:
                self._declare_function(name)

    @abstractmethod
    def _declare_table(self, name: str, sql: str) -> None:
        """Declare a view with the rows of the SQL."""

    @abstractmethod
    def _declare_function(self, name: str) -> None:
        """Declare a function of segcli and what it needs. Other names are the engine's own, or columns."""


def words(sql: str) -> list[str]:
    """Return the words of a text in SQL, which may be names."""
    return _WORD.findall(sql)
