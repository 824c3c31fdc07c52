"""Two groups of accounts side by side, a selection and a base, and how many accounts of each have a value."""

import sqlite3
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from segcli.base.errors import UsageError
from segcli.discover import features
from segcli.discover.features import Feature
from segcli.domain.clause import Clause
from segcli.domain.segments.shares import Tally
from segcli.query import lookup, selection
from segcli.query.expressions import language
from segcli.query.names import Names
from segcli.query.selection import Filters

EVERYONE, REST = "everyone", "rest"
FLAG = "--against"
_TABLE = "feature"
_ACCOUNTS = Clause(f"temp.{_TABLE} AS x")


@dataclass(frozen=True, slots=True)
class Compared:
    """The features of all accounts in `temp.feature AS x`, and the conditions on x for the selection and the base."""

    db: sqlite3.Connection
    names: Names
    features: tuple[Feature, ...]
    base: str
    selection: str = "x.is_selected"
    table: str = _TABLE

    @property
    def whole(self) -> Tally:
        """Return the sizes of the selection, the base, and of what they have in common."""
        return next((tally for _, tally in self.tallies(Clause("0"))), Tally(0, 0, 0))

    def tallies(self, cell: Clause, source: Clause = _ACCOUNTS) -> list[tuple[Any, Tally]]:
        """Return the values of an expression with the number of accounts of each; a row of `source` is an account once."""
        rows = self.db.execute(
            f"SELECT {cell.sql} AS v, {self._counted} FROM {source.sql} WHERE {self.selection} OR {self.base} GROUP BY v",
            (*cell.values, *source.values),
        )
        return [(value, Tally(*counts)) for value, *counts in rows]

    @property
    def _counted(self) -> str:
        if self.base == "TRUE":  # then the selection is within the base
            return "sum(x.is_selected), count(*), sum(x.is_selected)"
        return f"sum(x.is_selected), sum({self.base}), sum(x.is_selected AND {self.base})"


def compare(db: sqlite3.Connection, names: Names, filters: Filters, against: str, texts: Iterable[str]) -> Compared:
    """Lay out the features of the accounts, with the selection and the base. Raise UsageError for an unknown name."""
    flags = {"is_selected": selection.compile_filters(filters, names)}
    base = {EVERYONE: "TRUE", REST: "NOT x.is_selected"}.get(against.strip().lower())
    if base is None:
        flags["is_base"] = named(db, names, against)
        base = "x.is_base"
    placed = replace(names, origin="--metrics")
    return Compared(db, names, features.lay(db, placed, texts, flags=flags, table=_TABLE), base)


def named(db: sqlite3.Connection, names: Names, text: str) -> Clause:
    """Return the condition of a saved selection or, where there is none of this name, of an expression."""
    name = lookup.selection_name(db, text)
    if name is not None:
        return selection.saved_clause(name, names)
    try:
        return language.compile_expression(text, replace(names, origin=FLAG))
    except UsageError as error:
        if not text.replace("-", "").replace("_", "").isalnum():
            raise
        known = f"it takes {EVERYONE}, {REST}, a saved selection, or an expression such as \"country = 'NL'\""
        raise UsageError(f"{FLAG}: there is no selection '{text}'", known) from error
