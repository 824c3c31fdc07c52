"""Whether a lake holds what a database holds now."""

import sqlite3
from collections.abc import Mapping

from segcli.lake import tables
from segcli.lake.manifest import Administration
from segcli.storage import database_file, table_versions

LAST_RUN = "SELECT id, started_at FROM run ORDER BY id DESC LIMIT 1"
HINT = "bring it up to date: segcli lake sync"


def difference(held: Administration, db: sqlite3.Connection) -> str:
    """Say how the lake differs from an open database; '' if it holds what the database holds."""
    if is_foreign(held, db):
        return f"the lake holds another database as {held.key}: {held.database}"
    if not changed(held, table_versions.numbers(db)):
        return ""
    run = _last_run(db)
    if run == held.run:
        return f"the lake is of run {held.run}, and the database was changed since"
    return f"the lake is of run {held.run}, the database at run {run}"


def is_foreign(held: Administration, db: sqlite3.Connection) -> bool:
    """Tell whether the lake holds another database than this one and its copies."""
    return bool(db.execute("SELECT identity FROM administration").fetchone()[0] != held.identity)


def changed(held: Administration, versions: Mapping[str, int]) -> list[str]:
    """Return the parts of the lake that differ from the tables of a database with these versions."""
    is_older = held.schema != database_file.VERSION
    versions_of = ((name, part.version, tables.version_of(name, versions)) for name, part in held.tables.items())
    return sorted(name for name, then, now in versions_of if is_older or then != now)


def is_table(part: str) -> bool:
    """Tell whether a part of the lake is a table of the database, not derived from one."""
    return part != tables.MAIL_FORM and not part.endswith(tables.TEXTS)


def _last_run(db: sqlite3.Connection) -> int:
    """Return the id of the last run. It is 0 before the first run."""
    row = db.execute(LAST_RUN).fetchone()
    return int(row[0]) if row else 0
