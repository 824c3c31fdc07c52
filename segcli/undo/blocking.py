"""Conflicts of an undo: what must stay, and why. Values changed since, rows that others refer to, and their dependants.

Works on three temporary tables: undo_added (rows to remove), undo_field (values to restore) and undo_deleted (rows
to bring back). `why` holds the reason that a row stays; it is NULL if the row is undone.
"""

import sqlite3
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from segcli.storage.runs import STANDS
from segcli.storage.table_shapes import CALCULATED, Reference, Shape

# Columns that belong together: if one stays, all stay.
_COUPLED: Mapping[str, tuple[tuple[str, ...], ...]] = {
    "outstanding_item": (("amount", "base_amount", "currency"),),
    "allocation": (("amount", "base_amount"),),
    "invoice": (("net_amount", "vat_amount", "total_amount", "currency", "is_summed"), ("status", "invoice_number")),
    "invoice_line": (("quantity", "unit_price", "discount_percent", "net_amount", "vat_amount", "vat_percent", "cost_amount"),),
    "price_list_line": (("base", "base_price", "base_price_list_id", "new_price", "discount", "rounding", "surcharge",
                         "minimum_margin", "maximum_margin", "item_id", "item_group"),),
    "price_list_period": (("start_date", "end_date"),),
    "subscription_line": (("quantity", "unit_price", "discount_percent", "period_amount", "is_automatic_price"),),
    "transaction_line": (("amount", "currency", "foreign_amount"),),
}  # fmt: skip
# Rows that form a sum: all are undone, or none.
_UNITS: Mapping[str, str] = {"transaction_line": "entry_id", "entry_template_line": "entry_template_id"}
# History rows of undone runs are deleted with their record.
_HISTORY = frozenset({
    ("classification_change", "account_id"), ("entry_template_link_change", "account_id"), ("marketing_list_change", "contact_id"),
    ("entry_template_link_change", "entry_template_id"), ("price_list_link_change", "account_id"), ("request_change", "request_id"),
})  # fmt: skip


@dataclass(frozen=True, slots=True)
class Taking:
    """A run being undone, in the open transaction."""

    db: sqlite3.Connection
    run_id: int
    shapes: Mapping[str, Shape]
    references: Iterable[Reference]

    def tables(self, work: str) -> list[str]:
        """Return the tables that have rows in a temporary table."""
        return [name for (name,) in self.db.execute(f"SELECT DISTINCT t FROM temp.{work}").fetchall()]

    def owner(self, table: str) -> Reference | None:
        """Return the reference by which a table's rows belong to a parent row; None for an independent table."""
        return next((ref for ref in self.references if ref.child == table and ref.is_owned), None)


def block(taking: Taking) -> None:
    """Mark everything that must stay."""
    _block_written(taking)
    for table in taking.tables("undo_deleted") * 2:  # twice: a row depends on the rows it refers to
        _block_deleted(taking, table)
    for table in taking.tables("undo_field"):
        _block_fields(taking, table)
    _block_final(taking)
    couple(taking)


def couple(taking: Taking) -> None:
    """Also keep the columns and rows coupled to something that stays."""
    for table, groups in _COUPLED.items():
        for group in groups:
            names = ", ".join(f"'{name}'" for name in group)
            same = f"t = '{table}' AND col IN ({names})"
            taking.db.execute(
                f"UPDATE temp.undo_field SET why = 'it goes with a field that stays' WHERE {same} AND why IS NULL"
                f" AND key IN (SELECT key FROM temp.undo_field WHERE {same} AND why IS NOT NULL)"
            )
    for table, column in _UNITS.items():
        _couple_unit(taking, table, column)


def _couple_unit(taking: Taking, table: str, column: str) -> None:
    shape = taking.shapes[table]
    of_row = f"(SELECT r.{column} FROM {table} AS r WHERE {shape.has_key('r', 'w.key')})"
    units = {
        "undo_added": of_row,
        "undo_field": of_row,
        "undo_deleted": f"json_extract(w.image, '$.{column}')",
    }
    kept = " UNION ".join(
        f"SELECT {unit} FROM temp.{work} AS w WHERE w.t = '{table}' AND w.why IS NOT NULL"
        for work, unit in units.items()
    )
    if not taking.db.execute(f"SELECT EXISTS ({kept})").fetchone()[0]:
        return
    taking.db.execute("DROP TABLE IF EXISTS temp.undo_unit")
    taking.db.execute(f"CREATE TEMP TABLE undo_unit AS {kept}")
    for work, unit in units.items():
        name = f"temp.{work}"
        taking.db.execute(
            f"UPDATE {name} SET why = 'other lines of the same record stay' WHERE t = '{table}' AND why IS NULL"
            f" AND {unit.replace('w.', f'{work}.')} IN (SELECT * FROM temp.undo_unit)"
        )


