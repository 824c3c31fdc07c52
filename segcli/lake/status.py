"""What a lake holds of each administration, and whether it is current."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import NamedTuple

from segcli.base.errors import SegcliError
from segcli.lake import manifest, staleness
from segcli.lake.manifest import Administration
from segcli.storage import database, table_versions


class State(NamedTuple):
    """The state of an administration: current, stale, damaged, foreign or unknown, and the details."""

    word: str
    detail: str


def state_of(held: Administration, *, reads_all: bool) -> State:
    """Compare an administration with its files and its database. `reads_all`: read every file to its end."""
    try:
        for part in held.tables.values():
            part.verify() if reads_all else part.check()
    except SegcliError as error:
        return State("damaged", error.message)
    try:
        with closing(database.connect(Path(held.database), may_upgrade=False)) as db:
            db.execute("BEGIN")
            told = staleness.difference(held, db)
            changed = staleness.changed(held, table_versions.numbers(db))
            is_foreign = staleness.is_foreign(held, db)
    except SegcliError as error:
        return State("unknown", error.message)
    if is_foreign:
        return State("foreign", told)
    return State("stale", f"{told}: {', '.join(_tables(changed))}") if told else State("current", "")


def _tables(parts: list[str]) -> list[str]:
    """Return the tables among the parts that changed; what is derived from them changed too."""
    return [name for name in parts if staleness.is_table(name)] or parts


def remnant(folder: Path, db: sqlite3.Connection) -> str:
    """Say that a lake still contains what was removed from an open database; '' if it is up to date, or of other databases."""
    try:
        lake = manifest.load(folder)
    except SegcliError as error:
        return f"the lake {folder} may still contain the data ({error.message}): segcli lake drop {folder}"
    held = lake.administrations if lake else ()
    is_stale = any(not staleness.is_foreign(one, db) and staleness.difference(one, db) for one in held)
    return f"the lake {folder} still contains the data until: segcli lake sync" if is_stale else ""
