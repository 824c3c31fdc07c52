"""Columns, primary keys and foreign keys of the tables, for undo. All of it is read from the schema."""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

# Tables that no import writes to, or that are recalculated from other tables.
NOT_RECORDED = frozenset({
    "anonymised", "class_backfill", "class_backfill_value", "import_added", "import_change", "imported_file", "invoice_summary",
    "marketing_list", "marketing_list_member", "opt_out", "reminder", "reminder_line", "run", "selection", "sent_message",
    "subscription_period", "table_version",
})  # fmt: skip
# Rows calculated from others, which do not keep an account from being removed: they are removed with it.
CALCULATED = frozenset({"class_backfill_value"})
# Columns derived from others. The classes of an account are restored from the classification history.
DERIVED: Mapping[str, frozenset[str]] = {
    "account": frozenset({"search_text", *(f"class{n}" for n in range(1, 9))}),
    "contact": frozenset({"search_text"}),
    "request": frozenset({"search_text"}),
    "outstanding_item": frozenset({"open_amount"}),
    "allocation": frozenset({"account_id", "currency", "is_advance"}),
    "invoice": frozenset({"revenue_amount", "base_revenue_amount"}),
}
# Columns that are derived from others in some rows (see storage/openings.py), with the condition for recording a change.
PARTLY_DERIVED: Mapping[tuple[str, str], str] = {("transaction_line", "amount"): "old.opening_amount IS NULL"}
_OWN_KEYS = frozenset({"administration", "classification_value"})  # their ids are assigned, not counted up


@dataclass(frozen=True, slots=True)
class Shape:
    """A table: its columns and its primary key."""

    table: str
    columns: tuple[str, ...]
    key: tuple[str, ...]

    @property
    def is_counted(self) -> bool:
        """Tell whether every new row gets an id above all earlier ids."""
        return self.key == ("id",) and self.table not in _OWN_KEYS

    @property
    def recorded(self) -> tuple[str, ...]:
        """Return the columns whose old values are recorded."""
        left_out = {*self.key, *DERIVED.get(self.table, ())}
        return tuple(name for name in self.columns if name not in left_out)

    def key_of(self, alias: str) -> str:
        """Return the SQL of a row's key: its id, or a JSON array."""
        parts = [f"{alias}.{name}" for name in self.key]
        return parts[0] if len(parts) == 1 else f"json_array({', '.join(parts)})"

    def has_key(self, alias: str, key: str) -> str:
        """Return the SQL condition that a row has this key; it uses the primary-key index."""
        if len(self.key) == 1:
            return f"{alias}.{self.key[0]} = {key}"
        return " AND ".join(f"{alias}.{name} = json_extract({key}, '$[{at}]')" for at, name in enumerate(self.key))

    def image(self, alias: str) -> str:
        """Return the SQL of the complete row as JSON."""
        pairs = ", ".join(f"'{name}', {alias}.{name}" for name in self.columns)
        return f"json_object({pairs})"


class Reference(NamedTuple):
    """A foreign key. An owned child row is deleted with its parent."""

    child: str
    column: str
    parent: str
    is_owned: bool


def shapes(db: sqlite3.Connection) -> dict[str, Shape]:
    """Return the ordinary tables by name."""
    found: dict[str, list[tuple[str, int]]] = {}
    for table, column, place in db.execute(
        "SELECT m.name, p.name, p.pk FROM main.sqlite_schema AS m, pragma_table_info(m.name) AS p WHERE m.type = 'table'"
        " AND m.name NOT LIKE 'sqlite%' AND m.name NOT GLOB '*_search' AND m.name NOT GLOB '*_search_*'"
    ):
        found.setdefault(table, []).append((column, place))
    return {
        table: Shape(
            table,
            tuple(name for name, _ in columns),
            tuple(name for name, place in sorted(columns, key=lambda column: column[1]) if place),
        )
        for table, columns in found.items()
    }


def is_recorded(table: str) -> bool:
    """Tell whether an import records its changes to a table."""
    return table not in NOT_RECORDED and not table.endswith("_change")


def references(db: sqlite3.Connection) -> list[Reference]:
    """Return the foreign keys, except those of summaries, which are recalculated."""
    rows = db.execute(
        'SELECT m.name, f."from", f."table", f.on_delete FROM main.sqlite_schema AS m, pragma_foreign_key_list(m.name) AS f'
        " WHERE m.type = 'table' AND m.name <> 'invoice_summary'"
    )
    return [Reference(child, column, parent, rule == "CASCADE") for child, column, parent, rule in rows]
