"""From older schemas to this one: a backup beside the file, then all of it in one transaction.

The tables are rebuilt as schema.sql has them, what they held is copied, then each version's step mends the data.
"""

import filecmp
import sqlite3
from collections.abc import Callable, Mapping
from itertools import count
from pathlib import Path

from segcli import copies, database, faults, schema
from segcli.errors import SegcliError


def _base_amounts(db: sqlite3.Connection) -> None:
    """Give what is in the administration's own currency its base amount."""
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


def _nothing(_db: sqlite3.Connection) -> None:
    """New tables and columns alone."""


# version -> what the data of that version needs beyond the new tables
STEPS: Mapping[int, Callable[[sqlite3.Connection], None]] = {
    1: _base_amounts,
    2: _nothing,
    3: _nothing,
    4: _nothing,
    5: _nothing,
}


def upgrade(real: Path) -> None:
    """Bring a database to the version of this segcli. Either all steps are done, or the file is as it was."""
    db = database.bare(real, write=True)
    db.set_progress_handler(lambda: 0, database.INTERRUPT_EVERY)
    try:
        _upgrade(db, real)
    except sqlite3.OperationalError as error:
        told = faults.explain(error, real)
        raise type(told)(f"{real} is of an older segcli, and is to be upgraded: {told.message}", told.hint) from error
    finally:
        db.close()


def _upgrade(db: sqlite3.Connection, real: Path) -> None:
    with database.lock(real, "upgrade", 30):
        version = db.execute("PRAGMA user_version").fetchone()[0]
        if version >= database.VERSION:  # another process has done it while we waited
            return
        try:
            backup = _backup(db, real, version)
        except SegcliError as told:
            what = f"{real} is of an older segcli, and is to be upgraded after a backup: {told.message}"
            raise SegcliError(what, "nothing was changed; make room for a copy beside it") from told
        db.execute("PRAGMA foreign_keys=OFF")  # tables are rebuilt; checked before the end
        db.execute("PRAGMA legacy_alter_table=ON")  # so that renaming one leaves alone what refers to it
        db.execute("BEGIN IMMEDIATE")
        try:
            _rebuild(db)
            for step in range(version, database.VERSION):
                STEPS[step](db)
            _refuse_broken(db, real, backup)
            db.execute(f"PRAGMA user_version = {int(database.VERSION)}")
        except BaseException:
            if db.in_transaction:
                db.execute("ROLLBACK")
            raise
        db.execute("COMMIT")


def _backup(db: sqlite3.Connection, real: Path, version: int) -> Path:
    """Back the database up as it is and return the backup; that of an upgrade that was cut off serves as well."""
    there = []
    for number in count(1):
        target = real.with_name(f"{real.name}.schema{version}{f'-{number}' if number > 1 else ''}.backup")
        if not target.exists():
            break
        there.append(target)
    copies.snapshot(db, target)
    for path in there:
        if filecmp.cmp(path, target, shallow=False):
            target.unlink()
            return path
    return target


def _refuse_broken(db: sqlite3.Connection, real: Path, backup: Path) -> None:
    broken = db.execute("PRAGMA foreign_key_check").fetchone()
    if broken:
        raise SegcliError(f"{real}: the upgrade would break {broken[0]}: it was not done", f"the backup is {backup}")


# What a new column that must be filled takes from the older table.
_FROM = {("invoice", "ordered_by_id"): "account_id", ("invoice", "deliver_to_id"): "account_id"}


def _rebuild(db: sqlite3.Connection) -> None:
    """Make every table, index and trigger what schema.sql says, keeping the rows by the names of their columns."""
    wanted, there = schema.wanted(), schema.parts(db)
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
    """Make one table anew, with the rows that the old one had."""
    if is_there:
        db.execute(f'ALTER TABLE "{name}" RENAME TO "older_{name}"')
    db.execute(sql)
    if is_there:
        old, new = ([row[1] for row in db.execute(f'PRAGMA table_info("{t}")')] for t in (f"older_{name}", name))
        sources = {column: column if column in old else _FROM.get((name, column)) for column in new}
        kept = {column: source for column, source in sources.items() if source}
        db.execute(f'INSERT INTO "{name}" ({", ".join(kept)}) SELECT {", ".join(kept.values())} FROM "older_{name}"')
        db.execute(f'DROP TABLE "older_{name}"')