def _block_written(taking: Taking) -> None:
    """Keep added rows that a later import wrote to, and rows whose own key now belongs to another record."""
    taking.db.execute(
        """UPDATE temp.undo_added SET why = 'run ' || c.run_id || ' wrote to it since' FROM (
             SELECT n.table_name, n.row_key, max(n.run_id) AS run_id FROM import_change AS n JOIN run AS o ON o.id = n.run_id
              WHERE n.run_id > ? AND {stands} AND n.column_name IS NOT NULL GROUP BY 1, 2) AS c
            WHERE c.table_name = undo_added.t AND c.row_key = undo_added.key""".format(stands=STANDS.format(run="o")),
        (taking.run_id,),
    )
    for ref in taking.references:
        if ref.parent == "run" and ref.child in taking.shapes:
            _block_rows(
                taking, ref.child, f"SELECT key_ FROM {{rows}} WHERE r.{ref.column} > {taking.run_id}",
                "'run ' || (SELECT r.{c} FROM {t} AS r WHERE {k}) || ' wrote to it since'".format(
                    c=ref.column, t=ref.child, k=taking.shapes[ref.child].has_key("r", "undo_added.key")
                ),
            )  # fmt: skip


def _block_rows(taking: Taking, table: str, query: str, why: str) -> None:
    shape = taking.shapes[table]
    found = query.replace("key_", shape.key_of("r")).replace("{rows}", f"{table} AS r")
    taking.db.execute(
        f"UPDATE temp.undo_added SET why = {why} WHERE t = '{table}' AND why IS NULL AND key IN ({found})"
    )


def _block_fields(taking: Taking, table: str) -> None:
    """Keep values that changed since the import, and values of rows that no longer exist."""
    shape, db = taking.shapes[table], taking.db
    row = f"FROM {table} AS r WHERE {shape.has_key('r', 'undo_field.key')}"
    mine = f"t = '{table}' AND why IS NULL"
    db.execute(
        f"UPDATE temp.undo_field SET why = 'it is not there any more' WHERE {mine} AND NOT EXISTS (SELECT 1 {row})"
    )
    for (column,) in db.execute("SELECT DISTINCT col FROM temp.undo_field WHERE t = ?", (table,)).fetchall():
        if column not in shape.columns:
            continue
        db.execute(  # values that are already restored need no update
            f"DELETE FROM temp.undo_field WHERE {mine} AND col = '{column}' "
            f" AND (SELECT undo_field.old IS r.{column} {row})"
        )
        db.execute(
            f"UPDATE temp.undo_field SET why = 'it was changed since', now = (SELECT r.{column} {row})"
            f" WHERE {mine} AND col = '{column}' AND (SELECT undo_field.new IS NOT r.{column} {row})"
        )
        for ref in taking.references:
            if (ref.child, ref.column) == (table, column):
                db.execute(
                    f"UPDATE temp.undo_field SET why = 'what it was is not there any more' WHERE {mine} AND col = '{column}'"
                    f" AND old IS NOT NULL AND NOT {_is_back(taking, ref.parent, 'undo_field.old')}"
                )


def _is_back(taking: Taking, table: str, key: str) -> str:
    """Return the SQL condition that the row with this key is there after the undo: as it was, or brought back."""
    row = taking.shapes[table].has_key("p", key)
    deleted = f"SELECT p.why FROM temp.undo_deleted AS p WHERE p.t = '{table}' AND p.key = {key}"
    return f"(CASE WHEN EXISTS ({deleted}) THEN ({deleted}) IS NULL ELSE EXISTS (SELECT 1 FROM {table} AS p WHERE {row}) END)"


