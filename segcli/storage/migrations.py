"""Upgrades older schemas to the current one: a backup beside the file, then one transaction.

The tables are rebuilt according to schema.sql and their rows copied; then the step of each version converts the data.
"""

import filecmp
import sqlite3
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path

from segcli.base.errors import SegcliError
from segcli.base.text import key
from segcli.storage import (
    database_file,
    diagnosis,
    four_decimals,
    locking,
    openings,
    schema,
    snapshots,
    soundness,
    sql_functions,
    summaries,
    table_versions,
)


def _base_amounts(db: sqlite3.Connection) -> None:
    """Set the base amount of items and allocations in the administration's own currency."""
    db.execute(
        "UPDATE outstanding_item SET base_amount = amount WHERE currency = coalesce("
        "(SELECT currency FROM administration), 'EUR')"
    )
    db.execute(
        "UPDATE allocation SET base_amount = amount WHERE item_id IN"
        " (SELECT id FROM outstanding_item WHERE base_amount IS NOT NULL)"
    )
    db.execute(
        "UPDATE allocation SET is_advance = 1 WHERE allocation_date <"
        " (SELECT i.invoice_date FROM outstanding_item AS i WHERE i.id = item_id)"
    )


def _revenue(db: sqlite3.Connection) -> None:
    """Set the rate of invoices in the administration's own currency; calculate revenue and summaries of all invoices."""
    db.execute(
        "UPDATE invoice SET exchange_rate = '1', is_rate_stated = 1 WHERE currency = (SELECT currency FROM administration)"
    )
    summaries.refresh_all(db)


def _nothing(_db: sqlite3.Connection) -> None:
    """Do nothing: this version only added tables and columns."""


def _sixth(db: sqlite3.Connection) -> None:
    """Convert amounts to the decimals of their currency, then calculate the revenue from them."""
    four_decimals.upgrade(db)
    _revenue(db)
    # The origin of the base amount of a payment was not stored; a file may have stated it.
    db.execute("UPDATE allocation SET is_base_stated = 1 WHERE base_amount IS NOT NULL AND base_amount <> amount")


def _opening_balances(db: sqlite3.Connection) -> None:
    """Keep what opening balances state, and derive what they add to the ledger."""
    db.execute(
        f"""UPDATE transaction_line SET opening_amount = amount WHERE id IN (SELECT t.id FROM transaction_line AS t
              JOIN entry AS e ON e.id = t.entry_id JOIN journal AS j ON j.id = e.journal_id WHERE {openings.IS_OPENING})"""
    )
    openings.settle(db)


# version -> the data conversion from that version, besides the new tables
STEPS: Mapping[int, Callable[[sqlite3.Connection], None]] = {
    1: _base_amounts,
    2: _nothing,
    3: _nothing,
    4: _nothing,
    5: _sixth,
    6: _nothing,
    7: _opening_balances,
    8: _nothing,
    9: _nothing,
}


def upgrade(real: Path) -> None:
    """Upgrade a database to the current version, or leave it unchanged."""
    db = database_file.bare(real, write=True)
    db.set_progress_handler(lambda: 0, database_file.INTERRUPT_EVERY)
    sql_functions.register(db)
    try:
        _upgrade(db, real)
    except sqlite3.OperationalError as error:
        told = diagnosis.explain(error, real)
        raise type(told)(f"{real} is of an older segcli, and is to be upgraded: {told.message}", told.hint) from error
    finally:
        db.close()


def _upgrade(db: sqlite3.Connection, real: Path) -> None:
    with locking.lock(real, "upgrade", 30):
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version >= database_file.VERSION:  # another process has done it while we waited
            return
        try:
            backup = _backup(db, real, version)
        except SegcliError as told:
            what = f"{real} is of an older segcli, and is to be upgraded after a backup: {told.message}"
            raise SegcliError(what, "nothing was changed; make room for a copy beside it") from told
        db.execute("PRAGMA foreign_keys=OFF")  # tables are rebuilt; references are checked at the end
        db.execute("PRAGMA legacy_alter_table=ON")  # so that renaming a table does not change references to it
        db.execute("BEGIN IMMEDIATE")
        try:
            _rebuild(db)
            for step in range(version, database_file.VERSION):
                STEPS[step](db)
            table_versions.raise_all(db)
            _refuse_broken(db, real, backup)
            db.execute(f"PRAGMA user_version = {int(database_file.VERSION)}")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")


