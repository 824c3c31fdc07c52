"""Display names of records: the code or number, preceded by that of the parent record."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from segcli.undo.blocking import Taking

# Naming columns, in order of preference.
_NAMES = (
    "code", "invoice_number", "subscription_number", "request_number", "entry_number", "line_number", "item_key",
    "allocation_date", "payment_key", "unit", "label", "type", "field", "name", "language",
)  # fmt: skip
# The parent of tables whose rows are not independent records.
_PARENTS: Mapping[str, tuple[str, str]] = {
    "account_iban": ("account_id", "account"),
    "allocation": ("item_id", "outstanding_item"),
    "bank_payment_item": ("bank_payment_id", "bank_payment"),
    "contact": ("account_id", "account"),
    "entry_template_line": ("entry_template_id", "entry_template"),
    "entry_template_link": ("account_id", "account"),
    "invoice_line": ("invoice_id", "invoice"),
    "item_text": ("item_id", "item"),
    "item_unit": ("item_id", "item"),
    "outstanding_item": ("account_id", "account"),
    "payment_condition_text": ("condition_id", "payment_condition"),
    "pending_classification": ("account_id", "account"),
    "price_list_line": ("price_list_period_id", "price_list_period"),
    "price_list_link": ("account_id", "account"),
    "price_list_period": ("price_list_id", "price_list"),
    "subscription_line": ("subscription_id", "subscription"),
    "transaction_line": ("entry_id", "entry"),
}


@dataclass(slots=True)
class Naming:
    """Names rows; caches the name of each parent."""

    taking: Taking
    known: dict[tuple[str, object], str] = field(default_factory=dict)

    def of(self, table: str, key: Any, image: str | None = None) -> str:  # noqa: ANN401 - an id or a JSON array
        """Return the name of a row; a deleted row is named by its image, else by its key."""
        row = json.loads(image) if image else self._row(table, key)
        if not row:
            return str(key)
        own = next((str(row[name]) for name in _NAMES if row.get(name) not in (None, "")), str(key))
        if table not in _PARENTS:
            return own
        column, parent = _PARENTS[table]
        place = (parent, row[column])
        if place not in self.known:
            self.known[place] = self.of(*place)
        return self.known[place] if table.endswith("_link") else f"{self.known[place]} {own}"

    def _row(self, table: str, key: Any) -> dict[str, Any]:  # noqa: ANN401 - an id or a JSON array
        found = self.taking.db.execute(
            f"SELECT r.* FROM {table} AS r WHERE {self.taking.shapes[table].has_key('r', '?1')}", (key,)
        )
        row = found.fetchone()
        return dict(zip((column[0] for column in found.description), row, strict=True)) if row else {}