def _block_deleted(taking: Taking, table: str) -> None:
    """Keep rows deleted whose key is taken now, or that refer to a missing row."""
    shape, mine = taking.shapes[table], f"t = '{table}' AND why IS NULL"
    taking.db.execute(
        f"UPDATE temp.undo_deleted SET why = 'another one has its place' WHERE {mine} AND EXISTS (SELECT 1 FROM {table} AS r"
        f" WHERE {shape.has_key('r', 'undo_deleted.key')}) AND NOT EXISTS (SELECT 1 FROM temp.undo_added AS x"
        f" WHERE x.t = '{table}' AND x.key = undo_deleted.key AND x.why IS NULL)"
    )
    for ref in taking.references:
        if ref.child == table:
            value = f"json_extract(undo_deleted.image, '$.{ref.column}')"
            parent = taking.shapes[ref.parent].has_key("p", value)
            taking.db.execute(
                f"UPDATE temp.undo_deleted SET why = 'what it refers to is not there any more' WHERE {mine} AND {value} IS NOT NULL"
                f" AND NOT EXISTS (SELECT 1 FROM {ref.parent} AS p WHERE {parent}) AND NOT EXISTS"
                f" (SELECT 1 FROM temp.undo_deleted AS p WHERE p.t = '{ref.parent}' AND p.key = {value} AND p.why IS NULL)"
            )


def _block_final(taking: Taking) -> None:
    """Keep the fields and lines of invoices that were processed since, because those are final."""
    final = f"SELECT id FROM invoice WHERE processed_run_id > {taking.run_id}"
    why = "SET why = 'the invoice was processed since' WHERE why IS NULL"
    lines = f"SELECT id FROM invoice_line WHERE invoice_id IN ({final})"
    for table, rows in (("invoice", final), ("invoice_line", lines)):
        for work in ("undo_field", "undo_added"):
            taking.db.execute(f"UPDATE temp.{work} {why} AND t = '{table}' AND key IN ({rows})")
    taking.db.execute(
        f"UPDATE temp.undo_deleted {why} AND t = 'invoice_line' AND json_extract(image, '$.invoice_id') IN ({final})"
    )


def hold(taking: Taking) -> None:
    """Keep added records that others refer to, the records those refer to, and the rows they own."""
    added = set(taking.tables("undo_added"))
    for ref in taking.references:
        if ref.parent in added and ref.child not in CALCULATED:
            _hold_referred(taking, ref, is_child_added=ref.child in added)
    within = [ref for ref in taking.references if ref.parent in added and ref.child in added]
    while sum(_propagate(taking, ref) for ref in within):
        pass
    couple(taking)
    while sum(_propagate(taking, ref) for ref in within):
        pass


def _hold_referred(taking: Taking, ref: Reference, *, is_child_added: bool) -> None:
    db = taking.db
    low, high = db.execute("SELECT min(key), max(key) FROM temp.undo_added WHERE t = ?", (ref.parent,)).fetchone()
    where = f"c.{ref.column} BETWEEN ?1 AND ?2"
    if is_child_added:
        key = taking.shapes[ref.child].key_of("c")
        # The plus takes the type of the column away: SQLite then finds the key by the primary key, which has no type.
        where += f" AND NOT EXISTS (SELECT 1 FROM temp.undo_added AS x WHERE x.t = '{ref.child}' AND x.key = +{key})"
    if (ref.child, ref.column) in _HISTORY:
        where += " AND c.run_id NOT IN (SELECT id FROM temp.undo_spent)"
    name = ref.child.replace("_", " ")
    db.execute(
        f"UPDATE temp.undo_added SET why = 'used by a later {name}' WHERE t = '{ref.parent}' AND why IS NULL"
        f" AND key IN (SELECT c.{ref.column} FROM {ref.child} AS c WHERE {where})",
        (low, high),
    )


def _propagate(taking: Taking, ref: Reference) -> int:
    """Keep rows that a kept row refers to or owns; return the number of newly kept rows."""
    shape = taking.shapes[ref.child]
    pairs = f"temp.undo_added AS x JOIN {ref.child} AS c ON {shape.has_key('c', 'x.key')} WHERE x.t = '{ref.child}'"
    up = taking.db.execute(
        f"UPDATE temp.undo_added SET why = 'a {ref.child.replace('_', ' ')} of it stays' WHERE t = '{ref.parent}' AND why IS NULL"
        f" AND key IN (SELECT c.{ref.column} FROM {pairs} AND x.why IS NOT NULL)"
    ).rowcount
    if not ref.is_owned:
        return up
    down = taking.db.execute(
        f"UPDATE temp.undo_added SET why = 'it goes with a record that stays' WHERE t = '{ref.child}' AND why IS NULL"
        f" AND key IN (SELECT {shape.key_of('c')} FROM {pairs} AND c.{ref.column} IN"
        f" (SELECT key FROM temp.undo_added WHERE t = '{ref.parent}' AND why IS NOT NULL))"
    ).rowcount
    return up + down