def _backup(db: sqlite3.Connection, real: Path, version: int) -> Path:
    """Back up the database and return the path. An identical backup of an interrupted upgrade is reused."""
    there = []
    for number in count(1):
        target = real.with_name(f"{real.name}.schema{version}{f'-{number}' if number > 1 else ''}.backup")
        if not target.exists():
            break
        there.append(target)
    snapshots.snapshot(db, target)
    for path in there:
        if filecmp.cmp(path, target, shallow=False):
            target.unlink()
            return path
    return target


def _refuse_broken(db: sqlite3.Connection, real: Path, backup: Path) -> None:
    broken = next(soundness.broken_references(db), None)
    if broken:
        raise SegcliError(f"{real}: the upgrade would break {broken[0]}: it was not done", f"the backup is {backup}")


# Of several names with one key only the first gets the key: nothing is merged, and no new name can take the same key.
_KEY = "iif(row_number() OVER (PARTITION BY {1}label_key({0}) ORDER BY rowid) = 1, label_key({0}), NULL)"
_DERIVED = frozenset({"invoice_summary"})  # tables that are recalculated from others
# Source expression, in the older table, of each new column that must be filled.
_FROM = {
    ("allocation", "account_id"): "(SELECT i.account_id FROM outstanding_item AS i WHERE i.id = item_id)",
    ("allocation", "currency"): "(SELECT i.currency FROM outstanding_item AS i WHERE i.id = item_id)",
    ("invoice", "ordered_by_id"): "account_id",
    ("invoice", "deliver_to_id"): "account_id",
    ("classification_label", "label_key"): _KEY.format("label", ""),
    ("classification_value", "code_key"): _KEY.format("code", "field, "),
    ("selection", "name_key"): _KEY.format("name", ""),
    ("marketing_list", "name_key"): _KEY.format("name", ""),
}


def _rebuild(db: sqlite3.Connection) -> None:
    """Rebuild every table, index and trigger according to schema.sql; rows are copied by column name."""
    wanted, there = schema.wanted(), schema.parts(db)
    db.create_function("label_key", 1, key, deterministic=True)
    tables = [name for name, (what, sql) in wanted.items() if what == "table" and there.get(name, ("", ""))[1] != sql]
    for name, (what, _) in there.items():
        if what == "trigger":
            db.execute(f'DROP TRIGGER "{name}"')
    for name in tables:
        _replace(db, name, wanted[name][1], is_there=name in there)
    left = {name for (name,) in db.execute("SELECT name FROM sqlite_schema")}
    for name, (what, sql) in wanted.items():
        if what == "index" and name in left and there[name][1] != sql:
            db.execute(f'DROP INDEX "{name}"')
            left.remove(name)
        if name not in left:
            db.execute(sql)


def _replace(db: sqlite3.Connection, name: str, sql: str, *, is_there: bool) -> None:
    """Recreate a table and copy its rows."""
    if is_there:
        db.execute(f'ALTER TABLE "{name}" RENAME TO "older_{name}"')
    db.execute(sql)
    if is_there and name in _DERIVED:
        db.execute(f'DROP TABLE "older_{name}"')
    elif is_there:
        old, new = ([row[1] for row in db.execute(f'PRAGMA table_info("{t}")')] for t in (f"older_{name}", name))
        sources = {column: column if column in old else _FROM.get((name, column)) for column in new}
        kept = {column: source for column, source in sources.items() if source}
        db.execute(f'INSERT INTO "{name}" ({", ".join(kept)}) SELECT {", ".join(kept.values())} FROM "older_{name}"')
        db.execute(f'DROP TABLE "older_{name}"')
